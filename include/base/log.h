/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log of -l: what happened on the way, for somebody who looks into a run.
 * Off unless log_open was called; its level is the only global state there
 * is. Not for messages to the user, which are main's.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

#include <stdbool.h>

enum log_level { /* bits, as of the mptcptrace of 2014 */
		 LOG_BUG = 1,
		 LOG_WARN = 2,
		 LOG_INFO = 4,
		 LOG_CONN = 8,
		 LOG_ALL = 16,
};

/* Opens `path` anew, in place of what had that name; it is borrowed until
 * log_close; `levels` is a sum of enum log_level. */
int log_open(const char *path, unsigned levels, struct err *err);
int log_close(struct err *err); /* fine when not open */
bool log_wants(enum log_level level);
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
