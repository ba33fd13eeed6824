/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the options of a packet mean to its connection, for packets.c: tokens,
 * DATA_FIN, and verdicts on HMACs and keys.
 */
#ifndef ANALYSIS_PACKETOPTIONS_H
#define ANALYSIS_PACKETOPTIONS_H

#include "analysis/held.h"

void packet_options(struct held *held, struct record *record);

/* Several verdicts on one packet: the worst. */
void packet_judge(struct packet_verdict *of, enum verdict verdict);

#endif
