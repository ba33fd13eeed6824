/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DSS checksums, RFC 8684 section 3.3.1: one's complement over the mapped
 * payload and a pseudo header. Summed up as bytes are first seen on the
 * subflow, in any order; 16-bit words start at even offsets of the mapping.
 */
#include "track/internal.h"

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

uint32_t checksum_sum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (; size >= 2; size -= 2, bytes += 2)
		sum += (uint32_t)bytes[0] << 8 | bytes[1];
	if (size)
		sum += (uint32_t)bytes[0] << 8;
	return fold(sum);
}

static uint32_t swap_bytes(uint32_t sum)
{
	return (sum & 0xff) << 8 | sum >> 8;
}

static bool checksum_right(const struct mapping *mapping)
{
	uint32_t sum = fold(mapping->sum);

	for (int shift = 0; shift < 64; shift += 16)
		sum += mapping->dsn >> shift & 0xffff;
	sum += (mapping->ssn & 0xffff) + (mapping->ssn >> 16);
	sum += mapping->length + mapping->checksum;
	return fold(sum) == 0xffff;
}

static void say_checked(const struct arrival *arrival, enum verdict verdict)
{
	struct event event;

	if (!is_wanted(arrival->tracker, EVENT_CHECKED))
		return;
	event = event_of(arrival, EVENT_CHECKED);
	event.u.verdict = verdict;
	say(arrival->tracker, &event);
}

void checksum_judge(struct arrival *arrival, struct mapping *mapping)
{
	struct conn_half *half = &arrival->conn->half[arrival->side];
	struct event event;

	mapping->judged = true;
	if (checksum_right(mapping)) {
		half->checksum_ok++;
		say_checked(arrival, GOOD);
		return;
	}
	half->checksum_bad++;
	event = event_of(arrival, EVENT_CHECKSUM);
	event.u.mapping = mapping;
	say(arrival->tracker, &event);
	say_checked(arrival, BAD);
}

/* Bytes [start, end) of *mapping were seen for the first time. */
void checksum_add(struct arrival *arrival, struct mapping *mapping,
		  int64_t start, int64_t end, uint32_t sum, bool known)
{
	if (!known)
		mapping->unsummable = true;
	if ((start - mapping->start) & 1)
		sum = swap_bytes(sum);
	mapping->sum = fold(mapping->sum + sum);
	mapping->summed += (uint32_t)(end - start);
	if (mapping->judged || mapping->summed != mapping->end - mapping->start)
		return;
	if (mapping->unsummable)
		say_checked(arrival, UNCHECKED);
	else
		checksum_judge(arrival, mapping);
}
