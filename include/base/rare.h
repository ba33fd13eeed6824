/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For functions that few packets need: the compiler then keeps them, and what
 * leads to them, out of the way of what every packet takes.
 */
#ifndef BASE_RARE_H
#define BASE_RARE_H

/* Not even each connection. Made small, not quick. */
#define RARE __attribute__((cold, noinline))

/* Once or twice in the life of each. */
#define SELDOM __attribute__((noinline))

#endif
