/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/source.h"

#include "base/alloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK ((size_t)64 * 1024)

struct source {
	/* Of the buffer; first, since source.h looks there. */
	struct source_bytes bytes;

	int fd; /* -1: the stream of source_file has it */
	struct tape *tape;
	bool is_stdin;
	uint64_t disk_size; /* 0: unknown */
	uint64_t disk_done;

	uint8_t *buffer;
	size_t room;
	uint64_t before; /* bytes that came before those in the buffer */

	const char *packing; /* name of the compression; NULL: plain */
	uint8_t *packed;     /* what the unpacking is fed from */
	size_t packed_size;  /* of it, not fed yet */
	bool packed_ended;
	struct archive *archive; /* NULL: not unpacked by libarchive */
	const uint8_t *block;	 /* unpacked, borrowed from it */
	size_t block_size;
	/* libarchive checks no sum of a gzip file, and of one that is cut off
	 * it keeps back up to 64 KiB, which is all there is of many. */
	z_stream inflate;
	bool is_gzip;
	unsigned members; /* of the file, done */

	FILE *plain_file; /* a stream that reads fd by itself */
	uint8_t *file_buffer;

	enum source_end ended;
	bool at_end;
	struct err why;
};

static const struct {
	const char *name;
	size_t size;
	uint8_t magic[6];
} packings[] = {
    {"gzip", 3, {0x1f, 0x8b, 0x08}},
    {"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
    {"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}},
    {"bzip2", 3, {'B', 'Z', 'h'}},
    {"lz4", 4, {0x04, 0x22, 0x4d, 0x18}},
    {"lz4", 4, {0x02, 0x21, 0x4c, 0x18}}, /* the legacy frame */
};

#define MAGIC_MAX 6 /* bytes that it takes to tell them apart */

static const char *packing_of(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (size >= packings[i].size &&
		    !memcmp(bytes, packings[i].magic, packings[i].size))
			return packings[i].name;
	return NULL;
}

/* Reads the file itself. 0 at its end; -1 with errno. */
static ssize_t read_disk(struct source *source, uint8_t *to, size_t room)
{
	bool (*wait)(int fd) = source->disk_size ? NULL : source->tape->wait;
	ssize_t got;

	if (wait && !wait(source->fd))
		return 0;
	do
		got = read(source->fd, to, room);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		tape_record(source->tape, to, (size_t)got);
		source->disk_done += (size_t)got;
	}
	return got;
}

static void end_source(struct source *source, enum source_end how)
{
	source->at_end = true;
	source->ended = how;
}

/* The next piece of packed bytes. */
static ssize_t next_packed(struct source *source)
{
	ssize_t got = (ssize_t)source->packed_size;

	source->packed_size = 0;
	if (got == 0)
		got = read_disk(source, source->packed, CHUNK);
	if (got == 0)
		source->packed_ended = true;
	return got;
}

/* libarchive's words, and zlib's. */
static bool is_memory(const char *reason)
{
	return reason && (strstr(reason, strerror(ENOMEM)) ||
			  strstr(reason, "insufficient memory"));
}

/* The library has failed. When it had asked for more than the file has, the
 * file is cut off; otherwise what it had was wrong. */
static void unpacking_failed(struct source *source, const char *reason)
{
	bool cut = source->packed_ended;

	if (is_memory(reason)) {
		end_source(source, SOURCE_DAMAGED);
		err_set(&source->why,
			"the %s data takes more memory than there is",
			source->packing);
		return;
	}
	end_source(source, cut ? SOURCE_CUT : SOURCE_DAMAGED);
	err_set(&source->why, "the %s data %s%s%s%s", source->packing,
		cut ? "ends early" : "is damaged", reason ? " (" : "",
		reason ? reason : "", reason ? ")" : "");
}

static void start_gzip(struct source *source)
{
	int status = inflateInit2(&source->inflate, MAX_WBITS + 16);

	source->is_gzip = status == Z_OK;
	if (status != Z_OK)
		unpacking_failed(source, zError(status));
}

/* Nothing of use follows the member that ended last: the file ends there, or
 * has something else behind it, which gzip ignores, too. */
static bool gzip_is_over(const struct source *source)
{
	return source->members && source->inflate.total_in <= 2;
}

static bool feed_gzip(struct source *source)
{
	ssize_t got = next_packed(source);

	if (got > 0) {
		source->inflate.next_in = source->packed;
		source->inflate.avail_in = (uInt)got;
	} else if (got < 0)
		unpacking_failed(source, strerror(errno));
	else if (gzip_is_over(source))
		end_source(source, SOURCE_WHOLE);
	else
		unpacking_failed(source, NULL);
	return got > 0;
}

static size_t gunzip(struct source *source, uint8_t *to, size_t room)
{
	z_stream *stream = &source->inflate;
	uInt size = room < CHUNK ? (uInt)room : CHUNK;

	stream->next_out = to;
	stream->avail_out = size;
	while (stream->avail_out == size) {
		if (!stream->avail_in && !feed_gzip(source))
			break;
		int status = inflate(stream, Z_NO_FLUSH);
		if (status == Z_STREAM_END) {
			source->members++;
			inflateReset(stream);
		} else if (status != Z_OK) {
			if (gzip_is_over(source))
				end_source(source, SOURCE_WHOLE);
			else
				unpacking_failed(source, stream->msg);
			break;
		}
	}
	return size - stream->avail_out;
}

/* libarchive asks for packed bytes. */
static la_ssize_t feed(struct archive *archive, void *data, const void **bytes)
{
	struct source *source = data;
	ssize_t got = next_packed(source);

	*bytes = source->packed;
	if (got < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	return got;
}

static void archive_failed(struct source *source)
{
	unpacking_failed(source, archive_error_string(source->archive));
}

static void start_archive(struct source *source)
{
	struct archive *archive;
	struct archive_entry *entry;
	int status;

	alloc_ahead();
	archive = archive_read_new();
	if (!archive) {
		err_set(&source->why, "the archive library has no memory");
		end_source(source, SOURCE_DAMAGED);
		return;
	}
	source->archive = archive;
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);

	status = archive_read_open2(archive, source, NULL, feed, NULL, NULL);
	if (status >= ARCHIVE_WARN)
		status = archive_read_next_header(archive, &entry);
	/* One of the filters is that of the file itself. Each level could make
	 * a thousand octets of one. */
	if (archive_filter_count(archive) > 2) {
		err_set(&source->why, "is packed more than once");
		end_source(source, SOURCE_DAMAGED);
	} else if (status == ARCHIVE_EOF) {
		end_source(source, SOURCE_WHOLE);
	} else if (status < ARCHIVE_WARN) {
		archive_failed(source);
	}
}

static void start_unpacking(struct source *source)
{
	if (!strcmp(source->packing, "gzip")) {
		start_gzip(source);
		return;
	}
	start_archive(source);
}

static size_t unarchive(struct source *source, uint8_t *to, size_t room)
{
	const void *block;
	la_int64_t offset;

	while (source->block_size == 0) {
		int status = archive_read_data_block(
		    source->archive, &block, &source->block_size, &offset);
		if (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
			source->block = block;
			continue;
		}
		source->block_size = 0;
		if (status == ARCHIVE_EOF)
			end_source(source, SOURCE_WHOLE);
		else
			archive_failed(source);
		return 0;
	}
	if (room > source->block_size)
		room = source->block_size;
	memcpy(to, source->block, room);
	source->block += room;
	source->block_size -= room;
	return room;
}

/* Unpacked bytes from beyond the buffer; 0: there are no more. */
static size_t more(struct source *source, uint8_t *to, size_t room)
{
	ssize_t got;

	if (source->at_end)
		return 0;
	if (source->is_gzip)
		return gunzip(source, to, room);
	if (source->archive)
		return unarchive(source, to, room);
	got = read_disk(source, to, room);
	if (got < 0) {
		err_set(&source->why, "cannot be read: %s", strerror(errno));
		end_source(source, SOURCE_DAMAGED);
		return 0;
	}
	if (got == 0)
		end_source(source, SOURCE_WHOLE);
	return (size_t)got;
}

static int open_disk(struct source *source, const char *path, struct err *err)
{
	struct stat status;

	source->fd = tape_open(source->tape, path, err);
	if (source->fd < 0)
		return -1;
	source->is_stdin = source->fd == STDIN_FILENO;
	if (fstat(source->fd, &status) < 0)
		return err_set(err, "%s", strerror(errno));
	if (S_ISREG(status.st_mode))
		source->disk_size = (uint64_t)status.st_size;
	return 0;
}

/* An empty one. */
static void new_buffer(struct source *source)
{
	source->room = CHUNK;
	source->buffer = xmalloc(source->room);
	source->bytes.at = source->bytes.end = source->buffer;
}

struct source *source_open(const char *path, struct tape *tape, struct err *err)
{
	struct source *source = xcalloc(1, sizeof(*source));
	const uint8_t *bytes;
	size_t got;

	source->tape = tape;
	new_buffer(source);
	if (open_disk(source, path, err) < 0) {
		source_free(source);
		return NULL;
	}

	bytes = source_want(source, MAGIC_MAX, &got);
	source->packing = packing_of(bytes, got);
	if (source->packing) {
		/* What has been read becomes the library's first piece. */
		source->packed = source->buffer;
		source->packed_size = source_left(source);
		new_buffer(source);
		source->at_end = false;
		start_unpacking(source);
	}
	return source;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	archive_read_free(source->archive);
	if (source->is_gzip)
		inflateEnd(&source->inflate);
	if (source->fd >= 0 && !source->is_stdin)
		close(source->fd);
	free(source->buffer);
	free(source->packed);
	free(source->file_buffer);
	free(source);
}

/* Room behind the bytes in the buffer: at its end, else by moving them to its
 * start, else in a bigger one. */
static void make_room(struct source *source)
{
	size_t start = (size_t)(source->bytes.at - source->buffer);
	size_t left = source_left(source);

	if (start + left < source->room)
		return;
	if (start) {
		memmove(source->buffer, source->bytes.at, left);
		source->before += start;
	} else {
		source->buffer =
		    xgrow(source->buffer, &source->room, source->room + 1, 1);
	}
	source->bytes.at = source->buffer;
	source->bytes.end = source->buffer + left;
}

/* All are taken: what comes gets all of the buffer. */
static void start_again(struct source *source)
{
	source->before += (uint64_t)(source->bytes.at - source->buffer);
	source->bytes.at = source->bytes.end = source->buffer;
}

const uint8_t *source_fill(struct source *source, size_t need, size_t *got)
{
	if (!source_left(source))
		start_again(source);
	while (source_left(source) < need) {
		make_room(source);
		size_t filled = (size_t)(source->bytes.end - source->buffer);
		size_t size = more(source, source->buffer + filled,
				   source->room - filled);
		if (!size)
			break;
		source->bytes.end += size;
	}
	*got = source_left(source);
	if (*got > need)
		*got = need;
	return source->bytes.at;
}

uint64_t source_skip(struct source *source, uint64_t size)
{
	uint64_t left = size;
	size_t got;

	while (left) {
		source_want(source, left < CHUNK ? (size_t)left : CHUNK, &got);
		if (!got)
			break;
		source_take(source, got);
		left -= got;
	}
	return size - left;
}

uint64_t source_offset(const struct source *source)
{
	return source->before + (uint64_t)(source->bytes.at - source->buffer);
}

#if defined(HAVE_FOPENCOOKIE) || defined(HAVE_FUNOPEN)
static size_t read_on(struct source *source, uint8_t *to, size_t room)
{
	size_t left = source_left(source);

	if (!left)
		return more(source, to, room);
	if (room > left)
		room = left;
	memcpy(to, source->bytes.at, room);
	source_take(source, room);
	return room;
}
#endif

#if defined(HAVE_FOPENCOOKIE)
static ssize_t file_read(void *source, char *to, size_t room)
{
	return (ssize_t)read_on(source, (uint8_t *)to, room);
}

static FILE *stream_of(struct source *source)
{
	cookie_io_functions_t functions = {.read = file_read};

	return fopencookie(source, "rb", functions);
}
#elif defined(HAVE_FUNOPEN)
static int file_read(void *source, char *to, int room)
{
	return (int)read_on(source, (uint8_t *)to, (size_t)room);
}

static FILE *stream_of(struct source *source)
{
	return funopen(source, file_read, NULL, NULL, NULL);
}
#else
static FILE *stream_of(struct source *source)
{
	(void)source;
	errno = ENOTSUP;
	return NULL;
}
#endif

FILE *source_file(struct source *source, struct err *err)
{
	bool plain = source->disk_size && !source->is_stdin &&
		     !source->packing && lseek(source->fd, 0, SEEK_SET) == 0;
	FILE *file = plain ? fdopen(source->fd, "rb") : stream_of(source);

	if (!file) {
		err_set(err, "cannot be read as a stream: %s", strerror(errno));
		return NULL;
	}
	if (plain) {
		source->fd = -1;
		source->plain_file = file;
		/* From the start again: what is in the buffer is of no use. */
		setvbuf(file, (char *)source->buffer, _IOFBF, source->room);
	} else {
		source->file_buffer = xmalloc(CHUNK);
		setvbuf(file, (char *)source->file_buffer, _IOFBF, CHUNK);
	}
	return file;
}

enum source_end source_ended(const struct source *source, const char **why)
{
	*why = source->why.text;
	return source->ended;
}

bool source_is_packed(const struct source *source)
{
	return source->packing;
}

uint64_t source_done(const struct source *source)
{
	off_t at = source->plain_file ? ftello(source->plain_file) : -1;

	return at < 0 ? source->disk_done : (uint64_t)at;
}

uint64_t source_size(const struct source *source)
{
	return source->disk_size;
}
