/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pictures as SVG, for the page: plots that stretch to the width there is,
 * while text, dots and lines keep their size. Across, a plot's places are
 * percentages; upright, pixels. What is drawn with many marks is in one path
 * for each stroke, in a box of SVG_WIDE x SVG_HIGH that is stretched.
 *
 * Colours and sizes are the style sheet's, page.css; it knows the classes
 * c0.. r0.. (subflows), k0.. (inks), dot, ring, bar, step, area, span, link.
 */
#ifndef WRITE_SVG_H
#define WRITE_SVG_H

#include "write/axis.h"
#include "write/buffer.h"
#include "write/sheets.h"

#define SVG_WIDE 4000
#define SVG_HIGH 1000
#define SVG_BOX                                                                \
	"<svg class=\"%s\" viewBox=\"0 0 %d %d\" "                             \
	"preserveAspectRatio=\"none\">"

/* The class that gives a subflow's colour, in `text` of SVG_CLASS. */
#define SVG_CLASS 32
char *svg_class(int subflow, char *text);
/* Makes an element a subflow's, to be switched on and off; those from
 * PICTURE_SUBFLOWS on are together. */
void svg_subflow(struct buffer *out, int subflow);

/* A picture in the making. */
struct svg {
	struct buffer *out;
	const struct shown *shown;
	struct axis x, y;
	bool lanes; /* a subflow each */
	int height; /* of the plot, in pixels */
};

/* Axes and what is drawn; what follows is on top of it, until svg_end. `of`
 * says what of, for those who cannot see it. */
void svg_begin(struct svg *svg, struct buffer *out, const struct shown *shown,
	       const char *of);
void svg_end(struct svg *svg);

/* Where a value is in the plot: percent, pixels. */
double svg_across(const struct svg *svg, int64_t x);
double svg_down(const struct svg *svg, int64_t y);
/* How high a lane is, in pixels. */
double svg_lane(const struct svg *svg);

/* ... and in the box. */
struct place {
	int x, y;
};
struct place svg_place(const struct svg *svg, int64_t x, int64_t y);

/* A whole figure: title, picture, and what its series are. */
void svg_figure(struct buffer *out, const struct shown *shown);

#endif
