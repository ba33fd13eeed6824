/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

#include <math.h>

/* What the connection's only report must say of subflow 0. */
static struct report_flow flow[2];

static void take(const struct report_conn *report)
{
	flow[CLIENT] = report->subflows[0].flow[CLIENT];
	flow[SERVER] = report->subflows[0].flow[SERVER];
}

/* A segment of path 0, for fields that the language has no words for. */
static struct segment segment_from(enum side side)
{
	const struct talk_path *path = &talk.path[0];

	return (struct segment){
	    .src = path->end[side],
	    .dst = path->end[other_side(side)],
	    .seq = path->isn[side] + 1 + path->sent[side],
	    .ack = path->isn[!side] + 1 + path->sent[!side],
	    .window = 1000,
	    .wscale = WSCALE_NONE,
	    .flags = TCP_ACK,
	};
}

static void send(struct segment *segment)
{
	segment->time = talk.now += NSTIME_SECOND / 1000;
	segment->frame = ++talk.frame;
	tracker_segment(talk.tracker, segment);
}

/* A SYN or SYN/ACK of version 1, with this scale and MSS. */
static void send_syn(enum side side, uint8_t wscale, uint16_t mss)
{
	struct segment segment = segment_from(side);

	segment.flags = side == CLIENT ? TCP_SYN : TCP_SYN | TCP_ACK;
	segment.seq = talk.path[0].isn[side];
	segment.wscale = wscale;
	segment.mss = mss;
	segment.n_mptcp = 1;
	segment.mptcp[0] = (struct mptcp_option){
	    .subtype = MPTCP_CAPABLE,
	    .length = side == CLIENT ? 4 : 12,
	    .u.capable = {.version = 1,
			  .flags = CAPABLE_HMAC,
			  .keys = side == SERVER,
			  .key = {talk.pair[0].key[side]}},
	};
	send(&segment);
}

static void send_sack(uint32_t ack, const uint32_t (*blocks)[2], int n)
{
	uint32_t first = talk.path[0].isn[CLIENT] + 1;
	struct segment segment = segment_from(SERVER);

	segment.ack = first + ack;
	segment.n_sack = (uint8_t)n;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			segment.sack[i][k] = first + blocks[i][k];
	send(&segment);
}

START_TEST(packets_by_kind)
{
	talk_established();
	TALK("0 c 0+100 PA map:0:0:100", "0 c 100+50 map:100:100:50",
	     "0 c 100+50 map:100:100:50", "0 s tcpack:150 ack:150",
	     "0 c FPA fin:150", "0 s R");
	draw_finish(take);
	/* The client's handshake has two ACKs, the server's one. */
	ck_assert_int_eq(flow[CLIENT].packets, 7);
	ck_assert_int_eq(flow[CLIENT].data_packets, 3);
	ck_assert_int_eq(flow[CLIENT].pure_acks, 2);
	ck_assert_int_eq(flow[CLIENT].pushes, 1);
	ck_assert_int_eq(flow[SERVER].packets, 4);
	ck_assert_int_eq(flow[SERVER].data_packets, 0);
	ck_assert_int_eq(flow[SERVER].pure_acks, 2);
}
END_TEST

START_TEST(sizes)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+7 map:100:100:7",
	     "0 c 107+900 map:107:107:900");
	draw_finish(take);
	ck_assert_int_eq(flow[CLIENT].segment_min, 7);
	ck_assert_int_eq(flow[CLIENT].segment_max, 900);
	ck_assert_int_eq(flow[SERVER].segment_min, REPORT_UNKNOWN);
	ck_assert_int_eq(flow[SERVER].segment_max, REPORT_UNKNOWN);
	ck_assert_int_eq(flow[CLIENT].mss, REPORT_UNKNOWN);
	ck_assert_int_eq(flow[CLIENT].wire_bytes, 6 * 40 + 1007);
	ck_assert_int_eq(flow[SERVER].wire_bytes, 2 * 40);
}
END_TEST

START_TEST(windows)
{
	talk_established();
	/* Neither that of the SYN/ACK nor that of the reset counts. */
	TALK("0 s wnd:400", "0 s wnd:0", "0 s wnd:1400", "0 s R wnd:60000");
	draw_finish(take);
	ck_assert_int_eq(flow[SERVER].window_min, 400);
	ck_assert_int_eq(flow[SERVER].window_max, 1400);
	ck_assert_int_eq(flow[SERVER].zero_windows, 1);
	ck_assert_double_eq(report_window_mean(&flow[SERVER]), 2800 / 4.0);
	ck_assert_int_eq(flow[CLIENT].zero_windows, 0);
}
END_TEST

START_TEST(window_of_unknown_scale)
{
	/* Two flows of a connection whose SYNs were not seen. */
	TALK("0 c 0+10 map:1000:0:10", "0 s ack:1010 wnd:0",
	     "0 s ack:1010 wnd:9", "1 c 0+10 map:1010:0:10");
	draw_finish(take);
	ck_assert_int_eq(flow[SERVER].window_min, REPORT_UNKNOWN);
	ck_assert_int_eq(flow[SERVER].window_max, REPORT_UNKNOWN);
	ck_assert(isnan(report_window_mean(&flow[SERVER])));
	ck_assert_int_eq(flow[SERVER].zero_windows, 1);
}
END_TEST

START_TEST(scaled_windows)
{
	send_syn(CLIENT, 7, 1460);
	send_syn(SERVER, 2, 1400);
	TALK("0 c capable wnd:10", "0 s ack:0 wnd:10");
	draw_finish(take);
	ck_assert_int_eq(flow[CLIENT].window_min, 10 << 7);
	ck_assert_int_eq(flow[CLIENT].window_max, 10 << 7);
	ck_assert_int_eq(flow[SERVER].window_max, 10 << 2);
	ck_assert_double_eq(report_window_mean(&flow[SERVER]), 10 << 2);
	ck_assert_int_eq(flow[CLIENT].mss, 1460);
	ck_assert_int_eq(flow[SERVER].mss, 1400);
}
END_TEST

START_TEST(sacks)
{
	talk_established();
	TALK("0 c 0+1000 map:0:0:1000");
	send_sack(100, (const uint32_t[][2]){{200, 300}}, 1);
	/* Received twice: acknowledged, or within the second block. */
	send_sack(100, (const uint32_t[][2]){{50, 100}}, 1);
	send_sack(100, (const uint32_t[][2]){{250, 300}, {200, 400}}, 2);
	send_sack(100, (const uint32_t[][2]){{500, 600}, {200, 400}}, 2);
	draw_finish(take);
	ck_assert_int_eq(flow[SERVER].sacks, 4);
	ck_assert_int_eq(flow[SERVER].dsacks, 2);
	ck_assert_int_eq(flow[CLIENT].sacks, 0);
}
END_TEST

START_TEST(silence)
{
	talk_established();
	/* Where time turns back it is measured from what was newest. */
	TALK("0 c +50", "0 s", "0 c +20", "0 c -40", "0 c +60");
	draw_finish(take);
	ck_assert_double_eq_tol(nstime_seconds(flow[CLIENT].idle_max), 0.050,
				1e-9);
	ck_assert_double_eq_tol(nstime_seconds(flow[SERVER].idle_max), 0.052,
				1e-9);
}
END_TEST

START_TEST(no_silence_with_one_packet)
{
	TALK("0 c S capable");
	draw_finish(take);
	ck_assert(isnan(nstime_seconds(flow[CLIENT].idle_max)));
	ck_assert(isnan(nstime_seconds(flow[SERVER].idle_max)));
}
END_TEST

static void check_moved(const struct report_conn *report)
{
	const struct report_flow *joined = report->subflows[1].flow;

	ck_assert_uint_eq(report->n_subflows, 2);
	ck_assert_int_eq(joined[CLIENT].packets, 3);
	ck_assert_int_eq(joined[CLIENT].pure_acks, 1);
	ck_assert_int_eq(joined[CLIENT].wire_bytes, 3 * 40 + 10);
	ck_assert_double_eq_tol(nstime_seconds(joined[CLIENT].idle_max), 0.050,
				1e-9);
	ck_assert_int_eq(joined[SERVER].wire_bytes, 40);
}

START_TEST(figures_move_with_their_subflow)
{
	/* Not before its data can it be known which connection it joins. */
	TALK("0 c 0+10 map:1000:0:10", "1 c S join", "1 s SA join",
	     "1 c join +49", "1 c 0+10 map:1010:0:10");
	draw_finish(check_moved);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("segments");
	TCase *tcase = draw_case("segments");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, packets_by_kind);
	tcase_add_test(tcase, sizes);
	tcase_add_test(tcase, windows);
	tcase_add_test(tcase, window_of_unknown_scale);
	tcase_add_test(tcase, scaled_windows);
	tcase_add_test(tcase, sacks);
	tcase_add_test(tcase, silence);
	tcase_add_test(tcase, no_silence_with_one_packet);
	tcase_add_test(tcase, figures_move_with_their_subflow);
	return suite;
}
