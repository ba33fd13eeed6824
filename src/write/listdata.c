/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/listdata.h"

#include "base/alloc.h"
#include "base/shown.h"
#include "write/facts.h"
#include "write/jsonwrite.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

/* What is known of a connection under some name. */
struct field {
	const char *name;
	enum {
		NOTHING,
		COUNT,
		REAL,
		FLAG,
		WORD,
		TIME,
		SPAN,
		ADDRESS,
		CODES
	} is;
	union {
		int64_t count; /* nanoseconds; 0 or 1 */
		double real;
		const char *word;
		const struct address *address;
		const struct report_conn *conn; /* with these codes */
	} u;
};

#define FIELDS_MAX 40

static struct field count(const char *name, int64_t value)
{
	return (struct field){name, value == REPORT_UNKNOWN ? NOTHING : COUNT,
			      .u.count = value};
}

static struct field real(const char *name, double value)
{
	return (struct field){name, isfinite(value) ? REAL : NOTHING,
			      .u.real = value};
}

static struct field flag(const char *name, bool value)
{
	return (struct field){name, FLAG, .u.count = value};
}

static struct field word(const char *name, const char *value)
{
	return (struct field){name, value ? WORD : NOTHING, .u.word = value};
}

static struct field moment(const char *name, nstime_t value)
{
	return (struct field){name, value == NSTIME_NONE ? NOTHING : TIME,
			      .u.count = value};
}

static struct field span(const char *name, nstime_t value)
{
	return (struct field){name, value == NSTIME_NONE ? NOTHING : SPAN,
			      .u.count = value};
}

static struct field address(const char *name, const struct report_host *host)
{
	const struct address *value = &host->end.address;

	return (struct field){name, value->family ? ADDRESS : NOTHING,
			      .u.address = value};
}

static const char *gravest(const struct report_conn *conn)
{
	int severity = -1;

	for (size_t i = 0; i < conn->n_findings; i++)
		if ((int)conn->findings[i].severity > severity)
			severity = (int)conn->findings[i].severity;
	return severity < 0 ? NULL : severity_word((enum severity)severity);
}

/* All that there are, in order; returns how many. */
static size_t fields_of(const struct report_conn *conn,
			struct field fields[FIELDS_MAX])
{
	const struct report_host *host = conn->host;
	const struct report_data *c2s = &conn->data[CLIENT];
	const struct report_data *s2c = &conn->data[SERVER];
	const struct field list[] = {
	    count("id", (int64_t)conn->id),
	    address("client_address", &host[CLIENT]),
	    count("client_port", host[CLIENT].end.port),
	    address("server_address", &host[SERVER]),
	    count("server_port", host[SERVER].end.port),
	    count("version",
		  conn->version < 0 ? REPORT_UNKNOWN : conn->version),
	    word("state", conn_state_word(conn->state)),
	    moment("first", conn->first),
	    moment("last", conn->last),
	    span("duration", nstime_span(conn->first, conn->last)),
	    count("subflows", (int64_t)conn->n_subflows),
	    count("c2s_bytes", fact_sent(conn, CLIENT)),
	    count("s2c_bytes", fact_sent(conn, SERVER)),
	    count("c2s_retransmitted_bytes", c2s->retransmitted_bytes),
	    count("s2c_retransmitted_bytes", s2c->retransmitted_bytes),
	    count("c2s_reinjected_bytes", c2s->reinjected_bytes),
	    count("s2c_reinjected_bytes", s2c->reinjected_bytes),
	    real("c2s_goodput", report_goodput(c2s)),
	    real("s2c_goodput", report_goodput(s2c)),
	    flag("still_open", conn->still_open),
	    flag("timed_out", conn->timed_out),
	    word("fallback",
		 conn->fallback ? fallback_word(conn->fallback) : NULL),
	    word("verdict", report_outcome(conn)),
	    word("severity", gravest(conn)),
	    {"findings", CODES, .u.conn = conn},
	};
	const size_t n = sizeof(list) / sizeof(*list);

	_Static_assert(sizeof(list) / sizeof(*list) <= FIELDS_MAX, "too many");
	memcpy(fields, list, sizeof(list));
	return n;
}

/*
 * CSV: but for names of files nothing in it needs quotes.
 */
void csv_text(FILE *file, const char *text)
{
	const char *quote = strpbrk(text, ",\"") ? "\"" : "";

	fputs(quote, file);
	while (*text) {
		if (*text == '"')
			fputc('"', file);
		text += shown_put_character(text, file);
	}
	fputs(quote, file);
}

void csv_end(FILE *file, const struct writer_options *options)
{
	if (options->file) {
		fputc(',', file);
		csv_text(file, options->file);
	}
	fputc('\n', file);
}

void csv_end_names(FILE *file, const struct writer_options *options)
{
	fputs(options->file ? ",file\n" : "\n", file);
}

static void csv_codes(FILE *file, const struct report_conn *conn)
{
	const char *codes[FACT_CODES];
	size_t n = fact_codes(conn, NOTE, codes);

	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? " " : "", codes[i]);
}

static void csv_value(FILE *file, const struct field *field, int digits)
{
	char time[NSTIME_TEXT], end[ENDPOINT_TEXT];

	switch (field->is) {
	case NOTHING:
		break;
	case COUNT:
		fprintf(file, "%" PRId64, field->u.count);
		break;
	case REAL:
		fprintf(file, "%.12g", field->u.real);
		break;
	case FLAG:
		fputs(field->u.count ? "true" : "false", file);
		break;
	case WORD:
		fputs(field->u.word, file);
		break;
	case TIME:
	case SPAN:
		fputs(nstime_print(field->u.count, digits, time), file);
		break;
	case ADDRESS:
		fputs(address_print(field->u.address, end), file);
		break;
	case CODES:
		csv_codes(file, field->u.conn);
		break;
	}
}

static void csv_before(FILE *file, const struct report_totals *totals,
		       const struct writer_options *options)
{
	struct field fields[FIELDS_MAX];
	struct report_conn nothing;
	size_t n;

	(void)totals;
	report_conn_init(&nothing);
	n = fields_of(&nothing, fields);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? "," : "", fields[i].name);
	csv_end_names(file, options);
}

static void csv_conn(FILE *file, const struct report_conn *conn,
		     const struct writer_options *options)
{
	struct field fields[FIELDS_MAX];
	size_t n = fields_of(conn, fields);

	for (size_t i = 0; i < n; i++) {
		if (i)
			fputc(',', file);
		csv_value(file, &fields[i], options->digits);
	}
	csv_end(file, options);
}

/* How all TCP counts is another table: JSON lines have it. */
static void csv_after(FILE *file, const struct report_totals *totals,
		      const struct writer_options *options)
{
	(void)file;
	(void)totals;
	(void)options;
}

const struct writer writer_list_csv = {
    .name = "list",
    .help = "a row a connection",
    .conn = csv_conn,
    .before = csv_before,
    .after = csv_after,
};

/*
 * JSON lines: an object a connection, one for all TCP, one an address; "type"
 * says which it is.
 */
static json_t *json_codes(const struct report_conn *conn)
{
	const char *codes[FACT_CODES];
	size_t n = fact_codes(conn, NOTE, codes);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(codes[i]));
	return array;
}

static json_t *json_value(const struct field *field, int digits)
{
	char time[NSTIME_TEXT], end[ENDPOINT_TEXT];

	switch (field->is) {
	case COUNT:
		return json_integer(field->u.count);
	case REAL:
		return json_real(field->u.real);
	case FLAG:
		return json_boolean(field->u.count);
	case WORD:
		return json_string(field->u.word);
	case TIME:
		return json_string(nstime_print(field->u.count, digits, time));
	case SPAN:
		return json_real(nstime_seconds(field->u.count));
	case ADDRESS:
		return json_string(address_print(field->u.address, end));
	case CODES:
		return json_codes(field->u.conn);
	default:
		return json_null();
	}
}

json_t *json_name(const char *name)
{
	char *plain = xstrdup(name);
	json_t *string;
	bool harmless;
	int n;

	for (char *at = plain; *at; at += n) {
		n = shown_character(at, &harmless);
		if (!harmless && (unsigned char)*at >= ' ')
			memset(at, '?', (size_t)n);
	}
	string = json_string(plain);
	free(plain);
	return string;
}

static void write_line(FILE *file, const struct writer_options *options,
		       const char *type, json_t *members)
{
	json_t *object = json_pack("{s:s}", "type", type);

	json_object_update_new(object, members);
	if (options->file)
		json_object_set_new(object, "file", json_name(options->file));
	json_write(object, file, FLAGS);
	fputc('\n', file);
	json_decref(object);
}

static void jsonl_conn(FILE *file, const struct report_conn *conn,
		       const struct writer_options *options)
{
	struct field fields[FIELDS_MAX];
	size_t n = fields_of(conn, fields);
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, fields[i].name,
				    json_value(&fields[i], options->digits));
	write_line(file, options, "connection", object);
}

json_t *json_finding(const struct report_finding *finding, int digits)
{
	char time[NSTIME_TEXT];

	return json_pack(
	    "{s:s, s:s, s:I, s:o, s:s}", "severity",
	    severity_word(finding->severity), "code", finding->code, "packet",
	    (json_int_t)finding->packet, "time",
	    finding->time == NSTIME_NONE
		? json_null()
		: json_string(nstime_print(finding->time, digits, time)),
	    "text", finding->text);
}

void json_add_flows(json_t *object, const struct peer *peer)
{
	json_object_set_new(object, "flows",
			    json_integer((json_int_t)peer->all));
	for (int kind = 0; kind < FLOW_KINDS; kind++)
		json_object_set_new(
		    object, flow_kind_word((enum flow_kind)kind),
		    json_integer((json_int_t)peer->flows[kind]));
}

json_t *json_peer(const struct peer *peer)
{
	char text[ENDPOINT_TEXT];
	json_t *object = json_object();

	json_object_set_new(object, "address",
			    peer->address.family ? json_string(address_print(
						       &peer->address, text))
						 : json_null());
	json_add_flows(object, peer);
	return object;
}

static void jsonl_after(FILE *file, const struct report_totals *totals,
			const struct writer_options *options)
{
	const struct peer *list;
	const struct report_conn *loose = totals->loose;
	json_t *all = json_object();

	for (size_t i = 0; loose && !totals->selected && i < loose->n_findings;
	     i++)
		write_line(file, options, "finding",
			   json_finding(&loose->findings[i], options->digits));
	json_add_flows(all, peers_all(totals->peers));
	write_line(file, options, "tcp", all);
	for (int role = 0; role < 2; role++) {
		size_t n = peers_list(totals->peers, (enum side)role, &list);

		for (size_t i = 0; i < n; i++)
			write_line(file, options, side_word((enum side)role),
				   json_peer(&list[i]));
	}
}

const struct writer writer_list_jsonl = {
    .name = "list",
    .help = "a JSON object a connection",
    .slow = true,
    .conn = jsonl_conn,
    .after = jsonl_after,
};
