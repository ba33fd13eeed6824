/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/select.h"

#include "base/alloc.h"
#include "report/where.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ids { /* first to last */
	uint64_t first, last;
	bool met;
};

struct selection {
	bool listed;	 /* only what is in `ids` */
	struct ids *ids; /* ascending and apart */
	size_t n_ids, ids_room;
	struct where *where; /* NULL: whatever it is */
	bool settled;	     /* only what is in `chosen`, ascending */
	uint64_t *chosen;
	size_t n_chosen, chosen_room;
};

static bool read_id(const char **at, uint64_t *id)
{
	*id = 0;
	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++) {
		if (*id > UINT64_MAX / 10 - 1)
			return false;
		*id = *id * 10 + (uint64_t)(**at - '0');
	}
	return true;
}

/* One id, some (7-9), or all from one on (5-). */
static bool read_ids(const char **at, struct ids *ids)
{
	if (!read_id(at, &ids->first))
		return false;
	ids->last = ids->first;
	if (**at != '-')
		return true;
	++*at;
	ids->last = UINT64_MAX;
	if (isdigit((unsigned char)**at) && !read_id(at, &ids->last))
		return false;
	return ids->first <= ids->last;
}

static int by_first(const void *a, const void *b)
{
	const struct ids *one = a, *two = b;

	return (one->first > two->first) - (one->first < two->first);
}

/* What overlaps becomes one. */
static void order_ids(struct selection *selection)
{
	struct ids *ids = selection->ids;
	size_t n = 0;

	qsort(ids, selection->n_ids, sizeof(*ids), by_first);
	for (size_t i = 1; i < selection->n_ids; i++)
		if (ids[i].first > ids[n].last)
			ids[++n] = ids[i];
		else if (ids[i].last > ids[n].last)
			ids[n].last = ids[i].last;
	selection->n_ids = n + 1;
}

static int read_list(struct selection *selection, const char *list,
		     struct err *err)
{
	const char *at = list;
	struct ids ids = {0};

	selection->listed = true;
	do {
		const char *start = at;

		if (!read_ids(&at, &ids) || (*at && *at != ','))
			return err_set(err,
				       "-c %s: '%.*s' at character %zu is no "
				       "id and no range of ids; a list is "
				       "like 0,3,7-9 or 5-",
				       list, (int)strcspn(start, ","), start,
				       (size_t)(start - list) + 1);
		selection->ids =
		    xgrow(selection->ids, &selection->ids_room,
			  selection->n_ids + 1, sizeof(*selection->ids));
		selection->ids[selection->n_ids++] = ids;
	} while (*at++);
	order_ids(selection);
	return 0;
}

struct selection *selection_new(const char *list, const char *where,
				struct err *err)
{
	struct selection *selection = xcalloc(1, sizeof(*selection));

	if ((!list || !read_list(selection, list, err)) &&
	    (!where || (selection->where = where_new(where, err))))
		return selection;
	selection_free(selection);
	return NULL;
}

void selection_free(struct selection *selection)
{
	if (!selection)
		return;
	where_free(selection->where);
	free(selection->ids);
	free(selection->chosen);
	free(selection);
}

static int id_in_ids(const void *key, const void *item)
{
	const uint64_t *id = key;
	const struct ids *ids = item;

	return (*id > ids->last) - (*id < ids->first);
}

static struct ids *ids_of(const struct selection *selection, uint64_t id)
{
	if (!selection->n_ids)
		return NULL;
	return bsearch(&id, selection->ids, selection->n_ids,
		       sizeof(*selection->ids), id_in_ids);
}

static int by_id(const void *a, const void *b)
{
	const uint64_t *one = a, *two = b;

	return (*one > *two) - (*one < *two);
}

bool selection_takes_id(const struct selection *selection, uint64_t id)
{
	if (!selection)
		return true;
	if (selection->settled)
		return selection->n_chosen &&
		       bsearch(&id, selection->chosen, selection->n_chosen,
			       sizeof(id), by_id);
	return !selection->listed || ids_of(selection, id);
}

bool selection_takes(const struct selection *selection,
		     const struct report_conn *conn)
{
	return !selection || (selection_takes_id(selection, conn->id) &&
			      (!selection->where || selection->settled ||
			       where_holds(selection->where, conn)));
}

void selection_met(struct selection *selection, uint64_t id)
{
	struct ids *ids = selection ? ids_of(selection, id) : NULL;

	if (ids)
		ids->met = true;
}

bool selection_unmet(const struct selection *selection, size_t *i, char *ids)
{
	const struct ids *these;
	int size;

	if (!selection)
		return false;
	while (*i < selection->n_ids && selection->ids[*i].met)
		++*i;
	if (*i == selection->n_ids)
		return false;
	these = &selection->ids[*i];
	size = snprintf(ids, SELECTION_IDS, "%" PRIu64, these->first);
	if (these->last == UINT64_MAX)
		strcpy(ids + size, "-");
	else if (these->last != these->first)
		sprintf(ids + size, "-%" PRIu64, these->last);
	return true;
}

bool selection_unmet_all(const struct selection *selection)
{
	if (!selection || !selection->listed)
		return false;
	for (size_t i = 0; i < selection->n_ids; i++)
		if (selection->ids[i].met)
			return false;
	return true;
}

void selection_choose(struct selection *selection, uint64_t id)
{
	selection->chosen =
	    xgrow(selection->chosen, &selection->chosen_room,
		  selection->n_chosen + 1, sizeof(*selection->chosen));
	selection->chosen[selection->n_chosen++] = id;
}

void selection_settle(struct selection *selection)
{
	if (selection->n_chosen)
		qsort(selection->chosen, selection->n_chosen, sizeof(uint64_t),
		      by_id);
	selection->settled = true;
}
