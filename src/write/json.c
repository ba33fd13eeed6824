/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --json: everything known. Its members are promises, doc/formats.md; integers
 * that may not fit a double are strings, unknown is null.
 */
#include "write/writer.h"

#include "base/alloc.h"
#include "report/peers.h"
#include "write/facts.h"
#include "write/jsonwrite.h"
#include "write/listdata.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#define FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(12))

void writers_begin(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

static json_t *count(int64_t value)
{
	return value == REPORT_UNKNOWN ? json_null() : json_integer(value);
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *hex64(bool known, uint64_t value)
{
	return known ? json_sprintf("0x%016" PRIx64, value) : json_null();
}

static json_t *hex32(bool known, uint32_t value)
{
	return known ? json_sprintf("0x%08" PRIx32, value) : json_null();
}

static json_t *moment(nstime_t time, int digits)
{
	char text[NSTIME_TEXT];

	if (time == NSTIME_NONE)
		return json_null();
	return json_string(nstime_print(time, digits, text));
}

static json_t *span(nstime_t from, nstime_t to)
{
	return real(nstime_seconds(nstime_span(from, to)));
}

static json_t *address(const struct address *address)
{
	char text[ENDPOINT_TEXT];

	if (!address->family)
		return json_null();
	return json_string(address_print(address, text));
}

static json_t *spread(const struct report_spread *spread)
{
	bool any = spread->samples;

	return json_pack("{s:I, s:o, s:o, s:o}", "samples",
			 (json_int_t)spread->samples, "min",
			 real(any ? spread->min : NAN), "avg",
			 real(report_spread_mean(spread)), "max",
			 real(any ? spread->max : NAN));
}

struct named_count {
	const char *name;
	int64_t value;
};

static void set_counts(json_t *object, const struct named_count *counts,
		       size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_object_set_new_nocheck(object, counts[i].name,
					    count(counts[i].value));
}

static json_t *option_counts(const uint64_t *const counts[2])
{
	json_t *both = json_object();

	for (int side = 0; side < 2; side++) {
		json_t *object = json_object();

		for (int i = 0; i < OPTION_COUNTS; i++)
			json_object_set_new_nocheck(
			    object, option_count_word((enum option_count)i),
			    json_integer((json_int_t)counts[side][i]));
		json_object_set_new(both, direction_word((enum side)side),
				    object);
	}
	return both;
}

static json_t *host(const struct report_host *host)
{
	return json_pack("{s:o, s:i, s:o, s:o, s:o}", "address",
			 address(&host->end.address), "port", host->end.port,
			 "key", hex64(host->key_known, host->key), "token",
			 hex32(host->token_known, host->token), "idsn",
			 hex64(host->key_known, host->idsn));
}

static json_t *fallback(const struct report_conn *conn, int digits)
{
	if (!conn->fallback)
		return json_null();
	return json_pack("{s:s, s:o, s:s}", "reason",
			 fallback_word(conn->fallback), "time",
			 moment(conn->fallback_time, digits), "side",
			 side_word(conn->fallback_side));
}

static json_t *findings(const struct report_conn *conn, int digits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < conn->n_findings; i++) {
		json_array_append_new(array,
				      json_finding(&conn->findings[i], digits));
	}
	return array;
}

static json_t *reinjection(const struct report_reinjection *pair)
{
	json_t *object = json_object();
	const struct named_count counts[] = {
	    {"from", pair->from < 0 ? REPORT_UNKNOWN : pair->from},
	    {"to", pair->to},
	    {"packets", pair->packets},
	    {"bytes", pair->bytes},
	    {"acked_bytes", pair->acked_bytes},
	    {"useful_bytes", pair->useful_bytes},
	    {"redundant_bytes", pair->redundant_bytes},
	    {"undecided_bytes",
	     pair->bytes - pair->useful_bytes - pair->redundant_bytes},
	};

	set_counts(object, counts, sizeof(counts) / sizeof(*counts));
	json_object_set_new(object, "delay", spread(&pair->delay));
	return object;
}

static json_t *reinjections(const struct report_data *data)
{
	json_t *array = json_array();

	for (size_t i = 0; i < data->n_reinjections; i++)
		json_array_append_new(array,
				      reinjection(&data->reinjections[i]));
	return array;
}

static json_t *data(const struct report_data *data)
{
	json_t *object = json_object();
	const struct named_count counts[] = {
	    {"bytes_mapped", data->bytes_mapped},
	    {"bytes_unique", data->bytes_unique},
	    {"bytes_acked", data->bytes_acked},
	    {"bytes_unmapped", data->bytes_unmapped},
	    {"retransmitted_packets", data->retransmitted_packets},
	    {"retransmitted_bytes", data->retransmitted_bytes},
	    {"reinjected_packets", data->reinjected_packets},
	    {"reinjected_bytes", data->reinjected_bytes},
	    {"out_of_order_packets", data->out_of_order_packets},
	    {"out_of_order_bytes", data->out_of_order_bytes},
	    {"ahead_packets", data->ahead_packets},
	    {"ahead_bytes", data->ahead_bytes},
	    {"max_reorder_bytes", data->max_reorder_bytes},
	    {"mappings", data->mappings},
	    {"checksum_ok", data->checksum_ok},
	    {"checksum_bad", data->checksum_bad},
	    {"checksum_unchecked",
	     data->mappings - data->checksum_ok - data->checksum_bad},
	};

	set_counts(object, counts, sizeof(counts) / sizeof(*counts));
	json_object_set_new(object, "reinjections", reinjections(data));
	json_object_set_new(object, "data_ack_rtt",
			    spread(&data->data_ack_rtt));
	json_object_set_new(object, "goodput", real(report_goodput(data)));
	json_object_set_new(object, "data_fin", json_boolean(data->data_fin));
	json_object_set_new(object, "blocked", spread(&data->blocked));
	json_object_set_new(object, "bursts", count(data->bursts));
	json_object_set_new(object, "switches", count(data->switches));
	return object;
}

static json_t *addresses(const struct report_conn *conn, int digits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct report_address *item = &conn->addresses[i];

		json_array_append_new(
		    array,
		    json_pack("{s:o, s:s, s:s, s:i, s:o, s:o, s:s}", "time",
			      moment(item->time, digits), "side",
			      side_word(item->side), "event",
			      address_signal_word(item->signal), "id", item->id,
			      "address", address(&item->address), "port",
			      item->port ? json_integer(item->port)
					 : json_null(),
			      "hmac", verdict_word(item->hmac)));
	}
	return array;
}

static double ratio(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

static json_t *flow(const struct report_flow *flow, int64_t unique)
{
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, "
	    "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:o}",
	    "packets", count(flow->packets), "bytes", count(flow->bytes),
	    "retransmitted_packets", count(flow->retransmitted_packets),
	    "retransmitted_bytes", count(flow->retransmitted_bytes),
	    "out_of_order_packets", count(flow->out_of_order_packets), "rtt",
	    spread(&flow->rtt), "share", real(ratio(flow->first_bytes, unique)),
	    "handshake_rtt", real(flow->handshake_rtt), "window_max",
	    count(flow->window_max), "zero_windows", count(flow->zero_windows),
	    "rst", flow->rst, "fin", flow->fin, "data_packets",
	    count(flow->data_packets), "pure_acks", count(flow->pure_acks),
	    "sacks", count(flow->sacks), "dsacks", count(flow->dsacks),
	    "pushed_packets", count(flow->pushes), "wire_bytes",
	    count(flow->wire_bytes), "carried_bytes",
	    count(flow->carried_bytes), "mss", count(flow->mss), "segment_min",
	    count(flow->segment_min), "segment_avg",
	    real(ratio(flow->bytes, flow->data_packets)), "segment_max",
	    count(flow->segment_max), "window_min", count(flow->window_min),
	    "window_avg", real(report_window_mean(flow)), "idle_max",
	    real(nstime_seconds(flow->idle_max)));
}

static json_t *reset(const struct report_subflow *subflow)
{
	const char *reason;

	if (!subflow->reset)
		return json_null();
	reason = reset_reason_word(subflow->reset_reason);
	if (!reason && subflow->reset_reason >= 0)
		reason = "unknown";
	return json_pack("{s:s, s:s?}", "side", side_word(subflow->reset_side),
			 "reason", reason);
}

/* What shows that it is part of the connection. */
static json_t *tied_by(const struct report_subflow *subflow)
{
	if (subflow->initial)
		return json_string("handshake");
	if (subflow->joined)
		return json_string("token");
	return subflow->tied ? json_string("dsn") : json_null();
}

static json_t *known_or_null(bool known, int value)
{
	return known ? json_integer(value) : json_null();
}

static json_t *subflow(const struct report_conn *conn,
		       const struct report_subflow *subflow, int digits)
{
	return json_pack(
	    "{s:i, s:i, s:o, s:i, s:o, s:i, s:b, s:s, s:s, s:o, s:o, s:b, "
	    "s:o, s:[o,o], s:[o,o], s:{s:s, s:s}, s:o, s:o, s:o}",
	    "id", subflow->id, "family", subflow->source.address.family,
	    "source", address(&subflow->source.address), "source_port",
	    subflow->source.port, "destination",
	    address(&subflow->destination.address), "destination_port",
	    subflow->destination.port, "initial", subflow->initial, "initiator",
	    side_word(subflow->initiator), "state",
	    subflow_state_word(subflow->state), "first",
	    moment(subflow->first, digits), "last",
	    moment(subflow->last, digits), "backup", subflow->backup, "tied_by",
	    tied_by(subflow), "address_ids",
	    known_or_null(subflow->ids_known[0], subflow->ids[0]),
	    known_or_null(subflow->ids_known[1], subflow->ids[1]), "wscale",
	    known_or_null(subflow->wscale[0] >= 0, subflow->wscale[0]),
	    known_or_null(subflow->wscale[1] >= 0, subflow->wscale[1]), "hmac",
	    "synack", verdict_word(subflow->hmac[0]), "ack",
	    verdict_word(subflow->hmac[1]), "reset", reset(subflow), "c2s",
	    flow(&subflow->flow[CLIENT], conn->data[CLIENT].bytes_unique),
	    "s2c",
	    flow(&subflow->flow[SERVER], conn->data[SERVER].bytes_unique));
}

static void write_conn(FILE *file, const struct report_conn *conn,
		       const struct writer_options *options)
{
	int digits = options->digits;
	json_t *subflows = json_array(), *object;

	for (size_t i = 0; i < conn->n_subflows; i++)
		json_array_append_new(
		    subflows, subflow(conn, &conn->subflows[i], digits));
	object = json_pack(
	    "{s:I, s:o, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, "
	    "s:b, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "id", (json_int_t)conn->id, "version",
	    known_or_null(conn->version >= 0, conn->version), "state",
	    conn_state_word(conn->state), "first", moment(conn->first, digits),
	    "last", moment(conn->last, digits), "duration",
	    span(conn->first, conn->last), "handshake_seen",
	    conn->handshake_seen, "checksum", conn->checksum, "client",
	    host(&conn->host[CLIENT]), "server", host(&conn->host[SERVER]),
	    "still_open", conn->still_open, "timed_out", conn->timed_out,
	    "verdict", report_outcome(conn), "fallback", fallback(conn, digits),
	    "findings", findings(conn, digits), "options",
	    option_counts(conn->options), "c2s", data(&conn->data[CLIENT]),
	    "s2c", data(&conn->data[SERVER]), "addresses",
	    addresses(conn, digits), "subflows", subflows);
	json_write(object, file, FLAGS);
	json_decref(object);
}

static void member(FILE *file, const char *key, json_t *value)
{
	fprintf(file, "\"%s\": ", key);
	json_write(value, file, FLAGS);
	fputs(",\n", file);
	json_decref(value);
}

static json_t *tcp(const struct report_totals *totals)
{
	json_t *object = json_object();

	json_add_flows(object, peers_all(totals->peers));
	json_object_update_new(
	    object,
	    json_pack("{s:I, s:I, s:I}", "mptcp_subflows",
		      (json_int_t)totals->mptcp_subflows, "orphan_subflows",
		      (json_int_t)totals->orphan_subflows, "mptcp_refused",
		      (json_int_t)totals->mptcp_refused));
	return object;
}

/* An address at a time, since there may be many. */
static void write_peers(FILE *file, struct peers *peers)
{
	static const char *const keys[] = {"clients", "servers"};

	fputs("\"peers\": {\n", file);
	for (int role = 0; role < 2; role++) {
		const struct peer *list;
		size_t n = peers_list(peers, (enum side)role, &list);

		fprintf(file, "  \"%s\": [", keys[role]);
		for (size_t i = 0; i < n; i++) {
			json_t *object = json_peer(&list[i]);

			fputs(i ? ",\n    " : "\n    ", file);
			json_write(object, file, 0);
			json_decref(object);
		}
		fputs(role ? "]\n},\n" : "],\n", file);
	}
}

static void write_before(FILE *file, const struct report_totals *totals,
			 const struct writer_options *options)
{
	json_t *files = json_array();

	(void)options;
	for (size_t i = 0; i < totals->n_files; i++)
		json_array_append_new(files, json_name(totals->files[i]));
	fprintf(file, "{ \"mptcptrace\": \"%s\",\n", VERSION);
	member(
	    file, "capture",
	    json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o, "
		      "s:o}",
		      "files", files, "packets", (json_int_t)totals->packets,
		      "bytes", (json_int_t)totals->bytes, "tcp_packets",
		      (json_int_t)totals->tcp_packets, "mptcp_packets",
		      (json_int_t)totals->mptcp_packets, "undecodable_packets",
		      (json_int_t)totals->undecodable_packets, "fragments",
		      (json_int_t)totals->fragments, "malformed_mptcp_options",
		      (json_int_t)totals->bad_options, "cut_options",
		      (json_int_t)totals->cut_options, "truncated",
		      totals->truncated, "first",
		      moment(totals->first, totals->time_digits), "last",
		      moment(totals->last, totals->time_digits)));
	member(file, "tcp", tcp(totals));
	member(file, "orphans",
	       json_pack(
		   "{s:o}", "options",
		   option_counts((const uint64_t *[2]){
		       totals->orphan_options[0], totals->orphan_options[1]})));
	write_peers(file, totals->peers);
	member(file, "findings",
	       totals->loose ? findings(totals->loose, totals->time_digits)
			     : json_array());
	fputs("\"connections\": [\n", file);
}

static void write_after(FILE *file, const struct report_totals *totals,
			const struct writer_options *options)
{
	(void)totals;
	(void)options;
	fputs("\n] }\n", file);
}

const struct writer writer_json = {
    .name = "json",
    .help = "everything known",
    .whole = true,
    .slow = true,
    .between = ",\n",
    .conn = write_conn,
    .before = write_before,
    .after = write_after,
};
