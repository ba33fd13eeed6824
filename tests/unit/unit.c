/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

#include <stdlib.h>

int main(void)
{
	SRunner *runner = srunner_create(unit_suite());

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	/* Each failure is told by TAP; the exit code is for a lost runner. */
	srunner_free(runner);
	return EXIT_SUCCESS;
}
