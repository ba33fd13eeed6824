/* SPDX-License-Identifier: BSD-3-Clause */
#include "unit.h"

Suite *unit_suite(void)
{
	return suite_create("graphs");
}
