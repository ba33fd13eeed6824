/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * decode_frame: the first octet is the link type, the second how many octets
 * were not captured, the rest is the frame.
 */
#include "fuzz.h"

#include "decode/segment.h"

#include <stdbool.h>
#include <string.h>

/* All that decoding knows, and one that it does not. */
static const uint32_t linktypes[] = {
    1, 276, 113, 101, 12, 14, 228, 229, 0, 108, 9, 50, 51, 104, 105, 127, 147,
};

#define N_LINKTYPES (sizeof(linktypes) / sizeof(*linktypes))

static void check_segment(const struct segment *segment,
			  const struct frame *frame)
{
	const uint8_t *end = frame->bytes + frame->caplen;
	unsigned sum = 0;

	MUST(segment->captured <= segment->payload);
	MUST(segment->payload < segment->ip_bytes);
	MUST(segment->n_sack <= SACK_BLOCKS_MAX);
	MUST(segment->n_mptcp <= MPTCP_OPTIONS_MAX);
	/* Of 40 octets; those of no valid form have 2 at least. */
	MUST(3 * segment->n_mptcp + 2 * segment->n_mptcp_bad <= 40);
	if (segment->captured) {
		MUST(segment->data >= frame->bytes);
		MUST((size_t)(end - segment->data) >= segment->captured);
	}
	for (int i = 0; i < segment->n_mptcp; i++) {
		const struct mptcp_option *option = &segment->mptcp[i];

		MUST(option->length >= 3 && option->length <= 40);
		sum += option->length;
		if (option->subtype == MPTCP_REMOVE_ADDR)
			MUST(option->u.remove_addr.n <= 37);
	}
	MUST(sum <= 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct octets in = {bytes, bytes + size};
	struct frame frame = {.number = 1, .time = 1};
	struct segment segment;
	enum decode_status status;
	uint8_t *exact;

	frame.linktype = linktypes[octets_u8(&in) % N_LINKTYPES];
	frame.wirelen = octets_u8(&in);
	frame.caplen = (uint32_t)octets_left(&in);
	frame.wirelen += frame.caplen;
	/* Memory of its own, so that it shows when somebody reads behind it. */
	exact = malloc(frame.caplen + !frame.caplen);
	MUST(exact);
	memcpy(exact, in.at, frame.caplen);
	frame.bytes = exact;
	status = decode_frame(&frame, &segment);
	MUST(status <= DECODE_LINK);
	if (status == DECODE_TCP)
		check_segment(&segment, &frame);
	free(exact);
	return 0;
}
