/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which system calls remain. What is refused looks as if the kernel did not
 * have it, for which libraries are prepared.
 */
#include "base/confine.h"

#ifdef HAVE_LIBSECCOMP

#include "base/alloc.h"

#include <sys/ioctl.h>
#include <sys/mman.h>

#include <errno.h>
#include <sched.h>
#include <seccomp.h>

#define REFUSE SCMP_ACT_ERRNO(ENOSYS)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reading, tracking and writing; a few are only some machine's. */
static const char *const needed[] = {
    /* open files */
    "read", "readv", "pread64", "write", "writev", "pwrite64", "lseek",
    "_llseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl",
    "fcntl64", "ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync",
    "fadvise64", "fadvise64_64", "poll", "ppoll", "ppoll_time64", "select",
    "_newselect", "pselect6", "pselect6_time64", "pipe", "pipe2",
    /* files by name, where Landlock lets them */
    "open", "openat", "access", "faccessat", "faccessat2", "stat", "stat64",
    "lstat", "lstat64", "fstat", "fstat64", "fstatat64", "newfstatat", "statx",
    "readlink", "readlinkat", "getcwd", "getdents", "getdents64", "mkdir",
    "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
    "link", "linkat", "fchmod", "fchown", "fchown32", "umask",
    /* memory, but for code */
    "munmap", "mremap", "madvise", "brk",
    /* threads */
    "futex", "futex_time64", "set_robust_list", "rseq", "sched_yield",
    "sched_getaffinity", "exit", "exit_group", "membarrier",
    /* signals */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
    "sigaltstack", "tgkill", "restart_syscall",
    /* what one may know */
    "clock_gettime", "clock_gettime64", "clock_getres", "gettimeofday", "time",
    "times", "getrandom", "getrusage", "getpid", "gettid", "getppid", "getuid",
    "geteuid", "getgid", "getegid", "getuid32", "geteuid32", "getgid32",
    "getegid32", "sysinfo", "uname", "getrlimit", "ugetrlimit", "prlimit64",
    "setrlimit", "nanosleep", "clock_nanosleep", "clock_nanosleep_time64"};

/* Calls of which an argument says whether they are harmless: those bits of it
 * are to be as said. */
static const struct {
	const char *name;
	unsigned argument;
	scmp_datum_t bits, value;
} some[] = {
    {"mmap", 2, PROT_EXEC, 0},
    {"mmap2", 2, PROT_EXEC, 0},
    {"mprotect", 2, PROT_EXEC, 0},
    {"ioctl", 1, UINT32_MAX, TCGETS},
    {"ioctl", 1, UINT32_MAX, TIOCGWINSZ},
#if defined(__s390__) || defined(__s390x__)
    {"clone", 1, CLONE_THREAD, CLONE_THREAD},
#else
    {"clone", 0, CLONE_THREAD, CLONE_THREAD},
#endif
};

/* What not even another program that is started needs. */
static const char *const given_up[] = {
    /* networks */
    "socketcall", "connect", "bind", "listen", "accept", "accept4", "sendto",
    "sendmsg", "sendmmsg",
    /* others' memory, files and powers */
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "pidfd_getfd", "kcmp", "userfaultfd", "open_by_handle_at",
    "name_to_handle_at", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "perf_event_open", "bpf", "add_key", "keyctl",
    "request_key", "capset",
    /* the system */
    "mount", "umount", "umount2", "move_mount", "fsopen", "fsmount",
    "open_tree", "pivot_root", "chroot", "setns", "unshare", "init_module",
    "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime",
    "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64",
    "sethostname", "setdomainname", "syslog", "mknod", "mknodat"};

/* One that this machine does not have needs no rule. */
static int add(scmp_filter_ctx filter, uint32_t action, const char *name,
	       unsigned n, const struct scmp_arg_cmp *argument)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(filter, action, number, n, argument);
}

static int add_needed(scmp_filter_ctx filter)
{
	int bad = 0;

	for (size_t i = 0; i < COUNT(needed); i++)
		bad |= add(filter, SCMP_ACT_ALLOW, needed[i], 0, NULL);
	for (size_t i = 0; i < COUNT(some); i++) {
		const struct scmp_arg_cmp argument =
		    SCMP_CMP(some[i].argument, SCMP_CMP_MASKED_EQ, some[i].bits,
			     some[i].value);

		bad |= add(filter, SCMP_ACT_ALLOW, some[i].name, 1, &argument);
	}
	return bad;
}

static int add_given_up(scmp_filter_ctx filter)
{
	int bad = 0;

	for (size_t i = 0; i < COUNT(given_up); i++)
		bad |= add(filter, REFUSE, given_up[i], 0, NULL);
	return bad;
}

bool confine_syscalls(bool programs)
{
	scmp_filter_ctx filter;
	bool done;

	alloc_ahead();
	filter = seccomp_init(programs ? SCMP_ACT_ALLOW : REFUSE);
	if (!filter)
		return false;
	done = !(programs ? add_given_up(filter) : add_needed(filter)) &&
	       !seccomp_load(filter);
	seccomp_release(filter);
	return done;
}

#else

bool confine_syscalls(bool programs)
{
	(void)programs;
	return false;
}

#endif
