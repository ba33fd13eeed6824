/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether data gets through: what progress.c keeps of a connection, and the
 * questions that it is asked. Private to progress.c, handover.c, backup.c and
 * closed.c, which all judge by the same times.
 */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include "analysis/analysis.h"

/* Payload that is not acknowledged for so long, and was sent again meanwhile,
 * stalls; unless so many RTTs are longer. */
#define STALL_LEAST NSTIME_SECOND
#define STALL_RTTS  4

/* Data that is not acknowledged for so long, and then goes on by another
 * subflow, had to wait for that. */
#define HANDOVER_LEAST (NSTIME_SECOND / 2)
#define HANDOVER_RTTS  10

/* A regular subflow that brings new payload within so long before and after
 * works, and nothing need go over a backup. A change of priority takes effect
 * when it has reached the other side, and what was under way has come. */
#define BACKUP_NEAR  NSTIME_SECOND
#define BACKUP_GRACE (NSTIME_SECOND / 5)

/* A window that is closed for so long keeps the sender waiting; shorter than
 * this, it is not worth a word. */
#define CLOSED_LONG  NSTIME_SECOND
#define CLOSED_WORTH (NSTIME_SECOND / 10)

/* What one side sends on one subflow. */
struct wait {
	uint32_t again; /* segments sent again, while payload waits for an
			 * ACK */
	bool over;	/* the subflow has ended */
	/* Stalls so far, and the longest: */
	uint32_t stalls, longest_again;
	nstime_t longest, began;
	uint64_t longest_frame;
	bool recovered;
	/* Data that it carried as a backup, new or reinjected: */
	int64_t backup_bytes;
	nstime_t backup_time;
	uint64_t backup_frame;
};

/* What one side sends, at the data level. */
struct gap {
	nstime_t since; /* data waits for its DATA_ACK; or NSTIME_NONE */
	int last_on;	/* subflow of the latest data in order, or < 0 */
	int from;	/* the data that is waited for came by this subflow, */
	int rescuer;	/* ... and then by that, or < 0 */
};

/* Where data went over a backup while a regular subflow was alive. */
struct suspicion {
	nstime_t time;	/* NSTIME_NONE: none */
	nstime_t next;	/* not to be looked into before, or NSTIME_NONE */
	nstime_t grace; /* nothing counts before, or NSTIME_NONE */
	uint64_t frame;
	int on;
	bool proved;
};

/* The receive window of a side, which is that of all its subflows. */
struct closure {
	nstime_t since;		 /* closed; NSTIME_NONE: open */
	nstime_t reopened;	 /* the last time, or NSTIME_NONE, ... */
	uint64_t reopened_frame; /* ... and by which packet */
	nstime_t longest;
	uint32_t times;
	nstime_t first; /* the first time, ... */
	uint64_t frame; /* ... and its packet */
};

#define CLOSURE_NONE                                                           \
	{                                                                      \
		.since = NSTIME_NONE, .reopened = NSTIME_NONE                  \
	}

struct progress {
	struct wait (*waits)[2]; /* by subflow id and side; ... */
	size_t n_waits, room;
	struct wait alone[2]; /* ... of a single subflow they are here */
	struct gap gaps[2];   /* by who sends */
	struct suspicion suspicions[2]; /* likewise */
	struct closure *closures; /* [2], by whose window it is; NULL: none was
				   * closed yet */
};

/* How the window of that side was closed. */
const struct closure *progress_closure(const struct progress *progress,
				       enum side side);

/* Of a subflow that was told of. */
static inline struct wait *progress_wait(struct progress *progress, int id,
					 enum side side)
{
	return &progress->waits[id][side];
}

/* The mean RTT of what a side sends on a subflow, or that of its handshake; 0
 * if neither is known, or there is no such subflow. */
nstime_t progress_rtt(const struct report_conn *report, const struct conn *conn,
		      int id, enum side side);

/* Since when `since` counts, if the window that holds the sender up was closed
 * meanwhile. */
nstime_t progress_since(const struct progress *progress, enum side sender,
			nstime_t since);

static inline bool progress_is_backup(const struct subflow *subflow)
{
	return subflow->half[CLIENT].backup || subflow->half[SERVER].backup;
}

/* handover.c */
void handover_sent(struct progress *progress, const struct event *event);
void handover_acked(struct desk *desk, const struct event *event);

/* backup.c: data that a backup subflow carries; that a regular one does, while
 * there is a suspicion */
void backup_sent(struct progress *progress, const struct event *event);
void backup_regular_sent(struct suspicion *suspicion,
			 const struct event *event);
void backup_tell(struct progress *progress, const struct conn *conn,
		 struct report_conn *report);

/* closed.c */
void closed_segment(struct desk *desk, const struct event *event);
void closed_tell(struct progress *progress, const struct conn *conn,
		 struct report_conn *report);

#endif
