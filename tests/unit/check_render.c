/* SPDX-License-Identifier: BSD-3-Clause */
/* A gnuplot that hangs; tests/render has what else may be wrong with it. */
#include "../../src/write/render.h"

#include "unit.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char directory[] = "/tmp/mptcptrace-render-XXXXXX";
static char program[sizeof(directory) + 16];

static void make_directory(void)
{
	char path[4096];

	ck_assert(mkdtemp(directory));
	snprintf(program, sizeof(program), "%s/gnuplot", directory);
	snprintf(path, sizeof(path), "%s:%s", directory, getenv("PATH"));
	setenv("PATH", path, 1);
}

static void remove_directory(void)
{
	unlink(program);
	rmdir(directory);
}

/* From now on, a program that does only that. */
static void fake(const char *script)
{
	FILE *file = fopen(program, "w");

	ck_assert(file);
	fprintf(file, "#!/bin/sh\n%s\n", script);
	fclose(file);
	ck_assert_int_eq(chmod(program, 0700), 0);
}

START_TEST(never_ready)
{
	struct err err;

	fake("exec sleep 1000");
	ck_assert(!render_new(directory, ".", "svg", 1, NULL, &err));
	ck_assert_str_eq(err.text,
			 "gnuplot: no answer for 1 s: scripts are written, "
			 "but no pictures (--render svg)");
}
END_TEST

/* That costs its patience once, not once a script. */
START_TEST(hangs)
{
	time_t begun = time(NULL);
	struct render *render;
	struct err err;

	fake("echo ready; exec sleep 1000");
	render = render_new(directory, ".", "svg", 1, NULL, &err);
	ck_assert(render);
	for (int i = 0; i < 40; i++)
		render_script(render, "script.gp");
	ck_assert_int_eq(render_finish(render, &err), -1);
	ck_assert_str_eq(err.text, "script.gp: gnuplot: no answer for 1 s "
				   "(and 39 more without a picture)");
	render_free(render);
	ck_assert_int_lt(time(NULL) - begun, 20);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("render");
	TCase *late = tcase_create("late");

	tcase_add_unchecked_fixture(late, make_directory, remove_directory);
	tcase_set_timeout(late, 60);
	tcase_add_test(late, never_ready);
	tcase_add_test(late, hangs);
	suite_add_tcase(suite, late);
	return suite;
}
