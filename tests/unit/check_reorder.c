/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reordering: by hand in the language of talk.h, and against a model of a
 * receiver that keeps a list of what waits, in random operations on a stream.
 */
#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS (NSTIME_SECOND / 1000)

/*
 * By hand.
 */

/* The talk so far: a subflow 0 and a joined 1; the next is at 0.009. */
static void two_subflows(void)
{
	talk_established();
	talk_joined(1);
	draw_forget();
}

static int64_t wanted_max[2];
static uint64_t wanted_samples;

static void check_report(const struct report_conn *report)
{
	const struct report_data *data = report->data;

	ck_assert_int_eq(data[CLIENT].max_reorder_bytes, wanted_max[CLIENT]);
	ck_assert_int_eq(data[SERVER].max_reorder_bytes, wanted_max[SERVER]);
	ck_assert_uint_eq(data[CLIENT].blocked.samples, wanted_samples);
}

static void finish(int64_t client, int64_t server, uint64_t samples)
{
	wanted_max[CLIENT] = client;
	wanted_max[SERVER] = server;
	wanted_samples = samples;
	draw_finish(check_report);
}

START_TEST(in_order)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:100:0:100",
	     "0 c 100+100 map:200:100:100", "0 s ack:300", "0 c fin:300");
	finish(0, 0, 0);
	DREW_NOTHING("c2s reorder");
	DREW_NOTHING("c2s hol");
	DREW_NOTHING("s2c reorder");
}
END_TEST

START_TEST(waits_for_the_slower_path)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:200:0:100",
	     "1 c 100+50 map:300:100:50", "0 c 100+100 map:100:100:100");
	DREW("c2s hol", "0.012000,2.000000,100,1,0",
	     "0.012000,1.000000,50,1,0");
	finish(150, 0, 2);
	/* A level is drawn when it ends. */
	DREW("c2s reorder", "0.010000,100,ahead,1", "0.009000,0,queue,",
	     "0.011000,200,ahead,1", "0.010000,100,queue,",
	     "0.011000,150,queue,", "0.012000,0,queue,");
}
END_TEST

START_TEST(released_up_to_the_next_hole)
{
	two_subflows();
	TALK("1 c 0+100 map:100:0:100", "1 c 100+100 map:300:100:100",
	     "0 c 0+100 map:0:0:100");
	DREW("c2s hol", "0.011000,2.000000,100,1,0");
	/* Part of the hole, its end first. */
	TALK("0 c 100+60 map:240:100:60", "0 c 160+40 map:200:160:40");
	DREW("c2s hol", "0.013000,1.000000,60,0,0",
	     "0.013000,3.000000,100,1,0");
	finish(200, 0, 3);
}
END_TEST

/* It fills a hole, has what was there, and goes on; another hole, too. */
START_TEST(one_segment_of_many_pieces)
{
	two_subflows();
	TALK("1 c 0+100 map:100:0:100", "1 c 100+100 map:300:100:100",
	     "0 c 0+500 map:0:0:500");
	DREW("c2s hol", "0.011000,2.000000,100,1,0",
	     "0.011000,1.000000,100,1,0");
	TALK("0 c 500+10 map:500:500:10");
	finish(200, 0, 2);
}
END_TEST

START_TEST(sent_again_is_not_ahead)
{
	two_subflows();
	TALK("1 c 0+100 map:100:0:100", "1 c 0+100 map:100:0:100",
	     "0 c 100+100 map:100:100:100");
	DREW("c2s reorder", "0.009000,100,ahead,1", "0.009000,0,queue,");
	finish(100, 0, 0);
}
END_TEST

/* The capture missed what a DATA_ACK covers. */
START_TEST(data_ack_ends_the_wait)
{
	two_subflows();
	TALK("0 c 100+100 map:100:100:100", "0 c 200+100 map:200:200:100",
	     "1 c 0+100 map:300:0:100", "1 c 100+100 map:500:100:100",
	     "0 s ack:350");
	/* What is acknowledged, and what follows it without a hole. */
	DREW("c2s hol", "0.013000,4.000000,100,0,", "0.013000,3.000000,100,0,",
	     "0.013000,2.000000,100,1,");
	/* Into the middle of the hole; the rest is still to come. */
	TALK("0 s ack:450", "0 c 300+50 map:450:300:50");
	DREW("c2s hol", "0.015000,3.000000,100,1,0");
	/* And what comes after its DATA_ACK waits for nothing. */
	TALK("0 s ack:700", "0 c 350+100 map:600:350:100");
	DREW_NOTHING("c2s hol");
	finish(400, 0, 4);
}
END_TEST

/* What has no mapping yet is told when that comes, with its own time. */
START_TEST(no_wait_is_negative)
{
	two_subflows();
	TALK("0 c 0+100", "1 c 0+100 map:200:0:100", "0 c 100+100 map:0:0:200");
	DREW("c2s hol", "0.011000,1.000000,100,1,0");
	TALK("1 c 100+100", "0 c 200+100 map:400:200:100",
	     "1 c 200+50 map:300:100:150");
	DREW("c2s hol", "0.013000,0.000000,100,0,1");
	finish(100, 0, 2);
	/* The queue's time does not go back. */
	DREW("c2s reorder", "0.010000,200,ahead,1", "0.010000,0,queue,",
	     "0.010000,100,queue,", "0.013000,100,ahead,0", "0.011000,0,queue,",
	     "0.013000,100,queue,", "0.013000,0,queue,");
}
END_TEST

START_TEST(waits_at_the_end)
{
	two_subflows();
	TALK("1 c 0+100 map:100:0:100", "0 s ack:0 +50");
	finish(100, 0, 0);
	DREW("c2s reorder", "0.009000,100,ahead,1", "0.009000,0,queue,",
	     "0.009000,100,queue,");
	DREW_NOTHING("c2s hol");
}
END_TEST

/* What came before the capture is not missing, nor new when it comes again. */
START_TEST(midstream)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 c 300+100 map:7200:300:100 ack:0",
	     "0 c 4900+100 map:6900:4900:100 ack:0",
	     "0 c 5100+100 map:7100:5100:100 ack:0");
	finish(100, 0, 1);
}
END_TEST

/* The first that is seen had been acknowledged. */
START_TEST(midstream_acked)
{
	TALK("0 s at:7 ack:7000", "0 c 4900+50 map:6900:4900:50 ack:0",
	     "1 c 300+100 map:7000:300:100 ack:0");
	finish(0, 0, 0);
}
END_TEST

/* The first payload is not that of the first DSN. */
START_TEST(first_byte_unknown)
{
	TALK("0 c S capable", "0 s SA capable", "0 c 100+100 map:0:0:200",
	     "0 c 300+100 map:200:200:200");
	DREW("c2s reorder", "0.004000,100,ahead,0", "0.003000,0,queue,");
	finish(100, 0, 0);
}
END_TEST

/* The key, and with it the first byte, is seen after some data. */
START_TEST(shift)
{
	TALK("0 c S capable", "0 s SA capable", "0 c 100+100 map:100:100:100",
	     "0 c capable", "0 c 300+100 map:300:300:100",
	     "0 c 200+100 map:200:200:100");
	DREW("c2s reorder", "0.005000,100,ahead,0", "0.003000,0,queue,",
	     "0.005000,100,queue,");
	finish(100, 0, 1);
}
END_TEST

/* What was taken for DSNs was none. */
START_TEST(restart)
{
	TALK("0 c S capable", "0 s SA capable",
	     "0 c 0+10 map:9000000000000:0:10",
	     "0 c 20+10 map:9000000000020:20:10", "0 c capable");
	DREW("c2s reorder", "0.004000,10,ahead,0", "0.003000,0,queue,",
	     "0.004000,10,queue,");
	TALK("0 c 30+10 map:20:30:10");
	DREW("c2s reorder", "0.006000,20,ahead,0", "0.006000,0,queue,");
	finish(10, 0, 0);
}
END_TEST

START_TEST(plain)
{
	TALK("0 c S capable", "0 s SA", "0 c 0+100");
	finish(REPORT_UNKNOWN, REPORT_UNKNOWN, 0);
}
END_TEST

START_TEST(fallen_back_without_data)
{
	TALK("0 c S capable", "0 s SA capable", "0 c A", "0 c 0+100");
	finish(REPORT_UNKNOWN, REPORT_UNKNOWN, 0);
}
END_TEST

/* The capture has one direction only. */
START_TEST(acknowledged_but_not_seen)
{
	talk_established();
	TALK("0 s ack:100");
	finish(REPORT_UNKNOWN, 0, 0);
}
END_TEST

/*
 * Against a model, with events made of a stream.
 */
#define ITEMS 20000

extern const struct analysis analysis_reorder;

struct item { /* that waits, at the receiver */
	int64_t start, end;
	nstime_t time;
};

static struct model {
	struct conn conn;
	struct subflow subflow;
	struct report_conn report;
	struct desk desk;
	struct figure *figures[FIGURES_MAX][2];
	void *state;
	nstime_t now;
	uint64_t random;

	/* the receiver's */
	struct item *items; /* ITEMS of them */
	size_t n_items;
	int64_t expected, queued, most;
	uint64_t waits;
	double waited;

	/* as drawn */
	int64_t level, ahead; /* the last ones */
	uint64_t dots;
	int64_t released; /* bytes */
	nstime_t wait;	  /* sum */
} m;

static uint32_t random_below(uint32_t below)
{
	m.random = m.random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m.random >> 33) % below;
}

static void must_be(bool right, const char *what)
{
	if (!right)
		ck_abort_msg("at %d ms: %s", (int)(m.now / MS), what);
}
#define must(right) must_be(right, #right)

static void model_drawn(const struct figure *figure, const struct point *point)
{
	if (figure->kind == analysis_reorder.figures[1]) {
		m.dots++;
		m.released += point->extra[0];
		m.wait += point->y;
	} else if (point->mark == MARK_DOT) {
		m.ahead = point->y;
	} else {
		must(point->x <= point->x2);
		must(point->y == point->y2);
		m.level = point->y;
	}
}

/* A belt_fn. */
static void model_orders(void *arg, const void *items, size_t n)
{
	struct orders orders = orders_of(items, n);
	const struct order *order;

	(void)arg;
	while ((order = orders_step(&orders)))
		model_drawn(order->figure, &order->point);
}

static struct easel easel;
static struct figure drawn[2] = {{.easel = &easel}, {.easel = &easel}};

static void model_begin(uint32_t keep, uint64_t seed)
{
	memset(&m, 0, sizeof(m));
	report_conn_init(&m.report);
	m.random = seed;
	easel.belt = belt_new(ORDER_UNIT, false, model_orders, NULL);
	m.state = calloc(1, analysis_reorder.state_size);
	m.items = calloc(ITEMS, sizeof(*m.items));
	ck_assert(m.state && m.items);
	for (int i = 0; i < 2; i++) {
		drawn[i].kind = analysis_reorder.figures[i];
		m.figures[i][CLIENT] = &drawn[i];
	}
	m.desk = (struct desk){
	    .state = m.state,
	    .report = &m.report,
	    .figures = m.figures,
	};
	m.conn.half[CLIENT].key_known = true;
	stream_init(&m.conn.half[CLIENT].stream, 0, false, keep);
}

static void model_end(void)
{
	belt_free(easel.belt);
	stream_free(&m.conn.half[CLIENT].stream);
	report_conn_clear(&m.report);
	free(m.state);
	free(m.items);
}

static struct event model_event(enum event_kind kind)
{
	return (struct event){
	    .kind = kind,
	    .time = m.now,
	    .conn = &m.conn,
	    .subflow = &m.subflow,
	};
}

/* Everything below `upto` has come: what can be passed on? */
static void model_advance(int64_t upto)
{
	bool more = true;

	if (upto > m.expected)
		m.expected = upto;
	while (more) {
		more = false;
		for (size_t i = 0; i < m.n_items; i++) {
			struct item item = m.items[i];

			if (item.start > m.expected)
				continue;
			if (item.end > m.expected)
				m.expected = item.end;
			m.items[i--] = m.items[--m.n_items];
			m.queued -= item.end - item.start;
			m.waits++;
			m.waited += (double)(m.now - item.time) / 1e9;
			more = true;
		}
	}
}

static void model_tell(const struct event *event)
{
	analysis_reorder.on[event->kind](&m.desk, event);
	belt_drain(easel.belt);
}

static void model_piece(void *arg, const struct piece *piece)
{
	struct event event = model_event(EVENT_SENT);

	(void)arg;
	if (piece->how != SENT_NEW && piece->how != SENT_LATE)
		return;
	event.u.piece = piece;
	model_tell(&event);
	if (piece->end <= m.expected)
		return;
	if (piece->start <= m.expected) {
		model_advance(piece->end);
		return;
	}
	must(m.ahead == piece->start - m.expected);
	must(m.n_items < ITEMS);
	m.items[m.n_items++] = (struct item){piece->start, piece->end, m.now};
	m.queued += piece->end - piece->start;
	if (m.queued > m.most)
		m.most = m.queued;
}

static void model_ranges(void *arg, const struct stream_walk *ranges)
{
	struct event event = model_event(EVENT_RANGES);

	(void)arg;
	event.u.ranges = ranges;
	model_tell(&event);
}

static void model_send(int64_t start, int64_t end)
{
	const struct carrier carrier = {
	    .time = m.now,
	    .on = m.subflow.id,
	};

	stream_sent(&m.conn.half[CLIENT].stream, start, end, &carrier,
		    model_piece, NULL);
}

static void model_ack(int64_t upto)
{
	struct stream *stream = &m.conn.half[CLIENT].stream;
	struct event event = model_event(EVENT_ACKED);

	if (upto <= stream->acked)
		return;
	event.u.acked.upto = upto;
	event.u.acked.before = stream->acked;
	stream_acked(stream, upto, m.now, model_ranges, NULL);
	model_tell(&event);
	model_advance(upto);
}

static void model_compare(void)
{
	const struct report_data *data = &m.report.data[CLIENT];
	const struct report_spread *blocked = &data->blocked;

	must(data->max_reorder_bytes == m.most);
	must(blocked->samples == m.waits);
	must(fabs(blocked->sum - m.waited) < 1e-6);
	must(m.dots == m.waits);
	must(fabs((double)m.wait / 1e9 - m.waited) < 1e-6);
}

/* How much, of 100: is ahead of all, fills holes; DATA_ACKs, and those of
 * what was not seen. */
struct manner {
	uint32_t ahead, behind, ack, beyond;
};

static void model_step(const struct manner *manner)
{
	const struct stream *stream = &m.conn.half[CLIENT].stream;
	uint32_t what = random_below(100);
	int64_t start = stream->sent;

	m.now += random_below(3) * MS;
	m.subflow.id = (int)random_below(4);
	if (what < manner->ack) {
		uint32_t room = (uint32_t)(m.expected - stream->acked);

		if (m.expected < stream->acked || !room)
			room = 1;
		model_ack(random_below(100) < manner->beyond
			      ? stream->sent - random_below(200)
			      : stream->acked + random_below(room) + 1);
		return;
	}
	what = random_below(100);
	if (what < manner->ahead)
		start += random_below(300);
	else if (what < manner->ahead + manner->behind)
		start -= random_below(random_below(2) ? 100 : 1000);
	if (start < 0)
		start = 0;
	model_send(start, start + 1 + random_below(100));
}

static void check_random(const struct manner *manner)
{
	static const uint32_t keeps[] = {1, 5, 2048};

	for (size_t k = 0; k < 3; k++)
		for (uint64_t seed = 1; seed <= 5; seed++) {
			model_begin(keeps[k], seed);
			for (int i = 0; i < 4000; i++) {
				model_step(manner);
				model_compare();
			}
			model_ack(m.conn.half[CLIENT].stream.sent);
			model_compare();
			must(!m.queued);
			must(m.waits > 100);
			model_end();
		}
}

START_TEST(random_reordering)
{
	static const struct manner manner = {30, 40, 20, 0};

	check_random(&manner);
}
END_TEST

START_TEST(random_losses_of_the_capture)
{
	static const struct manner manner = {30, 30, 20, 20};

	check_random(&manner);
}
END_TEST

START_TEST(random_holes_that_stay)
{
	static const struct manner manner = {60, 20, 2, 30};

	check_random(&manner);
}
END_TEST

/* Behind a hole comes more than the stream can remember. */
START_TEST(forgotten_hole)
{
	const struct report_data *data = &m.report.data[CLIENT];
	int64_t at = 10;

	model_begin(5, 1);
	for (; at < 10 * (STREAM_RUNS_MAX + 100); at += 10) {
		const struct carrier carrier = {.time = m.now};
		struct stream *stream = &m.conn.half[CLIENT].stream;

		m.n_items = 0; /* this is too much for the model */
		m.expected = INT64_MAX;
		stream_sent(stream, at, at + 10, &carrier, model_piece, NULL);
	}
	must(data->max_reorder_bytes == 10 * (STREAM_RUNS_MAX - 1));
	must(m.level == data->max_reorder_bytes);
	/* All that came is taken as in order, after a wait of no known end. */
	must(data->blocked.samples == 0);
	m.expected = at;
	model_send(0, 10);
	model_send(at + 20, at + 30);
	must(m.ahead == 20);
	model_send(at, at + 20);
	must(data->blocked.samples == 1);
	must(m.released == 10);
	must(m.level == 10);
	model_end();
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("reorder");
	TCase *tcase = draw_case("by hand");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, in_order);
	tcase_add_test(tcase, waits_for_the_slower_path);
	tcase_add_test(tcase, released_up_to_the_next_hole);
	tcase_add_test(tcase, one_segment_of_many_pieces);
	tcase_add_test(tcase, sent_again_is_not_ahead);
	tcase_add_test(tcase, data_ack_ends_the_wait);
	tcase_add_test(tcase, no_wait_is_negative);
	tcase_add_test(tcase, waits_at_the_end);
	tcase_add_test(tcase, midstream);
	tcase_add_test(tcase, midstream_acked);
	tcase_add_test(tcase, first_byte_unknown);
	tcase_add_test(tcase, shift);
	tcase_add_test(tcase, restart);
	tcase_add_test(tcase, plain);
	tcase_add_test(tcase, fallen_back_without_data);
	tcase_add_test(tcase, acknowledged_but_not_seen);

	tcase = tcase_create("model");
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, random_reordering);
	tcase_add_test(tcase, random_losses_of_the_capture);
	tcase_add_test(tcase, random_holes_that_stay);
	tcase_add_test(tcase, forgotten_hole);
	return suite;
}
