/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include "base/file.h"
#include "base/result.h"
#include "base/shown.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static unsigned wanted;
static FILE *file;
static const char *name;

int log_open(const char *path, unsigned levels, struct err *err)
{
	file = result_in_place(path);
	if (!file)
		return err_set(err, "%s: %s", path, strerror(errno));
	name = path;
	wanted = levels & LOG_ALL ? ~0u : levels;
	return 0;
}

int log_close(struct err *err)
{
	int bad;

	if (!file)
		return 0;
	wanted = 0;
	bad = file_finish(file);
	if (bad)
		err_set(err, "%s: %s", name, strerror(errno));
	if (fclose(file) && !bad)
		bad = err_set(err, "%s: %s", name, strerror(errno));
	file = NULL;
	return bad;
}

bool log_wants(enum log_level level)
{
	return wanted & level;
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[2048];
	va_list args;

	if (!log_wants(level))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	shown_put(text, file);
	fputc('\n', file);
}
