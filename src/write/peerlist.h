/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All TCP of a trace for people: flows by kind, and those of each client's and
 * each server's address.
 */
#ifndef WRITE_PEERLIST_H
#define WRITE_PEERLIST_H

#include "report/peers.h"
#include "write/style.h"

#define PEERLIST_MAX 20 /* addresses of a role that are shown */

void peerlist_write(FILE *file, const struct style *style, struct peers *peers);

#endif
