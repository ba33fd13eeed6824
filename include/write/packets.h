/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --packets: a line a packet.
 */
#ifndef WRITE_PACKETS_H
#define WRITE_PACKETS_H

#include "report/packet.h"
#include "write/writer.h"

#include <stdio.h>

void packet_write(FILE *file, const struct report_packet *packet,
		  const struct writer_options *options);

#endif
