/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The legend of a picture for gnuplot, in columns below the plot: subflows by
 * their addresses, then the series, with as many points as there are.
 */
#include "write/gnuplot.h"

#include "base/alloc.h"
#include "write/human.h"
#include "write/palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUBFLOWS_MAX 64 /* named; the others are counted */
#define KEY_LEFT     19 /* beside the plot's left */
#define SAMPLE	     60 /* pixels beside each text */
/* gnuplot has no more rows than would go into the plot, so high each, and more
 * columns then, whether or not they can be seen. */
#define KEY_ROW 22

struct entry {
	char how[96]; /* gnuplot's words for the sample */
	char text[224];
};

struct gnuplot_legend {
	struct entry entries[SUBFLOWS_MAX + SERIES_MAX + 2];
	size_t n;
	size_t named, n_named; /* subflows that may be, and are */
	int columns, rows, widest;
};

static const struct series *series_of(const struct shown *shown,
				      const struct stroke *stroke)
{
	return &shown->figure->kind->series[stroke->series];
}

static struct entry *add(struct gnuplot_legend *legend)
{
	return &legend->entries[legend->n++];
}

/*
 * Subflows.
 */

/* Is there another subflow between the same addresses? */
static bool has_twin(const struct report_conn *conn,
		     const struct report_subflow *subflow)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct report_subflow *other = &conn->subflows[i];

		if (other != subflow &&
		    address_same(&other->source.address,
				 &subflow->source.address) &&
		    address_same(&other->destination.address,
				 &subflow->destination.address))
			return true;
	}
	return false;
}

/* From the connection's client to its server, whoever opened it. */
static void name_subflow(const struct report_conn *conn, int id, char *text,
			 size_t size)
{
	const struct report_subflow *subflow = &conn->subflows[id];
	bool turned = subflow->initiator == SERVER;
	const struct endpoint *ends[2] = {
	    turned ? &subflow->destination : &subflow->source,
	    turned ? &subflow->source : &subflow->destination,
	};
	char one[END_TEXT], two[END_TEXT];

	if (has_twin(conn, subflow)) {
		endpoint_print(ends[0], one);
		endpoint_print(ends[1], two);
	} else {
		address_print(&ends[0]->address, one);
		address_print(&ends[1]->address, two);
	}
	snprintf(text, size, "subflow %d: %s - %s", id, one, two);
}

/* A sample of what is drawn in a subflow's colour, or of others together. */
static void sample_subflow(enum form form, int id, char *how, size_t size)
{
	char style[32];
	const char *with = form == FORM_DOTS			     ? "points"
			   : form == FORM_STEPS || form == FORM_BARS ? "lines"
								     : "boxes";
	const char *more = form == FORM_DOTS	? "pointsize 1"
			   : form == FORM_STEPS ? "linewidth 2"
			   : form == FORM_BARS	? "dashtype 1 linewidth 4"
						: "fill solid";

	if (id == PICTURE_SUBFLOWS)
		snprintf(style, sizeof(style), "linecolor rgb %s",
			 gnuplot_ink(INK_SUBFLOW));
	else
		snprintf(style, sizeof(style), "linestyle %d",
			 id % GNUPLOT_STYLES + 1);
	snprintf(how, size, "%s %s %s", with, style, more);
}

/* Which subflows have anything in the picture? In lanes all have. That of
 * PICTURE_SUBFLOWS is the others'. */
static bool *find_shown(const struct shown *shown)
{
	const struct report_conn *conn = shown->conn;
	bool *found = xcalloc(conn->n_subflows + 1, sizeof(*found));
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);

	for (size_t i = 0; i < n; i++)
		if (strokes[i].subflow >= 0 &&
		    (size_t)strokes[i].subflow < conn->n_subflows &&
		    series_is_of_subflows(series_of(shown, &strokes[i])))
			found[strokes[i].subflow] = true;
	if (shown->figure->kind->unit == UNIT_SUBFLOW)
		memset(found, true, conn->n_subflows);
	return found;
}

/* Those that have no entry of their own. */
static void add_more(struct gnuplot_legend *legend, size_t more,
		     const char *which)
{
	struct entry *entry = add(legend);
	char count[HUMAN_TEXT];

	snprintf(entry->how, sizeof(entry->how),
		 "points linecolor rgb %s pointtype -2",
		 gnuplot_ink(INK_SUBFLOW));
	snprintf(entry->text, sizeof(entry->text), "and %s more subflow%s%s",
		 human_count((int64_t)more, count), more == 1 ? "" : "s",
		 which);
}

/* Those from PICTURE_SUBFLOWS on have one stroke, or cannot have one. */
static void add_others(struct gnuplot_legend *legend, size_t others,
		       enum form form, bool found)
{
	if (!found && form != FORM_STEPS)
		return;
	add_more(legend, others, found ? ", together" : ", not shown");
	if (found)
		sample_subflow(form, PICTURE_SUBFLOWS,
			       legend->entries[legend->n - 1].how,
			       sizeof(legend->entries->how));
}

static void add_subflows(struct gnuplot_legend *legend,
			 const struct shown *shown, enum form form)
{
	bool *found = find_shown(shown);
	size_t n = shown->conn->n_subflows, more = 0;

	for (size_t i = 0; i < n && i < PICTURE_SUBFLOWS; i++) {
		struct entry *entry;

		if (!found[i])
			continue;
		if (legend->n_named == legend->named) {
			more++;
			continue;
		}
		legend->n_named++;
		entry = add(legend);
		sample_subflow(form, (int)i, entry->how, sizeof(entry->how));
		name_subflow(shown->conn, (int)i, entry->text,
			     sizeof(entry->text));
	}
	if (more)
		add_more(legend, more, "");
	if (n > PICTURE_SUBFLOWS)
		add_others(legend, n - PICTURE_SUBFLOWS, form,
			   found[PICTURE_SUBFLOWS]);
	free(found);
}

/*
 * Series.
 */

static void sample_series(const struct series *series, char *how, size_t size)
{
	const char *ink = gnuplot_ink(series->ink);

	switch (series_has_signs(series) ? FORM_DOTS : series->form) {
	case FORM_DOTS:
		snprintf(how, size, "points linecolor rgb %s pointtype %d", ink,
			 gnuplot_sign(series->sign));
		break;
	case FORM_LINKS:
		snprintf(how, size,
			 "vectors head filled size screen 0.006,20 "
			 "linecolor rgb %s",
			 ink);
		break;
	case FORM_STEPS:
		snprintf(how, size, "lines linecolor rgb %s linewidth 2", ink);
		break;
	case FORM_BARS:
		snprintf(how, size, "lines linecolor rgb %s linewidth 4", ink);
		break;
	default:
		snprintf(how, size, "boxes linecolor rgb %s fill solid", ink);
		break;
	}
}

static bool is_counted(const struct series *series)
{
	return series->form == FORM_DOTS || series_is_loud(series);
}

static void add_series(struct gnuplot_legend *legend,
		       const struct series *series, uint64_t points,
		       uint64_t nowhere, bool is_cut)
{
	struct entry *entry = add(legend);
	char count[HUMAN_TEXT];

	sample_series(series, entry->how, sizeof(entry->how));
	snprintf(entry->text, sizeof(entry->text), "%s%s%s%s", series->name,
		 is_counted(series) ? ": " : "",
		 is_counted(series) ? human_count((int64_t)points, count) : "",
		 is_cut ? " (cut off)" : "");
	if (nowhere)
		snprintf(entry->text + strlen(entry->text),
			 sizeof(entry->text) - strlen(entry->text),
			 ", and %s of unknown value",
			 human_count((int64_t)nowhere, count));
}

/* Is anything of it above the axis? */
static bool is_cut(const struct series *series, const struct stroke *stroke,
		   const struct axis *y)
{
	if (!series->unscaled)
		return false;
	for (size_t i = 0; i < stroke->n_cells; i++)
		if (stroke->cells[i]->high.y > y->max)
			return true;
	return false;
}

/* How many series there may be that differ in their signs only. */
static int count_plain(const struct figure_kind *kind)
{
	int count = 0;

	for (int i = 0; i < SERIES_MAX; i++)
		count += series_is_of_subflows(&kind->series[i]) &&
			 !series_has_signs(&kind->series[i]);
	return count;
}

/* The form of the first that has the colours of subflows. */
static enum form form_of_subflows(const struct shown *shown)
{
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);

	for (size_t i = 0; i < n; i++)
		if (series_is_of_subflows(series_of(shown, &strokes[i])))
			return series_of(shown, &strokes[i])->form;
	return FORM_NONE;
}

static void add_all_series(struct gnuplot_legend *legend,
			   const struct shown *shown, const struct axis *y)
{
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);
	int plain = count_plain(shown->figure->kind);

	for (size_t i = 0; i < n;) {
		const struct series *series = series_of(shown, &strokes[i]);
		int which = strokes[i].series;
		bool cut = false;
		uint64_t points = 0;

		for (; i < n && strokes[i].series == which; i++) {
			points += strokes[i].points;
			cut |= is_cut(series, &strokes[i], y);
		}
		/* Where there is one only, the subflows' entries say it. */
		if (series->form == FORM_LABELS ||
		    (plain == 1 && series_is_of_subflows(series) &&
		     !series_has_signs(series)))
			continue;
		add_series(legend, series, points,
			   picture_nowhere(shown->picture, which), cut);
	}
}

static void lay_out(struct gnuplot_legend *legend)
{
	for (size_t i = 0; i < legend->n; i++)
		if ((int)strlen(legend->entries[i].text) > legend->widest)
			legend->widest = (int)strlen(legend->entries[i].text);
	legend->columns = (int)((GNUPLOT_WIDTH - GNUPLOT_LEFT + KEY_LEFT) /
				(legend->widest * GNUPLOT_LETTER + SAMPLE));
	if (legend->columns < 1)
		legend->columns = 1;
	legend->rows = ((int)legend->n + legend->columns - 1) / legend->columns;
}

/* Names so many subflows. */
static void make(struct gnuplot_legend *legend, const struct shown *shown,
		 const struct axis *y, size_t named)
{
	enum form form = form_of_subflows(shown);

	*legend = (struct gnuplot_legend){.named = named};
	if (form != FORM_NONE)
		add_subflows(legend, shown, form);
	add_all_series(legend, shown, y);
	lay_out(legend);
}

struct gnuplot_legend *gnuplot_legend_new(const struct shown *shown,
					  const struct axis *y, int plot)
{
	struct gnuplot_legend *legend = xcalloc(1, sizeof(*legend));
	int most = plot / KEY_ROW, left_out;

	make(legend, shown, y, SUBFLOWS_MAX);
	/* And one that says how many they are. */
	left_out = (int)legend->n + 1 - legend->columns * most;
	if (legend->rows > most)
		make(legend, shown, y,
		     (size_t)fmax((int)legend->n_named - left_out, 1));
	return legend;
}

int gnuplot_legend_rows(const struct gnuplot_legend *legend)
{
	return legend->rows;
}

void gnuplot_legend_place(struct buffer *out,
			  const struct gnuplot_legend *legend, double top)
{
	buffer_print(out, "set key at screen %.4f, screen %.4f left top\n",
		     (double)(GNUPLOT_LEFT - KEY_LEFT) / GNUPLOT_WIDTH, top);
	/* The terminal for SVG takes letters for wider, and lines for higher,
	 * than they are. */
	buffer_print(out,
		     "set key vertical maxrows %d Left reverse samplen 2\n"
		     "if (format eq 'svg') set key width -%.1f; else set key "
		     "spacing 1.2\n",
		     legend->rows ? legend->rows : 1, 0.1 * legend->widest);
}

void gnuplot_legend_write(struct buffer *out,
			  const struct gnuplot_legend *legend)
{
	for (size_t i = 0; i < legend->n; i++) {
		buffer_print(out, ", \\\n\tkeyentry with %s \\\n\t\ttitle ",
			     legend->entries[i].how);
		gnuplot_string(out, legend->entries[i].text);
	}
}

void gnuplot_legend_free(struct gnuplot_legend *legend)
{
	free(legend);
}
