/* SPDX-License-Identifier: BSD-3-Clause */
#include "complain.h"

#include "base/log.h"
#include "progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void complain(int *status, const char *format, ...)
{
	char text[2048];
	va_list args;

	if (status)
		*status = 1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	progress_clear();
	fprintf(stderr, "mptcptrace: %s\n", text);
	log_line(LOG_WARN, "%s", text);
}

bool reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}
