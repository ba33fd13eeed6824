/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole program, as its command line starts it: the first octet is a row of
 * command lines, the rest is the trace; with 0x80, packets as speech.h has
 * them, of which a trace is made. With 0x40 that is packed.
 */
#include "fuzz.h"
#include "place.h"
#include "speech.h"

#include <jansson.h>
#include <zlib.h>

#include <dirent.h>
#include <string.h>
#include <unistd.h>

/* All of it is in this file. */
int program(int argc, char **argv);
#define main program
#include "main.c"
#undef main

#define SPOKEN	  0x80
#define PACKED	  0x40
#define WORDS_MAX 24

/* Each after `-f TRACE`; in a directory that is empty. */
static const char *const lines[][WORDS_MAX] = {
    {"--threads=1"},
    {"--list", "--threads=1"},
    {"--list", "-w", "csv", "--json=o.json", "--threads=1"},
    {"--list", "-w", "jsonl", "--events=o.csv", "--threads=1"},
    {"--events", "--threads=1"},
    {"--events=o.jsonl", "--json=o.json", "--threads=1"},
    {"--packets", "--threads=1"},
    {"--packets", "-c", "0-1", "--relative", "--threads=1"},
    {"--packets", "--where", "subflows>1 or state=fallback", "--threads=1"},
    {"-w", "csv", "--graph", "all", "-SAR", "--threads=1"},
    {"-w", "xplot,csv", "--graph", "all", "--relative", "--threads=1"},
    {"-w", "gnuplot", "--threads=1"},
    {"-w", "html", "--json=o.json", "--threads=1"},
    {"-w", "html,gnuplot", "--graph", "all", "--threads=1"},
    {"--split", "s", "--threads=1"},
    {"--split", "s", "-c", "0", "--json=o.json", "--threads=1"},
    {"-t", "1", "-q", "4", "--json=o.json", "-l", "31", "--threads=1"},
    {"-o", "14", "--list", "--threads=1"},
    {"tcp", "--json=o.json", "--events=o.jsonl", "--threads=1"},
    {"-w", "csv,html", "--graph", "all", "-S", "--threads=4"},
    {"--json=o.json", "--threads=4"},
};

#define N_LINES (sizeof(lines) / sizeof(*lines))

/* zlib writes a file as it is if it is told so. */
static void write_u32(gzFile file, uint32_t value)
{
	gzwrite(file, &value, sizeof(value));
}

/* A pcap file with nanoseconds. */
static void write_spoken(gzFile file, struct octets in)
{
	static struct speech speech;
	struct frame frame;

	write_u32(file, 0xa1b23c4d);
	write_u32(file, 4u << 16 | 2);
	write_u32(file, 0);
	write_u32(file, 0);
	write_u32(file, 262144);
	write_u32(file, SPEECH_LINKTYPE);
	speech_begin(&speech, in);
	while (speech_next(&speech, &frame)) {
		write_u32(file, (uint32_t)(frame.time / NSTIME_SECOND));
		write_u32(file, (uint32_t)(frame.time % NSTIME_SECOND));
		write_u32(file, frame.caplen);
		write_u32(file, frame.wirelen);
		gzwrite(file, frame.bytes, frame.caplen);
	}
}

static void write_trace(uint8_t how, struct octets in)
{
	gzFile file = gzopen(place_trace(0), how & PACKED ? "w1" : "wT");

	MUST(file);
	if (how & SPOKEN)
		write_spoken(file, in);
	else
		gzwrite(file, in.at, (unsigned)octets_left(&in));
	MUST(gzclose(file) == Z_OK);
}

/* JSON is JSON, if it was begun. */
static void check_json(void)
{
	json_t *json;

	if (access("o.json", F_OK))
		return;
	json = json_load_file("o.json", 0, NULL);
	MUST(json);
	json_decref(json);
}

/* A value a line. */
static void check_jsonl(void)
{
	FILE *file = fopen("o.jsonl", "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	if (!file)
		return;
	while ((size = getline(&line, &room, file)) > 0) {
		json_t *json = json_loadb(line, (size_t)size, 0, NULL);

		MUST(json);
		json_decref(json);
	}
	free(line);
	fclose(file);
}

/* Nothing hidden, which is what is not finished, is left behind. */
static void check_finished(const char *directory)
{
	DIR *all = opendir(directory);
	struct dirent *entry;

	while (all && (entry = readdir(all)))
		MUST(entry->d_name[0] != '.' || !strcmp(entry->d_name, ".") ||
		     !strcmp(entry->d_name, ".."));
	if (all)
		closedir(all);
}

static void run_line(const char *const *line)
{
	char words[WORDS_MAX][64], *argv[WORDS_MAX + 4] = {"mptcptrace", "-f"};
	int argc = 2, status;

	argv[argc++] = (char *)place_trace(0);
	for (int i = 0; i < WORDS_MAX && line[i]; i++) {
		snprintf(words[i], sizeof(words[i]), "%s", line[i]);
		argv[argc++] = words[i];
	}
#ifdef __GLIBC__
	optind = 0; /* begins anew, whatever was left */
#else
	optind = 1;
#endif
	status = program(argc, argv);
	MUST(status >= 0 && status <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static bool silent;
	struct octets in = {bytes, bytes + size};
	uint8_t how = octets_u8(&in);

	if (!silent) {
		MUST(freopen("/dev/null", "w", stdout));
		/* What is given up would be so for all runs. */
		MUST(!setenv("MPTCPTRACE_UNCONFINED", "1", 1));
	}
	silent = true;
	write_trace(how, in);
	place_enter();
	run_line(lines[(how & ~(SPOKEN | PACKED)) % N_LINES]);
	check_json();
	check_jsonl();
	check_finished(".");
	check_finished("s");
	place_leave();
	return 0;
}
