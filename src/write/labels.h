/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Labels of a picture: a line at the time of each, and above the plot its text
 * where there is room. How wide a plot will be is not known here: they are
 * fitted in for three widths, and the style sheet shows those that fit.
 */
#ifndef WRITE_LABELS_H
#define WRITE_LABELS_H

#include "write/svg.h"

/* Pixels that they take above the plot. */
int labels_height(const struct svg *svg);
void labels_put(const struct svg *svg);

#endif
