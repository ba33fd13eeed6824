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
	bool good; /* else no frame passes */
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
	pcap_t *pcap = pcap_open_dead(dlt, SNAPLEN_MAX);
	int status;

	if (!pcap)
		return err_set(err, "libpcap is out of memory");
	status = pcap_compile(pcap, bpf, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (status < 0)
		err_set(err, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return status < 0 ? -1 : 0;
}

static int check(const char *expression, int dlt, struct err *err)
{
	struct bpf_program bpf;

	if (compile(expression, dlt, &bpf, err) < 0)
		return -1;
	pcap_freecode(&bpf);
	return 0;
}

static bool fits_some(const char *expression, struct err *err)
{
	struct err ignored;

	if (check(expression, tried[0], err) == 0)
		return true;
	for (size_t i = 1; i < sizeof(tried) / sizeof(tried[0]); i++)
		if (check(expression, tried[i], &ignored) == 0)
			return true;
	return false;
}

struct filter *filter_new(const char *expression, bool raw_only,
			  struct err *err)
{
	struct filter *filter;

	struct err why;

	if (raw_only ? check(expression, DLT_RAW, &why) < 0
		     : !fits_some(expression, &why)) {
		err_set(err, "the filter \"%s\": %s", expression, why.text);
		return NULL;
	}
	filter = xcalloc(1, sizeof(*filter));
	filter->expression = expression;
	return filter;
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

/* Makes filter->last a program for this link type. False: none of its frames
 * can be judged, for the reason in *why. */
static bool add_program(struct filter *filter, uint32_t linktype,
			struct err *why)
{
	struct program program = {.linktype = linktype};
	struct err reason;
	char name[128];

	program.good = compile(filter->expression, linktype_to_dlt(linktype),
			       &program.bpf, &reason) == 0;
	filter->programs = xgrow(filter->programs, &filter->room, filter->n + 1,
				 sizeof(program));
	filter->last = filter->n;
	filter->programs[filter->n++] = program;

	/* That no packet of this link type can match, such as ARP on a link
	 * that has only IP, is an answer and not an error. */
	if (program.good || strstr(reason.text, "rejects all packets"))
		return true;
	capture_linktype_name(linktype, name, sizeof(name));
	err_set(why, "the filter does not fit packets of %s: %s", name,
		reason.text);
	return false;
}

static bool find_program(struct filter *filter, uint32_t linktype,
			 struct err *why)
{
	for (size_t i = 0; i < filter->n; i++)
		if (filter->programs[i].linktype == linktype) {
			filter->last = i;
			return true;
		}
	return add_program(filter, linktype, why);
}

enum filter_verdict filter_judge(struct filter *filter,
				 const struct frame *frame, struct err *why)
{
	struct pcap_pkthdr header = {.caplen = frame->caplen,
				     .len = frame->wirelen};
	const struct program *program;

	if (!filter->n ||
	    filter->programs[filter->last].linktype != frame->linktype)
		if (!find_program(filter, frame->linktype, why))
			return FILTER_UNFIT;
	program = &filter->programs[filter->last];
	if (program->good &&
	    pcap_offline_filter(&program->bpf, &header, frame->bytes))
		return FILTER_PASS;
	return FILTER_STOP;
}
