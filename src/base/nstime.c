/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/nstime.h"

#include "base/format.h"

#include <inttypes.h>
#include <stdio.h>

nstime_t nstime_clamp(int64_t time)
{
	if (time > NSTIME_MOST)
		return NSTIME_MOST;
	return time < -NSTIME_MOST ? -NSTIME_MOST : time;
}

nstime_t nstime_from(int64_t seconds, uint32_t nanoseconds)
{
	const int64_t most = INT64_MAX / NSTIME_SECOND - 5;

	if (seconds > most)
		seconds = most;
	if (seconds < -most)
		seconds = -most;
	return nstime_clamp(seconds * NSTIME_SECOND + nanoseconds);
}

char *nstime_print(nstime_t time, int digits, char *text)
{
	int64_t seconds = time / NSTIME_SECOND;
	int64_t fraction = time % NSTIME_SECOND;
	const char *sign = "";

	if (time < 0) {
		sign = "-";
		seconds = -seconds;
		fraction = -fraction;
	}
	if (digits == 6)
		format_text(text, NSTIME_TEXT, "%s%" PRId64 ".%06" PRId64, sign,
			    seconds, fraction / 1000);
	else
		format_text(text, NSTIME_TEXT, "%s%" PRId64 ".%09" PRId64, sign,
			    seconds, fraction);
	return text;
}
