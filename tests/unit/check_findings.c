/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Findings, as "[CONNECTION] PACKET SEVERITY CODE: SENTENCE", without the
 * number where that is 0, and "trace" for those of no connection. A line that
 * a test wants may leave the sentence out. Each has the time of its packet.
 * The first five packets of an established connection are its handshake.
 */
#include "talk.h"

#include "analysis/analysis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct analyses *analyses;
static char found[1 << 16];
static size_t size;

static void list(const struct report_conn *report, const char *whose)
{
	for (size_t i = 0; i < report->n_findings; i++) {
		const struct report_finding *finding = &report->findings[i];

		ck_assert_uint_le(finding->packet, talk.frame);
		ck_assert_msg(finding->time == talk.times[finding->packet],
			      "%s has not the time of packet %" PRIu64,
			      finding->text, finding->packet);
		size += (size_t)snprintf(found + size, sizeof(found) - size,
					 "%s%" PRIu64 " %s %s: %s\n", whose,
					 finding->packet,
					 severity_word(finding->severity),
					 finding->code, finding->text);
		ck_assert_uint_lt(size, sizeof(found));
	}
}

static void on_report(void *arg, struct report_conn *report)
{
	char whose[32] = "";

	(void)arg;
	if (report->id)
		snprintf(whose, sizeof(whose), "[%" PRIu64 "] ", report->id);
	list(report, whose);
}

static void finish(void)
{
	struct report_totals totals = {0};

	analyses_trace_ends(analyses);
	tracker_finish(talk.tracker);
	analyses_totals(analyses, &totals);
	list(totals.loose, "trace ");
}

/* Is this line of what was found the one that is wanted? Then the next. */
static const char *matches(const char *line, const char *wanted)
{
	size_t length = strlen(wanted);
	const char *next = strchr(line, '\n');

	if (!next || strncmp(line, wanted, length) != 0)
		return NULL;
	if (!strchr(wanted, ':') ? line[length] != ':' : line + length != next)
		return NULL;
	return next + 1;
}

static void expect(const char *const *lines, const char *file, int line)
{
	const char *at = found;
	const char *const *wanted = lines;

	finish();
	while (at && *wanted)
		at = matches(at, *wanted++);
	ck_assert_msg(at && !*at, "%s:%d: %s is not in\n%s", file, line,
		      at || wanted == lines ? "more" : wanted[-1], found);
}

/* Ends the trace. */
#define FOUND(...)                                                             \
	expect((const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
#define FOUND_NOTHING expect((const char *const[]){NULL}, __FILE__, __LINE__)

static void begin(void)
{
	const struct analyses_options options = {
	    .goodput_acks = 1,
	    .interval = NSTIME_SECOND,
	};
	struct tracker_options tracking = {.plain = analyses_plain};

	found[0] = '\0';
	size = 0;
	analyses = analyses_new(&options, on_report, NULL);
	tracking.unwanted = analyses_unwanted(analyses);
	tracking.plain_arg = analyses;
	tracker_free(talk.tracker);
	talk.tracker = tracker_new(&tracking, analyses_event, analyses);
}

static void end(void)
{
	tracker_finish(talk.tracker); /* of what is still open, too */
	analyses_free(analyses);
	analyses = NULL;
}

/* The server's end of `path` is that of the initial one, its client another
 * port of the same host; the connection on it, if it has one, has its own
 * keys. */
static void same_server(int path)
{
	talk.path[path].end[SERVER] = talk.path[0].end[SERVER];
	talk.path[path].end[CLIENT].address = talk.path[0].end[CLIENT].address;
	talk.path[path].pair = path;
}

/* A plain flow's packet: only time goes on. */
#define LATER(ms) TALK("9 s R +" #ms)

/*
 * What is healthy.
 */
START_TEST(two_subflows)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "1 c S join",
	     "0 c 0+100 capable:100", "1 s SA join", "0 s tcpack:100 ack:100",
	     "1 c join", "1 s ack:100", "1 c 0+100 map:100:0:100",
	     "0 c 100+100 map:200:100:100", "1 s tcpack:100 ack:300",
	     "0 s tcpack:200 ack:300", "1 s 0+50 map:0:0:50",
	     "1 c tcpack:50 ack:50", "0 c fin:300", "0 s ack:301", "0 s fin:50",
	     "0 c ack:51", "0 c F ack:51", "1 c F ack:51", "0 s FA ack:301",
	     "1 s FA ack:301", "0 c ack:51", "1 c ack:51");
	FOUND_NOTHING;
}
END_TEST

/* No data goes over it. */
START_TEST(idle_backup)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "1 c join", "1 s ack:0",
	     "0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100",
	     "0 c 100+100 map:100:100:100 +5000", "0 s tcpack:200 ack:200");
	FOUND_NOTHING;
}
END_TEST

/* Data comes in another order over two paths. */
START_TEST(reordering)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c 0+100 map:300:0:100", "0 c 0+100 map:0:0:100",
	     "1 c 100+100 map:200:100:100", "0 c 100+100 map:100:100:100",
	     "1 s tcpack:200 ack:0", "0 s tcpack:200 ack:400",
	     "1 c 200+100 map:500:200:100 +400", "0 c 300+100 map:600:300:100",
	     "0 c 200+100 map:400:200:100", "0 s tcpack:400 ack:500",
	     "1 s tcpack:300 ack:700");
	FOUND_NOTHING;
}
END_TEST

/* Lost, and sent again by TCP within its time-out. */
START_TEST(loss_soon_mended)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 +20",
	     "0 c 100+100 map:100:100:100", "0 c 200+100 map:200:200:100",
	     "0 s tcpack:100 ack:100 +20", "0 c 100+100 map:100:100:100 +240",
	     "0 c 100+100 map:100:100:100 +480", "0 s tcpack:300 ack:300 +20");
	FOUND_NOTHING;
}
END_TEST

/* It goes on where the capture begins, and is not over when it ends. */
START_TEST(midstream)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "0 s tcpack:5100 ack:7100",
	     "0 c 5100+100 map:7100:5100:100",
	     "1 c 300+100 map:7200:300:100 ack:0", "1 s tcpack:400 ack:7300",
	     "0 s 100+100 map:0:100:100", "0 c 5200+100 map:7300:5200:100");
	FOUND("1 note handshake-missing: the connection was there before the "
	      "capture began: its keys are not known");
}
END_TEST

START_TEST(midstream_join)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "0 s tcpack:5100 ack:7100",
	     "1 c S join", "1 s SA join", "1 c join",
	     "1 c 0+100 map:7100:0:100 ack:0", "1 s tcpack:100 ack:7200");
	FOUND("1 note handshake-missing", "3 note join-unknown-token");
}
END_TEST

/* The capture has not all: data, ACKs, handshakes of joins. */
START_TEST(holes)
{
	talk_established();
	TALK("1 c S join", "1 c join", "1 s ack:0", /* no SYN/ACK */
	     "0 c 100+100 map:100:100:100", "0 s tcpack:400 ack:400",
	     "1 c 500+100 map:900:500:100", "1 s tcpack:800 ack:1200",
	     "0 c 700+100 map:1500:700:100", "0 s tcpack:800 ack:1600");
	FOUND_NOTHING;
}
END_TEST

/* A join from a third address, and by the server. */
START_TEST(late_joins)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100",
	     "2 c S join +3000", "2 s SA join", "2 c join", "2 s ack:100",
	     "0 c add:7:10.0.3.1:1003", "0 s echo:7:10.0.3.1:1003",
	     "3 s S join", "3 c SA join", "3 s join", "3 c ack:0",
	     "3 c 0+100 map:100:0:100", "3 s tcpack:100 ack:200");
	FOUND_NOTHING;
}
END_TEST

/*
 * The handshake.
 */
START_TEST(capable_unanswered)
{
	TALK("0 c S capable");
	LATER(1000);
	FOUND("1 warning capable-unanswered: the SYN of subflow 0 was never "
	      "answered (sent 1 time)");
}
END_TEST

START_TEST(capable_unanswered_yet)
{
	TALK("0 c S capable");
	LATER(999);
	FOUND("1 note capable-unanswered");
}
END_TEST

START_TEST(capable_unanswered_again)
{
	TALK("0 c S capable", "0 c S capable");
	FOUND("1 warning capable-unanswered: the SYN of subflow 0 was never "
	      "answered (sent 2 times)");
}
END_TEST

START_TEST(capable_reset)
{
	TALK("0 c S capable", "0 s RA tcpack:0");
	FOUND("2 warning capable-reset: the SYN with MP_CAPABLE was answered "
	      "by a reset: nobody listens there, or a box refuses it");
}
END_TEST

/* Nobody believes that one. */
START_TEST(capable_reset_by_a_stranger)
{
	TALK("0 c S capable", "0 s RA tcpack:7");
	FOUND_NOTHING;
}
END_TEST

#define UNDECIDABLE                                                            \
	"the SYN/ACK came without MP_CAPABLE: the server does not speak "      \
	"this version of MPTCP, or the option was removed on the way; "        \
	"nothing in this trace tells which"

START_TEST(refused)
{
	TALK("0 c S capable", "0 s SA", "0 c", "0 c 0+10", "0 s tcpack:10");
	FOUND("2 warning no-option-in-synack: " UNDECIDABLE);
}
END_TEST

START_TEST(refused_where_options_were_cut)
{
	TALK("0 c S capable", "0 s SA short", "0 c", "0 c 0+10 map:0:0:10");
	FOUND_NOTHING;
}
END_TEST

START_TEST(refused_often)
{
	same_server(1);
	TALK("0 c S capable", "0 s SA", "1 c S capable", "1 s SA");
	FOUND("2 warning no-option-in-synack: " UNDECIDABLE
	      "; the same in 2 connections to it",
	      "[1] 4 warning no-option-in-synack: " UNDECIDABLE
	      "; the same in 2 connections to it");
}
END_TEST

START_TEST(accepted_before)
{
	same_server(1);
	talk_established();
	TALK("1 c S capable", "1 s SA", "1 c", "1 c 0+10", "1 s tcpack:10");
	FOUND("[1] 7 warning no-option-in-synack: the SYN/ACK came without "
	      "MP_CAPABLE, although the server accepts it in connection 0",
	      "[1] 7 warning option-removed-on-path: the server accepted MPTCP "
	      "from the same client in connection 0, before: here MP_CAPABLE "
	      "was probably removed, from the SYN or the SYN/ACK");
}
END_TEST

START_TEST(accepted_later)
{
	same_server(1);
	talk.path[1].end[CLIENT].address.bytes[3] = 77;
	TALK("0 c S capable", "0 s SA", "0 c F", "0 s FA", "0 c");
	/* The first has closed when the second begins. */
	TALK("1 c S capable +70000", "1 s SA capable", "1 c capable");
	FOUND("2 warning no-option-in-synack: the SYN/ACK came without "
	      "MP_CAPABLE, although the server accepts it in connection 1",
	      "2 warning option-removed-on-path: the server accepted MPTCP "
	      "from 10.0.0.77 in connection 1, later: here MP_CAPABLE was "
	      "probably removed, from the SYN or the SYN/ACK");
}
END_TEST

/* Another port is another server. */
START_TEST(accepted_elsewhere)
{
	same_server(1);
	talk.path[1].end[SERVER].port = 81;
	talk_established();
	TALK("1 c S capable", "1 s SA");
	FOUND("[1] 7 warning no-option-in-synack: the SYN/ACK came without "
	      "MP_CAPABLE: the server does not speak this version of MPTCP, "
	      "or the option was removed on the way; its host accepts MPTCP "
	      "on port 80 (connection 0), so perhaps the application here "
	      "does not");
}
END_TEST

/* It may have refused the version. */
START_TEST(accepted_of_higher_version)
{
	same_server(1);
	talk_keys(1, 0, 7, 8);
	talk_established();
	TALK("1 c S capable v0", "1 s SA");
	FOUND("[1] 6 note version-downgrade",
	      "[1] 7 warning no-option-in-synack");
}
END_TEST

/* A box writes NOPs over what it removes: 4 at least. */
START_TEST(synack_with_nops)
{
	TALK("0 c S capable", "0 s SA nops:4", "0 c", "0 c 0+10",
	     "0 s tcpack:10");
	FOUND("2 warning no-option-in-synack: the SYN/ACK came without "
	      "MP_CAPABLE, which was removed on the way",
	      "2 warning option-removed-on-path: 4 NOPs in a row stand where "
	      "the server's SYN/ACK had an option (subflow 0; 1 such packet): "
	      "it was removed on the path");
}
END_TEST

START_TEST(synack_with_padding)
{
	TALK("0 c S capable", "0 s SA nops:3", "0 c nops:2");
	FOUND("2 warning no-option-in-synack: " UNDECIDABLE);
}
END_TEST

START_TEST(syn_retried)
{
	TALK("0 c S capable", "0 c S +1000", "0 c S +2000", "0 s SA", "0 c");
	FOUND("2 warning syn-retried-without-option: the client sent its SYN "
	      "again without MP_CAPABLE, since those with it were not "
	      "answered");
}
END_TEST

/* Told of the third ACK, not of the packet that proves it. */
START_TEST(third_ack)
{
	TALK("0 c S capable", "0 s SA capable", "0 c", "0 c 0+10",
	     "0 s tcpack:10");
	FOUND("3 warning no-option-in-third-ack: the client's first packet "
	      "after its SYN has no MPTCP option, and neither has what follows",
	      "3 warning option-removed-on-path: the SYN/ACK agreed to MPTCP, "
	      "and the client goes on without: it did not get that option, or "
	      "its own was removed before this capture");
}
END_TEST

/* The client had asked again without: the SYN/ACK may be the answer to the
 * first one, which it no longer waits for. */
START_TEST(third_ack_after_retry)
{
	TALK("0 c S capable", "0 s SA capable", "0 c S", "0 c", "0 c 0+10",
	     "0 s tcpack:10");
	FOUND("4 warning no-option-in-third-ack");
}
END_TEST

START_TEST(server_without)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable",
	     "0 c 0+10 capable:10", "0 s tcpack:10", "0 c 10+10");
	FOUND("5 warning no-option-in-data: MP_CAPABLE was agreed on, but data "
	      "or acknowledgements of the server come without DSS",
	      "5 warning option-removed-on-path: both agreed to MPTCP, and the "
	      "server sends no option any more: they were removed, either its "
	      "own or those for it");
}
END_TEST

/* Its first words did not acknowledge all: the third ACK may have got lost. */
START_TEST(server_without_keys)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable",
	     "0 c 0+10 capable:10", "0 s tcpack:0", "0 s tcpack:10");
	FOUND("6 warning no-option-in-data");
}
END_TEST

/* Three packets in a row, and the first of them is told. */
START_TEST(client_stops)
{
	talk_established();
	TALK("0 c 0+10 map:0:0:10", "0 s tcpack:10 ack:10", "0 c 10+10",
	     "0 c 20+10", "0 c 30+10", "0 s tcpack:40 ack:10");
	FOUND("8 warning no-option-in-data: the client used MPTCP until here; "
	      "from this packet on its data and acknowledgements come without "
	      "DSS");
}
END_TEST

START_TEST(client_forgets_twice)
{
	talk_established();
	TALK("0 s 0+10 map:0:0:10", "0 c tcpack:10", "0 s 10+10 map:10:10:10",
	     "0 c tcpack:20", "0 s 20+10 map:20:20:10", "0 c tcpack:30 ack:30",
	     "0 s 30+10 map:30:30:10", "0 c tcpack:40");
	FOUND_NOTHING;
}
END_TEST

/* One mapping is of many segments: the others need no DSS, whatever else they
 * acknowledge. */
START_TEST(mapping_of_many_segments)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:500", "0 s 0+10 map:0:0:10", "0 c 100+100",
	     "0 s 10+10 map:10:10:10", "0 c 200+100", "0 s 20+10 map:20:20:10",
	     "0 c 300+100", "0 s 30+10 map:30:30:10", "0 c 400+100");
	FOUND_NOTHING;
}
END_TEST

/* Three SACK blocks and timestamps leave no room for a DSS. */
START_TEST(acks_without_room)
{
	talk_established();
	TALK("0 c ack:0", "0 s 0+10 map:0:0:10", "0 c tcpack:10 sacks:3",
	     "0 s 10+10 map:10:10:10", "0 c tcpack:20 sacks:3",
	     "0 s 20+10 map:20:20:10", "0 c tcpack:30 sacks:3",
	     "0 s 30+10 map:30:30:10", "0 c tcpack:40 ack:40");
	FOUND_NOTHING;
}
END_TEST

START_TEST(acks_with_room)
{
	talk_established();
	TALK("0 c ack:0", "0 s 0+10 map:0:0:10", "0 c tcpack:10 sacks:2",
	     "0 s 10+10 map:10:10:10", "0 c tcpack:20 sacks:1",
	     "0 s 20+10 map:20:20:10", "0 c tcpack:30");
	FOUND("8 warning no-option-in-data");
}
END_TEST

/* Another subflow is there to go on with. */
START_TEST(one_of_two_stops)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s 0+10 map:0:0:10", "0 c tcpack:10",
	     "0 s 10+10 map:10:10:10", "0 c tcpack:20",
	     "0 s 20+10 map:20:20:10", "0 c tcpack:30", "1 c ack:30");
	FOUND_NOTHING;
}
END_TEST

START_TEST(version_in_synack)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable v1", "0 s SA capable v0", "0 c capable v0");
	FOUND("2 warning version-downgrade: the client offered version 1, and "
	      "the SYN/ACK answers with version 0");
}
END_TEST

/* Nobody has to take that. */
START_TEST(version_not_taken)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable v1", "0 s SA capable v0", "0 c", "0 c 0+10",
	     "0 s tcpack:10");
	FOUND("2 warning version-downgrade",
	      "3 warning no-option-in-third-ack");
}
END_TEST

START_TEST(version_in_retry)
{
	same_server(1);
	talk_keys(1, 0, 7, 8);
	TALK("0 c S capable", "0 s RA tcpack:0", "1 c S capable",
	     "1 s SA capable", "1 c capable");
	FOUND("2 warning capable-reset",
	      "[1] 3 warning version-downgrade: the client offers version 0, "
	      "after it offered version 1 to the same server in connection 0, "
	      "in vain");
}
END_TEST

/* Upwards is no downgrade; nor is what another client offers. */
START_TEST(version_upwards)
{
	talk_keys(0, 0, 7, 8);
	same_server(1);
	same_server(2);
	talk_keys(2, 0, 9, 10);
	talk.path[2].end[CLIENT].address.bytes[3] = 77;
	talk_established();
	TALK("1 c S capable", "1 s SA capable", "1 c capable", "2 c S capable",
	     "2 s SA capable", "2 c capable");
	FOUND_NOTHING;
}
END_TEST

/* Both succeed: these are two hosts behind a NAT. */
START_TEST(version_of_another_host)
{
	same_server(1);
	talk_keys(1, 0, 7, 8);
	talk_established();
	TALK("1 c S capable +60000", "1 s SA capable", "1 c capable");
	FOUND("[1] 6 note version-downgrade: the client offers version 0, "
	      "after it offered version 1 to the same server in connection 0");
}
END_TEST

/*
 * What boxes do.
 */
START_TEST(nops_in_data)
{
	talk_established();
	TALK("0 c 0+10 nops:20", "0 c 10+10 nops:24", "0 s tcpack:20");
	FOUND("6 warning data-unmapped",
	      "6 warning option-removed-on-path: 20 NOPs in a row stand where "
	      "the client's packet had an option (subflow 0; 2 such packets): "
	      "it was removed on the path");
}
END_TEST

/* Other options may be gone: those of MPTCP are there. */
START_TEST(nops_beside_options)
{
	TALK("0 c S capable nops:12", "0 s SA capable nops:12",
	     "0 c capable nops:12", "0 c 0+10 capable:10 nops:12");
	FOUND_NOTHING;
}
END_TEST

START_TEST(nops_in_plain_syn)
{
	TALK("0 c S nops:4", "0 s SA nops:12", "0 c nops:12");
	FOUND("trace 1 warning option-removed-on-path: 4 NOPs in a row stand "
	      "in the SYN from 10.0.0.1:1000 to 10.0.0.2:80, which has no "
	      "MPTCP option: it was probably removed on the path");
}
END_TEST

START_TEST(padding_in_plain_syn)
{
	TALK("0 c S nops:3", "0 s SA nops:3", "0 c nops:4");
	FOUND_NOTHING;
}
END_TEST

START_TEST(third_ack_of_join)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c", "1 s R");
	FOUND("8 warning option-removed-on-path: the third ACK of subflow 1 "
	      "has no MP_JOIN, though both asked for it in their SYNs: it was "
	      "removed on the path",
	      "9 warning join-reset: subflow 1 was refused with a reset (no "
	      "reason given)");
}
END_TEST

/* Of bytes that the same server speaks MPTCP with on the initial subflow. */
START_TEST(join_without_option_from_the_server)
{
	talk_established();
	talk.path[1].end[SERVER] = talk.path[0].end[SERVER];
	TALK("1 c S join", "1 s SA", "1 c R");
	FOUND("6 warning join-no-option: the SYN of subflow 1 was answered "
	      "without MP_JOIN",
	      "6 warning option-removed-on-path: the server speaks MPTCP, and "
	      "answered the SYN of subflow 1 without: MP_JOIN was probably "
	      "removed on this path");
}
END_TEST

START_TEST(join_without_option)
{
	talk_established();
	TALK("1 c S join", "1 s SA", "1 c R");
	FOUND("6 warning join-no-option");
}
END_TEST

/* Its mapping is of other octets. */
START_TEST(segment_beside_its_mapping)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 103+100 map:100:100:100",
	     "0 c 203+100 map:200:200:100");
	FOUND("7 warning sequence-rewritten: the mapping on this segment of "
	      "the client, on subflow 0, ends 3 octets before its payload does "
	      "(2 such packets): a box probably changed sequence numbers or "
	      "payload",
	      "8 note data-unmapped");
}
END_TEST

/* A mapping may be of more than its segment, or end with DATA_FIN. */
START_TEST(segment_within_its_mapping)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:300", "0 c 100+100 map:0:0:300",
	     "0 c 200+100 map:0:0:300", "0 c 300+1 map:300:300:1 fin",
	     "0 s tcpack:301 ack:302");
	FOUND_NOTHING;
}
END_TEST

START_TEST(synack_of_another_syn)
{
	TALK("0 c S capable", "0 s SA capable tcpack:1", "0 c capable");
	FOUND("2 warning sequence-rewritten: the server's SYN/ACK on subflow 0 "
	      "acknowledges 1000002, but the client's SYN had 1000000: a box "
	      "changes sequence numbers one way only");
}
END_TEST

/* Data in the SYN may be taken, or not. */
START_TEST(synack_of_data)
{
	TALK("0 c S 0+50 capable", "0 s SA capable tcpack:50", "0 c capable",
	     "1 c S join", "1 s SA join tcpack:0");
	FOUND_NOTHING;
}
END_TEST

START_TEST(third_ack_of_another_synack)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable tcpack:-77777777",
	     "0 s R");
	FOUND("3 warning sequence-rewritten: the client's first ACK on subflow "
	      "0 acknowledges 4218689520, but the server's SYN had 1500000: a "
	      "box changes sequence numbers one way only",
	      "4 warning subflow-reset", "4 warning no-data-fin");
}
END_TEST

/* The same SYN from elsewhere in the sequence space. */
START_TEST(syn_of_another_isn)
{
	talk_established();
	TALK("1 c S join");
	talk.path[1].isn[CLIENT] += 5000;
	TALK("1 c S join +1000", "1 s SA join", "1 c join", "1 s ack:0");
	FOUND("6 warning join-unanswered",
	      "7 warning sequence-rewritten: the SYN of subflow 2 is that of "
	      "subflow 1 sent again, nonce and all, but for its sequence "
	      "number: 2005000, before 2000000");
}
END_TEST

/* Another use of the ports is another SYN. */
START_TEST(ports_used_again)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join", "1 s ack:0", "1 c F",
	     "1 s FA");
	talk.path[1].isn[CLIENT] += 5000;
	talk.path[1].nonce[CLIENT]++;
	talk.path[1].sent[CLIENT] = talk.path[1].sent[SERVER] = 0;
	TALK("1 c S join +1000", "1 s SA join", "1 c join", "1 s ack:0");
	FOUND_NOTHING;
}
END_TEST

/*
 * Mappings.
 */
START_TEST(checksum_bad)
{
	TALK("0 c S capable flags:81", "0 s SA capable flags:81",
	     "0 c capable flags:81", "0 s ack:0", "0 c ack:0",
	     "0 c 0+100 map:0:0:100 sum", "0 c 100+50 map:100:100:50 sum!");
	FOUND("7 error checksum-bad: the DSS checksum of DSN "
	      "0x8b32f248d55ec476 (50 bytes) from the client on subflow 0 is "
	      "wrong");
}
END_TEST

START_TEST(mapping_conflict)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 map:0:0:100",
	     "0 c 0+100 map:500:0:100");
	FOUND("8 warning mapping-conflict: the mapping of DSN "
	      "0x8b32f248d55ec606 (100 bytes) from the client on subflow 0 "
	      "puts octets elsewhere in the data than one before did");
}
END_TEST

START_TEST(data_unmapped)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+20", "0 c 120+30",
	     "0 c 150+100 map:150:150:100");
	FOUND("7 warning data-unmapped: 50 bytes from the client, the first of "
	      "them in this packet, are covered by no mapping");
}
END_TEST

/* Mappings may come after what they are of. */
START_TEST(data_mapped_later)
{
	talk_established();
	TALK("0 c 100+20", "0 c 0+100 map:0:0:120");
	FOUND_NOTHING;
}
END_TEST

START_TEST(data_unmapped_where_options_were_cut)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+20 short");
	FOUND("7 note data-unmapped: 20 bytes from the client, the first of "
	      "them in this packet, are covered by no mapping: the capture cut "
	      "options off");
}
END_TEST

/* The only subflow: a fallback. */
START_TEST(fail_alone)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 fail:0", "0 c 100+10");
	FOUND("7 warning mp-fail: MP_FAIL: a DSS checksum was wrong, so the "
	      "only subflow goes on as plain TCP");
}
END_TEST

/* One of several: told once. */
START_TEST(fail_with_reset)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c 0+100 map:0:0:100", "1 s R fail:0",
	     "1 s R fail:0");
	FOUND("11 warning mp-fail: MP_FAIL from the server: data from DSN "
	      "0x8b32f248d55ec412 on came with a wrong checksum on subflow 1",
	      "11 warning subflow-reset");
}
END_TEST

START_TEST(infinite_mapping)
{
	talk_established();
	TALK("0 c 0+10 inf:0:0", "0 s tcpack:10", "0 c 10+10");
	FOUND("6 warning infinite-mapping: an infinite mapping: the connection "
	      "goes on as plain TCP");
}
END_TEST

/*
 * Joins.
 */
START_TEST(join_unanswered)
{
	talk_established();
	TALK("1 c S join", "0 c ack:0 +1000");
	FOUND("6 warning join-unanswered: the SYN of subflow 1 was never "
	      "answered (sent 1 time)");
}
END_TEST

START_TEST(join_unanswered_yet)
{
	talk_established();
	TALK("1 c S join", "0 c ack:0 +999");
	FOUND("6 note join-unanswered");
}
END_TEST

START_TEST(join_reset)
{
	talk_established();
	TALK("1 c S join", "1 s RA tcpack:0 tcprst:3");
	FOUND("7 warning join-reset: subflow 1 was refused with a reset "
	      "(administratively-prohibited)");
}
END_TEST

START_TEST(join_reset_by_its_client)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c R at:0");
	FOUND("8 warning join-reset: the client, which had asked for subflow "
	      "1, reset it on the answer (no reason given)");
}
END_TEST

/* Nobody will miss it. */
START_TEST(join_reset_when_over)
{
	talk_established();
	TALK("1 c S join", "2 c S join", "2 s SA join", "0 c fin:0",
	     "0 s ack:1", "0 s fin:0", "0 c ack:1", "1 s RA tcpack:0",
	     "2 c R at:0");
	FOUND("13 note join-reset", "14 note join-reset");
}
END_TEST

/* Nor if either side has closed already. */
START_TEST(join_reset_when_closing)
{
	talk_established();
	TALK("1 c S join", "0 c fin:0", "1 s SA join", "1 c R at:0",
	     "2 s S join", "2 c RA tcpack:0", "0 s ack:1");
	FOUND("9 note join-reset", "11 note join-reset");
}
END_TEST

START_TEST(join_reset_when_the_other_closes)
{
	talk_established();
	TALK("1 c S join", "0 s fin:0", "1 s SA join", "1 c R at:0",
	     "0 c ack:1");
	FOUND("9 note join-reset");
}
END_TEST

START_TEST(join_bad_hmac)
{
	talk_established();
	TALK("1 c S join", "1 s SA join!", "1 c R at:0", "2 c S join",
	     "2 s SA join", "2 c join!", "2 s R");
	FOUND("7 error join-bad-hmac: the server's HMAC in the MP_JOIN of "
	      "subflow 1 is wrong",
	      "8 warning join-reset",
	      "11 error join-bad-hmac: the client's HMAC in the MP_JOIN of "
	      "subflow 2 is wrong",
	      "12 warning join-reset");
}
END_TEST

START_TEST(join_unknown_token)
{
	TALK("1 c S join", "2 c S join!", "2 s RA tcpack:0 tcprst:3");
	FOUND("trace 1 note join-unknown-token: the MP_JOIN from 10.0.1.1:1001 "
	      "to 10.0.1.2:80 is for token 0x0426be5d, which is of no "
	      "connection in the trace; it was not answered",
	      "trace 2 warning join-unknown-token: the MP_JOIN from "
	      "10.0.2.1:1002 to 10.0.2.2:80 is for token 0x0426be5c, which is "
	      "of no connection in the trace; it was answered by a reset: "
	      "administratively-prohibited");
}
END_TEST

/*
 * Addresses.
 */
START_TEST(address_unused)
{
	talk_established();
	TALK("0 s add:3:10.0.7.2", "0 c echo:3:10.0.7.2",
	     "0 c add:4:10.0.8.1:8080", "0 s echo:4:10.0.8.1:8080");
	FOUND("6 note address-unused: the server announced 10.0.7.2 (id 3), "
	      "and nobody tried to join it",
	      "8 note address-unused: the client announced 10.0.8.1 port 8080 "
	      "(id 4), and nobody tried to join it");
}
END_TEST

START_TEST(address_used)
{
	talk_established();
	TALK("0 s add:3:10.0.1.2", "0 c echo:3:10.0.1.2", "1 c S join",
	     "1 s SA join", "1 c join", "1 s ack:0", "0 c ack:0 +5000");
	FOUND_NOTHING;
}
END_TEST

START_TEST(address_join_failed)
{
	talk_established();
	TALK("0 s add:3:10.0.1.2", "0 c echo:3:10.0.1.2", "1 c S join",
	     "1 s RA tcpack:0");
	FOUND("6 warning address-join-failed: the server announced 10.0.1.2 "
	      "(id 3), and no join to it came about",
	      "9 warning join-reset");
}
END_TEST

/* An answer may take a second. */
START_TEST(address_no_echo)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s add:3:10.0.1.2", "0 c ack:0 +1000");
	FOUND("10 warning address-no-echo: the server's announcement of "
	      "10.0.1.2 (id 3) was never echoed, though sent 1 time");
}
END_TEST

START_TEST(address_no_echo_yet)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s add:3:10.0.1.2", "0 s add:3:10.0.1.2",
	     "0 c ack:0 +998");
	FOUND_NOTHING;
}
END_TEST

START_TEST(address_no_echo_to_three)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s add:3:10.0.1.2", "0 s add:3:10.0.1.2",
	     "0 s add:3:10.0.1.2");
	FOUND("10 warning address-no-echo: the server's announcement of "
	      "10.0.1.2 (id 3) was never echoed, though sent 3 times");
}
END_TEST

START_TEST(address_removed_before_its_echo)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s add:3:10.0.1.2", "0 s remove:3 +999",
	     "0 c ack:0 +5000");
	FOUND_NOTHING;
}
END_TEST

/* Version 0 has no echo. */
START_TEST(address_of_version_0)
{
	talk_keys(0, 0, 7, 8);
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 s add:3:10.0.1.2", "0 s add:3:10.0.1.2",
	     "0 s add:3:10.0.1.2", "0 c ack:0 +5000");
	FOUND_NOTHING;
}
END_TEST

START_TEST(address_bad_hmac)
{
	talk_established();
	TALK("0 s add!:3:10.0.7.2", "0 c ack:0 +5000");
	FOUND("6 warning address-bad-hmac: the HMAC of the server's ADD_ADDR "
	      "of 10.0.7.2 (id 3) is wrong");
}
END_TEST

/*
 * What does not get through.
 */
START_TEST(stalled)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 +200", "0 c 0+100 +400",
	     "0 s tcpack:100 ack:100 +400");
	FOUND("6 warning subflow-stalled: what the client sent on subflow 0 "
	      "was not acknowledged for 1.000 s, though sent again in 2 "
	      "packets");
}
END_TEST

START_TEST(stalled_shortly)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 +200", "0 c 0+100 +400",
	     "0 s tcpack:100 ack:100 +399");
	FOUND_NOTHING;
}
END_TEST

/* The capture may have missed the ACK: nothing was sent again. */
START_TEST(acknowledged_late)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 +5000");
	FOUND_NOTHING;
}
END_TEST

/* Since the latest progress. */
START_TEST(stalled_after_progress)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "0 s tcpack:100 ack:100", "0 c 100+100 +500",
	     "0 s tcpack:200 ack:200 +500", "0 c 200+100 map:200:200:100",
	     "0 c 200+100", "0 s tcpack:300 ack:300 +1500");
	FOUND("11 warning subflow-stalled: what the client sent on subflow 0 "
	      "was not acknowledged for 1.501 s, though sent again in 1 "
	      "packet, the longest of 2 such waits");
}
END_TEST

/* Four round trips are no stall. */
START_TEST(stalled_on_a_long_path)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 +400",
	     "0 c 100+100 map:100:100:100", "0 c 100+100 +900",
	     "0 s tcpack:200 ack:200 +699");
	FOUND_NOTHING;
}
END_TEST

/* Only the SYNs tell how long it is. */
START_TEST(stalled_at_first_on_a_long_path)
{
	TALK("0 c S capable", "0 s SA capable +600", "0 c capable",
	     "0 c 0+100 capable:100", "0 c 0+100 +1000",
	     "0 s tcpack:100 ack:100 +200");
	FOUND_NOTHING;
}
END_TEST

START_TEST(stalled_on_a_long_path_for_longer)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 +400",
	     "0 c 100+100 map:100:100:100", "0 c 100+100 +900",
	     "0 s tcpack:200 ack:200 +700");
	FOUND("8 warning subflow-stalled");
}
END_TEST

/* To its end, which is that of the trace. */
START_TEST(stalled_for_good)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 +200",
	     "0 s tcpack:0 ack:0 +800");
	FOUND("6 warning subflow-stalled: what the client sent on subflow 0 "
	      "was not acknowledged for 1.000 s, though sent again in 1 "
	      "packet; it did not recover");
}
END_TEST

START_TEST(stalled_until_the_trace_ends)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 +200",
	     "0 s tcpack:0 ack:0 +799");
	FOUND_NOTHING;
}
END_TEST

/* Its receiver did not want more. */
START_TEST(held_up_by_window)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:0 ack:0 wnd:0",
	     "0 c 0+100 +200", "0 c 0+100 +400", "0 s tcpack:0 ack:0 +398",
	     "0 s tcpack:100 ack:100 +999");
	FOUND("7 note zero-window");
}
END_TEST

/* It takes what comes, and wants no more. */
START_TEST(held_up_by_window_still)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:0 ack:0 wnd:0",
	     "0 c 0+100 +200", "0 c 0+100 +400",
	     "0 s tcpack:100 ack:100 wnd:0 +3000");
	FOUND("7 warning zero-window");
}
END_TEST

#define HANDOVER(ms)                                                           \
	talk_established();                                                    \
	talk_joined(1);                                                        \
	TALK("1 s ack:0", "0 c 0+100 map:0:0:100",                             \
	     "1 c 0+100 map:0:0:100 +400", "1 s tcpack:100 ack:100 +" #ms)

START_TEST(handover_gap)
{
	HANDOVER(101);
	FOUND("12 warning handover-gap: the client's data was not acknowledged "
	      "for 0.501 s, until subflow 1 carried on for subflow 0");
}
END_TEST

START_TEST(handover_in_time)
{
	HANDOVER(100);
	FOUND_NOTHING;
}
END_TEST

/* Ten round trips are no gap. */
#define LONG_HANDOVER(ms)                                                      \
	talk_established();                                                    \
	talk_joined(1);                                                        \
	TALK("1 s ack:0", "1 c 0+10 map:0:0:10", "1 s tcpack:10 ack:10 +60",   \
	     "0 c 0+100 map:10:0:100", "1 c 10+100 map:10:10:100 +400",        \
	     "1 s tcpack:10 ack:10", "1 s tcpack:110 ack:110 +" #ms)

START_TEST(handover_on_a_long_path)
{
	LONG_HANDOVER(199);
	FOUND_NOTHING;
}
END_TEST

START_TEST(handover_gap_on_a_long_path)
{
	LONG_HANDOVER(200);
	FOUND("15 warning handover-gap");
}
END_TEST

/* The same subflow goes on: that is TCP's own affair. */
START_TEST(no_handover)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 c 0+100 map:0:0:100", "0 c 0+100 map:0:0:100 +500",
	     "0 s tcpack:100 ack:100 +300");
	FOUND_NOTHING;
}
END_TEST

/* New data over a backup while the regular subflow goes on without trouble. */
static void over_backup(const char *last)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "1 c join", "1 s ack:0",
	     "0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100",
	     "1 c 0+50 map:100:0:50 +900", "1 s tcpack:50 ack:150");
	talk_lines((const char *const[]){last, NULL});
	TALK("0 s tcpack:200 ack:250");
}

START_TEST(backup_used)
{
	over_backup("0 c 100+100 map:150:100:100 +999");
	FOUND("12 warning backup-used: 50 bytes from the client went over the "
	      "backup subflow 1, although a regular one worked");
}
END_TEST

/* The regular one did not go on soon. */
START_TEST(backup_used_before_a_pause)
{
	over_backup("0 c 100+100 map:150:100:100 +1000");
	FOUND("12 note backup-used: 50 bytes from the client went over the "
	      "backup subflow 1, when no regular one was seen to work");
}
END_TEST

START_TEST(backup_takes_over)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "1 c join", "1 s ack:0",
	     "0 c 0+100 map:0:0:100", "0 c 0+100 +200", "0 c 0+100 +200",
	     "1 c 0+50 map:100:0:50", "1 c 50+100 map:0:50:100",
	     "1 s tcpack:150 ack:150");
	FOUND("13 note backup-used: 150 bytes from the client went over the "
	      "backup subflow 1, when no regular one was seen to work");
}
END_TEST

/* The regular one goes on, but what it lost waits. */
START_TEST(backup_helps_out)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "1 c join", "1 s ack:0",
	     "0 c 0+100 map:0:0:100", "0 c 0+100 +200", "1 c 0+50 map:100:0:50",
	     "0 c 100+100 map:150:100:100", "1 s tcpack:50 ack:0",
	     "0 s tcpack:200 ack:250");
	FOUND("12 note backup-used");
}
END_TEST

/* Nothing new: it was lost elsewhere. */
START_TEST(backup_repeats)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "1 c join", "1 s ack:0",
	     "0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100 +200",
	     "0 c 100+100 map:100:100:100", "1 s tcpack:100 ack:100",
	     "0 s tcpack:200 ack:200");
	FOUND("11 note backup-used: 100 bytes from the client went over the "
	      "backup subflow 1, when no regular one was seen to work");
}
END_TEST

/* What was on its way when it became one. */
#define DEMOTED(ms)                                                            \
	talk_established();                                                    \
	talk_joined(1);                                                        \
	TALK("1 s ack:0", "0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100",   \
	     "1 s prio:1", "1 c 0+50 map:100:0:50 +" #ms,                      \
	     "0 c 100+100 map:150:100:100", "1 s tcpack:50 ack:250",           \
	     "0 s tcpack:200 ack:250")

START_TEST(backup_used_at_once)
{
	DEMOTED(199);
	FOUND_NOTHING;
}
END_TEST

START_TEST(backup_used_later)
{
	DEMOTED(200);
	FOUND("13 warning backup-used");
}
END_TEST

/* The window of the server, closed for so long. */
#define CLOSED(ms)                                                             \
	talk_established();                                                    \
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 wnd:0",          \
	     "0 s ack:100 +" #ms)

START_TEST(window_closed)
{
	CLOSED(1000);
	FOUND("7 warning zero-window: the server closed its receive window 1 "
	      "time, for 1.000 s at the longest: its application did not read");
}
END_TEST

START_TEST(window_closed_shortly)
{
	CLOSED(999);
	FOUND("7 note zero-window");
}
END_TEST

START_TEST(window_closed_a_moment)
{
	CLOSED(100);
	FOUND("7 note zero-window");
}
END_TEST

START_TEST(window_closed_for_nothing)
{
	CLOSED(99);
	FOUND_NOTHING;
}
END_TEST

START_TEST(window_closed_to_the_end)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 wnd:0",
	     "0 s ack:100 +100", "0 s ack:100 wnd:0", "0 c ack:0 +1000");
	FOUND("7 warning zero-window: the server closed its receive window 2 "
	      "times, for 1.000 s at the longest and to the end: its "
	      "application did not read");
}
END_TEST

/* A reset has no window. */
START_TEST(window_of_a_reset)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 s R wnd:0", "0 c ack:0 +2000");
	FOUND("10 note subflow-reset");
}
END_TEST

/*
 * The end.
 */
START_TEST(reset_of_one)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c R tcprst:3", "0 c ack:0");
	FOUND("10 note subflow-reset: the client reset subflow 1 "
	      "(administratively-prohibited)");
}
END_TEST

START_TEST(reset_with_data)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c 0+70 map:0:0:70", "1 c R", "0 c ack:0");
	FOUND("11 warning subflow-reset: the client reset subflow 1 (no reason "
	      "given), with 70 bytes not acknowledged");
}
END_TEST

/* What it cut off may say why. */
START_TEST(reset_where_options_were_cut)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c 0+70 map:0:0:70", "1 c R short", "0 c ack:0");
	FOUND("11 note subflow-reset");
}
END_TEST

/* Its address was taken back: what it has is sent again elsewhere. */
START_TEST(reset_after_removal)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "1 c 0+70 map:0:0:70", "0 c remove:1", "1 c R");
	FOUND("12 note subflow-reset: the client reset subflow 1 (no reason "
	      "given), with 70 bytes not acknowledged, after its address was "
	      "removed");
}
END_TEST

START_TEST(reset_of_the_last)
{
	talk_established();
	TALK("0 s R");
	FOUND("6 warning subflow-reset: the server reset subflow 0 (no reason "
	      "given)",
	      "6 warning no-data-fin: all subflows have ended, and no DATA_FIN "
	      "from either side was seen: data may be missing");
}
END_TEST

START_TEST(reset_after_the_end)
{
	talk_established();
	TALK("0 c fin:0", "0 s fin:0", "0 c ack:1", "0 s ack:1", "0 s R");
	FOUND_NOTHING;
}
END_TEST

START_TEST(no_data_fin)
{
	talk_established();
	TALK("0 c fin:0", "0 s ack:1", "0 c F", "0 s FA");
	FOUND("9 warning no-data-fin: all subflows have ended, and no DATA_FIN "
	      "from the server was seen: data may be missing");
}
END_TEST

START_TEST(no_data_fin_from_client)
{
	talk_established();
	TALK("0 s fin:0", "0 c ack:1", "0 c F", "0 s FA");
	FOUND("9 warning no-data-fin: all subflows have ended, and no DATA_FIN "
	      "from the client was seen: data may be missing");
}
END_TEST

/* Another subflow lives. */
START_TEST(no_data_fin_yet)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 c F", "0 s FA");
	FOUND_NOTHING;
}
END_TEST

START_TEST(fastclose)
{
	talk_established();
	TALK("0 c RA close");
	FOUND("6 note fastclose: the client ended the whole connection at once "
	      "(MP_FASTCLOSE)");
}
END_TEST

START_TEST(fastclose_with_wrong_key)
{
	talk_established();
	TALK("0 c RA close!");
	FOUND("6 warning fastclose: MP_FASTCLOSE from the client, with a key "
	      "that is not its peer's");
}
END_TEST

/*
 * Keys.
 */
START_TEST(key_reused)
{
	talk_keys(1, 1, 5, talk.pair[0].key[SERVER]);
	talk.path[1].pair = 1;
	talk_established();
	TALK("1 c S capable", "1 s SA capable", "1 c capable");
	FOUND("[1] 6 warning key-reused: the server's key 0x2222222222222222 "
	      "is also that of the server of connection 0: was the same "
	      "connection captured twice?");
}
END_TEST

/* Two keys whose SHA-256 begin with the same 32 bits. */
START_TEST(token_reused)
{
	talk_keys(0, 1, 0xc66f, 7);
	talk_keys(1, 1, 8, 0xe658);
	talk.path[1].pair = 1;
	talk_established();
	TALK("1 c S capable", "1 s SA capable", "1 c capable");
	FOUND("[1] 6 note key-reused: the server's token 0x7357966a is also "
	      "that of the client of connection 0, by chance: their keys "
	      "differ");
}
END_TEST

/* Asked again from the same port, it gave the same answer. */
START_TEST(key_sent_again)
{
	talk_established();
	talk.path[0].isn[CLIENT] += 99999;
	TALK("0 c S capable +3000", "0 s SA capable", "0 c capable");
	FOUND_NOTHING;
}
END_TEST

/*
 * What the capture lacks is held against nobody.
 */
/* The DATA_ACK covers more than what was captured: DATA_FIN. */
START_TEST(fin_not_captured)
{
	talk_established();
	TALK("0 c 0+10 map:0:0:10", "0 s tcpack:10 ack:11", "0 s fin:0",
	     "0 c ack:1", "0 c F", "0 s FA");
	FOUND_NOTHING;
}
END_TEST

START_TEST(fin_cut_off)
{
	talk_established();
	TALK("0 c fin:0", "0 s short ack:1", "0 c F", "0 s FA");
	FOUND_NOTHING;
}
END_TEST

/* Data that the capture has not was acknowledged. */
#define FIRST_ACK(n)                                                           \
	talk_established();                                                    \
	TALK("1 c S join", "1 s SA join", "1 c join", "1 s ack:0 tcpack:" #n)

START_TEST(first_ack_of_more)
{
	FIRST_ACK(16777216);
	FOUND_NOTHING;
}
END_TEST

START_TEST(first_ack_of_far_more)
{
	FIRST_ACK(16777217);
	FOUND("9 warning sequence-rewritten");
}
END_TEST

/* Whether the data in the SYN was taken is not known. */
START_TEST(fast_open_without_synack)
{
	TALK("0 c S 0+50 capable", "0 c at:50 capable",
	     "0 c 50+100 map:0:0:100");
	FOUND("3 note data-unmapped");
}
END_TEST

START_TEST(synack_not_captured)
{
	talk_established();
	TALK("0 s add:3:10.0.1.2", "0 c echo:3:10.0.1.2", "1 c S join",
	     "1 c join", "1 c 0+10 map:0:0:10", "1 s tcpack:10 ack:10");
	FOUND_NOTHING;
}
END_TEST

START_TEST(joiner_not_captured)
{
	talk_established();
	TALK("0 s add:3:10.0.1.2", "0 c echo:3:10.0.1.2", "1 c S join",
	     "1 s SA join", "1 s ack:0", "1 s 0+10 map:0:0:10");
	FOUND_NOTHING;
}
END_TEST

START_TEST(peer_not_captured)
{
	TALK("0 c S capable", "0 c capable", "0 c 0+10 capable:10",
	     "0 c 0+10 +300", "0 c 0+10 +3000", "0 c fin:10", "0 c F", "0 c R");
	FOUND("8 note subflow-reset");
}
END_TEST

/* One path of a connection that is not known. */
START_TEST(path_of_midstream)
{
	TALK("1 c 300+100 map:7200:300:100 ack:0", "1 s tcpack:400 ack:7300",
	     "1 c F", "1 s FA");
	FOUND_NOTHING;
}
END_TEST

/* There may be others. */
START_TEST(reset_of_midstream)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "0 s tcpack:5100 ack:7100",
	     "1 c 300+100 map:7100:300:100 ack:0", "1 s tcpack:400 ack:7200",
	     "1 c R", "0 c R");
	FOUND("1 note handshake-missing", "5 note subflow-reset",
	      "6 note subflow-reset");
}
END_TEST

/* The mapping may have been on a segment that is missing. */
START_TEST(unmapped_behind_a_hole)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 200+100", "0 s tcpack:300 ack:300");
	FOUND("7 note data-unmapped: 100 bytes from the client, the first of "
	      "them in this packet, are covered by no mapping: the capture "
	      "misses packets that may have had it");
}
END_TEST

/* The join is on its way when the trace ends. */
START_TEST(address_being_joined)
{
	talk_established();
	TALK("0 s add:3:10.0.1.2", "0 c echo:3:10.0.1.2", "1 c S join",
	     "0 c ack:0 +999");
	FOUND("8 note join-unanswered");
}
END_TEST

/* Version 1 is refused where another connection is of version 0. */
START_TEST(accepted_of_lower_version)
{
	same_server(1);
	talk.path[1].end[CLIENT].address.bytes[3] = 77;
	talk_keys(0, 0, 7, 8);
	talk_established();
	TALK("1 c S capable", "1 s SA");
	FOUND("[1] 7 warning no-option-in-synack");
}
END_TEST

/* Each SYN is looked at once. */
START_TEST(syn_of_another_isn_again)
{
	talk_established();
	TALK("1 c S join");
	talk.path[1].isn[CLIENT] += 5000;
	TALK("1 c S join +1000", "1 c S join +1000", "1 s SA join", "1 c join",
	     "1 s ack:0");
	FOUND("6 warning join-unanswered", "7 warning sequence-rewritten");
}
END_TEST

/*
 * Odd times.
 */
START_TEST(times_unknown)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 never", "0 c 0+100 never",
	     "0 s tcpack:0 ack:0 wnd:0 never", "0 s tcpack:100 ack:100 never",
	     "1 c S join never", "0 s prio:1 never", "0 c prio:1 never",
	     "0 c ack:0 +5000");
	FOUND("10 note join-unanswered");
}
END_TEST

START_TEST(times_backwards)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 -5000",
	     "0 s tcpack:100 ack:100 wnd:0 -5000", "0 s ack:100 -5000",
	     "0 c 100+100 map:100:100:100 -5000");
	FOUND_NOTHING;
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("findings");
	TCase *tcase = talk_case("findings");

	tcase_add_checked_fixture(tcase, begin, end);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, two_subflows);
	tcase_add_test(tcase, idle_backup);
	tcase_add_test(tcase, reordering);
	tcase_add_test(tcase, loss_soon_mended);
	tcase_add_test(tcase, midstream);
	tcase_add_test(tcase, midstream_join);
	tcase_add_test(tcase, holes);
	tcase_add_test(tcase, late_joins);
	tcase_add_test(tcase, capable_unanswered);
	tcase_add_test(tcase, capable_unanswered_yet);
	tcase_add_test(tcase, capable_unanswered_again);
	tcase_add_test(tcase, capable_reset);
	tcase_add_test(tcase, capable_reset_by_a_stranger);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, refused_where_options_were_cut);
	tcase_add_test(tcase, refused_often);
	tcase_add_test(tcase, accepted_before);
	tcase_add_test(tcase, accepted_later);
	tcase_add_test(tcase, accepted_elsewhere);
	tcase_add_test(tcase, accepted_of_higher_version);
	tcase_add_test(tcase, synack_with_nops);
	tcase_add_test(tcase, synack_with_padding);
	tcase_add_test(tcase, syn_retried);
	tcase_add_test(tcase, third_ack);
	tcase_add_test(tcase, third_ack_after_retry);
	tcase_add_test(tcase, server_without);
	tcase_add_test(tcase, server_without_keys);
	tcase_add_test(tcase, client_stops);
	tcase_add_test(tcase, client_forgets_twice);
	tcase_add_test(tcase, mapping_of_many_segments);
	tcase_add_test(tcase, acks_without_room);
	tcase_add_test(tcase, acks_with_room);
	tcase_add_test(tcase, one_of_two_stops);
	tcase_add_test(tcase, version_in_synack);
	tcase_add_test(tcase, version_not_taken);
	tcase_add_test(tcase, version_in_retry);
	tcase_add_test(tcase, version_upwards);
	tcase_add_test(tcase, version_of_another_host);
	tcase_add_test(tcase, nops_in_data);
	tcase_add_test(tcase, nops_beside_options);
	tcase_add_test(tcase, nops_in_plain_syn);
	tcase_add_test(tcase, padding_in_plain_syn);
	tcase_add_test(tcase, third_ack_of_join);
	tcase_add_test(tcase, join_without_option_from_the_server);
	tcase_add_test(tcase, join_without_option);
	tcase_add_test(tcase, segment_beside_its_mapping);
	tcase_add_test(tcase, segment_within_its_mapping);
	tcase_add_test(tcase, synack_of_another_syn);
	tcase_add_test(tcase, synack_of_data);
	tcase_add_test(tcase, third_ack_of_another_synack);
	tcase_add_test(tcase, syn_of_another_isn);
	tcase_add_test(tcase, ports_used_again);
	tcase_add_test(tcase, checksum_bad);
	tcase_add_test(tcase, mapping_conflict);
	tcase_add_test(tcase, data_unmapped);
	tcase_add_test(tcase, data_mapped_later);
	tcase_add_test(tcase, data_unmapped_where_options_were_cut);
	tcase_add_test(tcase, fail_alone);
	tcase_add_test(tcase, fail_with_reset);
	tcase_add_test(tcase, infinite_mapping);
	tcase_add_test(tcase, join_unanswered);
	tcase_add_test(tcase, join_unanswered_yet);
	tcase_add_test(tcase, join_reset);
	tcase_add_test(tcase, join_reset_by_its_client);
	tcase_add_test(tcase, join_reset_when_over);
	tcase_add_test(tcase, join_reset_when_closing);
	tcase_add_test(tcase, join_reset_when_the_other_closes);
	tcase_add_test(tcase, join_bad_hmac);
	tcase_add_test(tcase, join_unknown_token);
	tcase_add_test(tcase, address_unused);
	tcase_add_test(tcase, address_used);
	tcase_add_test(tcase, address_join_failed);
	tcase_add_test(tcase, address_no_echo);
	tcase_add_test(tcase, address_no_echo_yet);
	tcase_add_test(tcase, address_no_echo_to_three);
	tcase_add_test(tcase, address_removed_before_its_echo);
	tcase_add_test(tcase, address_of_version_0);
	tcase_add_test(tcase, address_bad_hmac);
	tcase_add_test(tcase, stalled);
	tcase_add_test(tcase, stalled_shortly);
	tcase_add_test(tcase, acknowledged_late);
	tcase_add_test(tcase, stalled_after_progress);
	tcase_add_test(tcase, stalled_on_a_long_path);
	tcase_add_test(tcase, stalled_at_first_on_a_long_path);
	tcase_add_test(tcase, stalled_on_a_long_path_for_longer);
	tcase_add_test(tcase, stalled_for_good);
	tcase_add_test(tcase, stalled_until_the_trace_ends);
	tcase_add_test(tcase, held_up_by_window);
	tcase_add_test(tcase, held_up_by_window_still);
	tcase_add_test(tcase, handover_gap);
	tcase_add_test(tcase, handover_in_time);
	tcase_add_test(tcase, handover_on_a_long_path);
	tcase_add_test(tcase, handover_gap_on_a_long_path);
	tcase_add_test(tcase, no_handover);
	tcase_add_test(tcase, backup_used);
	tcase_add_test(tcase, backup_used_before_a_pause);
	tcase_add_test(tcase, backup_takes_over);
	tcase_add_test(tcase, backup_helps_out);
	tcase_add_test(tcase, backup_repeats);
	tcase_add_test(tcase, backup_used_at_once);
	tcase_add_test(tcase, backup_used_later);
	tcase_add_test(tcase, window_closed);
	tcase_add_test(tcase, window_closed_shortly);
	tcase_add_test(tcase, window_closed_a_moment);
	tcase_add_test(tcase, window_closed_for_nothing);
	tcase_add_test(tcase, window_closed_to_the_end);
	tcase_add_test(tcase, window_of_a_reset);
	tcase_add_test(tcase, reset_of_one);
	tcase_add_test(tcase, reset_with_data);
	tcase_add_test(tcase, reset_where_options_were_cut);
	tcase_add_test(tcase, reset_after_removal);
	tcase_add_test(tcase, reset_of_the_last);
	tcase_add_test(tcase, reset_after_the_end);
	tcase_add_test(tcase, no_data_fin);
	tcase_add_test(tcase, no_data_fin_from_client);
	tcase_add_test(tcase, no_data_fin_yet);
	tcase_add_test(tcase, fastclose);
	tcase_add_test(tcase, fastclose_with_wrong_key);
	tcase_add_test(tcase, key_reused);
	tcase_add_test(tcase, token_reused);
	tcase_add_test(tcase, key_sent_again);
	tcase_add_test(tcase, fin_not_captured);
	tcase_add_test(tcase, fin_cut_off);
	tcase_add_test(tcase, first_ack_of_more);
	tcase_add_test(tcase, first_ack_of_far_more);
	tcase_add_test(tcase, fast_open_without_synack);
	tcase_add_test(tcase, synack_not_captured);
	tcase_add_test(tcase, joiner_not_captured);
	tcase_add_test(tcase, peer_not_captured);
	tcase_add_test(tcase, path_of_midstream);
	tcase_add_test(tcase, reset_of_midstream);
	tcase_add_test(tcase, unmapped_behind_a_hole);
	tcase_add_test(tcase, address_being_joined);
	tcase_add_test(tcase, accepted_of_lower_version);
	tcase_add_test(tcase, syn_of_another_isn_again);
	tcase_add_test(tcase, times_unknown);
	tcase_add_test(tcase, times_backwards);
	return suite;
}
