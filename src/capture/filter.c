/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/filter.h"

#include "base/alloc.h"
#include "capture/capture.h"
#include "capture/linktype.h"
#include "capture/reader.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

struct program {
	uint32_t linktype;
	bool good; /* else no frame passes, ... */
	struct err reason;
	bool told; /* ... and that was said, or need not be */
	struct bpf_program bpf;
};

struct filter {
	const char *expression;
	struct program *programs;
	size_t n, room;
	size_t last; /* the one used last: mostly the one used next */
};

/* Some expressions fit one kind of link only. */
static const int tried[] = {
    DLT_EN10MB,	    DLT_RAW,   DLT_LINUX_SLL,
    276 /* SLL2 */, DLT_NULL,  DLT_IEEE802_11_RADIO,
    DLT_IEEE802_11, DLT_PFLOG, DLT_PPP,
};

static int compile(const char *expression, int dlt, struct bpf_program *bpf,
		   struct err *err)
{
	pcap_t *pcap;
	int status;

	alloc_ahead();
	pcap = pcap_open_dead(dlt, SNAPLEN_MAX);
	if (!pcap)
		return err_set(err, "libpcap is out of memory");
	status = pcap_compile(pcap, bpf, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (status < 0)
		err_set(err, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return status < 0 ? -1 : 0;
}

/* Makes it filter->last. That no packet of a link type can match, such as ARP
 * on a link that has only IP, is an answer and not an error. */
static struct program *add_program(struct filter *filter, uint32_t linktype)
{
	struct program *program;

	filter->programs = xgrow(filter->programs, &filter->room, filter->n + 1,
				 sizeof(*program));
	filter->last = filter->n++;
	program = &filter->programs[filter->last];
	program->linktype = linktype;
	program->good = !compile(filter->expression, linktype_to_dlt(linktype),
				 &program->bpf, &program->reason);
	program->told = program->good ||
			strstr(program->reason.text, "rejects all packets");
	return program;
}

/* For what is usual it is compiled at once, since there may be names in it that
 * take files and a network to look up. The reason is that of the first. */
static bool fits_some(struct filter *filter)
{
	bool fits = false;

	for (size_t i = 0; i < sizeof(tried) / sizeof(tried[0]); i++)
		fits |= add_program(filter, linktype_from_dlt(tried[i]))->good;
	return fits;
}

struct filter *filter_new(const char *expression, bool raw_only,
			  struct err *err)
{
	struct filter *filter = xcalloc(1, sizeof(*filter));

	filter->expression = expression;
	if (raw_only ? add_program(filter, LINKTYPE_RAW_IP)->good
		     : fits_some(filter))
		return filter;
	err_set(err, "the filter \"%s\": %s", expression,
		filter->programs[0].reason.text);
	filter_free(filter);
	return NULL;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->n; i++)
		if (filter->programs[i].good)
			pcap_freecode(&filter->programs[i].bpf);
	free(filter->programs);
	free(filter);
}

/* Makes the one for this link type filter->last. */
static struct program *find_program(struct filter *filter, uint32_t linktype)
{
	for (size_t i = 0; i < filter->n; i++)
		if (filter->programs[i].linktype == linktype) {
			filter->last = i;
			return &filter->programs[i];
		}
	return add_program(filter, linktype);
}

static void tell_unfit(struct program *program, struct err *why)
{
	char name[128];

	program->told = true;
	capture_linktype_name(program->linktype, name, sizeof(name));
	err_set(why, "the filter does not fit packets of %s: %s", name,
		program->reason.text);
}

enum filter_verdict filter_judge(struct filter *filter,
				 const struct frame *frame, struct err *why)
{
	const struct pcap_pkthdr header = {.caplen = frame->caplen,
					   .len = frame->wirelen};
	struct program *program = &filter->programs[filter->last];

	if (program->linktype != frame->linktype)
		program = find_program(filter, frame->linktype);
	if (program->good)
		return pcap_offline_filter(&program->bpf, &header, frame->bytes)
			   ? FILTER_PASS
			   : FILTER_STOP;
	if (program->told)
		return FILTER_STOP;
	tell_unfit(program, why);
	return FILTER_UNFIT;
}
