/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What --help says.
 */
#include "options.h"

#include "analysis/analysis.h"
#include "write/sheets.h"

static const char help_before[] =
    "Usage: mptcptrace -f TRACE [options] ['capture filter']\n"
    "Says what happened in the Multipath TCP connections of a trace.\n"
    "\n"
    "Input\n"
    "  -f, --file FILE        a trace: pcap or pcapng, also compressed (.gz "
    ".xz\n"
    "                         .zst .bz2 .lz4); - is standard input. Several "
    "-f\n"
    "                         are one trace, merged by time\n"
    "  -d, --directory DIR    every trace in DIR, as one\n"
    "  -o, --ip-offset N      the IP header starts N bytes into each packet\n"
    "  capture filter         only what matches it, as for tcpdump\n"
    "\n"
    "Analysis\n"
    "  -t, --timeout SEC      a connection idle for SEC ends (default: never)\n"
    "  -q, --reinjection-window N\n"
    "                         remember at most N acknowledged ranges a "
    "direction\n"
    "                         when looking for what was sent again; 0, the\n"
    "                         default: all that can still matter\n"
    "\n"
    "Graphs and statistics, files for each connection and direction\n"
    "  -s, --sequence         sequence: seq, marks, map_reinject\n"
    "  -a, --acksize          size of DATA_ACKs: acksize\n"
    "  -r, --rtt BITS         delay of DATA_ACKs: 1 rtt_ack_ts, 2 rtt_seq_ts,\n"
    "                         4 rtt_seq_num, or the sum of some\n"
    "  -F, --flight BITS      1 flight, 2 flight_per_flow, 4 rightEdge, or the "
    "sum\n"
    "                         of some; flight comes with any\n"
    "  -G, --goodput N        goodput over N DATA_ACKs: gput\n"
    "      --graph NAME[,NAME]\n"
    "                         by name, or all:\n";

static const char help_after[] =
    "      --interval SEC     windows of throughput and share (default 0.1)\n"
    "  -S, --stats            stats_N.csv: a key a line\n"
    "  -A, --add-addr         add_addr_N.csv: addresses announced\n"
    "  -R, --rm-addr          rm_addr_N.csv: address ids removed\n"
    "      --relative         sequence numbers and times from the "
    "connection's start\n"
    "  -O, --output-dir DIR   where files go, made if missing (default: the "
    "directory\n"
    "                         of -d, else the current one)\n"
    "      --render FORMAT    draws graphs with gnuplot: png, svg or pdf\n"
    "  -w, --writer N[,N]     what graphs are written for, number or name:\n";

static const char help_end[] =
    "\n"
    "Which connections\n"
    "  -c, --connection LIST  only these: ids as listed, like 0,3,7-9\n"
    "      --where EXPRESSION only those for which it holds, like\n"
    "                         'state=fallback or reinjected>1M'\n"
    "      --split DIR        a trace of each into DIR/connection-N.pcap, and "
    "the\n"
    "                         rest into DIR/other.pcap\n"
    "\n"
    "Output\n"
    "      --list             one line a connection, and all TCP counted; "
    "with\n"
    "                         -w csv or jsonl for programs\n"
    "      --events[=FILE]    every MPTCP signal in order of time; with -w csv "
    "or\n"
    "                         jsonl (or FILE so named) for programs\n"
    "      --packets          one line a packet\n"
    "      --json[=FILE]      everything known; without FILE, or with -, on\n"
    "                         standard output and nothing else there\n"
    "  -l, --log N            log into mptcptrace.log; N is a sum of 1 bugs,\n"
    "                         2 warnings, 4 information, 8 connections, 16 "
    "all\n"
    "  -j, --jobs N           each trace by itself, N at a time (0: as many "
    "as\n"
    "                         processors); files go into OUTPUT-DIR/TRACE\n"
    "      --threads N        use N processors (default: all there are)\n"
    "  -h, --help             this\n"
    "  -V, --version          the version\n"
    "\n"
    "Exit status: 0 done, 1 a trace or an output failed, 2 wrong command "
    "line.\n"
    "man mptcptrace tells more.\n";

void options_help(FILE *file)
{
	const struct figure_kind *kind;
	const struct painter *painter;

	fputs(help_before, file);
	for (size_t i = 0; (kind = analyses_figure(i)); i++)
		fprintf(file, "          %-15s %s\n", kind->name, kind->help);
	fputs(help_after, file);
	for (size_t i = 0; (painter = painter_row(i)); i++)
		fprintf(file, "          %d %-13s %s%s\n", painter->number,
			painter->name, painter->help,
			i ? "" : " (the default)");
	fputs(help_end, file);
}
