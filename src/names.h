/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the files go that are made of each of several traces: into directories
 * with their names.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

/*
 * A name for each trace: that of its file without .pcap, .gz and the like, and
 * with -2, -3 ... after it if another one before has it, or if something that
 * is no directory, such as a link, has it in one of the n_above directories.
 * Both the array and the names are of malloc.
 */
char **names_of(char *const *traces, size_t n, const char *const *above,
		size_t n_above);

#endif
