/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The colours of pictures. One a subflow, the same in all pictures of a
 * connection; they come again with another dash or shape where there are more
 * subflows than colours.
 *
 * Measured as CIEDE2000, as seen by all, and with protanopia, deuteranopia or
 * tritanopia (Machado, Oliveira and Fernandes 2009, severity 1): any two
 * colours of subflows are at least 13.7 apart, any of the first four 21, and
 * those of inks at least 11 from all others. The contrast is at least 2.5 to
 * white, 2.6 to #121212. INK_SUBFLOW's was not measured.
 */
#ifndef WRITE_PALETTE_H
#define WRITE_PALETTE_H

#include "report/figure.h"

struct tint {
	const char *light, *dark; /* "#rrggbb", on white and on #121212 */
};

#define PALETTE_SUBFLOWS 8
#define PALETTE_ROUNDS	 5 /* so many dashes and shapes */

/* The colour of a subflow: palette_subflow[id % PALETTE_SUBFLOWS], in later
 * rounds with so much of the background in it, in percent. */
extern const struct tint palette_subflow[PALETTE_SUBFLOWS];
extern const int palette_faded[PALETTE_ROUNDS];
/* Those of inks, by enum ink; INK_SUBFLOW's is for series of all subflows. */
extern const struct tint palette_ink[INK_LOST + 1];

#endif
