/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/cells.h"

#include "write/line.h"

#include <string.h>

void cells_write(FILE *file, const struct style *style,
		 const struct cell *cells, int n, int below)
{
	struct line line;
	int next = 0;

	line_begin(&line, file, style);
	for (const struct cell *cell = cells; cell < cells + n; cell++) {
		const char *text = cell->text ? cell->text : "";
		const char *mark = style->colour ? cell->mark : NULL;
		int taken = style_columns(text, strlen(text));
		int width = cell->width > taken ? cell->width : taken;

		if (!taken)
			continue;
		if (style->terminal && next && next + width > style->width) {
			line_end(&line);
			next = below;
		}
		line_go_to(&line, next + (cell->right ? width - taken : 0));
		if (mark)
			line_verbatim(&line, "%s%s" STYLE_END, mark, text);
		else
			line_bare(&line, text);
		next += width + 1;
	}
	line_end(&line);
}
