/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text that others chose, names of files above all, and what shows it: no
 * terminal and no page takes orders from it.
 */
#ifndef BASE_SHOWN_H
#define BASE_SHOWN_H

#include <stdbool.h>
#include <stdio.h>

/* How many octets the character at `text` has, which is not at its end: 1 to 4
 * in UTF-8 (RFC 3629), 1 if it is none. It is harmless unless it is none, a
 * control (also of 8 bits), or turns text around (Unicode's Bidi_Control). */
int shown_character(const char *text, bool *harmless);

/* Writes the character at `text`, which is not at its end, or the whole text,
 * with \xNN for each octet that is not harmless. */
int shown_put_character(const char *text, FILE *file); /* its octets */
void shown_put(const char *text, FILE *file);

#endif
