/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/segment.h"

#include "decode/layers.h"

enum decode_status decode_frame(const struct frame *frame, struct segment *seg)
{
	struct cursor in = {.at = frame->bytes};

	if (!frame->caplen)
		return DECODE_SHORT;
	in.end = frame->bytes + frame->caplen;
	if (frame->wirelen > frame->caplen)
		in.cut = frame->wirelen - frame->caplen;
	seg->frame = frame->number;
	seg->time = frame->time;
	return link_decode(frame->linktype, &in, seg);
}
