/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data over backup subflows: RFC 8684 section 3.3.8 means them for when no
 * regular one works.
 */
#include "analysis/progress.h"

#include <inttypes.h>

/* So often is looked for a regular subflow that works, at most. */
#define LOOK_EVERY (NSTIME_SECOND / 10)

/* Did a regular subflow bring new payload just now, without trouble? */
static bool regular_works(struct progress *progress, const struct event *event)
{
	const struct conn *conn = event->conn;

	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		const struct wait *wait =
		    progress_wait(progress, (int)i, event->side);
		nstime_t fresh = subflow->half[event->side].fresh;

		if (!progress_is_backup(subflow) && !wait->over &&
		    !wait->again && fresh != NSTIME_NONE &&
		    event->time - fresh <= BACKUP_NEAR)
			return true;
	}
	return false;
}

void backup_sent(struct progress *progress, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	struct suspicion *suspicion = &progress->suspicions[event->side];
	struct wait *wait =
	    progress_wait(progress, event->subflow->id, event->side);

	if (piece->how == SENT_AGAIN)
		return;
	if (suspicion->grace != NSTIME_NONE && event->time < suspicion->grace)
		return;
	if (!wait->backup_bytes) {
		wait->backup_time = event->time;
		wait->backup_frame = event->frame;
	}
	wait->backup_bytes += piece->end - piece->start;
	if (piece->how == SENT_REINJECTED || suspicion->proved ||
	    (suspicion->next != NSTIME_NONE && event->time < suspicion->next))
		return;
	suspicion->next = event->time + LOOK_EVERY;
	if (!regular_works(progress, event))
		return;
	suspicion->time = event->time;
	suspicion->frame = event->frame;
	suspicion->on = event->subflow->id;
}

/* It goes on bringing new payload: it did work. */
void backup_regular_sent(struct suspicion *suspicion, const struct event *event)
{
	if (suspicion->proved ||
	    event->subflow->half[event->side].how != SENT_NEW)
		return;
	suspicion->proved = event->time - suspicion->time <= BACKUP_NEAR;
	if (!suspicion->proved)
		suspicion->time = NSTIME_NONE;
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
