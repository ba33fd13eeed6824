/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/linktype.h"

#include "capture/capture.h"

#include <pcap/pcap.h>
#include <stddef.h>
#include <stdio.h>

/* All others have the same number in both. */
static const struct {
	int dlt;
	uint32_t linktype;
} different[] = {
    {DLT_ATM_RFC1483, 100}, {DLT_RAW, LINKTYPE_RAW_IP}, {DLT_SLIP_BSDOS, 102},
    {DLT_PPP_BSDOS, 103},   {DLT_ATM_CLIP, 106},	{DLT_LOOP, 108},
    {DLT_ENC, 109},	    {DLT_PFSYNC, 246},
#ifdef DLT_PKTAP
    {DLT_PKTAP, 258},
#endif
};

#define N_DIFFERENT (sizeof(different) / sizeof(different[0]))

int linktype_to_dlt(uint32_t linktype)
{
	for (size_t i = 0; i < N_DIFFERENT; i++)
		if (different[i].linktype == linktype)
			return different[i].dlt;
	return (int)linktype;
}

uint32_t linktype_from_dlt(int dlt)
{
	for (size_t i = 0; i < N_DIFFERENT; i++)
		if (different[i].dlt == dlt)
			return different[i].linktype;
	return (uint32_t)dlt;
}

void capture_linktype_name(uint32_t linktype, char *text, size_t size)
{
	int dlt = linktype_to_dlt(linktype);
	const char *name = pcap_datalink_val_to_name(dlt);
	const char *description = pcap_datalink_val_to_description(dlt);

	if (name && description)
		snprintf(text, size, "%s (%s)", name, description);
	else
		snprintf(text, size, "link type %u", linktype);
}
