/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For functions that few packets need: the compiler then keeps them, and what
 * leads to them, out of the way of what every packet takes. And for those that
 * every packet needs.
 */
#ifndef BASE_RARE_H
#define BASE_RARE_H

/* Not even each connection. Made small, not quick. */
#define RARE __attribute__((cold, noinline))

/* Once or twice in the life of each. */
#define SELDOM __attribute__((noinline))

/* With each packet, or each number that is written: a part of who calls it, also
 * where two do. Not for what is long. */
#define OFTEN __attribute__((always_inline)) inline

#endif
