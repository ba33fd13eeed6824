/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/where.h"

#include "base/alloc.h"
#include "report/literal.h"
#include "report/terms.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 200 /* of brackets and nots */

enum node_kind { COMPARE, AND, OR, NOT };

enum compare { EQUAL, DIFFERENT, LESS, MOST, MORE, LEAST, LIKE };

static const struct {
	const char *text;
	enum compare compare;
} compares[] = {
    /* Longer ones first. */
    {"!=", DIFFERENT}, {"<=", MOST}, {">=", LEAST}, {"==", EQUAL},
    {"=", EQUAL},      {"<", LESS},  {">", MORE},   {"~", LIKE},
};

struct node {
	enum node_kind kind;
	size_t left, right; /* AND, OR; NOT has only left */
	const struct term *term;
	enum compare compare;
	size_t first, n; /* of the literals */
};

struct where {
	struct node *nodes;
	size_t n_nodes, nodes_room, root;
	struct literal *literals;
	size_t n_literals, literals_room;
};

/*
 * Reading.
 */
struct reading {
	struct where *where;
	const char *text, *at;
	int depth;
	struct err *err;
};

static int read_or(struct reading *reading, size_t *node);

/* What is wrong, with the place where `at` is. */
static int wrong(struct reading *reading, const char *at, size_t size,
		 const char *what)
{
	size_t place = (size_t)(at - reading->text) + 1;

	if (!*at)
		return err_set(reading->err, "--where: at the end: %s", what);
	return err_set(reading->err, "--where: '%.*s' at character %zu: %s",
		       (int)(size ? size : 1), at, place, what);
}

static void skip_space(struct reading *reading)
{
	while (isspace((unsigned char)*reading->at))
		reading->at++;
}

static size_t word_size(const char *at)
{
	size_t size = 0;

	while (isalnum((unsigned char)at[size]) || at[size] == '_')
		size++;
	return size;
}

/* Takes the next word, or sign, if it is one of these two. */
static bool takes(struct reading *reading, const char *word, const char *sign)
{
	size_t size = strlen(word);

	skip_space(reading);
	if (word_size(reading->at) == size &&
	    !strncasecmp(reading->at, word, size)) {
		reading->at += size;
		return true;
	}
	size = strlen(sign);
	if (strncmp(reading->at, sign, size))
		return false;
	reading->at += size;
	return true;
}

static size_t add_node(struct where *where, const struct node *node)
{
	where->nodes = xgrow(where->nodes, &where->nodes_room,
			     where->n_nodes + 1, sizeof(*node));
	where->nodes[where->n_nodes] = *node;
	return where->n_nodes++;
}

static const struct term *find_term(const char *name, size_t size)
{
	const struct term *term;

	for (size_t i = 0; (term = term_row(i)); i++)
		if (strlen(term->name) == size &&
		    !strncasecmp(term->name, name, size))
			return term;
	return NULL;
}

static int no_term(struct reading *reading, size_t size)
{
	const struct term *term;
	char text[640] = "no such term; there are";

	for (size_t i = 0; (term = term_row(i)); i++) {
		strcat(text, " ");
		strcat(text, term->name);
	}
	return wrong(reading, reading->at, size, text);
}

/* Numbers have no substrings, and words are in no order. */
static int check_compare(struct reading *reading, const struct term *term,
			 enum compare compare, const char *at, size_t size)
{
	bool is_number = term->kind < TERM_WORD;
	bool is_order = compare >= LESS && compare <= LEAST;

	if (is_number && compare == LIKE)
		return wrong(reading, at, size,
			     "a number is compared with = != < <= > >=");
	if (!is_number && is_order && !term->ordered)
		return wrong(reading, at, size,
			     "this term is compared with = != ~");
	return 0;
}

static int read_compare(struct reading *reading, const struct term *term,
			enum compare *compare)
{
	const char *at;
	size_t size;

	skip_space(reading);
	at = reading->at;
	for (size_t i = 0; i < sizeof(compares) / sizeof(*compares); i++) {
		size = strlen(compares[i].text);
		if (strncmp(at, compares[i].text, size))
			continue;
		reading->at += size;
		*compare = compares[i].compare;
		return check_compare(reading, term, *compare, at, size);
	}
	return wrong(reading, at, word_size(at),
		     "a comparison is missing: = != < <= > >= ~");
}

/* One value, or several of which each will do. */
static int read_literals(struct reading *reading, struct node *node)
{
	struct where *where = reading->where;
	struct literal literal;
	struct err why;

	node->first = where->n_literals;
	do {
		size_t size;

		skip_space(reading);
		size = strcspn(reading->at, " \t\n\v\f\r,()&|");
		if (!size)
			return wrong(reading, reading->at, 1,
				     "a value is missing");
		if (literal_read(&literal, node->term, node->compare == LIKE,
				 reading->at, size, &why))
			return wrong(reading, reading->at, size, why.text);
		where->literals = xgrow(where->literals, &where->literals_room,
					where->n_literals + 1, sizeof(literal));
		where->literals[where->n_literals++] = literal;
		node->n++;
		reading->at += size;
	} while (takes(reading, ",", ","));
	return 0;
}

static int read_comparison(struct reading *reading, size_t *index)
{
	struct node node = {.kind = COMPARE};
	size_t size;

	skip_space(reading);
	size = word_size(reading->at);
	if (!size)
		return wrong(reading, reading->at, 1,
			     "a comparison is missing, like state=fallback");
	node.term = find_term(reading->at, size);
	if (!node.term)
		return no_term(reading, size);
	reading->at += size;
	if (read_compare(reading, node.term, &node.compare) ||
	    read_literals(reading, &node))
		return -1;
	*index = add_node(reading->where, &node);
	return 0;
}

static int read_not(struct reading *reading, size_t *index)
{
	struct node node = {.kind = NOT};
	const char *start;

	skip_space(reading);
	start = reading->at;
	if (++reading->depth > DEPTH_MAX)
		return wrong(reading, start, 1, "too many brackets");
	if (takes(reading, "not", "!")) {
		if (read_not(reading, &node.left))
			return -1;
		*index = add_node(reading->where, &node);
	} else if (takes(reading, "(", "(")) {
		if (read_or(reading, index))
			return -1;
		if (!takes(reading, ")", ")"))
			return wrong(reading, reading->at,
				     word_size(reading->at),
				     "here must be 'and', 'or' or ')'");
	} else if (read_comparison(reading, index)) {
		return -1;
	}
	reading->depth--;
	return 0;
}

static int read_and(struct reading *reading, size_t *index)
{
	struct node node = {.kind = AND};

	if (read_not(reading, index))
		return -1;
	while (takes(reading, "and", "&&")) {
		node.left = *index;
		if (read_not(reading, &node.right))
			return -1;
		*index = add_node(reading->where, &node);
	}
	return 0;
}

static int read_or(struct reading *reading, size_t *index)
{
	struct node node = {.kind = OR};

	if (read_and(reading, index))
		return -1;
	while (takes(reading, "or", "||")) {
		node.left = *index;
		if (read_and(reading, &node.right))
			return -1;
		*index = add_node(reading->where, &node);
	}
	return 0;
}

struct where *where_new(const char *text, struct err *err)
{
	struct where *where = xcalloc(1, sizeof(*where));
	struct reading reading = {
	    .where = where, .text = text, .at = text, .err = err};
	int result = read_or(&reading, &where->root);

	skip_space(&reading);
	if (!result && *reading.at)
		result = wrong(&reading, reading.at, word_size(reading.at),
			       "here must be 'and' or 'or'");
	if (!result)
		return where;
	where_free(where);
	return NULL;
}

void where_free(struct where *where)
{
	if (!where)
		return;
	for (size_t i = 0; i < where->n_literals; i++)
		literal_clear(&where->literals[i]);
	free(where->literals);
	free(where->nodes);
	free(where);
}

/*
 * Asking.
 */

/* `order` is that of a value and a literal: below, same or above. */
static bool fits(enum compare compare, int order)
{
	switch (compare) {
	case LESS:
		return order < 0;
	case MOST:
		return order <= 0;
	case MORE:
		return order > 0;
	case LEAST:
		return order >= 0;
	case EQUAL:
	case DIFFERENT:
	case LIKE:
		break;
	}
	return order == 0;
}

static bool fits_one(const struct where *where, const struct node *node,
		     const struct term_value *value)
{
	for (size_t i = 0; i < node->n; i++) {
		const struct literal *literal =
		    &where->literals[node->first + i];

		if (node->compare == LIKE
			? literal_in(literal, value)
			: fits(node->compare, literal_order(literal, value)))
			return true;
	}
	return false;
}

/* Does one of its values fit one of the literals? != is that none does. */
static bool compare(const struct where *where, const struct node *node,
		    const struct report_conn *conn)
{
	bool different = node->compare == DIFFERENT;
	bool known = node->term->many;
	struct term_value value;

	for (size_t i = 0; term_value(node->term, conn, i, &value); i++) {
		if (!value.known)
			continue;
		known = true;
		if (fits_one(where, node, &value))
			return !different;
	}
	return different && known;
}

static bool holds(const struct where *where, size_t index,
		  const struct report_conn *conn)
{
	const struct node *node = &where->nodes[index];

	switch (node->kind) {
	case AND:
		return holds(where, node->left, conn) &&
		       holds(where, node->right, conn);
	case OR:
		return holds(where, node->left, conn) ||
		       holds(where, node->right, conn);
	case NOT:
		return !holds(where, node->left, conn);
	case COMPARE:
		break;
	}
	return compare(where, node, conn);
}

bool where_holds(const struct where *where, const struct report_conn *conn)
{
	return holds(where, where->root, conn);
}
