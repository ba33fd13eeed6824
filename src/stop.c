/* SPDX-License-Identifier: BSD-3-Clause */
#include "stop.h"

#include "base/leftovers.h"

#include <sys/select.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stopped;

void stop_at_once(int number)
{
	leftovers_remove();
	signal(number, SIG_DFL);
	raise(number);
}

static void stop(int number)
{
	if (stopped)
		stop_at_once(number);
	stopped = number;
}

static void stopping(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

void stop_handle(struct sigaction *action)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;

	stopping(&action->sa_mask);
	for (int i = 0; i < 3; i++)
		if (!sigaction(numbers[i], NULL, &before) &&
		    before.sa_handler != SIG_IGN)
			sigaction(numbers[i], action, NULL);
}

void stop_on_signals(void)
{
	struct sigaction action = {
	    .sa_handler = stop,
	    .sa_flags = (int)SA_RESTART,
	};

	stopped = 0;
	stop_handle(&action);
}

/* None may come between looking whether one did and waiting. */
bool stop_wait(int fd)
{
	sigset_t set, before;
	fd_set fds;
	int n = 0;

	if (fd < 0 || fd >= FD_SETSIZE)
		return !stopped;
	stopping(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	while (!stopped && n <= 0) {
		FD_ZERO(&fds);
		FD_SET(fd, &fds);
		n = pselect(fd + 1, &fds, NULL, NULL, NULL, &before);
		if (n < 0 && errno != EINTR)
			break; /* reading will tell */
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return !stopped;
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
