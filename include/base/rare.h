/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For functions that few packets need: the compiler then keeps them, and what
 * leads to them, out of the way of what every packet takes.
 */
#ifndef BASE_RARE_H
#define BASE_RARE_H

#define RARE __attribute__((cold, noinline))

#endif
