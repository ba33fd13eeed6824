/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text as a page of HTML has it. Nothing that comes from a trace or a file's
 * name becomes markup.
 */
#ifndef WRITE_HTML_H
#define WRITE_HTML_H

#include "write/buffer.h"

#include <stdint.h>

/* Text or the value of an attribute: escaped. What is not UTF-8, or controls
 * the display, becomes U+FFFD. */
void html_text(struct buffer *out, const char *text);

/* A moment of UTC, 2026-11-22 13:20:47.912709, or "-", in `text` of HTML_TIME;
 * returns `text`. */
#define HTML_TIME 64
char *html_time(nstime_t time, int digits, char *text);
/* From one moment to another in seconds, or "-". */
void html_since(struct buffer *out, nstime_t from, nstime_t to, int digits);

#endif
