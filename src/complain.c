/* SPDX-License-Identifier: BSD-3-Clause */
#include "complain.h"

#include "base/log.h"
#include "progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Names come from anybody: what would control a terminal is shown. */
static void put_shown(const char *text, FILE *file)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '\177')
			fprintf(file, "\\x%02x", (unsigned)*text & 0xff);
		else
			fputc(*text, file);
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
	fputs("mptcptrace: ", stderr);
	put_shown(text, stderr);
	fputc('\n', stderr);
	log_line(LOG_WARN, "%s", text);
}

bool reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}
