/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --packets: a line a packet. First what tcpdump says of it, in its words and
 * order, and with MPTCP options only; after " | ", what only somebody knows who
 * has followed the connection.
 */
#ifndef WRITE_PACKETS_H
#define WRITE_PACKETS_H

#include "report/packet.h"
#include "write/writer.h"

#include <stdbool.h>
#include <stdio.h>

struct packet_lines;

/* `relative`: times since the first packet. The options are copied. */
struct packet_lines *packet_lines_new(FILE *file,
				      const struct writer_options *options,
				      bool relative);
void packet_lines_free(struct packet_lines *lines); /* NULL is fine */

void packet_write(struct packet_lines *lines,
		  const struct report_packet *packet);

#endif
