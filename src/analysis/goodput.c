/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Goodput by acknowledgements, as in 2014: rates of what DATA_ACKs cover, over
 * so many of them (-G).
 */
#include "analysis/analysis.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { BLOCKS, AVERAGE, MOVING };

struct sample {
	nstime_t time;
	int64_t acked; /* data bytes */
};

struct goodput {
	nstime_t first_sent; /* with `sent` */
	bool sent;
	int64_t acked;	     /* data bytes */
	struct sample block; /* where the block at hand began */
	unsigned acks;	     /* that advance, in it */
	bool block_seen;     /* one block is complete */
	struct sample *ring; /* the last ones, -G of them */
	size_t room;
	unsigned in_ring, next;
};

static void draw(struct desk *desk, const struct event *event, int series,
		 int64_t bytes, nstime_t since)
{
	nstime_t span = nstime_span(since, event->time);
	struct point point = {
	    .mark = MARK_DOT,
	    .series = series,
	    .x = event->time,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	};

	if (span <= 0 || bytes < 0)
		return; /* no time; or some of it turned out to be no data */
	/* 10^6 bytes/s in millionths: bytes/s */
	point.y = rate_of(bytes, span, 1);
	figure_draw(desk_figure(desk, 0, event->side), &point);
}

static struct goodput *of_side(struct desk *desk, enum side side)
{
	return (struct goodput *)desk->state + side;
}

static void acked(struct desk *desk, const struct event *event)
{
	struct goodput *goodput = of_side(desk, event->side);
	unsigned ring_size = desk->options->goodput_acks;
	struct sample now = {
	    event->time,
	    conn_bytes_acked(event->conn, event->side),
	};
	const struct sample *oldest;

	if (event->time == NSTIME_NONE || now.acked == goodput->acked)
		return; /* of DATA_FIN alone, too */
	goodput->acked = now.acked;
	if (!goodput->in_ring) {
		goodput->block = now;
	} else if (goodput->acks == ring_size) {
		draw(desk, event, BLOCKS, now.acked - goodput->block.acked,
		     goodput->block.time);
		goodput->block = now;
		goodput->acks = 0;
		goodput->block_seen = true;
	} else {
		goodput->acks++;
	}
	if (goodput->sent)
		draw(desk, event, AVERAGE, now.acked, goodput->first_sent);
	goodput->ring = xgrow(goodput->ring, &goodput->room, goodput->next + 1,
			      sizeof(*goodput->ring));
	goodput->ring[goodput->next] = now;
	goodput->next = (goodput->next + 1) % ring_size;
	if (goodput->in_ring < ring_size)
		goodput->in_ring++;
	oldest =
	    &goodput->ring[goodput->in_ring < ring_size ? 0 : goodput->next];
	if (goodput->block_seen)
		draw(desk, event, MOVING, now.acked - oldest->acked,
		     oldest->time);
}

/* The data begins elsewhere: what is acknowledged is so much more. */
static void shift(struct desk *desk, const struct event *event)
{
	struct goodput *goodput = of_side(desk, event->side);
	int64_t by = event->u.by;

	if (by == SHIFT_RESTART) {
		goodput->acked = 0;
		goodput->in_ring = goodput->next = goodput->acks = 0;
		goodput->sent = goodput->block_seen = false;
		return;
	}
	goodput->acked += by;
	goodput->block.acked += by;
	for (unsigned i = 0; i < goodput->in_ring; i++)
		goodput->ring[i].acked += by;
}

static void sent(struct desk *desk, const struct event *event)
{
	struct goodput *goodput = of_side(desk, event->side);

	if (!goodput->sent) {
		goodput->sent = event->time != NSTIME_NONE;
		goodput->first_sent = event->time;
	}
}

static void end(struct desk *desk)
{
	struct goodput *both = desk->state;

	free(both[CLIENT].ring);
	free(both[SERVER].ring);
}

static const struct figure_kind gput = {
    .name = "gput",
    .help = "goodput over -G DATA_ACKs, and since the first data",
    .title = "MPTCP goodput",
    .x_label = "Time",
    .y_label = "Goodput",
    .caption = "Goodput by DATA_ACKs",
    .y_name = "goodput",
    .unit = UNIT_BYTERATE,
    .millionths = true,
    .series =
	{
	    [BLOCKS] = {"each block of DATA_ACKs", .colour = 1,
			.form = FORM_DOTS, .ink = INK_WHOLE, .sign = SIGN_RING},
	    [AVERAGE] = {"since the first data", .colour = 2, .form = FORM_DOTS,
			 .ink = INK_FAINT, .unscaled = true},
	    [MOVING] = {"over the last DATA_ACKs", .unscaled = true,
			.colour = 3, .form = FORM_DOTS, .ink = INK_WHOLE},
	},
};

const struct analysis analysis_goodput = {
    .name = "goodput",
    .state_size = 2 * sizeof(struct goodput), /* by side */
    .figures = {&gput},
    .on =
	{
	    [EVENT_SENT] = sent,
	    [EVENT_SENT_AGAIN] = sent,
	    [EVENT_ACKED] = acked,
	    [EVENT_SHIFT] = shift,
	},
    .end = end,
};
