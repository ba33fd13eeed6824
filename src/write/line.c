/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/line.h"

#include "base/format.h"
#include "write/facts.h"
#include "write/human.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define TEXT  LINE_PART
#define NOTES (LINE_VALUE + 26) /* the column behind a figure */

/* Shares of all bytes that are worth a look, and a worry. */
#define NOTABLE	 0.01
#define ALARMING 0.1

int line_width(const struct line *line)
{
	const struct style *style = line->style;

	if (line->width)
		return line->width - 1;
	return style->terminal && style->width <= LINE_WIDTH ? style->width - 1
							     : LINE_WIDTH;
}

void line_flush(struct line *line)
{
	if (line->size)
		fwrite(line->waiting, 1, line->size, line->file);
	line->size = 0;
}

static void make_room(struct line *line, size_t length)
{
	if (line->size + length > sizeof(line->waiting))
		line_flush(line);
}

/* What has no marks, and so many columns; no more than the TEXT of a part. */
static void write_plain(struct line *line, const char *text, size_t length,
			int columns)
{
	make_room(line, length);
	memcpy(line->waiting + line->size, text, length);
	line->size += length;
	line->column += columns;
}

static void write_bytes(struct line *line, const char *text, size_t length)
{
	make_room(line, length);
	if (line->style->colour || length > sizeof(line->waiting)) {
		line_flush(line);
		style_write(line->style, line->file, text, length);
		line->column += style_columns(text, length);
	} else {
		line->size += style_strip(line->waiting + line->size, text,
					  length, &line->column);
	}
}

void line_go_to(struct line *line, int column)
{
	static const char spaces[] = "                                ";
	const int most = (int)sizeof(spaces) - 1;

	while (line->column < column) {
		int n = column - line->column;

		n = n < most ? n : most;
		write_plain(line, spaces, (size_t)n, n);
	}
}

/* It takes no column. */
static void write_newline(struct line *line)
{
	make_room(line, 1);
	line->waiting[line->size++] = '\n';
}

static void go_on_below(struct line *line)
{
	write_newline(line);
	line->column = 0;
	line_go_to(line, line->below ? line->below : line->indent);
}

/* Spaces, and what follows up to where a line may be broken: a number and its
 * unit stay together. */
static size_t word(const char *text)
{
	size_t length = strspn(text, " ");

	while (text[length] && (text[length] != ' ' ||
				isdigit((unsigned char)text[length - 1])))
		length++;
	return length;
}

static bool too_long(const struct line *line, const char *text, size_t length)
{
	return line->column &&
	       line->column + style_columns(text, length) > line_width(line);
}

void line_text(struct line *line, const char *text)
{
	size_t length;

	if (!line->style->terminal) {
		write_bytes(line, text, strlen(text));
		return;
	}
	for (; *text; text += length) {
		length = word(text);
		if (*text == ' ' && too_long(line, text, length)) {
			size_t spaces = strspn(text, " ");

			go_on_below(line);
			text += spaces;
			length -= spaces;
		}
		write_bytes(line, text, length);
	}
}

void line_say(struct line *line, const char *format, ...)
{
	char text[TEXT];
	va_list args;

	va_start(args, format);
	format_args(text, sizeof(text), format, args);
	va_end(args);
	line_text(line, text);
}

void line_bare(struct line *line, const char *text)
{
	write_bytes(line, text, strlen(text));
}

void line_verbatim(struct line *line, const char *format, ...)
{
	char text[TEXT];
	va_list args;

	va_start(args, format);
	format_args(text, sizeof(text), format, args);
	va_end(args);
	line_bare(line, text);
}

/* Sets off a part of so many columns from what is there already. */
static void set_off(struct line *line, int columns)
{
	int next = line->column + 2;

	if (!line->column)
		line_go_to(line, line->indent);
	if (!line->parts)
		return;
	if (!line->row)
		write_plain(line, ",", 1, 1);
	else if (next < NOTES)
		next = NOTES;
	if (next + columns > line_width(line))
		go_on_below(line);
	else
		line_go_to(line, next);
}

void line_part(struct line *line, const char *format, ...)
{
	char text[TEXT];
	va_list args;

	va_start(args, format);
	format_args(text, sizeof(text), format, args);
	va_end(args);
	if (line->style->terminal) {
		set_off(line, style_columns(text, strlen(text)));
		line_text(line, text);
	} else {
		int columns = 0;
		size_t size = style_strip(text, text, strlen(text), &columns);

		set_off(line, columns);
		write_plain(line, text, size, columns);
	}
	line->parts = true;
	line->row = false;
}

/* In plain text, where nobody knows yet how long it gets: what stands before it
 * waits with it. */
void line_set_off(struct line *line)
{
	if (line->size > LINE_WAITING - LINE_PART - 2 * LINE_INDENT)
		line_flush(line);
	if (!line->column)
		line_go_to(line, line->indent);
	if (line->parts)
		write_plain(line, ", ", 2, 2);
}

void line_take_marked_verbatim(struct line *line, const struct phrase *phrase)
{
	write_bytes(line, line->part, (size_t)(phrase->at - line->part));
}

void line_take_marked(struct line *line, const struct phrase *phrase)
{
	*phrase->at = '\0';
	line_text(line, line->part);
}

/* Plain text that was put behind a comma and a space gets too long: it goes on
 * below. */
static void break_before(struct line *line, struct phrase *phrase)
{
	char *text = line->waiting + line->size;
	int below = line->below ? line->below : line->indent;

	text[-1] = '\n';
	memmove(text + below, text, (size_t)(phrase->at - text));
	memset(text, ' ', (size_t)below);
	phrase->at += below;
	line->column = 0;
}

static void take_plain_part(struct line *line, struct phrase phrase)
{
	int size = (int)(phrase.at - line->waiting - (ptrdiff_t)line->size);

	if (line->parts && line->column + size > line_width(line))
		break_before(line, &phrase);
	line_keep(line, &phrase);
}

static void take_marked_part(struct line *line, const struct phrase *phrase)
{
	set_off(line,
		style_columns(line->part, (size_t)(phrase->at - line->part)));
	line_take_marked(line, phrase);
}

void line_take_part(struct line *line, const struct phrase *phrase)
{
	if (line->style->terminal)
		take_marked_part(line, phrase);
	else
		take_plain_part(line, *phrase);
	line->parts = true;
	line->row = false;
}

/* A figure in its columns. */
static void row(struct line *line, const char *name, const char *mark,
		const char *value, const char *bytes)
{
	char cell[HUMAN_CELL];

	line_next(line);
	line_go_to(line, line->indent);
	line_verbatim(line, STYLE_LABEL "%s" STYLE_END, name);
	line_go_to(line, LINE_VALUE);
	human_cell(value, 7, bytes ? 7 : 0, cell);
	line_verbatim(line, "%s%s", mark, cell);
	if (bytes)
		line_verbatim(line, "  %s", human_cell(bytes, 4, 0, cell));
	line_verbatim(line, *mark ? STYLE_END : "");
	line->below = LINE_VALUE;
	line->parts = true;
	line->row = bytes;
}

static void plain_figure(struct line *line, const char *name, const char *value,
			 const char *bytes)
{
	struct phrase part = line_next_part(line);

	phrase_string(&part, name);
	PHRASE_SAY(&part, " ");
	phrase_string(&part, value);
	if (bytes) {
		PHRASE_SAY(&part, " (");
		phrase_string(&part, bytes);
		PHRASE_SAY(&part, ")");
	}
	line_take_part(line, &part);
}

void line_figure(struct line *line, const char *name, const char *mark,
		 const char *value, const char *bytes)
{
	if (line->style->terminal)
		row(line, name, mark, value, bytes);
	else
		plain_figure(line, name, value, bytes);
}

static const char *mark_of(double share)
{
	return share >= ALARMING  ? STYLE_BAD
	       : share >= NOTABLE ? STYLE_HEAD
				  : "";
}

void line_some_packets(struct line *line, const char *name, int64_t packets,
		       int64_t bytes, int64_t of)
{
	char count[HUMAN_TEXT], value[HUMAN_TEXT + 16], size[HUMAN_TEXT];
	const char *mark = "";

	if (of > 0)
		mark = mark_of((double)bytes / (double)of);
	format_text(value, sizeof(value), "%s packet%s",
		    human_count(packets, count), packets == 1 ? "" : "s");
	line_figure(line, name, mark, value,
		    bytes == REPORT_UNKNOWN ? NULL : human_bytes(bytes, size));
}

void line_end(struct line *line)
{
	line_next(line);
	line_flush(line);
}

void line_next(struct line *line)
{
	if (line->column)
		write_newline(line);
	line->below = line->column = 0;
	line->parts = line->row = false;
}

static void finding_line(struct line *line,
			 const struct report_finding *finding, nstime_t first)
{
	const char *word = severity_word(finding->severity);
	nstime_t since = nstime_span(first, finding->time);
	char time[NSTIME_TEXT + 8] = "", text[NSTIME_TEXT];

	line_say(line, "  %s%s" STYLE_END ": ",
		 style_severity(finding->severity), word);
	line_text(line, finding->text);
	if (since != NSTIME_NONE)
		format_text(time, sizeof(time), " after %s s",
			    nstime_print(since, 6, text));
	line_say(line, STYLE_LABEL " [%s, packet %" PRIu64 "%s]" STYLE_END,
		 finding->code, finding->packet, time);
	line_end(line);
}

void line_findings(struct line *line, const struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_findings; i++)
		finding_line(line, &conn->findings[i], conn->first);
	if (conn->findings_lost)
		fprintf(line->file, "  and %" PRIu64 " finding%s more\n",
			conn->findings_lost,
			fact_plural((int64_t)conn->findings_lost));
}
