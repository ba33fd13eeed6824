/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which of two copies of the same data came through first? Private to
 * reinjection.c.
 *
 * A subflow hands data up in order, below its TCP acknowledgement. Those of one
 * subflow come as they were sent; of two that came by different paths, only
 * their DATA_ACKs tell which was sent first: the one with the lower. So
 * DATA_ACKs are the clock here: of each copy it is known which one was the last
 * to be sent, on its subflow, before it had come through, and which one after.
 * Where that does not tell, what was acknowledged before the other copy can
 * have arrived, or be in order, came first.
 */
#ifndef ANALYSIS_JUDGE_H
#define ANALYSIS_JUDGE_H

#include "analysis/carriers.h"
#include "base/nstime.h"
#include "report/figure.h"
#include "track/conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPEN_MAX 65536 /* copies of one side whose use is open */

enum use { UNDECIDED, USEFUL, REDUNDANT };

enum { FIRST, AGAIN };

/* How data came through a subflow: not when `after` was acknowledged, but when
 * `by` was. */
struct passage {
	struct copy *copy;
	int subflow;	  /* or -1: unknown */
	uint32_t seq_end; /* of the data there */
	bool through;
	int64_t after, by; /* DATA_ACKs; INT64_MIN, INT64_MAX: unknown */
};

/* Data that one subflow carried first, and another one again. */
struct copy {
	struct copy *next, *previous; /* of those that are open */
	struct passage passage[2];    /* by FIRST, AGAIN */
	int64_t data_end;
	int64_t range_start; /* of the range of which it is a part */
	enum use sooner;     /* as one was through too soon for the other */
	bool told;
	int waits; /* passages that are not through */
	struct point point;
	int64_t bytes;
};

/* What is known of a subflow's acknowledgements. */
struct watch {
	nstime_t rtt;		  /* the shortest; NSTIME_NONE: unknown */
	struct passage **waiting; /* a heap, the lowest seq_end first */
	size_t n_waiting, room;
};

struct judge { /* of what one side sent; zeroed at first */
	/* Once a copy was opened: */
	const struct carriers *carriers;
	const struct conn *conn;
	enum side side;
	struct watch *watches; /* by subflow id */
	size_t n_watches, room;
	struct copy *first, *last; /* that are open, in order */
	size_t n_open;
};

/* Gets each copy when it is judged; dead when the call returns. */
typedef void use_fn(void *arg, struct copy *copy, enum use use);

struct watch *judge_watch_add(struct judge *judge, int subflow);
static inline struct watch *judge_watch(struct judge *judge, int subflow)
{
	return (size_t)subflow < judge->n_watches
		   ? &judge->watches[subflow]
		   : judge_watch_add(judge, subflow);
}

/* A round trip of data on that subflow. */
static inline void judge_rtt(struct judge *judge, int subflow, nstime_t rtt)
{
	struct watch *watch = judge_watch(judge, subflow);

	if (watch->rtt == NSTIME_NONE || rtt < watch->rtt)
		watch->rtt = rtt;
}

/* With a packet it is known that what ends at `seq` or before came through on a
 * subflow, when data below `by` was acknowledged. */
struct acked {
	const struct conn *conn;
	enum side side;
	int subflow;
	uint32_t seq;
	int64_t by;
	nstime_t time;
	uint64_t frame;
};
void judge_through(struct judge *judge, const struct acked *acked, use_fn *tell,
		   void *arg);

/* A copy to be judged, which is taken over: allocated, its passages set as far
 * as they are known. */
void judge_open(struct judge *judge, struct copy *copy, use_fn *tell,
		void *arg);

/* Nothing more will be known of those that are open. */
void judge_all(struct judge *judge, use_fn *tell, void *arg);

void judge_shift(struct judge *judge, int64_t by);
void judge_restart(struct judge *judge); /* what was acknowledged was nothing */
void judge_free(struct judge *judge);	 /* its memory, not the struct */

#endif
