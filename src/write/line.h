/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of a report for people, made of sentences, of parts with commas
 * between them, and of figures. Parts go on in the line below where a line
 * would get too long. On a terminal sentences do, too, and figures stand in
 * columns, each in a line of its own with what follows it.
 */
#ifndef WRITE_LINE_H
#define WRITE_LINE_H

#include "base/format.h"
#include "report/report.h"
#include "write/style.h"

#include <stdint.h>
#include <stdio.h>

#define LINE_WIDTH   98 /* with a comma at its end, less than 100 */
#define LINE_WAITING 4096
#define LINE_PART    512 /* bytes of a part, with a '\0' */
#define LINE_INDENT  64	 /* more than any line is indented */
#define LINE_VALUE   22	 /* the column behind the names of figures */

struct line {
	FILE *file;
	const struct style *style;
	int indent; /* of parts and figures that begin a line */
	int below;  /* of what goes on below; 0: as indent */
	int width;  /* of a terminal's lines; 0: what is good to read */
	int column; /* 0: nothing written yet */
	bool parts; /* one was written: the next is set off from it */
	bool row;   /* it was the last column of a figure */

	size_t size; /* of what waits to be written */
	char waiting[LINE_WAITING];
	char part[LINE_PART]; /* put together, on a terminal, by line_phrase */
};

static inline void line_begin(struct line *line, FILE *file,
			      const struct style *style)
{
	line->file = file;
	line->style = style;
	line->indent = line->below = line->width = line->column = 0;
	line->parts = line->row = false;
	line->size = 0;
}

/* How many columns there are, but one for a comma. */
int line_width(const struct line *line);

void line_go_to(struct line *line, int column);

/* A sentence, or how it goes on: up to LINE_PART, or any text. */
void line_say(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void line_text(struct line *line, const char *text);

/* What is not to be broken, whatever its length. */
void line_verbatim(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void line_bare(struct line *line, const char *text);

/* One more part: up to LINE_PART. */
void line_part(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same of what there is much of, up to LINE_PART. line_phrase gives an
 * empty phrase, to which text in ASCII is put, and marks where they show; then
 * line_take or line_take_verbatim takes it, before anything else is written.
 * In plain text it is then where it stays. line_next_part and line_take_part
 * do so of a part.
 */
void line_flush(struct line *line);
void line_set_off(struct line *line);
void line_take_marked(struct line *line, const struct phrase *phrase);
void line_take_marked_verbatim(struct line *line, const struct phrase *phrase);
void line_take_part(struct line *line, const struct phrase *phrase);

static inline struct phrase line_phrase(struct line *line)
{
	if (line->style->terminal)
		return phrase_begin(line->part, LINE_PART);
	if (line->size > LINE_WAITING - LINE_PART - LINE_INDENT)
		line_flush(line);
	return phrase_begin(line->waiting + line->size, LINE_PART);
}

static inline struct phrase line_next_part(struct line *line)
{
	if (!line->style->terminal)
		line_set_off(line);
	return line_phrase(line);
}

static inline void line_mark(const struct line *line, struct phrase *phrase,
			     const char *mark)
{
	if (line->style->terminal)
		phrase_string(phrase, mark);
}

/* What was put behind what waits, now does, too. */
static inline void line_keep(struct line *line, const struct phrase *phrase)
{
	size_t size = (size_t)(phrase->at - line->waiting);

	line->column += (int)(size - line->size);
	line->size = size;
}

static inline void line_take(struct line *line, const struct phrase *phrase)
{
	if (line->style->terminal)
		line_take_marked(line, phrase);
	else
		line_keep(line, phrase);
}

static inline void line_take_verbatim(struct line *line,
				      const struct phrase *phrase)
{
	if (line->style->terminal)
		line_take_marked_verbatim(line, phrase);
	else
		line_keep(line, phrase);
}

/* One more figure: its name, a number and what it counts, and the bytes that
 * these have, or NULL; with a mark if it should stand out, else "". */
void line_figure(struct line *line, const char *name, const char *mark,
		 const char *value, const char *bytes);

/* One more figure, of packets and their bytes (REPORT_UNKNOWN: not told), if
 * there are any. It stands out if these are much of `of` bytes. */
void line_some_packets(struct line *line, const char *name, int64_t packets,
		       int64_t bytes, int64_t of);
static inline void line_packets(struct line *line, const char *name,
				int64_t packets, int64_t bytes, int64_t of)
{
	if (packets > 0) /* seldom, of most of them */
		line_some_packets(line, name, packets, bytes, of);
}

/* line_end leaves nothing that waits to be written to the file; line_next
 * may. */
void line_end(struct line *line);
void line_next(struct line *line);

/* A line each finding, with times counted from conn->first. */
void line_findings(struct line *line, const struct report_conn *conn);

#endif
