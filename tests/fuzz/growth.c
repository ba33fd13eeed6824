/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looks for inputs of track.c that take more time a packet the more there are:
 * growth FILE... has the packets of each told over and over, until there are
 * 3,000 and 30,000 of them, and prints nanoseconds a packet, how many times
 * more the last are than the first, and the file.
 */
#include "speech.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define FEW   3000
#define MANY  (10 * FEW)
#define INPUT (1u << 16)

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Makes the packets and does nothing with them; how many there are. */
static size_t speak(const uint8_t *bytes, size_t size)
{
	static struct speech speech;
	struct frame frame;
	size_t n = 0;

	speech_begin(&speech, (struct octets){bytes + 1, bytes + size});
	while (speech_next(&speech, &frame))
		n++;
	return n;
}

/* Nanoseconds a packet, without making it. */
static double cost(const uint8_t *bytes, size_t size)
{
	double begin = now(), spoken;
	size_t n = speak(bytes, size);

	spoken = now();
	LLVMFuzzerTestOneInput(bytes, size);
	return (now() - spoken - (spoken - begin)) / (double)(n ? n : 1);
}

/* The cost of the input told again until there are so many packets. */
static double cost_of_many(const uint8_t *input, size_t size, size_t wanted)
{
	size_t once = speak(input, size), times = wanted / (once + !once) + 1;
	uint8_t *bytes = malloc(1 + times * size);
	size_t n = 1;
	double result;

	MUST(bytes);
	bytes[0] = input[0];
	for (size_t i = 0; i < times; i++, n += size - 1)
		memcpy(bytes + n, input + 1, size - 1);
	result = cost(bytes, n);
	free(bytes);
	return result;
}

int main(int argc, char **argv)
{
	static uint8_t bytes[INPUT];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		double few, many;
		size_t size;

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		size = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		if (size < 2)
			continue;
		few = cost_of_many(bytes, size, FEW);
		many = cost_of_many(bytes, size, MANY);
		printf("%.0f %.0f %.2f %s\n", few, many, many / few, argv[i]);
	}
	return 0;
}
