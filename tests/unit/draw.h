/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Graph tests: what talk.h's segments make the analyses draw. Points come out
 * as the rows of the csv writer, with times since the talk began, which is
 * 1000 s, a segment each ms after it; with --relative, so that the first data
 * byte of a side is 1. Of a kind that has no csv, a row is "x x2 series subflow
 * from on y".
 */
#ifndef TESTS_UNIT_DRAW_H
#define TESTS_UNIT_DRAW_H

#include "analysis/analysis.h"

#include "talk.h"

/* A test case with a fresh tracker, and analyses of all figures. */
TCase *draw_case(const char *name);

/* The options of the analyses, to be changed before anything is said. */
extern struct analyses_options draw_options;

/* What was drawn on that figure ("c2s rtt"), of whatever connection, since it
 * was asked for last; rows without the header. */
#define DREW(figure, ...)                                                      \
	drew_lines(figure, (const char *const[]){__VA_ARGS__, NULL}, __FILE__, \
		   __LINE__)
#define DREW_NOTHING(figure)                                                   \
	drew_lines(figure, (const char *const[]){NULL}, __FILE__, __LINE__)
void drew_lines(const char *figure, const char *const *lines, const char *file,
		int line);

/* Forgets all that was drawn so far. */
void draw_forget(void);

/* Ends the trace and gives each report to `check`, which may be NULL. */
void draw_finish(void (*check)(const struct report_conn *report));

#endif
