/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was signalled, and what became of it, in order of time: every MPTCP
 * option but the DSS of plain data, FINs and resets, the first data of each
 * subflow and side, how joins came out, fallback. What came again is told
 * again.
 *
 * It looks at every segment, since third ACKs, options sent again, FINs and
 * first data have no events of their own; for most, a look is all.
 */
#include "analysis/analysis.h"

#include <inttypes.h>
#include <stdio.h>

/* The text is in printf style, and may be NULL. */
#define SAY(desk, severity, event, name, ...)                                  \
	report_signal((desk)->report, severity, (event)->time, (event)->frame, \
		      (event)->side, (event)->subflow->id, name, __VA_ARGS__)
#define TELL(desk, event, name, ...) SAY(desk, NOTE, event, name, __VA_ARGS__)
/* ... of what one should not overlook. */
#define WARN(desk, event, name, ...)                                           \
	SAY(desk, WARNING, event, name, __VA_ARGS__)

static const char *if_so(bool so, const char *words)
{
	return so ? words : "";
}

/* The sender's half of the segment's subflow. */
static const struct subflow_half *own_half(const struct event *event)
{
	return &event->subflow->half[event->side];
}

/* Has its sender sent such options before on this connection? */
static bool is_again(const struct event *event, enum option_count which)
{
	return event->conn->half[event->side].options[which] > 1;
}

/* As far as it has come with its handshake. */
static const char *step_of(const struct segment *segment)
{
	if (segment->flags & TCP_SYN)
		return segment->flags & TCP_ACK ? "SYN/ACK" : "SYN";
	return segment->payload ? "with data" : "third ACK";
}

static bool is_syn_again(const struct event *event)
{
	return event->segment->flags & TCP_SYN && own_half(event)->syns > 1;
}

/* Are its keys others than those seen before? */
static bool keys_differ(const struct event *event,
			const struct mptcp_option *option)
{
	for (int i = 0; i < option->u.capable.keys; i++) {
		enum side side = i ? other_side(event->side) : event->side;
		const struct conn_half *half = &event->conn->half[side];

		if (half->key_known && half->key != option->u.capable.key[i])
			return true;
	}
	return false;
}

static void capable(struct desk *desk, const struct event *event,
		    const struct mptcp_option *option)
{
	uint8_t flags = option->u.capable.flags;

	TELL(desk, event, "MP_CAPABLE", "%s%s, version %u%s%s%s",
	     step_of(event->segment), if_so(is_syn_again(event), " again"),
	     option->u.capable.version,
	     if_so(flags & CAPABLE_CHECKSUM, ", checksums"),
	     if_so(flags & CAPABLE_NO_ID0, ", no join to this address"),
	     if_so(keys_differ(event, option), ", other keys than before"));
}

static void join(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	const struct segment *segment = event->segment;
	char id[32] = "", hmac[32] = "";

	if (segment->flags & TCP_SYN)
		snprintf(id, sizeof(id), ", address id %u", option->u.join.id);
	if (segment->flags & TCP_ACK)
		snprintf(hmac, sizeof(hmac), ", HMAC %s",
			 verdict_word(own_half(event)->verdict));
	TELL(desk, event, "MP_JOIN", "%s%s%s%s%s", step_of(segment),
	     if_so(is_syn_again(event), " again"), id,
	     if_so(*id && option->u.join.backup, ", backup"), hmac);
}

static void data_fin(struct desk *desk, const struct event *event)
{
	const struct conn_half *half = &event->conn->half[event->side];

	if (is_again(event, COUNT_DATA_FIN))
		TELL(desk, event, "DATA_FIN", "again");
	else if (half->fin && half->key_known)
		TELL(desk, event, "DATA_FIN", "after %" PRId64 " bytes",
		     half->fin_offset);
	else /* counted from where is not known */
		TELL(desk, event, "DATA_FIN", NULL);
}

static void dss(struct desk *desk, const struct event *event,
		const struct mptcp_option *option)
{
	uint8_t flags = option->u.dss.flags;

	if (flags & DSS_FIN)
		data_fin(desk, event);
	if (!(flags & DSS_MAP) || option->u.dss.length)
		return;
	if (is_again(event, COUNT_DSS_INFINITE))
		TELL(desk, event, "infinite mapping", "again");
	else
		TELL(desk, event, "infinite mapping", NULL);
}

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

/* Was this address announced before, and not removed since? Not asked where
 * the answer would be told to nobody. */
static bool is_announced(const struct desk *desk, const struct event *event,
			 const struct mptcp_option *option)
{
	const struct conn *conn = event->conn;

	if (desk->report->n_signals == desk->report->signals_max)
		return false;
	for (size_t i = conn->n_addresses; i-- > 0;) {
		const struct conn_address *one = &conn->addresses[i];

		if (one->frame != event->frame && one->side == event->side &&
		    one->id == option->u.add_addr.id &&
		    one->signal != ADDRESS_ECHO)
			return one->signal == ADDRESS_ADD &&
			       address_same(&one->address,
					    &option->u.add_addr.address);
	}
	return false;
}

static void add_addr(struct desk *desk, const struct event *event,
		     const struct mptcp_option *option)
{
	const struct conn_address *seen = address_of(event, option);
	char name[ENDPOINT_TEXT], port[16] = "", hmac[32] = "";
	bool echo = option->u.add_addr.echo;

	if (option->u.add_addr.port)
		snprintf(port, sizeof(port), " port %u",
			 option->u.add_addr.port);
	if (option->u.add_addr.has_hmac)
		snprintf(hmac, sizeof(hmac), ", HMAC %s",
			 verdict_word(seen ? seen->verdict : UNCHECKED));
	TELL(desk, event, echo ? "ADD_ADDR echo" : "ADD_ADDR",
	     "%sid %u, %s%s%s",
	     if_so(!echo && is_announced(desk, event, option), "again, "),
	     option->u.add_addr.id,
	     address_print(&option->u.add_addr.address, name), port, hmac);
}

static void remove_addr(struct desk *desk, const struct event *event,
			const struct mptcp_option *option)
{
	char ids[40 * sizeof(", 255")] = "";
	int size = 0;

	for (int i = 0; i < option->u.remove_addr.n; i++)
		size += snprintf(ids + size, sizeof(ids) - (size_t)size, "%s%u",
				 if_so(i, ", "), option->u.remove_addr.ids[i]);
	TELL(desk, event, "REMOVE_ADDR", "id%s %s",
	     if_so(option->u.remove_addr.n > 1, "s"), ids);
}

static void prio(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	char of[32] = "";

	if (option->u.prio.has_id)
		snprintf(of, sizeof(of), ", address id %u", option->u.prio.id);
	TELL(desk, event, "MP_PRIO", "%s%s",
	     option->u.prio.backup ? "backup" : "regular", of);
}

static void fail(struct desk *desk, const struct event *event,
		 const struct mptcp_option *option)
{
	WARN(desk, event, "MP_FAIL", "DSN 0x%016" PRIx64, option->u.fail.dsn);
}

static void fastclose(struct desk *desk, const struct event *event,
		      const struct mptcp_option *option)
{
	const struct conn_half *peer =
	    &event->conn->half[other_side(event->side)];
	enum verdict verdict = UNCHECKED;

	if (peer->key_known)
		verdict = peer->key == option->u.fastclose.key ? GOOD : BAD;
	WARN(desk, event, "MP_FASTCLOSE", "key %s", verdict_word(verdict));
}

/* A reset after both FINs breaks nothing off. */
static bool is_late(const struct event *event)
{
	return event->subflow->state == SUBFLOW_CLOSED;
}

static enum severity reset_severity(const struct event *event)
{
	return is_late(event) ? NOTE : WARNING;
}

static void tcprst(struct desk *desk, const struct event *event,
		   const struct mptcp_option *option)
{
	const char *word = reset_reason_word(option->u.tcprst.reason);
	const char *transient =
	    if_so(option->u.tcprst.flags & 1, ", transient");
	const char *late = if_so(is_late(event), ", after both FINs");
	enum severity severity = reset_severity(event);

	if (word)
		SAY(desk, severity, event, "MP_TCPRST", "reason: %s%s%s", word,
		    transient, late);
	else
		SAY(desk, severity, event, "MP_TCPRST", "reason: code %u%s%s",
		    option->u.tcprst.reason, transient, late);
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
    [MPTCP_TCPRST] = tcprst,
};

static bool has_option(const struct segment *segment,
		       enum mptcp_subtype subtype)
{
	for (int i = 0; i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == subtype)
			return true;
	return false;
}

static void fin(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;

	if (own_half(event)->fin)
		TELL(desk, event, "FIN", "again");
	else if (subflow->half[other_side(event->side)].fin)
		TELL(desk, event, "FIN", "closed both ways");
	else
		TELL(desk, event, "FIN", NULL);
}

static void reset(struct desk *desk, const struct event *event)
{
	if (has_option(event->segment, MPTCP_TCPRST))
		return;
	SAY(desk, reset_severity(event), event, "RST",
	    is_late(event) ? "after both FINs" : NULL);
}

/* RFC 8684 section 3.2: what the responder sends on a subflow after its
 * SYN/ACK says that it took the third ACK; or it refuses with a reset. */
static void joined(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	enum verdict synack = own_half(event)->verdict;
	enum verdict ack = subflow->half[subflow->initiator].verdict;

	if (synack == ack)
		TELL(desk, event, "MP_JOIN", "established, both HMACs %s",
		     verdict_word(ack));
	else
		TELL(desk, event, "MP_JOIN",
		     "established, HMAC of SYN/ACK %s, of third ACK %s",
		     verdict_word(synack), verdict_word(ack));
}

/* Packets but SYNs and resets. */
static uint64_t others_sent(const struct subflow_half *half)
{
	return half->packets - half->syns - half->rsts;
}

static void of_responder(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow *subflow = event->subflow;
	const struct subflow_half *half = own_half(event);

	if (!subflow->join || !half->syns)
		return;
	if (!(segment->flags & (TCP_SYN | TCP_RST)) && subflow->synack_join &&
	    others_sent(half) == 1)
		joined(desk, event);
	else if (segment->flags & TCP_SYN && !subflow->synack_join &&
		 !segment->options_short)
		WARN(desk, event, "MP_JOIN", "SYN/ACK without MP_JOIN");
}

static void arrives(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow_half *half = own_half(event);

	for (int i = 0; i < segment->n_mptcp; i++)
		options[segment->mptcp[i].subtype](desk, event,
						   &segment->mptcp[i]);
	if (event->side != event->subflow->initiator)
		of_responder(desk, event);
	if (segment->flags & TCP_RST)
		reset(desk, event);
	else if (segment->payload && half->bytes == segment->payload)
		TELL(desk, event, "first data", "%u byte%s%s%s",
		     segment->payload, if_so(segment->payload > 1, "s"),
		     if_so(segment->flags & TCP_SYN, " in the SYN"),
		     if_so(!half->syn, ", the first that were captured"));
	if (segment->flags & TCP_FIN)
		fin(desk, event);
}

/* The verdict on an HMAC that came earlier, when keys or nonces were not
 * known; of one that comes now, its option tells it. */
static void judged(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct endpoint *sender = &event->subflow->end[event->side];

	if (segment->flags & TCP_ACK && has_option(segment, MPTCP_JOIN) &&
	    endpoint_same(&segment->src, sender))
		return;
	TELL(desk, event, "MP_JOIN", "HMAC of the %s %s, as is known only now",
	     event->side == event->subflow->initiator ? "third ACK" : "SYN/ACK",
	     verdict_word(event->u.verdict));
}

static const char *handshake_of(const struct subflow *subflow)
{
	return subflow->join ? "MP_JOIN" : "MP_CAPABLE";
}

static void ended(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	const char *reason = reset_reason_word(subflow->reset_reason);

	if (subflow->state == SUBFLOW_REFUSED)
		WARN(desk, event, handshake_of(subflow),
		     "refused by a reset%s%s", if_so(reason, ": "),
		     if_so(reason, reason));
}

/* Why a join whose SYN was answered was not established. */
static const char *failure_of(const struct subflow *subflow)
{
	if (!subflow->half[subflow->initiator].hmac_known)
		return "no third ACK with MP_JOIN";
	return subflow->reset_seen ? "reset" : "third ACK unanswered";
}

/* What came to nothing; with the last packet there was of it. */
static void unfinished(struct desk *desk, const struct subflow *subflow)
{
	const struct subflow_half *own = &subflow->half[subflow->initiator];
	const struct subflow_half *peer =
	    &subflow->half[other_side(subflow->initiator)];
	const struct event last = {
	    .side = subflow->initiator,
	    .time = subflow->last,
	    .frame = subflow->last_frame,
	    .subflow = subflow,
	};

	if (subflow->state == SUBFLOW_UNANSWERED)
		WARN(desk, &last, handshake_of(subflow),
		     "unanswered, SYN sent %u time%s", own->syns,
		     if_so(own->syns != 1, "s"));
	else if (subflow->synack_join && !others_sent(peer) &&
		 subflow->state != SUBFLOW_REFUSED)
		WARN(desk, &last, "MP_JOIN", "not established: %s",
		     failure_of(subflow));
}

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

/* Fallback is told only now, to stand after the option that brought it. */
static void on_close(struct desk *desk, const struct conn *conn)
{
	if (conn->fallback)
		report_signal(desk->report, WARNING, conn->fallback_time,
			      conn->fallback_frame, conn->fallback_side, -1,
			      "fallback", "%s",
			      fallback_phrase(conn->fallback));
	for (size_t i = 0; i < conn->n_subflows; i++)
		unfinished(desk, conn->subflows[i]);
}

static void on_event(struct desk *desk, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SEGMENT:
		arrives(desk, event);
		break;
	case EVENT_HMAC:
		judged(desk, event);
		break;
	case EVENT_CHECKSUM:
		WARN(desk, event, "checksum bad",
		     "DSN 0x%016" PRIx64 ", %u bytes", event->u.mapping->dsn,
		     event->u.mapping->length);
		break;
	case EVENT_SUBFLOW_END:
		ended(desk, event);
		break;
	default: /* EVENT_CLOSE */
		on_close(desk, event->conn);
		break;
	}
}

static void moved(struct desk *desk, struct desk *from,
		  const struct event *event)
{
	report_signals_move(desk->report, event->subflow->id, from->report,
			    event->u.origin.id, event->u.origin.turned);
}

const struct analysis analysis_signals = {
    .name = "signals",
    .events = (1u << EVENT_SEGMENT) | (1u << EVENT_HMAC) |
	      (1u << EVENT_CHECKSUM) | (1u << EVENT_SUBFLOW_END) |
	      (1u << EVENT_CLOSE),
    .signals = true,
    .on_event = on_event,
    .moved = moved,
};
