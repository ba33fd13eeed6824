/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP packet, with all that is known of it in the end: a row of --packets.
 */
#ifndef REPORT_PACKET_H
#define REPORT_PACKET_H

#include "base/nstime.h"

#include <stdint.h>

struct report_packet {
	uint64_t frame;
	nstime_t time;
};

#endif
