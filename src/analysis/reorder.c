/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/analysis.h"

static void on_event(struct desk *desk, const struct event *event)
{
	(void)desk;
	(void)event;
}

const struct analysis analysis_reorder = {
    .name = "reorder",
    .on_event = on_event,
};
