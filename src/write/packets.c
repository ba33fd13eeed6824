/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/packets.h"

void packet_write(FILE *file, const struct report_packet *packet,
		  const struct writer_options *options)
{
	(void)file;
	(void)packet;
	(void)options;
}
