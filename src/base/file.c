/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"

#include <sys/stat.h>

bool file_is_one_of(const char *name, const char *const *others, size_t n)
{
	struct stat one, other;

	if (stat(name, &one) || !S_ISREG(one.st_mode))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!stat(others[i], &other) && one.st_dev == other.st_dev &&
		    one.st_ino == other.st_ino)
			return true;
	return false;
}
