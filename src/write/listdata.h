/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --list for programs: CSV, and JSON lines. doc/formats.md says what may be
 * relied on.
 */
#ifndef WRITE_LISTDATA_H
#define WRITE_LISTDATA_H

#include "report/peers.h"
#include "write/writer.h"

#include <jansson.h>

extern const struct writer writer_list_csv;
extern const struct writer writer_list_jsonl;

/* A field of CSV (RFC 4180), in quotes if it needs them; the end of a row, and
 * of that of the names. */
void csv_text(FILE *file, const char *text);
void csv_end(FILE *file, const struct writer_options *options);
void csv_end_names(FILE *file, const struct writer_options *options);

/* A name from the file system, which need not be UTF-8: bytes that are not
 * become question marks, and so do controls that JSON does not escape; for
 * --json, too. */
json_t *json_name(const char *name);
/* A finding, with its time in so many digits; for --json, too. */
json_t *json_finding(const struct report_finding *finding, int digits);
/* Adds how many flows there are, and of each kind; for --json, too. */
void json_add_flows(json_t *object, const struct peer *peer);
/* ... and whose they are. */
json_t *json_peer(const struct peer *peer);

#endif
