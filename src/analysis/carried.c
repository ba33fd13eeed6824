/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What packets carry: every MPTCP option but the DSS of plain data, FINs and
 * resets. What comes again is told again.
 */
#include "analysis/signals.h"

#include <inttypes.h>
#include <stdio.h>

/* How many segments with such an option its sender has sent by now. */
static uint32_t times_sent(const struct event *event, enum option_count which)
{
	return (uint32_t)event->conn->half[event->side].options[which];
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
		signal_number(&signal, NUMBER_KEY, option->u.capable.key[0]);
	report_signal(
	    desk->report, &signal, "%s%s, version %u%s%s%s", step,
	    if_so(signal.count > 1, " again"), option->u.capable.version,
	    if_so(flags & CAPABLE_CHECKSUM, ", checksums"),
	    if_so(flags & CAPABLE_NO_ID0, ", no join to this address"), keys);
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

		signal_verdict(&signal, verdict, ERROR);
		snprintf(hmac, sizeof(hmac), ", HMAC %s",
			 verdict_word(verdict));
	} else {
		signal_number(&signal, NUMBER_TOKEN, option->u.join.token);
		snprintf(ends, sizeof(ends), " from %s to %s",
			 endpoint_print(&segment->src, from),
			 endpoint_print(&segment->dst, to));
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
		signal_number(&signal, NUMBER_DSN,
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
		signal_number(&signal, NUMBER_DSN, option->u.dss.dsn);
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

static void add_addr(struct desk *desk, const struct event *event,
		     const struct mptcp_option *option)
{
	const struct conn_address *seen = address_of(event, option);
	bool echo = option->u.add_addr.echo;
	struct report_signal signal =
	    signal_of(event, echo ? SIGNAL_ADD_ADDR_ECHO : SIGNAL_ADD_ADDR);
	enum verdict verdict = seen ? seen->verdict : UNCHECKED;
	char name[ENDPOINT_TEXT], port[16] = "", hmac[32] = "";

	signal_address(&signal, option->u.add_addr.id,
		       &option->u.add_addr.address, option->u.add_addr.port);
	if (option->u.add_addr.port)
		snprintf(port, sizeof(port), " port %u",
			 option->u.add_addr.port);
	if (option->u.add_addr.has_hmac) {
		signal_verdict(&signal, verdict, WARNING);
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

	signal_number(&signal, NUMBER_DSN, option->u.fail.dsn);
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
	signal_number(&signal, NUMBER_KEY, option->u.fastclose.key);
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

void carried_fin(struct desk *desk, const struct event *event)
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

void carried_options(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;

	for (int i = 0; i < segment->n_mptcp; i++)
		options[segment->mptcp[i].subtype](desk, event,
						   &segment->mptcp[i]);
}

void carried_reset(struct desk *desk, const struct event *event)
{
	if (!has_option(event->segment, MPTCP_TCPRST))
		reset(desk, event, NULL);
}
