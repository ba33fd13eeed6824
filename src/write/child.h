/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gnuplot as a process of its own, without a shell: it is told commands, and
 * answers. One that does not answer is killed.
 */
#ifndef WRITE_CHILD_H
#define WRITE_CHILD_H

#include "base/err.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define CHILD_PROGRAM "gnuplot"
#define CHILD_SAID    2048 /* of what it complains of, the last */

/* The first five are the caller's, the rest is zeroed at first. */
struct child {
	const char *directory;	       /* where it works */
	const char *format, *terminal; /* it makes that, with this */
	unsigned patience;	       /* s that it may take for an answer */
	bool (*stopped)(void);	       /* by the user; or NULL */
	pid_t process;		       /* 0: there is none; leads a group */
	int commands, answers, complaints; /* ends of pipes */
	time_t asked;  /* when: of a clock that only ticks */
	char line[64]; /* an answer that is coming */
	size_t line_size;
	char said[CHILD_SAID + 1];
	size_t said_size;
};

/* STOPPED: the user says so. */
enum answer { NOTHING, READY, DONE, NO_TERMINAL, GONE, LATE, STOPPED };

/* Starts one that can make the format. -1 and err if there is none. */
int child_begin(struct child *child, struct err *err);
/* Kills it with all that it started, if it is there. */
void child_stop(struct child *child);

/* Tells it commands; so few that its pipe takes them at once. */
void child_say(struct child *child, const char *text);
/* Waits for an answer, or with !wait sees whether there is one. */
enum answer child_listen(struct child *child, bool wait);
/* Why there is no picture, perhaps in `text`. */
const char *child_reason(struct child *child, enum answer answer, char *text,
			 size_t size);
bool child_is_stopped(const struct child *child);

#endif
