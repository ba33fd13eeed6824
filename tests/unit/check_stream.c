/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct stream against a model that knows of each byte who sent it first and
 * when, in random operations; and by hand where it must forget. What lies
 * below stream.floor is forgotten, what lies above is not.
 */
#include "track/stream.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define MS    (NSTIME_SECOND / 1000)
#define BYTES (1 << 21)
#define START (1 << 12) /* the model's index of the first byte */
#define RUNS  4096

struct byte {
	uint32_t frame; /* first seen in it; 0: never */
	int8_t on;
};

/* Not acknowledged yet. */
struct run {
	int64_t start, end;
	nstime_t time;
	bool again;
};

/* TCP sequence number of offset 0, on every subflow. */
#define SEQ0 4000000000u

static struct model {
	struct stream stream;
	struct byte *bytes; /* BYTES of them */
	struct run *runs;   /* RUNS of them */
	size_t n_runs;
	bool older;
	int64_t base;		    /* offset of index 0 */
	int64_t sent, acked, first; /* first: the lowest one sent at first */
	uint32_t frame;
	uint64_t unseen; /* bytes that were NEW or LATE */
	uint64_t state;	 /* of the random numbers */

	/* the call of stream_sent that is under way */
	int64_t at, end, sent_before;
	int on;
} m;

static uint32_t random_below(uint32_t below)
{
	m.state = m.state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(m.state >> 33) % below;
}

static nstime_t time_of(uint32_t frame)
{
	return 1000 * NSTIME_SECOND + frame * MS;
}

static void model_begin(bool older, uint32_t keep, uint64_t seed)
{
	memset(&m, 0, sizeof(m));
	m.bytes = calloc(BYTES, sizeof(*m.bytes));
	m.runs = calloc(RUNS, sizeof(*m.runs));
	ck_assert(m.bytes && m.runs);
	m.older = older;
	m.base = -START;
	m.state = seed;
	stream_init(&m.stream, 0, older, keep);
}

static void model_end(void)
{
	stream_free(&m.stream);
	free(m.bytes);
	free(m.runs);
}

/* Check's own assertions take too long to be made for each byte. */
static void must_be(bool right, const char *what)
{
	if (!right)
		ck_abort_msg("frame %u: %s", m.frame, what);
}
#define must(right) must_be(right, #right)

static struct byte *byte_at(int64_t offset)
{
	int64_t index = offset - m.base;

	must(index >= 0);
	must(index < BYTES);
	return &m.bytes[index];
}

static bool before_start(int64_t offset)
{
	return offset < m.base + START;
}

static bool seen(int64_t offset)
{
	return byte_at(offset)->frame || (before_start(offset) && !m.older);
}

static void check_new(const struct piece *piece)
{
	for (int64_t i = piece->start; i < piece->end; i++) {
		must(!seen(i));
		*byte_at(i) = (struct byte){m.frame, (int8_t)m.on};
	}
	if (piece->how == SENT_NEW) {
		must(piece->start >= m.sent_before);
		/* Where the capture begins, who knows? */
		must(piece->ahead == (piece->start > m.sent_before) ||
		     (m.older && !m.unseen));
	} else {
		must(piece->end <= m.sent_before);
		must(!piece->ahead);
	}
	m.unseen += (uint64_t)(piece->end - piece->start);
	if (piece->start < m.stream.floor && piece->how == SENT_LATE)
		return; /* no longer timed */
	if (piece->end > m.acked) {
		must(m.n_runs < RUNS);
		m.runs[m.n_runs++] = (struct run){piece->start, piece->end,
						  time_of(m.frame), false};
	}
}

static void check_again(const struct piece *piece)
{
	const struct byte *first = byte_at(piece->start);

	must(!piece->ahead);
	must(piece->first_acked == (piece->end <= m.acked));
	for (int64_t i = piece->start; i < piece->end; i++) {
		must(seen(i));
		if (piece->start < m.stream.floor)
			continue;
		must(byte_at(i)->frame == first->frame);
		must(byte_at(i)->on == first->on);
	}
	for (size_t i = 0; i < m.n_runs; i++)
		if (m.runs[i].start < piece->end &&
		    m.runs[i].end > piece->start)
			m.runs[i].again = true;
	if (piece->start < m.stream.floor) {
		must(piece->end <= m.stream.floor);
		must(piece->how == SENT_AGAIN);
		must(piece->first_on == ON_UNKNOWN);
		must(piece->first_time == NSTIME_NONE);
		must(piece->first_frame == 0);
		return;
	}
	must(piece->how == (first->on == m.on ? SENT_AGAIN : SENT_REINJECTED));
	must(piece->first_on == first->on);
	must(piece->first_time == time_of(first->frame));
	must(piece->first_frame == first->frame);
}

static void on_piece(void *arg, const struct piece *piece)
{
	must(arg == &m);
	must(piece->start == m.at);
	must(piece->start < piece->end);
	must(piece->end <= m.end);
	m.at = piece->end;
	if (piece->how == SENT_NEW || piece->how == SENT_LATE)
		check_new(piece);
	else
		check_again(piece);
}

static void check_invariants(void)
{
	const struct stream *s = &m.stream;

	must(s->sent == m.sent);
	must(s->acked == m.acked);
	must(s->floor <= s->sent);
	must(s->runs.count <= STREAM_RUNS_MAX);
	must(s->gaps.count <= STREAM_GAPS_MAX);
	if (s->floor > 0 && s->runs.count < STREAM_RUNS_MAX)
		must(s->floor <= s->acked || s->floor == m.first);
}

static void send(int64_t start, int64_t end, int on)
{
	if (!m.unseen)
		m.first = start;
	m.frame++;
	m.at = start;
	m.end = end;
	m.on = on;
	m.sent_before = m.sent;
	stream_sent(&m.stream, start, end,
		    &(struct carrier){.time = time_of(m.frame),
				      .frame = m.frame,
				      .seq = SEQ0 + (uint32_t)start,
				      .on = on},
		    on_piece, &m);
	must(m.at == end);
	if (end > m.sent)
		m.sent = end;
	check_invariants();
}

/* What stream_acked must answer; the runs it acknowledges are gone. */
static nstime_t expected_rtt(int64_t upto)
{
	nstime_t newest = NSTIME_NONE;
	bool again = false;
	size_t kept = 0;

	for (size_t i = 0; i < m.n_runs; i++) {
		const struct run *run = &m.runs[i];

		if (run->end > upto) {
			m.runs[kept++] = *run;
			continue;
		}
		again |= run->again;
		if (run->time > newest)
			newest = run->time;
	}
	m.n_runs = kept;
	if (again || newest == NSTIME_NONE)
		return NSTIME_NONE;
	return time_of(m.frame) - newest;
}

static void ack(int64_t upto)
{
	nstime_t expected = NSTIME_NONE;

	m.frame++;
	if (upto > m.acked) {
		expected = expected_rtt(upto);
		m.acked = upto;
	}
	must(stream_acked(&m.stream, upto, time_of(m.frame), NULL, NULL) ==
	     expected);
	check_invariants();
	must(upto < m.acked || m.stream.n_acked <= m.stream.keep);
}

static void shift(int64_t by)
{
	stream_shift(&m.stream, by);
	m.base += by;
	m.sent += by;
	m.acked += by;
	m.first += by;
	for (size_t i = 0; i < m.n_runs; i++) {
		m.runs[i].start += by;
		m.runs[i].end += by;
	}
	check_invariants();
}

/* How a stretch of traffic behaves; each of 100. */
struct manner {
	uint32_t ahead, behind, ack, beyond;
	uint32_t size; /* of segments, at most */
	int subflows;
};

static void step(const struct manner *manner)
{
	uint32_t what = random_below(100);
	uint32_t size = 1 + random_below(manner->size);
	int on = (int)random_below((uint32_t)manner->subflows);
	int64_t lowest = m.base + 200, start = m.sent;

	if (what < manner->ack) {
		int64_t span = m.sent - m.acked;

		if (random_below(100) < manner->beyond)
			ack(m.sent + random_below(300));
		else if (span > 0)
			ack(m.acked + random_below((uint32_t)span + 1));
		else
			ack(m.acked - random_below(50));
		return;
	}
	what = random_below(100);
	if (what < manner->ahead)
		start += random_below(300);
	else if (what < manner->ahead + manner->behind)
		start -= random_below(random_below(4) ? 500 : 6000);
	if (start < lowest)
		start = lowest;
	send(start, start + size, on);
}

static void check_random(const struct manner *manner, bool older, uint32_t keep,
			 int steps, uint64_t seed)
{
	model_begin(older, keep, seed);
	for (int i = 0; i < steps; i++) {
		/* Else more would be outstanding than the model can hold. */
		if (m.n_runs > RUNS - 20)
			ack(m.sent);
		if (m.unseen && !random_below(500))
			shift((int64_t)random_below(2000000) - 1000000);
		step(manner);
	}
	model_end();
}

static void check_all(const struct manner *manner, int steps)
{
	static const uint32_t keeps[] = {0, 1, 5, 100, 1000000};

	for (size_t i = 0; i < sizeof(keeps) / sizeof(*keeps); i++)
		for (int older = 0; older < 2; older++)
			check_random(manner, older, keeps[i], steps, i + 1);
}

START_TEST(in_order)
{
	static const struct manner manner = {0, 10, 45, 0, 150, 1};

	check_all(&manner, 10000);
}
END_TEST

START_TEST(several_subflows)
{
	static const struct manner manner = {20, 40, 30, 3, 200, 4};

	check_all(&manner, 10000);
}
END_TEST

START_TEST(many_holes)
{
	static const struct manner manner = {45, 45, 10, 1, 60, 3};

	check_all(&manner, 10000);
}
END_TEST

START_TEST(tiny)
{
	static const struct manner manner = {30, 50, 30, 30, 4, 2};

	check_all(&manner, 10000);
}
END_TEST

/* Acknowledged before it is seen sent: the capture is not in order. */
START_TEST(acks_first)
{
	static const struct manner manner = {10, 40, 40, 50, 200, 2};

	check_all(&manner, 10000);
}
END_TEST

/* By hand. */
static struct piece pieces[STREAM_PIECES_MAX + 2];
static size_t n_pieces;

static void keep_piece(void *arg, const struct piece *piece)
{
	(void)arg;
	ck_assert_uint_lt(n_pieces, sizeof(pieces) / sizeof(*pieces));
	pieces[n_pieces++] = *piece;
}

static void hand_send(struct stream *stream, int64_t start, int64_t end, int ms,
		      int on)
{
	n_pieces = 0;
	stream_sent(stream, start, end,
		    &(struct carrier){.time = ms * MS,
				      .frame = (uint64_t)ms,
				      .seq = SEQ0 + (uint32_t)start,
				      .on = on},
		    keep_piece, NULL);
}

static void check_piece(size_t i, int64_t start, int64_t end, enum sent_how how,
			int first_on)
{
	ck_assert_uint_lt(i, n_pieces);
	ck_assert_int_eq(pieces[i].start, start);
	ck_assert_int_eq(pieces[i].end, end);
	ck_assert_int_eq(pieces[i].how, how);
	if (how == SENT_AGAIN || how == SENT_REINJECTED)
		ck_assert_int_eq(pieces[i].first_on, first_on);
}

/* RFC 6298 section 3: no sample of what was sent twice. */
START_TEST(karn)
{
	struct stream s;

	stream_init(&s, 0, false, 10);
	hand_send(&s, 0, 100, 1, 0);
	hand_send(&s, 100, 200, 2, 0);
	hand_send(&s, 200, 300, 3, 0);
	hand_send(&s, 250, 260, 4, 1);
	hand_send(&s, 300, 400, 5, 0);
	ck_assert_int_eq(stream_acked(&s, 50, 11 * MS, NULL, NULL),
			 NSTIME_NONE);
	ck_assert_int_eq(stream_acked(&s, 200, 12 * MS, NULL, NULL), 10 * MS);
	ck_assert_int_eq(stream_acked(&s, 150, 13 * MS, NULL, NULL),
			 NSTIME_NONE);
	ck_assert_int_eq(stream_acked(&s, 300, 14 * MS, NULL, NULL),
			 NSTIME_NONE);
	ck_assert_int_eq(stream_acked(&s, 400, 15 * MS, NULL, NULL), 10 * MS);
	ck_assert_int_eq(s.acked, 400);
	stream_free(&s);
}
END_TEST

/* One of them sent twice spoils the sample of all. */
START_TEST(karn_of_several)
{
	struct stream s;

	stream_init(&s, 0, false, 10);
	hand_send(&s, 0, 100, 1, 0);
	hand_send(&s, 100, 200, 2, 0);
	hand_send(&s, 0, 100, 3, 0);
	ck_assert_int_eq(stream_acked(&s, 200, 5 * MS, NULL, NULL),
			 NSTIME_NONE);
	stream_free(&s);
}
END_TEST

START_TEST(rtt_without_time)
{
	struct stream s;

	stream_init(&s, 0, false, 10);
	hand_send(&s, 0, 100, 1, 0);
	ck_assert_int_eq(stream_acked(&s, 100, NSTIME_NONE, NULL, NULL),
			 NSTIME_NONE);
	hand_send(&s, 200, 300, 7, 0);
	/* A hole that is acknowledged says nothing. */
	ck_assert_int_eq(stream_acked(&s, 200, 8 * MS, NULL, NULL),
			 NSTIME_NONE);
	/* Nor does an answer before its question. */
	ck_assert_int_eq(stream_acked(&s, 300, 6 * MS, NULL, NULL),
			 NSTIME_NONE);
	stream_free(&s);
}
END_TEST

START_TEST(nothing_acknowledged_is_forgotten_too_soon)
{
	struct stream s;

	stream_init(&s, 0, false, 2);
	for (int i = 0; i < 10; i++)
		hand_send(&s, i * 10, i * 10 + 10, i + 1, 3);
	stream_acked(&s, 50, 20 * MS, NULL, NULL);
	ck_assert_int_eq(s.floor, 30);
	hand_send(&s, 0, 110, 21, 4);
	ck_assert_uint_eq(n_pieces, 9);
	check_piece(0, 0, 30, SENT_AGAIN, ON_UNKNOWN);
	ck_assert(pieces[0].first_acked);
	check_piece(1, 30, 40, SENT_REINJECTED, 3);
	check_piece(2, 40, 50, SENT_REINJECTED, 3);
	ck_assert(pieces[2].first_acked && pieces[2].first_frame == 5);
	check_piece(3, 50, 60, SENT_REINJECTED, 3);
	ck_assert(!pieces[3].first_acked);
	check_piece(8, 100, 110, SENT_NEW, 0);
	stream_free(&s);
}
END_TEST

/* More in flight than it remembers. */
START_TEST(most_runs)
{
	const int n = STREAM_RUNS_MAX + 1000;
	struct stream s;

	stream_init(&s, 0, false, 0);
	for (int i = 0; i < n; i++)
		hand_send(&s, i, i + 1, 1 + i, i % 2);
	ck_assert_uint_eq(s.runs.count, STREAM_RUNS_MAX);
	ck_assert_int_eq(s.floor, 1000);
	ck_assert_uint_eq(s.forgotten, 1000);
	hand_send(&s, 998, 1002, n + 1, 0);
	ck_assert_uint_eq(n_pieces, 3);
	check_piece(0, 998, 1000, SENT_AGAIN, ON_UNKNOWN);
	ck_assert(!pieces[0].first_acked);
	check_piece(1, 1000, 1001, SENT_AGAIN, 0);
	check_piece(2, 1001, 1002, SENT_REINJECTED, 1);
	ck_assert_int_eq(stream_acked(&s, 1000, (n + 2) * MS, NULL, NULL),
			 NSTIME_NONE);
	ck_assert_int_eq(stream_acked(&s, n, (n + 10) * MS, NULL, NULL),
			 NSTIME_NONE);
	ck_assert_uint_eq(s.runs.count, 0);
	stream_free(&s);
}
END_TEST

/* Each hole that is filled in its middle makes two runs more. */
START_TEST(most_runs_by_filling)
{
	const int n = STREAM_RUNS_MAX / 2;
	struct stream s;

	stream_init(&s, 0, false, 0);
	for (int i = 0; i < n; i++)
		hand_send(&s, 10 * i + 9, 10 * i + 10, 1 + i, 0);
	ck_assert_uint_eq(s.runs.count, STREAM_RUNS_MAX);
	for (int i = n - 1; i > n - 100; i--) {
		hand_send(&s, 10 * i + 4, 10 * i + 5, 1 + n, 0);
		check_piece(0, 10 * i + 4, 10 * i + 5, SENT_LATE, 0);
	}
	ck_assert_uint_le(s.runs.count, STREAM_RUNS_MAX);
	stream_free(&s);
}
END_TEST

/* Holes outlive the runs about them, the newest of them. */
START_TEST(most_gaps)
{
	const int n = STREAM_GAPS_MAX + 100;
	struct stream s;

	stream_init(&s, 0, false, 0);
	for (int i = 0; i < n; i++) /* holes at 2i, bytes at 2i + 1 */
		hand_send(&s, 2 * i + 1, 2 * i + 2, 1 + i, 0);
	stream_acked(&s, 2 * n, n * MS, NULL, NULL);
	ck_assert_uint_eq(s.runs.count, 0);
	ck_assert_uint_eq(s.gaps.count, STREAM_GAPS_MAX);
	ck_assert_uint_gt(s.filled, 0);
	hand_send(&s, 0, 2, n, 0);
	check_piece(0, 0, 2, SENT_AGAIN, ON_UNKNOWN);
	hand_send(&s, 198, 203, n, 0);
	ck_assert_uint_eq(n_pieces, 4);
	check_piece(0, 198, 200, SENT_AGAIN, ON_UNKNOWN);
	check_piece(1, 200, 201, SENT_LATE, 0);
	check_piece(2, 201, 202, SENT_AGAIN, ON_UNKNOWN);
	check_piece(3, 202, 203, SENT_LATE, 0);
	hand_send(&s, 200, 201, n, 0);
	check_piece(0, 200, 201, SENT_AGAIN, ON_UNKNOWN);
	stream_free(&s);
}
END_TEST

/* A gap that is split when there is no room for another. */
START_TEST(most_gaps_split)
{
	const int n = STREAM_GAPS_MAX;
	struct stream s;
	struct spans_place place = {0, 0};
	const struct span *gap;
	int64_t end = INT64_MIN;
	int late = 0;

	stream_init(&s, 0, false, 0);
	for (int i = 0; i < n; i++) /* holes of 9 before each byte */
		hand_send(&s, 10 * i + 9, 10 * i + 10, 1 + i, 0);
	stream_acked(&s, 10 * n, n * MS, NULL, NULL);
	ck_assert_uint_eq(s.gaps.count, STREAM_GAPS_MAX);
	for (int i = 0; i < n; i++) {
		hand_send(&s, 10 * i + 3, 10 * i + 6, n + i, 0);
		for (size_t k = 0; k < n_pieces; k++)
			late += pieces[k].how == SENT_LATE;
		ck_assert_uint_le(s.gaps.count, STREAM_GAPS_MAX);
	}
	ck_assert_int_gt(late, n / 2);
	/* What is remembered is still in order, and still right. */
	while ((gap = spans_at(&s.gaps, sizeof(*gap), &place))) {
		ck_assert_int_le(end, gap->start);
		end = gap->end;
		place.item++;
	}
	hand_send(&s, 10 * n - 10, 10 * n, 3 * n, 0);
	ck_assert_uint_eq(n_pieces, 4);
	check_piece(0, 10 * n - 10, 10 * n - 7, SENT_LATE, 0);
	check_piece(1, 10 * n - 7, 10 * n - 4, SENT_AGAIN, ON_UNKNOWN);
	check_piece(2, 10 * n - 4, 10 * n - 1, SENT_LATE, 0);
	check_piece(3, 10 * n - 1, 10 * n, SENT_AGAIN, ON_UNKNOWN);
	stream_free(&s);
}
END_TEST

/* One segment over more ranges than any honest one: the rest is not looked
 * into, and stays as it was. */
START_TEST(most_pieces)
{
	const int n = STREAM_PIECES_MAX;
	struct stream s;

	stream_init(&s, 0, false, 0);
	for (int i = 0; i < n; i++)
		hand_send(&s, i, i + 1, 1 + i, i % 2);
	hand_send(&s, 0, n, 2 * n, 0);
	ck_assert_uint_eq(n_pieces, n);
	ck_assert_uint_eq(s.skipped, 0);
	hand_send(&s, n, n + 1, 2 * n + 1, 0);
	hand_send(&s, n + 2, n + 3, 2 * n + 2, 0);
	hand_send(&s, 0, n + 4, 2 * n + 3, 0);
	ck_assert_uint_eq(n_pieces, n + 2);
	check_piece(n - 1, n - 1, n, SENT_REINJECTED, 1);
	check_piece(n, n, n + 3, SENT_AGAIN, ON_UNKNOWN);
	check_piece(n + 1, n + 3, n + 4, SENT_NEW, 0);
	ck_assert_uint_eq(s.skipped, 1);
	hand_send(&s, n, n + 3, 2 * n + 4, 1);
	ck_assert_uint_eq(n_pieces, 3);
	check_piece(0, n, n + 1, SENT_REINJECTED, 0);
	check_piece(1, n + 1, n + 2, SENT_LATE, 1);
	stream_free(&s);
}
END_TEST

START_TEST(unwrapping)
{
	ck_assert_int_eq(unwrap32(5, 0), 5);
	ck_assert_int_eq(unwrap32(0xfffffffb, 0), -5);
	ck_assert_int_eq(unwrap32(5, 0xfffffff0), 0x100000005);
	ck_assert_int_eq(unwrap32(0xfffffff0, 0x100000005), 0xfffffff0);
	ck_assert_int_eq(unwrap32(0x7fffffff, 0), 0x7fffffff);
	ck_assert_int_eq(unwrap32(0x80000001, 0), -0x7fffffff);
	ck_assert_int_eq(unwrap32(0, -0x100000000), -0x100000000);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tcase = tcase_create("random");

	tcase_add_test(tcase, in_order);
	tcase_add_test(tcase, several_subflows);
	tcase_add_test(tcase, many_holes);
	tcase_add_test(tcase, tiny);
	tcase_add_test(tcase, acks_first);
	tcase_set_timeout(tcase, 300); /* under valgrind, say */
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("by hand");
	tcase_add_test(tcase, karn);
	tcase_add_test(tcase, karn_of_several);
	tcase_add_test(tcase, rtt_without_time);
	tcase_add_test(tcase, nothing_acknowledged_is_forgotten_too_soon);
	tcase_add_test(tcase, most_runs);
	tcase_add_test(tcase, most_runs_by_filling);
	tcase_add_test(tcase, most_gaps);
	tcase_add_test(tcase, most_gaps_split);
	tcase_add_test(tcase, most_pieces);
	tcase_add_test(tcase, unwrapping);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
