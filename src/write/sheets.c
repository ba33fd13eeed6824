/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/sheets.h"

#include "base/alloc.h"
#include "write/buffer.h"
#include "write/filestats.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A figure's text leaves for its file when there is so much of it. */
#define LEAF_MEMORY ((size_t)64 << 10)

/* The hidden directory where files wait for their names. */
#define WORKSHOP ".mptcptrace-XXXXXX"

extern const struct painter painter_xplot, painter_csv;
static const struct painter *const painters[] = {&painter_xplot, &painter_csv};

const struct painter *painter_row(size_t n)
{
	return n < sizeof(painters) / sizeof(*painters) ? painters[n] : NULL;
}

/* What one painter made of a figure. */
struct leaf {
	const struct painter *painter;
	struct buffer text;
	uint64_t number; /* names its file while it is not whole */
	bool begun;	 /* there is a file */
};

/* A figure of a connection. */
struct sheet {
	struct figure figure;	   /* first */
	struct sheet *next, *prev; /* all that are open */
	size_t n_leaves;
	struct leaf leaves[];
};

struct sheets {
	struct easel easel; /* first */
	struct sheets_options options;
	char letters[16];
	char *workshop;	      /* the hidden directory; "" before there is one */
	struct sheet *open;   /* a list, in no order */
	size_t memory;	      /* octets of text that wait */
	uint64_t next_number; /* of a leaf */
	struct file_stats stats;
	bool wrong;	/* something went wrong, ... */
	bool failed;	/* ... and it is no use to go on */
	struct err err; /* the first */
};

/* Says so of the first thing that went wrong; errno says what. */
static void complain(struct sheets *sheets, const char *path)
{
	if (!sheets->wrong)
		err_set(&sheets->err, "%s: %s", path, strerror(errno));
	sheets->wrong = true;
}

/* Text cannot be written any more: the disk is full, say. */
static void failed(struct sheets *sheets)
{
	complain(sheets, sheets->options.directory);
	sheets->failed = true;
}

static char *path_in(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = xmalloc(size);

	if (!strcmp(directory, "."))
		strcpy(path, name);
	else
		snprintf(path, size, "%s/%s", directory, name);
	return path;
}

/* The path of a file that has no name yet. */
static char *leaf_path(const struct sheets *sheets, const struct leaf *leaf)
{
	char name[32];

	snprintf(name, sizeof(name), "%" PRIu64, leaf->number);
	return path_in(sheets->workshop, name);
}

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Appends what waits to the leaf's file. After a failure nothing is written
 * any more. */
static void leaf_flush(struct sheets *sheets, struct leaf *leaf)
{
	char *path;
	int fd;

	sheets->memory -= leaf->text.size;
	if (!sheets->failed) {
		path = leaf_path(sheets, leaf);
		fd = open(path,
			  O_WRONLY | O_CREAT | O_CLOEXEC |
			      (leaf->begun ? O_APPEND : O_EXCL),
			  0666);
		leaf->begun |= fd >= 0;
		if (fd < 0 || write_all(fd, leaf->text.text, leaf->text.size))
			failed(sheets);
		if (fd >= 0 && close(fd))
			failed(sheets);
		free(path);
	}
	free(leaf->text.text);
	leaf->text = (struct buffer){0};
}

static void flush_all(struct sheets *sheets)
{
	for (struct sheet *sheet = sheets->open; sheet; sheet = sheet->next)
		for (size_t i = 0; i < sheet->n_leaves; i++)
			if (sheet->leaves[i].text.size)
				leaf_flush(sheets, &sheet->leaves[i]);
}

static struct sheets *sheets_of(const struct easel *easel)
{
	return (struct sheets *)easel;
}

/* Is this kind made by that painter? */
static bool paints(const struct figure_kind *kind,
		   const struct painter *painter)
{
	bool csv = painter == &painter_csv;

	return csv || !(kind->only_csv || kind->always_csv);
}

static size_t leaves_of(const struct sheets *sheets,
			const struct figure_kind *kind, struct leaf *leaves)
{
	const struct sheets_options *options = &sheets->options;
	size_t n = 0;

	if (kind->always_csv) {
		if (leaves)
			leaves[0] = (struct leaf){.painter = &painter_csv};
		return 1;
	}
	for (size_t i = 0; i < options->n_painters; i++) {
		if (!paints(kind, options->painters[i]))
			continue;
		if (leaves)
			leaves[n].painter = options->painters[i];
		n++;
	}
	return n;
}

static bool wants(const struct easel *easel, const struct figure_kind *kind)
{
	const struct sheets *sheets = sheets_of(easel);

	for (size_t i = 0; i < sheets->options.n_figures; i++)
		if (!strcmp(sheets->options.figures[i], kind->name))
			return leaves_of(sheets, kind, NULL) > 0;
	return false;
}

static struct figure *begin(struct easel *easel, const struct figure_kind *kind,
			    enum side side, nstime_t start)
{
	struct sheets *sheets = sheets_of(easel);
	size_t n = leaves_of(sheets, kind, NULL);
	struct sheet *sheet;

	if (!wants(easel, kind))
		return NULL;
	sheet = xcalloc(1, sizeof(*sheet) + n * sizeof(*sheet->leaves));
	sheet->figure = (struct figure){
	    .kind = kind,
	    .easel = easel,
	    .side = side,
	    .start =
		sheets->options.relative && start != NSTIME_NONE ? start : 0,
	};
	sheet->n_leaves = leaves_of(sheets, kind, sheet->leaves);
	sheet->next = sheets->open;
	if (sheet->next)
		sheet->next->prev = sheet;
	sheets->open = sheet;
	for (size_t i = 0; i < n; i++) {
		struct leaf *leaf = &sheet->leaves[i];

		leaf->number = sheets->next_number++;
		leaf->painter->head(&leaf->text, &sheet->figure);
		sheets->memory += leaf->text.size;
	}
	return &sheet->figure;
}

static void draw(struct figure *figure, const struct point *point)
{
	struct sheet *sheet = (struct sheet *)figure;
	struct sheets *sheets = sheets_of(figure->easel);

	for (size_t i = 0; i < sheet->n_leaves; i++) {
		struct leaf *leaf = &sheet->leaves[i];
		size_t before = leaf->text.size;

		leaf->painter->point(&leaf->text, figure, point,
				     sheets->options.digits);
		sheets->memory += leaf->text.size - before;
		if (leaf->text.size >= LEAF_MEMORY)
			leaf_flush(sheets, leaf);
	}
	if (sheets->memory >= SHEETS_MEMORY)
		flush_all(sheets);
}

/* A name that a trace has that is read is not for results. */
static bool is_input(const struct sheets *sheets, const char *path)
{
	struct stat result, input;

	if (stat(path, &result))
		return false;
	for (size_t i = 0; i < sheets->options.n_inputs; i++)
		if (!stat(sheets->options.inputs[i], &input) &&
		    input.st_dev == result.st_dev &&
		    input.st_ino == result.st_ino)
			return true;
	return false;
}

/* A file is complete: it gets its name. */
static int name_file(struct sheets *sheets, const char *from, const char *name)
{
	char *to = path_in(sheets->options.directory, name);
	int result = 0;

	if (is_input(sheets, to)) {
		if (!sheets->wrong)
			err_set(&sheets->err, "%s: it is a trace that is read",
				to);
		sheets->wrong = true;
		result = -1;
	} else if (rename(from, to)) {
		complain(sheets, to);
		result = -1;
	}
	free(to);
	return result;
}

static void leaf_name(struct sheets *sheets, const struct sheet *sheet,
		      struct leaf *leaf, uint64_t id)
{
	char name[128];
	char *from;

	if (leaf->text.size || !leaf->begun)
		leaf_flush(sheets, leaf);
	if (sheets->failed)
		return;
	snprintf(name, sizeof(name), "%s_%s_%" PRIu64 ".%s",
		 direction_word(sheet->figure.side), sheet->figure.kind->name,
		 id, leaf->painter->suffix);
	from = leaf_path(sheets, leaf);
	leaf->begun = name_file(sheets, from, name) != 0;
	free(from);
}

static void leaf_drop(struct sheets *sheets, struct leaf *leaf)
{
	char *path;

	sheets->memory -= leaf->text.size;
	free(leaf->text.text);
	if (!leaf->begun)
		return;
	path = leaf_path(sheets, leaf);
	unlink(path);
	free(path);
}

static void end(struct figure *figure, uint64_t id, bool keep)
{
	struct sheet *sheet = (struct sheet *)figure;
	struct sheets *sheets = sheets_of(figure->easel);

	for (size_t i = 0; i < sheet->n_leaves; i++) {
		struct leaf *leaf = &sheet->leaves[i];

		if (keep && leaf->painter->foot) {
			size_t before = leaf->text.size;

			leaf->painter->foot(&leaf->text, figure);
			sheets->memory += leaf->text.size - before;
		}
		if (keep)
			leaf_name(sheets, sheet, leaf, id);
		leaf_drop(sheets, leaf);
	}
	if (sheet->prev)
		sheet->prev->next = sheet->next;
	else
		sheets->open = sheet->next;
	if (sheet->next)
		sheet->next->prev = sheet->prev;
	free(sheet);
}

struct easel *sheets_easel(struct sheets *sheets)
{
	return &sheets->easel;
}

/*
 * Files that are written in one go.
 */

static FILE *file_begin(struct sheets *sheets, char **path)
{
	FILE *file;

	*path = path_in(sheets->workshop, "one");
	file = sheets->failed ? NULL : fopen(*path, "w");
	if (!file) {
		failed(sheets);
		free(*path);
	}
	return file;
}

static void file_end(struct sheets *sheets, FILE *file, char *path,
		     const char *name)
{
	if (fflush(file) || ferror(file))
		failed(sheets);
	if (fclose(file))
		failed(sheets);
	if (!sheets->failed)
		name_file(sheets, path, name);
	free(path);
}

void sheets_conn(struct sheets *sheets, const struct report_conn *conn)
{
	const struct sheets_options *options = &sheets->options;
	const struct table_row *row;
	char name[128], *path;
	FILE *file;

	file_stats_add(&sheets->stats, conn);
	if (!conn->accepted || conn->dissolved)
		return;
	for (size_t i = 0; (row = table_row(i)); i++) {
		if (!strchr(options->letters, row->letter))
			continue;
		file = file_begin(sheets, &path);
		if (!file)
			return;
		row->write(file, conn, options->trace, options->digits);
		snprintf(name, sizeof(name), "%s_%" PRIu64 ".csv", row->name,
			 conn->id);
		file_end(sheets, file, path, name);
	}
}

int sheets_finish(struct sheets *sheets, const struct report_totals *totals,
		  struct err *err)
{
	char *path;
	FILE *file = file_begin(sheets, &path);

	if (file) {
		file_stats_write(file, &sheets->stats, totals);
		file_end(sheets, file, path, "file_stats.csv");
	}
	file = file_begin(sheets, &path);
	if (file) {
		fprintf(file, "Version : %s\n", VERSION);
		file_end(sheets, file, path, "mptcptrace_info");
	}
	if (sheets->wrong)
		*err = sheets->err;
	return sheets->wrong ? -1 : 0;
}

/* mkdir -p */
static int make_directory(const char *directory, struct err *err)
{
	char *path = xstrdup(directory);
	int result = 0;

	for (char *at = path + 1; !result && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			result = err_set(err, "%s: %s", path, strerror(errno));
		*at = '/';
	}
	if (!result && mkdir(path, 0777) && errno != EEXIST)
		result = err_set(err, "%s: %s", path, strerror(errno));
	free(path);
	return result;
}

struct sheets *sheets_new(const struct sheets_options *options, struct err *err)
{
	struct sheets *sheets;

	if (make_directory(options->directory, err))
		return NULL;
	sheets = xcalloc(1, sizeof(*sheets));
	sheets->options = *options;
	snprintf(sheets->letters, sizeof(sheets->letters), "%s",
		 options->letters);
	sheets->options.letters = sheets->letters;
	sheets->easel = (struct easel){
	    .wants = wants,
	    .begin = begin,
	    .draw = draw,
	    .end = end,
	};
	sheets->workshop = path_in(options->directory, WORKSHOP);
	if (!mkdtemp(sheets->workshop)) {
		err_set(err, "%s: %s", options->directory, strerror(errno));
		free(sheets->workshop);
		free(sheets);
		return NULL;
	}
	return sheets;
}

/* Whatever is left in the workshop after a failure. */
static void sweep(const char *workshop)
{
	DIR *directory = opendir(workshop);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(workshop);
}

void sheets_free(struct sheets *sheets)
{
	if (!sheets)
		return;
	sweep(sheets->workshop);
	free(sheets->workshop);
	free(sheets);
}
