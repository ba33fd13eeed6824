/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The measure of all: a loop that lets libpcap read a trace and does nothing
 * but count. What a program takes beyond it is what it does with packets.
 */
#include <pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	unsigned long long packets = 0, total = 0;
	pcap_t *pcap;
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: bare TRACE\n");
		return 2;
	}
	pcap = pcap_open_offline(argv[1], error);
	if (!pcap) {
		fprintf(stderr, "bare: %s\n", error);
		return 1;
	}
	while ((status = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		packets++;
		total += header->len;
	}
	pcap_close(pcap);
	printf("%llu packets, %llu bytes\n", packets, total);
	return status != PCAP_ERROR_BREAK;
}
