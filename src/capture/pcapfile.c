/* SPDX-License-Identifier: BSD-3-Clause */
/* Through libpcap: what pcapwalk.c leaves to it. */
#include "base/alloc.h"
#include "capture/linktype.h"
#include "capture/reader.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_SIZE 4

struct pcapfile {
	struct reader reader;
	pcap_t *pcap;
	struct source *source;
	uint32_t linktype;
};

/* libpcap tells a file that ends too early only by these words. */
static const char truncated[] = "truncated dump file";

static enum reader_status failed(struct pcapfile *file, struct err *why)
{
	const char *error = pcap_geterr(file->pcap);
	uint64_t packet = file->reader.packets + 1;
	unsigned long wanted, got;

	if (strncmp(error, truncated, strlen(truncated))) {
		err_set(why, "packet %" PRIu64 " is corrupt: %s", packet,
			error);
		return READER_BAD;
	}
	if (sscanf(error + strlen(truncated),
		   "; tried to read %lu captured bytes, only got %lu", &wanted,
		   &got) == 2)
		err_set(why,
			"packet %" PRIu64 " is cut off after %lu of %lu bytes",
			packet, got, wanted);
	else
		err_set(why, "packet %" PRIu64 " is cut off in its header",
			packet);
	return READER_CUT;
}

static enum reader_status pcapfile_next(struct reader *reader,
					struct batch *batch, struct err *why)
{
	struct pcapfile *file = (struct pcapfile *)reader;
	struct frame *frame = batch->frames;
	struct pcap_pkthdr *header;
	int status = pcap_next_ex(file->pcap, &header, &frame->bytes);
	enum reader_status ended;

	if (status != 1) {
		ended = reader_ended(file->source, why);
		if (ended != READER_END)
			return ended;
		return status == PCAP_ERROR_BREAK ? READER_END
						  : failed(file, why);
	}
	/* The file has unsigned seconds, which libpcap takes for signed. The
	 * precision asked for makes the microseconds nanoseconds. */
	frame->time = (nstime_t)(uint32_t)header->ts.tv_sec * NSTIME_SECOND +
		      header->ts.tv_usec;
	frame->caplen = header->caplen;
	frame->wirelen =
	    header->len < header->caplen ? header->caplen : header->len;
	frame->linktype = file->linktype;
	batch->n = 1; /* libpcap has room for one */
	return READER_FRAME;
}

static void pcapfile_free(struct reader *reader)
{
	struct pcapfile *file = (struct pcapfile *)reader;

	pcap_close(file->pcap); /* closes the stream, too */
	free(file);
}

static bool is_nanosecond_magic(const uint8_t *magic)
{
	static const uint8_t big[MAGIC_SIZE] = {0xa1, 0xb2, 0x3c, 0x4d};
	static const uint8_t little[MAGIC_SIZE] = {0x4d, 0x3c, 0xb2, 0xa1};

	return !memcmp(magic, big, MAGIC_SIZE) ||
	       !memcmp(magic, little, MAGIC_SIZE);
}

static void say_why_not_opened(const struct source *source, const char *error,
			       struct err *why)
{
	if (reader_ended(source, why) != READER_END)
		return;
	if (!strncmp(error, truncated, strlen(truncated)))
		err_set(why, "is cut off in the header of the file");
	else if (strcmp(error, "unknown file format"))
		err_set(why, "%s", error);
}

struct reader *pcapfile_open(struct source *source, struct err *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct pcapfile *file;
	bool has_nanoseconds;
	const uint8_t *magic;
	size_t got;
	FILE *stream;
	pcap_t *pcap;

	why->text[0] = '\0';
	magic = source_want(source, MAGIC_SIZE, &got);
	if (got < MAGIC_SIZE) {
		reader_ended(source, why);
		return NULL;
	}
	has_nanoseconds = is_nanosecond_magic(magic);
	stream = source_file(source, why);
	if (!stream)
		return NULL;
	pcap = pcap_fopen_offline_with_tstamp_precision(
	    stream, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap) {
		say_why_not_opened(source, error, why);
		fclose(stream);
		return NULL;
	}
	file = xcalloc(1, sizeof(*file));
	file->reader.next = pcapfile_next;
	file->reader.free = pcapfile_free;
	file->reader.has_nanoseconds = has_nanoseconds;
	file->reader.news = true;
	file->pcap = pcap;
	file->source = source;
	file->linktype = linktype_from_dlt(pcap_datalink(pcap));
	file->reader.snaplen = (uint32_t)pcap_snapshot(pcap);
	return &file->reader;
}
