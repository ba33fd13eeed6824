/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a box on the path did: options that were removed, sequence numbers that
 * were changed. Only what the trace shows, or leaves no other explanation for.
 */
#include "analysis/analysis.h"

#include <inttypes.h>

/* The first packet of its kind, and how many there are. */
struct sight {
	uint64_t packets, frame;
	nstime_t time;
	int subflow;
};

/* What is seen of one side's packets. */
struct view {
	struct sight nops; /* in place of an option */
	int n_nops;
	const char *nops_in; /* static: SYN, ... */
	struct sight astray; /* their own mapping is of other bytes: */
	int64_t off;	     /* octets of it that the mapping leaves out */
	bool before;	     /* ... at its beginning */
	bool ack_told;	     /* that it acknowledges another SYN */
};

struct path { /* NULL where nothing of it was seen */
	struct view views[2];
	struct sight bare_ack; /* third ACK of a join, without MP_JOIN */
	bool sure;	       /* no loss explains the fallback */
};

static struct path *path_of(struct desk *desk)
{
	return desk_rare(desk, sizeof(struct path));
}

static struct view *view_of(struct desk *desk, const struct event *event)
{
	return &path_of(desk)->views[event->side];
}

/* Whether it is the first. */
static bool see(struct sight *sight, const struct event *event)
{
	if (sight->packets++)
		return false;
	sight->frame = event->frame;
	sight->time = event->time;
	sight->subflow = event->subflow->id;
	return true;
}

static const char *plural(uint64_t packets)
{
	return packets == 1 ? "" : "s";
}

static void look_for_nops(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	struct view *view;

	if (segment->nops < NOPS_REMOVED || segment->n_mptcp ||
	    segment->n_mptcp_bad)
		return;
	view = view_of(desk, event);
	if (!see(&view->nops, event))
		return;
	view->n_nops = segment->nops;
	view->nops_in = !(segment->flags & TCP_SYN) ? "packet"
			: segment->flags & TCP_ACK  ? "SYN/ACK"
						    : "SYN";
}

/* Every sender maps, on a segment, what the segment brings. */
static void look_at_mapping(struct desk *desk, const struct event *event,
			    const struct mptcp_option *option)
{
	struct view *view;
	const struct segment *segment = event->segment;
	const struct subflow_half *half = &event->subflow->half[event->side];
	int64_t near = half->stream.sent - half->ssn0;
	uint32_t ssn = segment->seq + !!(segment->flags & TCP_SYN) - half->seq0;
	int64_t start = unwrap32(ssn - (uint32_t)half->ssn0, near);
	int64_t mapped = unwrap32(option->u.dss.ssn - 1, near);
	uint32_t length = option->u.dss.length;

	length -= length && option->u.dss.flags & DSS_FIN;
	if (!length ||
	    (mapped <= start && start + segment->payload <= mapped + length))
		return;
	view = view_of(desk, event);
	if (!see(&view->astray, event))
		return;
	view->before = mapped > start;
	view->off = view->before ? mapped - start
				 : start + segment->payload - mapped - length;
}

static void look_at_mappings(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow *subflow = event->subflow;

	/* Where SSNs begin: the SYN/ACK may have taken data with the SYN. */
	if (!subflow->half[CLIENT].syn || !subflow->half[SERVER].syn)
		return;
	for (int i = 0; i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == MPTCP_DSS &&
		    segment->mptcp[i].u.dss.flags & DSS_MAP)
			look_at_mapping(desk, event, &segment->mptcp[i]);
}

/* A SYN/ACK, or a third ACK as MPTCP has it? */
static bool is_of_handshake(const struct segment *segment)
{
	if (segment->flags & TCP_SYN)
		return true;
	for (int i = 0; i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == MPTCP_CAPABLE ||
		    segment->mptcp[i].subtype == MPTCP_JOIN)
			return !segment->payload;
	return false;
}

/* The first acknowledgement of a SYN is of what was sent: exactly, or where
 * packets may be missing before it, about so. */
#define ACK_NEAR (1u << 24)

static void look_at_ack(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	enum side peer = other_side(event->side);
	const struct subflow_half *half = &event->subflow->half[peer];
	int64_t sent = half->stream.sent > 0 ? half->stream.sent : 0;
	uint32_t beyond = is_of_handshake(segment) ? 0 : ACK_NEAR;

	struct view *view;

	if (!half->syn || segment->ack - (half->isn + 1) <= sent + beyond)
		return;
	view = view_of(desk, event);
	if (view->ack_told)
		return;
	view->ack_told = true;
	report_finding(desk->report, WARNING, "sequence-rewritten",
		       event->frame, event->time,
		       "the %s's %s on subflow %d acknowledges %" PRIu32
		       ", but the %s's SYN had %" PRIu32
		       ": a box changes sequence numbers one way only",
		       side_word(event->side),
		       segment->flags & TCP_SYN ? "SYN/ACK" : "first ACK",
		       event->subflow->id, segment->ack, side_word(peer),
		       half->isn);
}

/* A SYN sent again is the same one, nonce and ISN: where the ISN differs it
 * looks like another use of the ports. */
#define SYNS_BACK 64 /* subflows to look back for it */

static void look_at_join_syn(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	const struct subflow_half *half = &subflow->half[event->side];

	int i = subflow->id > SYNS_BACK ? subflow->id - SYNS_BACK : 0;

	for (; half->syns == 1 && i < subflow->id; i++) {
		const struct subflow *other = event->conn->subflows[i];
		const struct subflow_half *before = &other->half[event->side];

		if (before->nonce_known && before->nonce == half->nonce &&
		    before->isn != half->isn &&
		    endpoint_same(&other->end[CLIENT], &subflow->end[CLIENT]) &&
		    endpoint_same(&other->end[SERVER], &subflow->end[SERVER]))
			report_finding(desk->report, WARNING,
				       "sequence-rewritten", event->frame,
				       event->time,
				       "the SYN of subflow %d is that of "
				       "subflow %d sent again, nonce and all, "
				       "but for its sequence number: %" PRIu32
				       ", before %" PRIu32,
				       subflow->id, i, half->isn, before->isn);
	}
}

/* RFC 8684 section 3.2: the third ACK brings the initiator's HMAC. */
static void look_at_third_ack(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow *subflow = event->subflow;

	if (subflow->synack_join && event->side == subflow->initiator &&
	    !segment->n_mptcp && !segment->n_mptcp_bad &&
	    !segment->options_short)
		see(&path_of(desk)->bare_ack, event);
}

static void look_at(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow_half *half = &event->subflow->half[event->side];
	bool syn = segment->flags & TCP_SYN;

	look_for_nops(desk, event);
	if (segment->payload)
		look_at_mappings(desk, event);
	if (syn && event->side == event->subflow->initiator &&
	    half->nonce_known)
		look_at_join_syn(desk, event);
	/* What either side sends first, or first after its SYN. */
	if (half->packets - half->syns > 1 ||
	    (segment->flags & (TCP_ACK | TCP_RST)) != TCP_ACK)
		return;
	if (syn || half->syn)
		look_at_ack(desk, event);
	if (!syn && half->syn)
		look_at_third_ack(desk, event);
}

/* A server that misses the client's keys, and gets data, goes on without: then
 * its first words acknowledge less than all that came. Nothing that gets lost
 * makes a client do so. */
static bool is_sure(const struct event *event)
{
	const struct subflow_half *server =
	    &event->conn->subflows[0]->half[SERVER];

	return event->side == CLIENT || server->packets - server->syns == 1;
}

/* What only a box explains where it left no trace in a packet. */
static void tell_fallback(const struct path *path, const struct conn *conn,
			  struct report_conn *report)
{
	const uint64_t *client = conn->half[CLIENT].options;
	bool answered = conn->half[SERVER].options[COUNT_CAPABLE_SYNACK];
	bool asked =
	    client[COUNT_CAPABLE_SYN] == conn->subflows[0]->half[CLIENT].syns;
	enum side side = conn->fallback_side;

	if (conn->half[CLIENT].options_cut || conn->half[SERVER].options_cut)
		return;
	if (conn->fallback == FALLBACK_THIRD_ACK && answered && asked &&
	    conn->offered >= 0 && conn->version == conn->offered)
		report_finding(
		    report, WARNING, "option-removed-on-path",
		    conn->fallback_frame, conn->fallback_time,
		    "the SYN/ACK agreed to MPTCP, and the client goes on "
		    "without: it did not get that option, or its own was "
		    "removed before this capture");
	/* One that had used it, and stops, may have its own reason. */
	else if (conn->fallback == FALLBACK_DATA && client[COUNT_CAPABLE_ACK] &&
		 path->sure && !conn->half[side].uses_mptcp)
		report_finding(
		    report, WARNING, "option-removed-on-path",
		    conn->fallback_frame, conn->fallback_time,
		    "both agreed to MPTCP, and the %s sends no option any "
		    "more: they were removed, either its own or those for it",
		    side_word(side));
}

/* A join that was answered without MP_JOIN by a host that speaks MPTCP. */
static void tell_join(const struct conn *conn, const struct subflow *subflow,
		      struct report_conn *report)
{
	enum side responder = other_side(subflow->initiator);

	if (subflow->state != SUBFLOW_PLAIN || !conn->accepted ||
	    !endpoint_same(&subflow->end[responder],
			   &conn->half[responder].end))
		return;
	report_finding(report, WARNING, "option-removed-on-path",
		       subflow->first_frame, subflow->first,
		       "the %s speaks MPTCP, and answered the SYN of subflow "
		       "%d without: MP_JOIN was probably removed on "
		       "this path",
		       side_word(responder), subflow->id);
}

static void tell_view(const struct view *view, enum side side,
		      struct report_conn *report)
{
	const struct sight *nops = &view->nops, *astray = &view->astray;

	if (nops->packets)
		report_finding(
		    report, WARNING, "option-removed-on-path", nops->frame,
		    nops->time,
		    "%d NOPs in a row stand where the %s's %s had an option "
		    "(subflow %d; %" PRIu64
		    " such packet%s): it was removed on the path",
		    view->n_nops, side_word(side), view->nops_in, nops->subflow,
		    nops->packets, plural(nops->packets));
	if (astray->packets)
		report_finding(
		    report, WARNING, "sequence-rewritten", astray->frame,
		    astray->time,
		    "the mapping on this segment of the %s, on subflow %d, "
		    "%s %" PRId64 " octets %s its payload does (%" PRIu64
		    " such packet%s): a box probably changed sequence numbers "
		    "or payload",
		    side_word(side), astray->subflow,
		    view->before ? "begins" : "ends", view->off,
		    view->before ? "after" : "before", astray->packets,
		    plural(astray->packets));
}

static void on_close(struct desk *desk, const struct event *event)
{
	static const struct path nothing;
	const struct path *seen = *(struct path **)desk->state;
	const struct path *path = seen ? seen : &nothing;
	const struct conn *conn = event->conn;
	struct report_conn *report = desk->report;
	const struct sight *bare = &path->bare_ack;

	for (int side = 0; side < 2; side++)
		tell_view(&path->views[side], (enum side)side, report);
	if (path->views[CLIENT].nops.packets ||
	    path->views[SERVER].nops.packets)
		return; /* that says it all */
	if (conn->n_subflows)
		tell_fallback(path, conn, report);
	for (size_t i = 0; i < conn->n_subflows; i++)
		tell_join(conn, conn->subflows[i], report);
	if (bare->packets)
		report_finding(report, WARNING, "option-removed-on-path",
			       bare->frame, bare->time,
			       "the third ACK of subflow %d has no MP_JOIN, "
			       "though both asked for it in their SYNs: it was "
			       "removed on the path",
			       bare->subflow);
}

static void on_fallback(struct desk *desk, const struct event *event)
{
	path_of(desk)->sure = is_sure(event);
}

const struct analysis analysis_path = {
    .name = "path",
    .state_size = sizeof(struct path *),
    .reports = true,
    .on =
	{
	    [EVENT_NOTABLE] = look_at,
	    [EVENT_FALLBACK] = on_fallback,
	    [EVENT_CLOSE] = on_close,
	},
    .end = desk_rare_free,
};
