/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every unit test program shares: its main runs one Check suite and
 * prints it as TAP, which is what `make check` reads.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>

/* Each test program defines this; unit.c has the main that calls it. */
Suite *unit_suite(void);

#endif
