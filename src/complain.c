/* SPDX-License-Identifier: BSD-3-Clause */
#include "complain.h"

#include "base/log.h"
#include "base/shown.h"
#include "progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *trace; /* NULL: there is only one */

void complain_of(const char *name)
{
	trace = name;
}

/* Does the message begin with the trace's name? */
static bool is_told(const char *text)
{
	size_t length = strlen(trace);

	return !strncmp(text, trace, length) && text[length] == ':';
}

/* Written at once: several processes may complain. */
static void write_line(const char *text)
{
	char *line = NULL;
	size_t size;
	FILE *whole = open_memstream(&line, &size);
	FILE *file = whole ? whole : stderr;

	fputs("mptcptrace: ", file);
	if (trace && !is_told(text)) {
		shown_put(trace, file);
		fputs(": ", file);
	}
	shown_put(text, file);
	fputc('\n', file);
	if (whole && !fclose(whole))
		fwrite(line, 1, size, stderr);
	free(line);
}

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
	write_line(text);
	log_line(LOG_WARN, "%s", text);
}

bool reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}
