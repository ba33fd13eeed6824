/* SPDX-License-Identifier: BSD-3-Clause */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_AFTER 1.0 /* seconds: shorter runs show nothing */
#define EVERY	    0.2

static struct {
	double begun, shown;
	bool on_screen;
} progress;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void progress_show(const struct capture *capture, uint64_t packets)
{
	double time = now();
	uint64_t done, total;

	if (!progress.begun)
		progress.begun = progress.shown = time;
	if (time - progress.begun < FIRST_AFTER ||
	    time - progress.shown < EVERY || !isatty(STDERR_FILENO))
		return;
	progress.shown = time;
	progress.on_screen = true;
	capture_progress(capture, &done, &total);
	fputs("\r\033[K", stderr);
	if (total)
		fprintf(stderr, "%3.0f %%  ",
			100.0 * (double)done / (double)total);
	fprintf(stderr, "%.1f million packets, %.2f million a second",
		(double)packets / 1e6,
		(double)packets / 1e6 / (time - progress.begun));
	fflush(stderr);
}

void progress_clear(void)
{
	if (progress.on_screen)
		fputs("\r\033[K", stderr);
	progress.on_screen = false;
}

void progress_restart(void)
{
	progress_clear();
	progress.begun = 0;
}
