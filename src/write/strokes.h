/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a picture shows, as SVG paths: marks of one stroke are one path, in a
 * box that is stretched to the plot; coordinates are whole numbers.
 */
#ifndef WRITE_STROKES_H
#define WRITE_STROKES_H

#include "report/picture.h"
#include "write/svg.h"

const struct series *strokes_series(const struct svg *svg,
				    const struct stroke *stroke);

/* All but labels, from the back to the front. */
void strokes_put(const struct svg *svg);
/* A bit of a series for the legend. */
void strokes_sample(struct buffer *out, const struct series *series);

#endif
