/* SPDX-License-Identifier: BSD-3-Clause */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_AFTER 1.0 /* seconds: shorter runs show nothing */
#define EVERY	    0.2

static struct {
	double begun, shown;
	bool on_screen, off;
} progress;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Is it time for it? If so, since when it runs is in *lasts. */
static bool begin(double *lasts)
{
	double time = now();

	if (!progress.begun)
		progress.begun = progress.shown = time;
	*lasts = time - progress.begun;
	if (progress.off || *lasts < FIRST_AFTER ||
	    time - progress.shown < EVERY || !isatty(STDERR_FILENO))
		return false;
	progress.shown = time;
	progress.on_screen = true;
	fputs("\r\033[K", stderr);
	return true;
}

void progress_show(uint64_t packets, uint64_t done, uint64_t total)
{
	double lasts;

	if (!begin(&lasts))
		return;
	if (total)
		fprintf(stderr, "%3.0f %%  ",
			100.0 * (double)done / (double)total);
	fprintf(stderr, "%.1f million packets, %.2f million a second",
		(double)packets / 1e6, (double)packets / 1e6 / lasts);
	fflush(stderr);
}

void progress_jobs(size_t done, size_t all)
{
	double lasts;

	if (!begin(&lasts))
		return;
	fprintf(stderr, "%3.0f %%  %zu of %zu traces",
		100.0 * (double)done / (double)all, done, all);
	fflush(stderr);
}

void progress_off(void)
{
	progress.off = true;
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
