/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data over backup subflows: RFC 8684 section 3.3.8 means them for when no
 * regular one works.
 */
#include "analysis/progress.h"

#include <inttypes.h>

/* So often is looked for a regular subflow that works, at most. */
#define LOOK_EVERY (NSTIME_SECOND / 10)

static bool is_backup(const struct subflow *subflow)
{
	return subflow->half[CLIENT].backup || subflow->half[SERVER].backup;
}

/* Did a regular subflow bring new payload just now, without trouble? */
static bool regular_works(struct progress *progress, const struct event *event)
{
	const struct conn *conn = event->conn;

	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct wait *wait =
		    progress_wait(progress, (int)i, event->side);

		if (!is_backup(conn->subflows[i]) && !wait->over &&
		    !wait->again && wait->fresh != NSTIME_NONE &&
		    event->time - wait->fresh <= BACKUP_NEAR)
			return true;
	}
	return false;
}

static void over_backup(struct progress *progress, const struct event *event,
			bool new)
{
	struct suspicion *suspicion = &progress->suspicions[event->side];
	struct wait *wait =
	    progress_wait(progress, event->subflow->id, event->side);

	if (suspicion->grace != NSTIME_NONE && event->time < suspicion->grace)
		return;
	if (!wait->backup_bytes) {
		wait->backup_time = event->time;
		wait->backup_frame = event->frame;
	}
	wait->backup_bytes += event->u.piece->end - event->u.piece->start;
	if (!new || suspicion->proved ||
	    (suspicion->next != NSTIME_NONE && event->time < suspicion->next))
		return;
	suspicion->next = event->time + LOOK_EVERY;
	if (!regular_works(progress, event))
		return;
	suspicion->time = event->time;
	suspicion->frame = event->frame;
	suspicion->on = event->subflow->id;
}

void backup_sent(struct progress *progress, const struct event *event)
{
	enum sent_how how = event->u.piece->how;

	if (how != SENT_AGAIN && is_backup(event->subflow))
		over_backup(progress, event, how != SENT_REINJECTED);
}

void backup_tcp_sent(struct progress *progress, const struct event *event)
{
	enum sent_how how = event->u.piece->how;
	struct suspicion *suspicion = &progress->suspicions[event->side];

	/* It goes on bringing new payload: it did work. */
	if (suspicion->time != NSTIME_NONE && !suspicion->proved &&
	    how == SENT_NEW && !is_backup(event->subflow)) {
		suspicion->proved =
		    event->time - suspicion->time <= BACKUP_NEAR;
		if (!suspicion->proved)
			suspicion->time = NSTIME_NONE;
	}
}

void backup_tell(struct progress *progress, const struct conn *conn,
		 struct report_conn *report)
{
	for (size_t i = 0; i < progress->n_waits && i < conn->n_subflows; i++)
		for (int side = 0; side < 2; side++) {
			const struct wait *wait = &progress->waits[i][side];
			const struct suspicion *suspicion =
			    &progress->suspicions[side];
			bool proved =
			    suspicion->proved && suspicion->on == (int)i;

			if (!wait->backup_bytes)
				continue;
			report_finding(
			    report, proved ? WARNING : NOTE, "backup-used",
			    proved ? suspicion->frame : wait->backup_frame,
			    proved ? suspicion->time : wait->backup_time,
			    "%" PRId64 " bytes from the %s went over the "
			    "backup subflow %zu, %s",
			    wait->backup_bytes, side_word((enum side)side), i,
			    proved ? "although a regular one worked"
				   : "when no regular one was seen to work");
		}
}
