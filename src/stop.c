/* SPDX-License-Identifier: BSD-3-Clause */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

void stop_on_signals(void)
{
	const struct sigaction action = {
	    .sa_handler = stop,
	    .sa_flags = (int)SA_RESETHAND | SA_RESTART,
	};

	stopped = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

int stop_signal(void)
{
	return stopped;
}

bool is_stopped(void)
{
	return stopped;
}

void stop_set(int number)
{
	stopped = number;
}
