/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/confine.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WATCHED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED /* by what opens files, and looks into memory, to report */
#endif

#if defined(HAVE_LINUX_LANDLOCK_H) && !defined(WATCHED)

#include "base/result.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of kernels newer than the headers may be. */
#define REFER	  (1u << 13)
#define TRUNCATE  (1u << 14)
#define IOCTL_DEV (1u << 15)
#define NET_ALL	  3u
#define SCOPE_ALL 3u

#define LOOK                                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |           \
	 LANDLOCK_ACCESS_FS_READ_DIR)
#define FILL (LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define MAKE                                                                   \
	(FILL | REFER | LANDLOCK_ACCESS_FS_READ_FILE |                         \
	 LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |           \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |        \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | FILL)

/* struct landlock_ruleset_attr as it has become. */
struct ruleset {
	uint64_t files, network, scoped;
};

/* What a version of Landlock can forbid. The first is of no use here: under it
 * no file gets from one directory into another. */
static const struct {
	int version;
	size_t size;
	uint64_t files; /* all up to the highest */
	uint64_t network, scoped;
} versions[] = {
    {6, 24, IOCTL_DEV * 2 - 1, NET_ALL, SCOPE_ALL},
    {5, 16, IOCTL_DEV * 2 - 1, NET_ALL, 0},
    {4, 16, TRUNCATE * 2 - 1, NET_ALL, 0},
    {3, 8, TRUNCATE * 2 - 1, 0, 0},
    {2, 8, REFER * 2 - 1, 0, 0},
};

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

struct landlock {
	int fd;
	uint64_t handled;
	bool wrong; /* what is needed could not be allowed */
};

/* What lies there or below may be used like this. */
static void allow(struct landlock *landlock, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {
	    .allowed_access = access & landlock->handled,
	    .parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	struct stat is;

	if (rule.parent_fd < 0) {
		landlock->wrong |= errno == EMFILE || errno == ENFILE;
		return;
	}
	if (!fstat(rule.parent_fd, &is) && !S_ISDIR(is.st_mode))
		rule.allowed_access &= OF_FILES;
	if (rule.allowed_access)
		syscall(SYS_landlock_add_rule, landlock->fd,
			LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

/* The directory of what a name leads to, where a new file takes its place. */
static void allow_replacing(struct landlock *landlock, const char *name)
{
	char *path = result_path(name);
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
	allow(landlock, slash ? path : ".", MAKE);
	free(path);
}

/* A directory is no trace: it may be opened, which says so, but what is in it
 * may not be read. */
static void allow_reading(struct landlock *landlock, const char *name)
{
	struct stat is;
	bool directory = !stat(name, &is) && S_ISDIR(is.st_mode);

	allow(landlock, name,
	      directory ? LANDLOCK_ACCESS_FS_READ_DIR
			: LANDLOCK_ACCESS_FS_READ_FILE);
}

static void allow_all(struct landlock *landlock,
		      const struct confine_needs *needs)
{
	const char *temporary = getenv("TMPDIR");

	for (size_t i = 0; i < needs->n_read; i++)
		allow_reading(landlock, needs->read[i]);
	for (size_t i = 0; i < needs->n_results; i++)
		allow(landlock, needs->results[i], MAKE);
	for (size_t i = 0; i < needs->n_write; i++) {
		allow(landlock, needs->write[i], FILL);
		allow_replacing(landlock, needs->write[i]);
	}
	allow(landlock, temporary && *temporary ? temporary : "/tmp", MAKE);
	allow(landlock, "/dev/null", FILL);
	allow(landlock, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE);
}

static bool confine_files(const struct confine_needs *needs)
{
	const int has = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				     LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock landlock = {0};
	struct ruleset ruleset;
	bool done = false;
	size_t i = 0;

	while (i < VERSIONS && versions[i].version > has)
		i++;
	if (i == VERSIONS)
		return false;
	landlock.handled = versions[i].files & ~(needs->programs ? LOOK : 0ull);
	ruleset.files = landlock.handled;
	ruleset.network = versions[i].network;
	ruleset.scoped = versions[i].scoped;
	landlock.fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset,
				   versions[i].size, 0);
	if (landlock.fd < 0)
		return false;
	allow_all(&landlock, needs);
	done = !landlock.wrong &&
	       !syscall(SYS_landlock_restrict_self, landlock.fd, 0);
	close(landlock.fd);
	return done;
}

unsigned confine(const struct confine_needs *needs)
{
	unsigned done = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 0;
	if (confine_files(needs))
		done |= CONFINED_FILES;
	if (confine_syscalls(needs->programs))
		done |= CONFINED_SYSCALLS;
	return done;
}

#else

unsigned confine(const struct confine_needs *needs)
{
	(void)needs;
	return 0;
}

#endif
