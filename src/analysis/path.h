/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ANALYSIS_PATH_H
#define ANALYSIS_PATH_H

/* Boxes write NOPs over an option, to keep the length of the header. No stack
 * pads with so many: MP_CAPABLE, the shortest option there is to remove, has
 * 4 octets, padding 3 at most. */
#define NOPS_REMOVED 4

#endif
