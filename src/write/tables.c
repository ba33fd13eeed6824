/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files a connection has beside its figures, as in 2014: statistics,
 * addresses, subflows. One function and one row each.
 */
#include "write/sheets.h"

#include "base/alloc.h"
#include "base/shown.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

/*
 * stats_N.csv: pcapname;N;key;c2s;s2c
 */
struct stats {
	FILE *file;
	const char *trace;
	uint64_t id;
};

/* In a name, what separates columns or rows is replaced, or would control what
 * shows it. */
static void row_begin(const struct stats *stats, const char *key)
{
	const char *at = stats->trace;

	while (*at) {
		bool harmless;
		int n = shown_character(at, &harmless);

		for (; n; n--, at++)
			fputc(harmless && *at != ';' ? *at : '_', stats->file);
	}
	fprintf(stats->file, ";%" PRIu64 ";%s;", stats->id, key);
}

__attribute__((format(printf, 3, 4))) static void
row(const struct stats *stats, const char *key, const char *format, ...)
{
	va_list args;

	row_begin(stats, key);
	va_start(args, format);
	vfprintf(stats->file, format, args);
	va_end(args);
	fputc('\n', stats->file);
}

/* Scripts read numbers: what is not known is 0 here, and null in --json. */
static int64_t known(int64_t value)
{
	return value == REPORT_UNKNOWN ? 0 : value;
}

static double ratio(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static void subflow_rows(const struct stats *stats,
			 const struct report_subflow *subflow)
{
	char key[64], source[ENDPOINT_TEXT], destination[ENDPOINT_TEXT];

	snprintf(key, sizeof(key), "sf_%d_ipVersion", subflow->id);
	row(stats, key, "%d;%d", subflow->source.address.family,
	    subflow->destination.address.family);
	snprintf(key, sizeof(key), "sf_%d_ip", subflow->id);
	row(stats, key, "%s;%s",
	    address_print(&subflow->source.address, source),
	    address_print(&subflow->destination.address, destination));
	snprintf(key, sizeof(key), "sf_%d_port", subflow->id);
	row(stats, key, "%u;%u", subflow->source.port,
	    subflow->destination.port);
}

static void filter_row(const struct stats *stats,
		       const struct report_conn *conn)
{
	char address[ENDPOINT_TEXT];

	row_begin(stats, "tcpDumpFilter");
	fputs(" tcp && ( ", stats->file);
	for (size_t i = conn->n_subflows; i--;) {
		const struct endpoint *source = &conn->subflows[i].source;

		fprintf(stats->file, "%s( %s host %s && tcp port %u  ) ",
			i + 1 < conn->n_subflows ? "|| " : " ",
			source->address.family == 6 ? "ip6" : "ip",
			address_print(&source->address, address), source->port);
	}
	fputs(") ;\n", stats->file);
}

/* By subflow: segments sent again on another one that had first been on this
 * one. The caller frees it. */
static int64_t *count_caused(const struct report_conn *conn, enum side side)
{
	const struct report_data *data = &conn->data[side];
	int64_t *packets = xcalloc(conn->n_subflows, sizeof(*packets));

	for (size_t i = 0; i < data->n_reinjections; i++)
		if (data->reinjections[i].from >= 0)
			packets[data->reinjections[i].from] +=
			    data->reinjections[i].packets;
	return packets;
}

static int64_t carried_by(const struct report_data *data, size_t carriers)
{
	if (!data->n_carried_by)
		return carriers == 1 ? data->ranges : 0;
	return carriers < data->n_carried_by ? data->carried_by[carriers] : 0;
}

static void reinjection_rows(const struct stats *stats,
			     const struct report_conn *conn)
{
	const struct report_data *c2s = &conn->data[CLIENT];
	const struct report_data *s2c = &conn->data[SERVER];
	int64_t segments[2] = {0, 0};
	int64_t *c2s_caused = count_caused(conn, CLIENT);
	int64_t *s2c_caused = count_caused(conn, SERVER);
	char key[64];

	row(stats, "bytesReinjected", "%" PRId64 ";%" PRId64,
	    c2s->reinjected_bytes, s2c->reinjected_bytes);
	row(stats, "precentReinjected", "%f;%f",
	    ratio(c2s->reinjected_bytes, known(c2s->bytes_acked)),
	    ratio(s2c->reinjected_bytes, known(s2c->bytes_acked)));
	for (size_t i = 0; i < REPORT_CARRIERS_MAX; i++) {
		segments[CLIENT] += carried_by(c2s, i);
		segments[SERVER] += carried_by(s2c, i);
		snprintf(key, sizeof(key), "reinject%zu", i);
		row(stats, key, "%" PRId64 ";%" PRId64, carried_by(c2s, i),
		    carried_by(s2c, i));
	}
	for (size_t i = 0; i < REPORT_CARRIERS_MAX; i++) {
		snprintf(key, sizeof(key), "reinject_pc_%zu", i);
		row(stats, key, "%f;%f",
		    ratio(carried_by(c2s, i), segments[CLIENT]),
		    ratio(carried_by(s2c, i), segments[SERVER]));
	}
	for (size_t i = conn->n_subflows; i--;) {
		const struct report_subflow *subflow = &conn->subflows[i];
		int64_t c2s_packets = c2s_caused[i];
		int64_t s2c_packets = s2c_caused[i];

		snprintf(key, sizeof(key), "reinjectCausedBy_%d_%u",
			 subflow->id, subflow->source.port);
		row(stats, key, "%" PRId64 ";%" PRId64, c2s_packets,
		    s2c_packets);
		snprintf(key, sizeof(key), "reinjectCausedByPc_%d_%u",
			 subflow->id, subflow->source.port);
		row(stats, key, "%f;%f", ratio(c2s_packets, segments[CLIENT]),
		    ratio(s2c_packets, segments[SERVER]));
	}
	free(c2s_caused);
	free(s2c_caused);
}

static void write_stats(FILE *file, const struct report_conn *conn,
			const char *trace, int digits)
{
	const struct stats stats = {file, trace, conn->id};
	const struct report_data *c2s = &conn->data[CLIENT];
	const struct report_data *s2c = &conn->data[SERVER];
	double seconds = nstime_seconds(nstime_span(conn->first, conn->last));
	char time[NSTIME_TEXT];

	(void)digits; /* scripts take the six digits for microseconds */
	row(&stats, "sfCount", "%zu;0", conn->n_subflows);
	row(&stats, "firstSeq", "%" PRId64 ";%" PRId64,
	    known(c2s->first_sequence), known(s2c->first_sequence));
	row(&stats, "lastAck", "%" PRId64 ";%" PRId64,
	    known(c2s->last_ack_sequence), known(s2c->last_ack_sequence));
	row(&stats, "conTime", "%f;%f", isfinite(seconds) ? seconds : 0,
	    isfinite(seconds) ? seconds : 0);
	nstime_print(conn->first == NSTIME_NONE ? 0 : conn->first, 6, time);
	row(&stats, "beginTime", "%s;%s", time, time);
	row(&stats, "seqAcked", "%" PRId64 ";%" PRId64, known(c2s->bytes_acked),
	    known(s2c->bytes_acked));
	for (size_t i = conn->n_subflows; i--;)
		subflow_rows(&stats, &conn->subflows[i]);
	filter_row(&stats, conn);
	reinjection_rows(&stats, conn);
}

/*
 * add_addr_N.csv, rm_addr_N.csv: way,address and way,id; way 1 is what the
 * client sent.
 */
static void write_add_addr(FILE *file, const struct report_conn *conn,
			   const char *trace, int digits)
{
	char address[ENDPOINT_TEXT];

	(void)trace;
	(void)digits;
	for (size_t i = 0; i < conn->n_addresses; i++)
		if (conn->addresses[i].signal == ADDRESS_ADD)
			fprintf(file, "%d,%s\n",
				conn->addresses[i].side == CLIENT,
				address_print(&conn->addresses[i].address,
					      address));
}

static void write_rm_addr(FILE *file, const struct report_conn *conn,
			  const char *trace, int digits)
{
	(void)trace;
	(void)digits;
	for (size_t i = 0; i < conn->n_addresses; i++)
		if (conn->addresses[i].signal == ADDRESS_REMOVE)
			fprintf(file, "%d,%u\n",
				conn->addresses[i].side == CLIENT,
				conn->addresses[i].id);
}

/*
 * {c2s,s2c}_sf_N.csv: id,c2s bytes,s2c bytes; each file has what each
 * subflow carried of the data, every byte once, in both directions.
 */
static void write_sf(FILE *file, const struct report_conn *conn,
		     const char *trace, int digits)
{
	(void)trace;
	(void)digits;
	for (size_t i = 0; i < conn->n_subflows; i++)
		fprintf(file, "%d,%" PRId64 ",%" PRId64 "\n",
			conn->subflows[i].id,
			conn->subflows[i].flow[CLIENT].carried_bytes,
			conn->subflows[i].flow[SERVER].carried_bytes);
}

static const struct table_row rows[] = {
    {"stats", "statistics, a key a line", 'S', write_stats},
    {"add_addr", "addresses announced", 'A', write_add_addr},
    {"rm_addr", "address ids removed", 'R', write_rm_addr},
    {"c2s_sf", "bytes of each subflow", 'w', write_sf},
    {"s2c_sf", "bytes of each subflow", 'w', write_sf},
};

const struct table_row *table_row(size_t n)
{
	return n < sizeof(rows) / sizeof(*rows) ? &rows[n] : NULL;
}
