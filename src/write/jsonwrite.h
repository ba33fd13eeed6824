/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON on its way to a file. jansson gives text in pieces of a few bytes, and
 * asking stdio to take each takes longer than making it.
 */
#ifndef WRITE_JSONWRITE_H
#define WRITE_JSONWRITE_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* As json_dumpf; whether `file` took it is for who closes that. */
void json_write(const json_t *value, FILE *file, size_t flags);

#endif
