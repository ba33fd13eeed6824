/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as people read them, for the writers of plain text.
 */
#ifndef WRITE_HUMAN_H
#define WRITE_HUMAN_H

#include "base/endpoint.h"
#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>

#define HUMAN_TEXT 32

/* Each goes on a phrase where that has room for HUMAN_ROOM; "-" for what is
 * unknown. */
#define HUMAN_ROOM (FORMAT_NUMBER + 8)
void phrase_bytes(struct phrase *phrase, int64_t bytes);
void phrase_rate(struct phrase *phrase, double bytes_per_s);
void phrase_span(struct phrase *phrase, double seconds);
void phrase_count(struct phrase *phrase, int64_t count);

/* The same alone: each writes into `text`, of HUMAN_TEXT bytes, and returns it.
 */
char *human_bytes(int64_t bytes, char *text);	  /* 4711 B, 1.25 MB */
char *human_rate(double bytes_per_s, char *text); /* 38.1 Mbit/s */
char *human_span(double seconds, char *text);	  /* 12.3 ms, 4.56 s */
char *human_count(int64_t count, char *text);	  /* 1,234,567 */

/* A number and its unit as above, in a column: right-aligned to `number`
 * columns, and the unit padded to `unit`. */
#define HUMAN_CELL 64
char *human_cell(const char *text, int number, int unit, char *cell);

/* Leaves out what is in the middle of `text`, in ASCII, until it takes `width`
 * columns; may make it a byte longer. */
void human_shorten(char *text, int width, bool unicode);

#endif
