/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/events.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/format.h"
#include "write/facts.h"
#include "write/human.h"
#include "write/jsonwrite.h"
#include "write/line.h"
#include "write/listdata.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#define TEXT	256
#define NO_CONN UINT64_MAX

/* As it waits, followed by its text. */
struct record {
	uint64_t conn;
	struct report_signal signal;
};

/* Where one waits: memory of 32 bytes each. */
struct place {
	nstime_t order;
	uint64_t packet;
	off_t offset;
	uint32_t size; /* of the text */
};

struct events {
	enum listing_format format;
	const struct writer_options *options;
	bool relative;
	FILE *store; /* the temporary file, once needed */
	off_t stored;
	int error; /* of the first failure, or 0 */
	struct place *places;
	size_t n, room;
	uint64_t n_loose;	       /* of no connection */
	uint64_t conns;		       /* that told something */
	uint64_t max_packet, max_conn; /* these decide ... */
	int max_subflow;	       /* ... how wide columns are */
};

struct events *events_new(enum listing_format format,
			  const struct writer_options *options, bool relative)
{
	struct events *events = xcalloc(1, sizeof(*events));

	events->format = format;
	events->options = options;
	events->relative = relative || options->style.terminal;
	return events;
}

void events_free(struct events *events)
{
	if (!events)
		return;
	if (events->store)
		fclose(events->store);
	free(events->places);
	free(events);
}

/*
 * What waits.
 */
static bool put(struct events *events, const void *bytes, size_t size)
{
	if (size && fwrite(bytes, size, 1, events->store) != 1) {
		events->error = errno;
		return false;
	}
	events->stored += (off_t)size;
	return true;
}

static void measure(struct events *events, const struct record *record)
{
	if (record->signal.packet > events->max_packet)
		events->max_packet = record->signal.packet;
	if (record->conn != NO_CONN && record->conn > events->max_conn)
		events->max_conn = record->conn;
	if (record->signal.subflow > events->max_subflow)
		events->max_subflow = record->signal.subflow;
}

static void put_by(struct events *events, const struct record *record)
{
	const char *text = record->signal.text ? record->signal.text : "";
	const struct place place = {
	    .order = record->signal.order,
	    .packet = record->signal.packet,
	    .offset = events->stored,
	    .size = (uint32_t)strlen(text),
	};

	if (!events->store && !events->error) {
		events->store = file_temporary_stream();
		events->error = events->store ? 0 : errno;
	}
	if (events->error || !put(events, record, sizeof(*record)) ||
	    !put(events, text, place.size))
		return;
	events->places =
	    xgrow(events->places, &events->room, events->n + 1, sizeof(place));
	events->places[events->n++] = place;
	events->n_loose += record->conn == NO_CONN;
	measure(events, record);
}

static void put_conn(struct events *events, const struct report_conn *conn,
		     uint64_t id)
{
	struct record record = {.conn = id};
	char text[TEXT];

	for (size_t i = 0; i < conn->n_signals; i++) {
		record.signal = conn->signals[i];
		put_by(events, &record);
	}
	if (!conn->signals_lost || !conn->n_signals)
		return;
	/* Told where the last one is that was not left out. */
	snprintf(text, sizeof(text), "%" PRIu64 " signal%s from here on",
		 conn->signals_lost, fact_plural((int64_t)conn->signals_lost));
	record.signal = (struct report_signal){
	    .time = record.signal.time,
	    .packet = record.signal.packet,
	    .order = record.signal.order,
	    .side = record.signal.side,
	    .kind = SIGNAL_LEFT_OUT,
	    .severity = WARNING,
	    .text = text,
	    REPORT_SIGNAL_BLANK,
	};
	put_by(events, &record);
}

void events_conn(struct events *events, const struct report_conn *conn)
{
	events->conns += conn->n_signals > 0;
	put_conn(events, conn, conn->id);
}

/*
 * Members, for programs: each is a column of the CSV, too.
 */
static json_t *word(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *count(bool known, int64_t value)
{
	return known ? json_integer(value) : json_null();
}

static json_t *number(const struct report_signal *signal,
		      enum signal_number what)
{
	if (signal->number_is != what)
		return json_null();
	return json_sprintf(what == NUMBER_TOKEN ? "0x%08" PRIx64
						 : "0x%016" PRIx64,
			    signal->number);
}

static json_t *get_time(const struct record *record, int digits)
{
	char text[NSTIME_TEXT];

	if (record->signal.time == NSTIME_NONE)
		return json_null();
	return json_string(nstime_print(record->signal.time, digits, text));
}

static json_t *get_duration(const struct record *record, int digits)
{
	(void)digits;
	if (record->signal.span == NSTIME_NONE)
		return json_null();
	return json_real(nstime_seconds(record->signal.span));
}

static json_t *get_address(const struct record *record, int digits)
{
	char text[ENDPOINT_TEXT];

	(void)digits;
	if (!record->signal.address.family)
		return json_null();
	return json_string(address_print(&record->signal.address, text));
}

/* clang-format off */
#define GET(name, expression)						\
	static json_t *get_##name(const struct record *record, int digits) \
	{								\
		const struct report_signal *signal = &record->signal;	\
									\
		(void)digits;						\
		(void)signal;						\
		return expression;					\
	}

GET(packet, json_integer((json_int_t)signal->packet))
GET(connection, count(record->conn != NO_CONN, (int64_t)record->conn))
GET(subflow, count(signal->subflow >= 0, signal->subflow))
GET(side, json_string(side_word(signal->side)))
GET(severity, json_string(severity_word(signal->severity)))
GET(event, json_string(signal_word(signal->kind)))
GET(text, word(signal->text))
GET(step, word(signal->step))
GET(count, count(signal->count, signal->count))
GET(version, count(signal->version >= 0, signal->version))
GET(id, count(signal->id >= 0, signal->id))
GET(port, count(signal->port, signal->port))
GET(backup, signal->backup < 0 ? json_null() : json_boolean(signal->backup))
GET(hmac, signal->hmac < 0 ? json_null() :
	  json_string(verdict_word((enum verdict)signal->hmac)))
GET(reason, word(signal->reason))
GET(bytes, count(signal->bytes != REPORT_UNKNOWN, signal->bytes))
GET(dsn, number(signal, NUMBER_DSN))
GET(key, number(signal, NUMBER_KEY))
GET(token, number(signal, NUMBER_TOKEN))

static const struct member {
	const char *name;
	json_t *(*get)(const struct record *record, int digits);
} members[] = {
	{"time", get_time},		{"packet", get_packet},
	{"connection", get_connection},	{"subflow", get_subflow},
	{"side", get_side},		{"severity", get_severity},
	{"event", get_event},		{"text", get_text},
	{"step", get_step},		{"count", get_count},
	{"version", get_version},	{"id", get_id},
	{"address", get_address},	{"port", get_port},
	{"backup", get_backup},		{"hmac", get_hmac},
	{"reason", get_reason},		{"bytes", get_bytes},
	{"duration", get_duration},	{"dsn", get_dsn},
	{"key", get_key},		{"token", get_token},
};
/* clang-format on */

#define MEMBERS (sizeof(members) / sizeof(*members))
#define NUMBERS JSON_REAL_PRECISION(12)

static void write_json(FILE *file, const struct record *record,
		       const struct writer_options *options)
{
	json_t *object = json_object();

	for (size_t i = 0; i < MEMBERS; i++)
		json_object_set_new(object, members[i].name,
				    members[i].get(record, options->digits));
	if (options->file)
		json_object_set_new(object, "file", json_name(options->file));
	json_write(object, file, JSON_COMPACT | NUMBERS);
	fputc('\n', file);
	json_decref(object);
}

static void write_csv(FILE *file, const struct record *record,
		      const struct writer_options *options)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		json_t *value = members[i].get(record, options->digits);

		if (i)
			fputc(',', file);
		if (json_is_string(value))
			csv_text(file, json_string_value(value));
		else if (!json_is_null(value))
			json_write(value, file, JSON_ENCODE_ANY | NUMBERS);
		json_decref(value);
	}
	csv_end(file, options);
}

void events_names(FILE *file, const struct writer_options *options)
{
	for (size_t i = 0; i < MEMBERS; i++)
		fprintf(file, "%s%s", i ? "," : "", members[i].name);
	csv_end_names(file, options);
}

/*
 * Columns, for people.
 */
enum column { TIME, PACKET, CONN, SUBFLOW, SIDE, EVENT, COLUMNS };

/* Where a terminal has fewer columns left for the text, it goes on further to
 * the left; with still fewer, all of it stands there. */
#define TEXT_GOOD  40
#define TEXT_LEAST 20
#define BELOW	   12

struct table {
	FILE *file;
	const struct style *style;
	int digits;
	nstime_t zero; /* of times; 0 where they are those of the epoch */
	int width[COLUMNS];
};

struct row {
	char text[COLUMNS][NSTIME_TEXT];
	const char *mark[COLUMNS];
};

static int digits_of(uint64_t value)
{
	return snprintf(NULL, 0, "%" PRIu64, value);
}

static int at_least(int value, int least)
{
	return value > least ? value : least;
}

static struct table table_of(const struct events *events, FILE *file,
			     const struct report_totals *totals)
{
	const struct style *style = &events->options->style;
	bool since = events->relative && totals->first != NSTIME_NONE;
	struct table table = {
	    .file = file,
	    .style = style,
	    .digits = events->options->digits,
	    .zero = since ? totals->first : 0,
	    .width = {[SIDE] = 6, [EVENT] = 16},
	};
	nstime_t span = since ? nstime_span(totals->first, totals->last) : 0;
	char text[NSTIME_TEXT];

	table.width[TIME] =
	    since ? (int)strlen(nstime_print(span, table.digits, text))
		  : 11 + table.digits;
	table.width[PACKET] = at_least(digits_of(events->max_packet), 6);
	table.width[CONN] = at_least(digits_of(events->max_conn), 4);
	table.width[SUBFLOW] =
	    at_least(digits_of((uint64_t)events->max_subflow), 3);
	return table;
}

/* `left`: columns of the terminal from `next` on. */
static void write_words(struct line *line, int left, int next, const char *text)
{
	line->below = left < TEXT_GOOD ? BELOW : next + 1;
	if (line->width && left < TEXT_LEAST) {
		line_end(line);
		next = BELOW - 1;
		line->below = BELOW;
	}
	if (!*text)
		return;
	line_go_to(line, next);
	line_say(line, " %s", text);
}

static void write_row(const struct table *table, const struct row *row,
		      const char *text)
{
	const struct style *style = table->style;
	struct line line;
	int next = 0;

	line_begin(&line, table->file, style);
	line.width = style->terminal ? style->width : 0;
	for (int i = 0; i < COLUMNS; i++) {
		const char *cell = row->text[i];
		bool right = i < SIDE;
		int empty = table->width[i] - (int)strlen(cell);

		line_go_to(&line, next + (right && empty > 0 ? empty : 0));
		line_verbatim(&line, "%s%s%s", row->mark[i], cell,
			      *row->mark[i] ? STYLE_END : "");
		next += at_least(table->width[i], (int)strlen(cell)) + 1;
	}
	write_words(&line, style->width - next, next, text);
	line_end(&line);
}

static void write_head(const struct table *table)
{
	static const char *const names[COLUMNS] = {"time", "packet", "conn",
						   "sub",  "side",   "event"};
	struct row row;

	for (int i = 0; i < COLUMNS; i++) {
		row.mark[i] = STYLE_HEAD;
		strcpy(row.text[i], names[i]);
	}
	write_row(table, &row, STYLE_HEAD "what it says" STYLE_END);
}

static void write_text(const struct table *table, const struct record *record)
{
	const struct report_signal *signal = &record->signal;
	struct row row = {
	    .text = {"-", "", "-", "-"},
	    .mark = {STYLE_LABEL, STYLE_LABEL, "", "", "", ""},
	};

	if (signal->time != NSTIME_NONE)
		nstime_print(signal->time - table->zero, table->digits,
			     row.text[TIME]);
	format_text(row.text[PACKET], NSTIME_TEXT, "%" PRIu64, signal->packet);
	if (record->conn != NO_CONN)
		format_text(row.text[CONN], NSTIME_TEXT, "%" PRIu64,
			    record->conn);
	if (signal->subflow >= 0) {
		format_text(row.text[SUBFLOW], NSTIME_TEXT, "%d",
			    signal->subflow);
		row.mark[SUBFLOW] = style_subflow(signal->subflow);
	}
	strcpy(row.text[SIDE], side_word(signal->side));
	strcpy(row.text[EVENT], signal_word(signal->kind));
	if (signal->severity > NOTE)
		row.mark[EVENT] = style_severity(signal->severity);
	write_row(table, &row, signal->text ? signal->text : "");
}

static void write_foot(const struct table *table, const struct events *events,
		       const struct report_totals *totals)
{
	char count[HUMAN_TEXT], time[NSTIME_TEXT];
	struct line line;

	line_begin(&line, table->file, table->style);
	line_say(&line, "%s event%s", human_count((int64_t)events->n, count),
		 fact_plural((int64_t)events->n));
	line_say(&line, " of %s", human_count((int64_t)events->conns, count));
	if (totals->selected)
		line_say(&line, " of %s",
			 human_count((int64_t)totals->connections, count));
	line_say(&line, " connection%s",
		 fact_plural((int64_t)(totals->selected ? totals->connections
							: events->conns)));
	if (events->n_loose)
		line_say(&line, ", %s of them of no connection",
			 human_count((int64_t)events->n_loose, count));
	if (table->zero)
		line_say(&line, ", times since %s",
			 nstime_print(table->zero, table->digits, time));
	line_end(&line);
}

/*
 * In order.
 */
static int compare(const void *one, const void *two)
{
	const struct place *a = one, *b = two;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->packet != b->packet)
		return a->packet < b->packet ? -1 : 1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* What waits at a place, its text in `text`. */
static bool take_back(struct events *events, const struct place *place,
		      struct record *record, char *text)
{
	struct {
		struct record record;
		char text[TEXT];
	} both;
	size_t size = sizeof(both.record) + place->size;
	ssize_t got = pread(fileno(events->store), &both, size, place->offset);

	if (got != (ssize_t)size) {
		events->error = got < 0 ? errno : EIO;
		return false;
	}
	*record = both.record;
	memcpy(text, both.text, place->size);
	text[place->size] = '\0';
	if (record->signal.text)
		record->signal.text = text;
	return true;
}

static void write_all(struct events *events, const struct table *table)
{
	struct record record;
	char text[TEXT];

	for (size_t i = 0; i < events->n && !ferror(table->file); i++) {
		if (!take_back(events, &events->places[i], &record, text))
			return;
		if (events->format == LISTING_CSV)
			write_csv(table->file, &record, events->options);
		else if (events->format == LISTING_JSONL)
			write_json(table->file, &record, events->options);
		else
			write_text(table, &record);
	}
}

int events_write(struct events *events, FILE *file,
		 const struct report_totals *totals, struct err *err)
{
	struct table table;

	if (totals->loose && !totals->selected)
		put_conn(events, totals->loose, NO_CONN);
	if (events->store && !events->error && fflush(events->store))
		events->error = errno;
	if (events->error)
		return file_temporary_failed(err, events->error);
	if (events->n)
		qsort(events->places, events->n, sizeof(*events->places),
		      compare);
	table = table_of(events, file, totals);
	if (events->format == LISTING_CSV && !events->options->file)
		events_names(file, events->options);
	if (events->format == LISTING_TEXT)
		write_head(&table);
	write_all(events, &table);
	if (events->error)
		return file_temporary_failed(err, events->error);
	if (events->format == LISTING_TEXT)
		write_foot(&table, events, totals);
	return 0;
}
