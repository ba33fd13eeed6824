/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What signals.c, carried.c, outcomes.c, announced.c and lulls.c share: the
 * state of a connection's list of signals. Private to them.
 */
#ifndef ANALYSIS_SIGNALS_H
#define ANALYSIS_SIGNALS_H

#include "analysis/addresses.h"
#include "analysis/analysis.h"

/* A subflow is idle if neither side sends payload for so long. */
#define IDLE_LEAST NSTIME_SECOND
/* One side's payload stalls if TCP acknowledges none of it for so long. */
#define STALLED_LEAST NSTIME_SECOND

#define ADDRESS_IDS 256

/* An address, as long as its id stands for it. */
struct announced {
	struct conn_address what;
	uint32_t times; /* it was announced; 0: it is not */
};

struct moment {
	nstime_t time;
	uint64_t frame;
	enum side side; /* whose packet it is */
};

/* What goes on, or does not, on a subflow. */
struct lull {
	nstime_t active; /* its handshake, latest payload or FIN; or
			  * NSTIME_NONE */
	bool fin, reset; /* seen */
	bool joined;	 /* that was told */
	struct {
		nstime_t since; /* payload waits for its ACK; or NSTIME_NONE */
		bool data;
		struct moment last; /* with data: the latest */
	} half[2];
};

struct signals {
	bool opened, established, keys_known;	    /* that was told */
	struct moment last;			    /* of its packets by time */
	struct announced (*announced)[ADDRESS_IDS]; /* by side; or NULL */
	struct lull *lulls;			    /* by subflow id */
	size_t n_lulls, lulls_room;
};

/* A signal at an event, or at another moment, with nothing else known. */
struct report_signal signal_of(const struct event *event,
			       enum signal_kind kind);
struct report_signal signal_at(const struct moment *moment, int subflow,
			       enum signal_kind kind);

/* One that nobody should overlook. */
struct report_signal warning_of(const struct event *event,
				enum signal_kind kind);

/* What programs find in it. */
void signal_number(struct report_signal *signal, enum signal_number what,
		   uint64_t number);
void signal_verdict(struct report_signal *signal, enum verdict verdict,
		    enum severity severity_if_bad);
void signal_address(struct report_signal *signal, uint8_t id,
		    const struct address *address, uint16_t port);

static inline const char *if_so(bool so, const char *words)
{
	return so ? words : "";
}

static inline const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* The sender's half of the segment's subflow. */
static inline const struct subflow_half *own_half(const struct event *event)
{
	return &event->subflow->half[event->side];
}

bool has_option(const struct segment *segment, enum mptcp_subtype subtype);

/* Payload of a side that TCP has not acknowledged on a subflow. */
int64_t unacked(const struct subflow *subflow, enum side side);

/*
 * carried.c: what a segment carries.
 */
void carried_options(struct desk *desk, const struct event *event);
void carried_reset(struct desk *desk, const struct event *event);
void carried_fin(struct desk *desk, const struct event *event);

/*
 * outcomes.c: what becomes of it.
 */
/* The first packet of all. */
void outcome_opened(struct desk *desk, const struct event *event);
void outcome_established(struct desk *desk, const struct event *event);
/* The keys of both sides are known from now on. */
void outcome_keys_known(struct desk *desk, const struct event *event);
/* A segment of who did not open the subflow. */
void outcome_of_responder(struct desk *desk, const struct event *event);
/* An HMAC of a join was judged; a subflow ended. */
void outcome_judged(struct desk *desk, const struct event *event);
void outcome_ended(struct desk *desk, const struct event *event);
/* When it closes, at the latest time known: */
void outcome_unfinished(struct desk *desk, const struct subflow *subflow,
			nstime_t now);
void outcome_fallback(struct desk *desk, const struct conn *conn);
void outcome_closed(struct desk *desk, const struct conn *conn);

/*
 * announced.c: addresses, and whether they are used.
 */
/* Returns how often this one was announced by now, 1 for the first time. */
uint32_t announced_add(struct desk *desk, const struct event *event,
		       const struct conn_address *what);
void announced_remove(struct desk *desk, const struct event *event, uint8_t id);
/* A subflow has been established. */
void announced_joined(struct desk *desk, const struct event *event);
void announced_close(struct desk *desk, const struct conn *conn);
void announced_move(struct signals *to, struct signals *from, bool turned);

/*
 * lulls.c: when data is sent, and when not.
 */
struct lull *lull_of(struct signals *signals, int subflow);
void lull_segment(struct desk *desk, const struct event *event);
void lull_acked(struct desk *desk, const struct event *event);
void lull_reset(struct desk *desk, const struct event *event);
void lulls_close(struct desk *desk, const struct conn *conn);
void lull_move(struct signals *to, int id, struct signals *from, int old,
	       bool turned);

#endif
