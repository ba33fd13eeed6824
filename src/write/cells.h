/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables for people: rows of cells in columns. A terminal that is too narrow
 * for a row gets it in several lines.
 */
#ifndef WRITE_CELLS_H
#define WRITE_CELLS_H

#include "write/style.h"

struct cell {
	const char *text; /* NULL and "": the place is taken by what follows */
	const char *mark; /* how all of it looks, or NULL */
	int width;	  /* of its column; what is longer needs more */
	bool right;	  /* aligned, else left */
};

/* Writes a row; what goes on in another line is indented to `below`. */
void cells_write(FILE *file, const struct style *style,
		 const struct cell *cells, int n, int below);

#endif
