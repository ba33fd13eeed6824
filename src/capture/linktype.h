/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two numberings of link types: LINKTYPE_ as files have it, the same
 * everywhere, and DLT_ as libpcap's functions have it, which for a few types
 * differs from system to system. Outside this floor only LINKTYPE_ is used.
 */
#ifndef CAPTURE_LINKTYPE_H
#define CAPTURE_LINKTYPE_H

#include <stdint.h>

enum { /* those that this floor calls by name */
       LINKTYPE_ETHERNET = 1,
       LINKTYPE_RAW_IP = 101,
};

int linktype_to_dlt(uint32_t linktype);
uint32_t linktype_from_dlt(int dlt);

#endif
