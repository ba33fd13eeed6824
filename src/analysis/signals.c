/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was signalled, and what became of it, in order of time: every MPTCP
 * option but the DSS of plain data, FINs and resets, how handshakes and joins
 * came out, fallback, the end. What came again is told again. Addresses are
 * told by announced.c, data and the lack of it by lulls.c.
 *
 * It looks at every segment, since third ACKs, options sent again, FINs and
 * first data have no events of their own; for most, a look is all.
 */
#include "analysis/signals.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define END_TEXT (ENDPOINT_TEXT + sizeof("[]:65535"))

struct report_signal signal_at(const struct moment *moment, int subflow,
			       enum signal_kind kind)
{
	struct report_signal signal = {REPORT_SIGNAL_BLANK};

	signal.time = moment->time;
	signal.packet = moment->frame;
	signal.side = moment->side;
	signal.subflow = subflow;
	signal.kind = kind;
	return signal;
}

struct report_signal signal_of(const struct event *event, enum signal_kind kind)
{
	const struct moment moment = {event->time, event->frame, event->side};

	return signal_at(&moment, event->subflow ? event->subflow->id : -1,
			 kind);
}

/* The same, of what one should not overlook. */
static struct report_signal warning_of(const struct event *event,
				       enum signal_kind kind)
{
	struct report_signal signal = signal_of(event, kind);

	signal.severity = WARNING;
	return signal;
}

static const char *if_so(bool so, const char *words)
{
	return so ? words : "";
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static char *print_end(const struct endpoint *end, char *text)
{
	char address[ENDPOINT_TEXT];

	snprintf(text, END_TEXT, end->address.family == 6 ? "[%s]:%u" : "%s:%u",
		 address_print(&end->address, address), end->port);
	return text;
}

/* The sender's half of the segment's subflow. */
static const struct subflow_half *own_half(const struct event *event)
{
	return &event->subflow->half[event->side];
}

/* How many segments with such an option its sender has sent by now. */
static uint32_t times_sent(const struct event *event, enum option_count which)
{
	return (uint32_t)event->conn->half[event->side].options[which];
}

static void set_number(struct report_signal *signal, enum signal_number what,
		       uint64_t number)
{
	signal->number_is = what;
	signal->number = number;
}

static void set_verdict(struct report_signal *signal, enum verdict verdict,
			enum severity severity_if_bad)
{
	signal->hmac = (int8_t)verdict;
	if (verdict == BAD)
		signal->severity = severity_if_bad;
}

/*
 * Handshakes.
 */

/* As far as it has come: for people, and for programs. */
static const struct step {
	const char *phrase, *word;
} steps[] = {
    {"SYN", "syn"},
    {"SYN/ACK", "synack"},
    {"third ACK", "ack"},
    {"with data", "data"},
};

static const struct step *step_of(const struct segment *segment)
{
	if (segment->flags & TCP_SYN)
		return &steps[segment->flags & TCP_ACK ? 1 : 0];
	return &steps[segment->payload ? 3 : 2];
}

/* What is said of each step, of MP_CAPABLE and MP_JOIN. */
static const char *set_step(struct report_signal *signal,
			    const struct event *event)
{
	const struct step *step = step_of(event->segment);

	signal->step = step->word;
	if (event->segment->flags & TCP_SYN)
		signal->count = own_half(event)->syns;
	return step->phrase;
}

/* What the keys in it are, compared to those seen before. */
static const char *keys_phrase(struct report_signal *signal,
			       const struct event *event,
			       const struct mptcp_option *option)
{
	enum side peer = other_side(event->side);

	for (int i = 0; i < option->u.capable.keys; i++) {
		enum side side = i ? peer : event->side;
		const struct conn_half *half = &event->conn->half[side];

		if (half->key_known && half->key != option->u.capable.key[i]) {
			signal->severity = WARNING;
			return ", other keys than before";
		}
	}
	return option->u.capable.keys == 2 &&
		       event->conn->half[peer].options[COUNT_CAPABLE_SYNACK]
		   ? ", keys ok"
		   : "";
}

static void capable(struct desk *desk, const struct event *event,
		    const struct mptcp_option *option)
{
	struct report_signal signal = signal_of(event, SIGNAL_CAPABLE);
	uint8_t flags = option->u.capable.flags;
	const char *step = set_step(&signal, event);
	const char *keys = keys_phrase(&signal, event, option);

	signal.version = (int8_t)option->u.capable.version;
	if (option->u.capable.keys)
		set_number(&signal, NUMBER_KEY, option->u.capable.key[0]);
	report_signal(
	    desk->report, &signal, "%s%s, version %u%s%s%s", step,
	    if_so(signal.count > 1, " again"), option->u.capable.version,
	    if_so(flags & CAPABLE_CHECKSUM, ", checksums"),
	    if_so(flags & CAPABLE_NO_ID0, ", no join to this address"), keys);
}

/* The first segment from which the client is known to know that the server
 * took it, and that both speak MPTCP. */
static void tell_established(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct report_signal signal = signal_of(event, SIGNAL_ESTABLISHED);

	signal.subflow = -1;
	signal.version = (int8_t)conn->version;
	if (conn->offered > conn->version)
		signal.severity = WARNING;
	report_signal(desk->report, &signal, "version %d%s, %s checksums",
		      conn->version,
		      if_so(conn->offered > conn->version,
			    ", though a higher one was offered"),
		      conn->checksum ? "with" : "no");
}

static void join(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	const struct segment *segment = event->segment;
	struct report_signal signal = signal_of(event, SIGNAL_JOIN);
	const char *step = set_step(&signal, event);
	char from[END_TEXT], to[END_TEXT], ends[2 * END_TEXT + 16] = "";
	char id[32] = "", hmac[32] = "";

	if (segment->flags & TCP_SYN) {
		signal.id = option->u.join.id;
		signal.backup = option->u.join.backup;
		snprintf(id, sizeof(id), ", address id %u", option->u.join.id);
	}
	if (segment->flags & TCP_ACK) {
		enum verdict verdict = own_half(event)->verdict;

		set_verdict(&signal, verdict, ERROR);
		snprintf(hmac, sizeof(hmac), ", HMAC %s",
			 verdict_word(verdict));
	} else {
		set_number(&signal, NUMBER_TOKEN, option->u.join.token);
		snprintf(ends, sizeof(ends), " from %s to %s",
			 print_end(&segment->src, from),
			 print_end(&segment->dst, to));
	}
	report_signal(desk->report, &signal, "%s%s%s%s%s%s", step,
		      if_so(signal.count > 1, " again"), ends, id,
		      if_so(signal.backup > 0, ", backup"), hmac);
}

/*
 * Data.
 */
static void data_fin(struct desk *desk, const struct event *event)
{
	const struct conn_half *half = &event->conn->half[event->side];
	struct report_signal signal = signal_of(event, SIGNAL_DATA_FIN);

	signal.count = times_sent(event, COUNT_DATA_FIN);
	if (half->fin && half->origin_high)
		set_number(&signal, NUMBER_DSN,
			   half->origin + (uint64_t)half->fin_offset);
	if (half->fin && half->key_known)
		signal.bytes = half->fin_offset;
	if (signal.count > 1)
		report_signal(desk->report, &signal, "again (%u)",
			      signal.count);
	else if (signal.bytes != REPORT_UNKNOWN)
		report_signal(desk->report, &signal, "after %" PRId64 " byte%s",
			      signal.bytes, plural((uint64_t)signal.bytes));
	else /* counted from where is not known */
		report_signal(desk->report, &signal, NULL);
}

static void infinite(struct desk *desk, const struct event *event,
		     const struct mptcp_option *option)
{
	struct report_signal signal = warning_of(event, SIGNAL_INFINITE);

	signal.count = times_sent(event, COUNT_DSS_INFINITE);
	if (option->u.dss.flags & DSS_DSN8)
		set_number(&signal, NUMBER_DSN, option->u.dss.dsn);
	if (signal.count > 1)
		report_signal(desk->report, &signal, "again (%u)",
			      signal.count);
	else
		report_signal(desk->report, &signal, "plain TCP from here on");
}

static void dss(struct desk *desk, const struct event *event,
		const struct mptcp_option *option)
{
	uint8_t flags = option->u.dss.flags;

	if (flags & DSS_FIN)
		data_fin(desk, event);
	if (flags & DSS_MAP && !option->u.dss.length)
		infinite(desk, event, option);
}

static void first_data(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	struct report_signal signal = signal_of(event, SIGNAL_FIRST_DATA);

	signal.bytes = segment->payload;
	report_signal(
	    desk->report, &signal, "%u byte%s%s%s", segment->payload,
	    plural(segment->payload),
	    if_so(segment->flags & TCP_SYN, " in the SYN"),
	    if_so(!own_half(event)->syn, ", the first that were captured"));
}

/* The acknowledgement covers all data, and DATA_FIN behind it. */
static void data_acked(struct desk *desk, const struct event *event)
{
	const struct conn_half *half = &event->conn->half[event->side];
	struct report_signal signal = signal_of(event, SIGNAL_DATA_FIN_ACKED);

	if (!half->fin || event->u.acked.upto <= half->fin_offset ||
	    event->u.acked.before > half->fin_offset)
		return;
	signal.side = other_side(event->side); /* who sent it */
	if (half->key_known)
		signal.bytes = half->fin_offset;
	report_signal(desk->report, &signal, "the %s's",
		      side_word(event->side));
}

static void of_mapping(struct desk *desk, const struct event *event,
		       enum signal_kind kind, enum severity severity)
{
	const struct mapping *mapping = event->u.mapping;
	struct report_signal signal = signal_of(event, kind);

	signal.severity = severity;
	signal.bytes = mapping->length;
	set_number(&signal, NUMBER_DSN, mapping->dsn);
	report_signal(desk->report, &signal, "DSN 0x%016" PRIx64 ", %u byte%s",
		      mapping->dsn, mapping->length, plural(mapping->length));
}

/*
 * Addresses and priorities.
 */

/* What the tracker says of the address in this segment. */
static const struct conn_address *address_of(const struct event *event,
					     const struct mptcp_option *option)
{
	const struct conn *conn = event->conn;

	for (size_t i = conn->n_addresses; i-- > 0;)
		if (conn->addresses[i].frame != event->frame)
			return NULL;
		else if (conn->addresses[i].id == option->u.add_addr.id)
			return &conn->addresses[i];
	return NULL;
}

static void set_address(struct report_signal *signal, uint8_t id,
			const struct address *address, uint16_t port)
{
	signal->id = id;
	signal->address = *address;
	signal->port = port;
}

static void add_addr(struct desk *desk, const struct event *event,
		     const struct mptcp_option *option)
{
	const struct conn_address *seen = address_of(event, option);
	bool echo = option->u.add_addr.echo;
	struct report_signal signal =
	    signal_of(event, echo ? SIGNAL_ADD_ADDR_ECHO : SIGNAL_ADD_ADDR);
	enum verdict verdict = seen ? seen->verdict : UNCHECKED;
	char name[ENDPOINT_TEXT], port[16] = "", hmac[32] = "";

	set_address(&signal, option->u.add_addr.id, &option->u.add_addr.address,
		    option->u.add_addr.port);
	if (option->u.add_addr.port)
		snprintf(port, sizeof(port), " port %u",
			 option->u.add_addr.port);
	if (option->u.add_addr.has_hmac) {
		set_verdict(&signal, verdict, WARNING);
		snprintf(hmac, sizeof(hmac), ", HMAC %s",
			 verdict_word(verdict));
	}
	/* Nobody heeds it with a wrong HMAC. */
	if (!echo && seen && verdict != BAD)
		signal.count = announced_add(desk, event, seen);
	report_signal(desk->report, &signal, "%sid %u, %s%s%s",
		      if_so(signal.count > 1, "again, "), option->u.add_addr.id,
		      address_print(&option->u.add_addr.address, name), port,
		      hmac);
}

static void remove_addr(struct desk *desk, const struct event *event,
			const struct mptcp_option *option)
{
	struct report_signal signal = signal_of(event, SIGNAL_REMOVE_ADDR);
	const uint8_t *ids = option->u.remove_addr.ids;

	for (int i = 0; i < option->u.remove_addr.n; i++) {
		signal.id = ids[i];
		report_signal(desk->report, &signal, "id %u", ids[i]);
		announced_remove(desk, event, ids[i]);
	}
}

/* The verdicts on HMACs of addresses that came before the keys were known. */
static void keys_known(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;

	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *one = &conn->addresses[i];
		struct report_signal signal =
		    signal_of(event, SIGNAL_HMAC_CHECKED);
		char name[ENDPOINT_TEXT];

		if (!one->has_hmac || one->verdict == UNCHECKED ||
		    one->frame == event->frame)
			continue;
		signal.side = one->side;
		set_address(&signal, one->id, &one->address, one->port);
		set_verdict(&signal, one->verdict, WARNING);
		report_signal(desk->report, &signal,
			      "ADD_ADDR of id %u, %s: HMAC %s, as is known "
			      "only now",
			      one->id, address_print(&one->address, name),
			      verdict_word(one->verdict));
	}
}

static void prio(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	struct report_signal signal = signal_of(event, SIGNAL_PRIO);
	char of[32] = "";

	signal.backup = option->u.prio.backup;
	if (option->u.prio.has_id) {
		signal.id = option->u.prio.id;
		snprintf(of, sizeof(of), ", address id %u", option->u.prio.id);
	}
	report_signal(desk->report, &signal, "%s%s",
		      option->u.prio.backup ? "backup" : "regular", of);
}

/*
 * Failure and the end.
 */
static void fail(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	struct report_signal signal = warning_of(event, SIGNAL_FAIL);

	set_number(&signal, NUMBER_DSN, option->u.fail.dsn);
	report_signal(desk->report, &signal, "DSN 0x%016" PRIx64,
		      option->u.fail.dsn);
}

static void fastclose(struct desk *desk, const struct event *event,
		      const struct mptcp_option *option)
{
	const struct conn_half *peer =
	    &event->conn->half[other_side(event->side)];
	struct report_signal signal = signal_of(event, SIGNAL_FASTCLOSE);
	enum verdict verdict = UNCHECKED;

	if (peer->key_known)
		verdict = peer->key == option->u.fastclose.key ? GOOD : BAD;
	if (verdict == BAD)
		signal.severity = WARNING;
	set_number(&signal, NUMBER_KEY, option->u.fastclose.key);
	report_signal(desk->report, &signal, "key %s", verdict_word(verdict));
}

/* A reset after both FINs breaks nothing off. */
static bool is_late(const struct event *event)
{
	return event->subflow->state == SUBFLOW_CLOSED;
}

/* Nor does one after DATA_FIN both ways, or one that fast close or another
 * subflow makes up for, if nothing was on the way. */
static enum severity reset_severity(const struct event *event, int64_t bytes)
{
	const struct conn_half *half = event->conn->half;

	if (is_late(event) || half[CLIENT].fastclose || half[SERVER].fastclose)
		return NOTE;
	if (bytes > 0)
		return WARNING;
	if (half[CLIENT].fin && half[SERVER].fin)
		return NOTE;
	return event->conn->n_subflows > 1 ? NOTE : WARNING;
}

/* Of both sides together; REPORT_UNKNOWN if only one was captured. */
static int64_t all_unacked(const struct event *event)
{
	const struct subflow *subflow = event->subflow;

	if (!subflow->half[other_side(event->side)].packets)
		return REPORT_UNKNOWN;
	return unacked(subflow, CLIENT) + unacked(subflow, SERVER);
}

/* "10 bytes of the client unacknowledged" */
static const char *print_unacked(const struct event *event, int64_t all,
				 char *text, size_t size)
{
	int used = 0;

	if (all == REPORT_UNKNOWN)
		return "the other side was not captured";
	if (!all)
		return "nothing unacknowledged";

	for (int side = 0; side < 2; side++) {
		int64_t bytes = unacked(event->subflow, (enum side)side);

		if (bytes)
			used += snprintf(text + used, size - (size_t)used,
					 "%s%" PRId64 " byte%s of the %s",
					 if_so(used, " and "), bytes,
					 plural((uint64_t)bytes),
					 side_word((enum side)side));
	}
	snprintf(text + used, size - (size_t)used, " unacknowledged");
	return text;
}

/* "reason: unspecified, transient, "; nothing of a reset without the option */
static char *print_reason(const struct mptcp_option *option,
			  struct report_signal *signal, char *text, size_t size)
{
	char code[16];

	*text = '\0';
	if (!option)
		return text;
	signal->reason = reset_reason_word(option->u.tcprst.reason);
	snprintf(code, sizeof(code), "code %u", option->u.tcprst.reason);
	snprintf(text, size, "reason: %s, %s",
		 signal->reason ? signal->reason : code,
		 if_so(option->u.tcprst.flags & 1, "transient, "));
	return text;
}

/* With MP_TCPRST, or without: NULL. Resets answer each segment that comes
 * late, so there may be many of them. */
static void reset(struct desk *desk, const struct event *event,
		  const struct mptcp_option *option)
{
	struct report_signal signal =
	    signal_of(event, option ? SIGNAL_TCPRST : SIGNAL_RST);
	char reason[64], waiting[128];

	print_reason(option, &signal, reason, sizeof(reason));
	signal.count = own_half(event)->rsts + 1;
	signal.bytes = all_unacked(event);
	if (signal.count > 1) {
		report_signal(desk->report, &signal, "%sagain (%u)", reason,
			      signal.count);
		return;
	}
	signal.severity = reset_severity(event, signal.bytes);
	report_signal(
	    desk->report, &signal, "%s%s%s", reason,
	    if_so(is_late(event), "after both FINs, "),
	    print_unacked(event, signal.bytes, waiting, sizeof(waiting)));
}

static void fin(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	const struct report_signal signal = signal_of(event, SIGNAL_FIN);

	if (own_half(event)->fin)
		report_signal(desk->report, &signal, "again");
	else if (subflow->half[other_side(event->side)].fin)
		report_signal(desk->report, &signal, "closed both ways");
	else
		report_signal(desk->report, &signal, NULL);
}

static void (*const options[])(struct desk *, const struct event *,
			       const struct mptcp_option *) = {
    [MPTCP_CAPABLE] = capable,
    [MPTCP_JOIN] = join,
    [MPTCP_DSS] = dss,
    [MPTCP_ADD_ADDR] = add_addr,
    [MPTCP_REMOVE_ADDR] = remove_addr,
    [MPTCP_PRIO] = prio,
    [MPTCP_FAIL] = fail,
    [MPTCP_FASTCLOSE] = fastclose,
    [MPTCP_TCPRST] = reset,
};

static bool has_option(const struct segment *segment,
		       enum mptcp_subtype subtype)
{
	for (int i = 0; i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == subtype)
			return true;
	return false;
}

/*
 * What becomes of joins.
 */

/* RFC 8684 section 3.2: what the responder sends on a subflow after its
 * SYN/ACK says that it took the third ACK; or it refuses with a reset. */
static void joined(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	struct report_signal signal = signal_of(event, SIGNAL_JOINED);
	enum verdict synack = own_half(event)->verdict;
	enum verdict ack = subflow->half[subflow->initiator].verdict;

	set_verdict(&signal, synack == BAD ? synack : ack, ERROR);
	if (synack == ack)
		report_signal(desk->report, &signal, "both HMACs %s",
			      verdict_word(ack));
	else
		report_signal(desk->report, &signal,
			      "HMAC of SYN/ACK %s, of third ACK %s",
			      verdict_word(synack), verdict_word(ack));
	announced_joined(desk, event);
}

static void no_option(struct desk *desk, const struct event *event)
{
	struct report_signal signal = warning_of(event, SIGNAL_JOIN_FAILED);

	signal.reason = "no-option";
	report_signal(desk->report, &signal, "SYN/ACK without MP_JOIN");
}

static void of_responder(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow *subflow = event->subflow;
	struct lull *lull = lull_of(desk->state, subflow->id);
	/* Its SYN/ACK need not be in the capture. */
	bool took = own_half(event)->syns
			? subflow->synack_join
			: subflow->half[subflow->initiator].hmac_known;

	if (!subflow->join || segment->flags & TCP_RST)
		return;
	if (!(segment->flags & TCP_SYN) && took && !lull->joined) {
		lull->joined = true;
		joined(desk, event);
	} else if (segment->flags & TCP_SYN && !subflow->synack_join &&
		   !segment->options_short) {
		no_option(desk, event);
	}
}

/* The verdict on an HMAC that came earlier, when keys or nonces were not
 * known; of one that comes now, its option tells it. */
static void judged(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct endpoint *sender = &event->subflow->end[event->side];
	struct report_signal signal = signal_of(event, SIGNAL_HMAC_CHECKED);

	if (segment->flags & TCP_ACK && has_option(segment, MPTCP_JOIN) &&
	    endpoint_same(&segment->src, sender))
		return;
	set_verdict(&signal, event->u.verdict, ERROR);
	report_signal(desk->report, &signal,
		      "MP_JOIN of the %s: HMAC %s, as is known only now",
		      event->side == event->subflow->initiator ? "third ACK"
							       : "SYN/ACK",
		      verdict_word(event->u.verdict));
}

/* Was it answered? By a reset, `reason` (or NULL) is its own. */
static void refused(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	const char *reason = reset_reason_word(subflow->reset_reason);
	struct report_signal signal =
	    warning_of(event, subflow->join ? SIGNAL_JOIN_FAILED
					    : SIGNAL_HANDSHAKE_FAILED);

	signal.reason = "refused";
	report_signal(desk->report, &signal, "refused by a reset%s%s",
		      if_so(reason, ": "), if_so(reason, reason));
}

static void ended(struct desk *desk, const struct event *event)
{
	enum subflow_state state = event->subflow->state;

	if (state == SUBFLOW_REFUSED)
		refused(desk, event);
	if (state == SUBFLOW_REFUSED || state == SUBFLOW_RESET)
		lull_reset(desk, event);
}

/* Why a join whose SYN was answered was not established. */
static const struct step *failure_of(const struct subflow *subflow)
{
	static const struct step failures[] = {
	    {"no third ACK with MP_JOIN", "no-third-ack"},
	    {"reset", "reset"},
	    {"third ACK unanswered", "third-ack-unanswered"},
	};

	if (!subflow->half[subflow->initiator].hmac_known)
		return &failures[0];
	return &failures[subflow->reset_seen ? 1 : 2];
}

/* Packets but SYNs and resets. */
static uint64_t others_sent(const struct subflow_half *half)
{
	return half->packets - half->syns - half->rsts;
}

/* What came to nothing; with the last packet there was of it. A SYN that was
 * just sent cannot have an answer yet. */
static void unfinished(struct desk *desk, const struct subflow *subflow,
		       nstime_t now)
{
	const struct subflow_half *own = &subflow->half[subflow->initiator];
	const struct subflow_half *peer =
	    &subflow->half[other_side(subflow->initiator)];
	const struct moment last = {subflow->last, subflow->last_frame,
				    subflow->initiator};
	struct report_signal signal = signal_at(
	    &last, subflow->id,
	    subflow->join ? SIGNAL_JOIN_FAILED : SIGNAL_HANDSHAKE_FAILED);
	nstime_t waited = nstime_span(subflow->last, now);

	signal.severity = WARNING;
	if (subflow->state == SUBFLOW_UNANSWERED) {
		if (own->syns == 1 && waited != NSTIME_NONE &&
		    waited < NSTIME_SECOND)
			signal.severity = NOTE;
		signal.reason = "unanswered";
		signal.count = own->syns;
		report_signal(desk->report, &signal,
			      "unanswered, SYN sent %u time%s", own->syns,
			      plural(own->syns));
	} else if (subflow->synack_join && !others_sent(peer) &&
		   subflow->state != SUBFLOW_REFUSED) {
		const struct step *failure = failure_of(subflow);

		signal.reason = failure->word;
		report_signal(desk->report, &signal, "%s", failure->phrase);
	}
}

/*
 * The connection as a whole.
 */
static const char *fallback_phrase(enum fallback_reason reason)
{
	static const char *const phrases[] = {
	    [FALLBACK_NONE] = "",
	    [FALLBACK_SYNACK] = "SYN/ACK without MP_CAPABLE",
	    [FALLBACK_SYN_RETRIED] = "SYN sent again without MP_CAPABLE",
	    [FALLBACK_THIRD_ACK] = "third ACK without MPTCP option",
	    [FALLBACK_DATA] = "data, or its acknowledgement, without DSS",
	    [FALLBACK_FAIL] = "after MP_FAIL",
	    [FALLBACK_INFINITE] = "after an infinite mapping",
	};

	return phrases[reason];
}

/* Where the first packet seen stands in its life. */
static const char *beginning(const struct event *event)
{
	const struct subflow *subflow = event->subflow;

	if (subflow->half[subflow->initiator].syn && subflow->initial)
		return "";
	if (subflow->join)
		return ", by a join to none that is known";
	return subflow->initial ? ", its SYN was not captured"
				: ", from the middle of it on";
}

static void tell_opened(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct report_signal signal = signal_of(event, SIGNAL_OPENED);
	char client[END_TEXT], server[END_TEXT];

	signal.side = CLIENT;
	signal.subflow = -1;
	signal.address = conn->half[SERVER].end.address;
	signal.port = conn->half[SERVER].end.port;
	report_signal(desk->report, &signal, "from %s to %s%s",
		      print_end(&conn->half[CLIENT].end, client),
		      print_end(&conn->half[SERVER].end, server),
		      beginning(event));
}

static void tell_fallback(struct desk *desk, const struct conn *conn)
{
	const struct moment then = {conn->fallback_time, conn->fallback_frame,
				    conn->fallback_side};
	struct report_signal signal = signal_at(&then, -1, SIGNAL_FALLBACK);

	signal.severity = WARNING;
	signal.reason = fallback_word(conn->fallback);
	report_signal(desk->report, &signal, "%s",
		      fallback_phrase(conn->fallback));
}

/* Was one of its subflows not over yet? */
static bool is_open(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		enum subflow_state state = subflow->state;
		bool failed = subflow->join && (state == SUBFLOW_HANDSHAKE ||
						state == SUBFLOW_UNANSWERED);

		if (subflow->flow && !failed && !subflow->reset_seen &&
		    state != SUBFLOW_CLOSED)
			return true;
	}
	return false;
}

static const char *closed_phrase(const struct conn *conn, enum conn_state state)
{
	const struct conn_half *half = conn->half;

	switch (state) {
	case CONN_CLOSED:
		if (half[CLIENT].fin && half[SERVER].fin)
			return "DATA_FIN both ways";
		if (half[CLIENT].fin || half[SERVER].fin)
			return half[CLIENT].fin ? "no DATA_FIN from the server"
						: "no DATA_FIN from the client";
		return "no DATA_FIN from either side";
	case CONN_FASTCLOSED:
		return half[CLIENT].fastclose ? "fast close by the client"
					      : "fast close by the server";
	case CONN_RESET:
		return "by a reset";
	case CONN_FALLBACK:
		return "plain TCP to its end";
	case CONN_HANDSHAKE:
		return "never established";
	default:
		return "not ended, its ports were used again";
	}
}

static void tell_closed(struct desk *desk, const struct conn *conn)
{
	const struct report_conn *report = desk->report;
	const struct signals *signals = desk->state;
	struct report_signal signal =
	    signal_at(&signals->last, -1, SIGNAL_CLOSED);
	enum conn_state state = report->state;

	signal.reason = conn_state_word(state);
	if (conn->timed_out)
		signal.kind = SIGNAL_TIMED_OUT;
	else if ((state == CONN_ESTABLISHED || state == CONN_HANDSHAKE ||
		  state == CONN_FALLBACK) &&
		 is_open(conn))
		signal.kind = SIGNAL_STILL_OPEN;
	else if (state == CONN_RESET)
		signal.severity = WARNING;
	if (signal.kind == SIGNAL_CLOSED)
		report_signal(desk->report, &signal, "%s",
			      closed_phrase(conn, state));
	else
		report_signal(desk->report, &signal, "state %s%s",
			      signal.reason,
			      if_so(signal.kind == SIGNAL_TIMED_OUT,
				    ", no packet for the time-out"));
}

/* Fallback is told only now, to stand after the option that brought it. */
static void on_close(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;

	if (!conn->n_subflows)
		return;
	if (conn->fallback)
		tell_fallback(desk, conn);
	lulls_close(desk, conn);
	for (size_t i = 0; i < conn->n_subflows; i++)
		unfinished(desk, conn->subflows[i], event->u.now);
	announced_close(desk, conn);
	tell_closed(desk, conn);
	report_signals_settle(desk->report);
}

/* Its options, and what they show. */
static void options_arrive(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct conn *conn = event->conn;
	struct signals *signals = desk->state;

	for (int i = 0; i < segment->n_mptcp; i++)
		options[segment->mptcp[i].subtype](desk, event,
						   &segment->mptcp[i]);
	if (!signals->keys_known && conn->half[CLIENT].key_known &&
	    conn->half[SERVER].key_known) {
		signals->keys_known = true;
		keys_known(desk, event);
	}
	if (!signals->established && conn->handshake_seen && conn->accepted &&
	    conn->third_ack) {
		signals->established = true;
		tell_established(desk, event);
	}
}

static void take_time(struct signals *signals, const struct event *event)
{
	nstime_t last = signals->opened ? signals->last.time : NSTIME_NONE;

	if (last == NSTIME_NONE || event->time >= last)
		signals->last =
		    (struct moment){event->time, event->frame, event->side};
}

static void arrives(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	struct signals *signals = desk->state;

	take_time(signals, event);
	if (!signals->opened) {
		signals->opened = true;
		tell_opened(desk, event);
	}
	if (segment->n_mptcp)
		options_arrive(desk, event);
	if (event->side != event->subflow->initiator)
		of_responder(desk, event);
	lull_segment(desk, event);
	if (segment->flags & TCP_RST) {
		if (!has_option(segment, MPTCP_TCPRST))
			reset(desk, event, NULL);
	} else if (segment->payload &&
		   own_half(event)->bytes == segment->payload) {
		first_data(desk, event);
	}
	if (segment->flags & TCP_FIN)
		fin(desk, event);
}

static void on_event(struct desk *desk, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		arrives(desk, event);
		break;
	case EVENT_ACKED:
		if (event->level == LEVEL_DATA)
			data_acked(desk, event);
		else
			lull_acked(desk, event);
		break;
	case EVENT_HMAC:
		judged(desk, event);
		break;
	case EVENT_CHECKSUM:
		of_mapping(desk, event, SIGNAL_CHECKSUM_BAD, ERROR);
		break;
	case EVENT_CONFLICT:
		of_mapping(desk, event, SIGNAL_MAPPING_CONFLICT, WARNING);
		break;
	case EVENT_SUBFLOW_END:
		ended(desk, event);
		break;
	default: /* EVENT_CLOSE */
		on_close(desk, event);
		break;
	}
}

static void moved(struct desk *desk, struct desk *from,
		  const struct event *event)
{
	struct signals *signals = desk->state, *old = from->state;

	report_signals_move(desk->report, event->subflow->id, from->report,
			    event->u.origin.id, event->u.origin.turned);
	lull_move(signals, event->subflow->id, old, event->u.origin.id,
		  event->u.origin.turned);
	announced_move(signals, old, event->u.origin.turned);
}

static void end(struct desk *desk)
{
	struct signals *signals = desk->state;

	free(signals->announced);
	free(signals->lulls);
}

const struct analysis analysis_signals = {
    .name = "signals",
    .events = (1u << EVENT_SEGMENT) | (1u << EVENT_ACKED) | (1u << EVENT_HMAC) |
	      (1u << EVENT_CHECKSUM) | (1u << EVENT_CONFLICT) |
	      (1u << EVENT_SUBFLOW_END) | (1u << EVENT_CLOSE),
    .state_size = sizeof(struct signals),
    .signals = true,
    .on_event = on_event,
    .moved = moved,
    .end = end,
};
