/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What snprintf does, faster where it is used much: a report of 100,000
 * connections is some million small numbers and names.
 */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* As snprintf, to the byte. Fast is what fits, of %s, %c and %%, of %d, %u and
 * %x of any length, and of %f with at most three digits, with or without a
 * width. */
int format_text(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int format_args(char *to, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A number in decimal, to `to`, which has room for FORMAT_NUMBER, without a
 * '\0'. Returns how many digits it took. */
#define FORMAT_NUMBER 20
int format_number(char *to, uint64_t number);

#endif
