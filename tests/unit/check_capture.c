/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole traces of all forms, and the door: merging, filters, offsets. */
#include "trace.h"
#include "unit.h"

START_TEST(pcap_kinds)
{
	bool big = _i & 1, nanosecond = _i & 2;
	struct bytes bytes;
	struct result result;

	pcap_start(&bytes, big, nanosecond, RAW_IP);
	for (uint8_t id = 1; id <= 3; id++)
		pcap_packet(&bytes, id, id);
	read_bytes(&result, &bytes);
	assert_sound(&result, 3);
	ck_assert_int_eq(result.has_nanoseconds, nanosecond);
	for (int i = 0; i < 3; i++)
		assert_frame(&result, (size_t)i, RAW_IP,
			     T0 * SECOND + (i + 1) * (nanosecond ? 1 : 1000));
}
END_TEST

/* Seconds are unsigned: after 2038 comes 2039, not 1902. */
START_TEST(pcap_late_times)
{
	struct bytes bytes;
	struct result result;

	pcap_start(&bytes, _i, false, ETHERNET);
	pcap_packet(&bytes, 1, 2000000000ull * 1000000);
	read_bytes(&result, &bytes);
	assert_sound(&result, 1);
	assert_frame(&result, 0, ETHERNET, 3700000000 * SECOND);
}
END_TEST

/* Overwrites what stands in the file's header. */
static void pcap_patched(struct bytes *bytes, size_t at, uint64_t value,
			 unsigned size)
{
	size_t n = bytes->n;

	bytes->n = at;
	put(bytes, value, size);
	bytes->n = n;
}

/* Odd forms, which are libpcap's business, read like the usual one. */
START_TEST(pcap_odd_forms)
{
	static const struct {
		uint32_t magic;
		uint16_t minor;
		unsigned more; /* bytes of a record's header, then */
		bool lengths_turned;
	} rows[] = {
	    {0xa1b2c3d4, 4, 0, false}, {0xa1b2c3d4, 3, 0, false},
	    {0xa1b2c3d4, 3, 0, true},  {0xa1b2c3d4, 2, 0, true},
	    {0xa1b2cd34, 4, 8, false}, /* Kuznetzov's */
	};
	struct bytes bytes;
	struct result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool turned = rows[i].lengths_turned;

		pcap_start(&bytes, _i, false, ETHERNET);
		pcap_patched(&bytes, 0, rows[i].magic, 4);
		pcap_patched(&bytes, 6, rows[i].minor, 2);
		for (uint8_t id = 1; id <= 2; id++) {
			put(&bytes, T0, 4);
			put(&bytes, id, 4);
			put(&bytes, turned ? 100u + id : 60u + id, 4);
			put(&bytes, turned ? 60u + id : 100u + id, 4);
			put_packet(&bytes, 0, rows[i].more);
			put_packet(&bytes, id, 60u + id);
		}
		read_bytes(&result, &bytes);
		assert_sound(&result, 2);
		assert_frame(&result, 1, ETHERNET, T0 * SECOND + 2000);
	}
}
END_TEST

/* No more of a packet is taken than the file's limit allows, and the next one
 * is found behind all of it; 0 and what is absurd are no limit. */
START_TEST(pcap_limits)
{
	static const struct {
		uint32_t snaplen, caplen;
	} rows[] = {{1, 1}, {60, 60}, {61, 61}, {0, 61}, {0xffffffff, 61}};
	struct bytes bytes;
	struct result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pcap_start(&bytes, _i, false, ETHERNET);
		pcap_patched(&bytes, 16, rows[i].snaplen, 4);
		pcap_packet(&bytes, 1, 1);
		pcap_packet(&bytes, 2, 2);
		read_bytes(&result, &bytes);
		assert_sound(&result, 2);
		ck_assert_uint_eq(result.frame[0].caplen, rows[i].caplen);
		ck_assert_uint_eq(result.frame[0].wirelen, 101);
		ck_assert_uint_eq(result.id[0], 1);
		ck_assert_uint_eq(result.id[1], 2);
	}
}
END_TEST

/* 255 packets, over and over: more than are read in one go, and than a buffer
 * holds; packets stand across its end. */
static const char *save_many(bool ng, size_t times)
{
	static struct bytes head, one;
	const char *path = path_of("many");
	FILE *file = fopen(path, "wb");

	ck_assert(file);
	if (ng)
		ng_of(&head, false, 0);
	else
		pcap_of(&head, 0);
	fwrite(head.at, 1, head.n, file);
	for (size_t i = 0; i < times * 255; i++) {
		uint8_t id = (uint8_t)(i % 255 + 1);

		one = (struct bytes){0};
		if (ng)
			ng_packet(&one, id, 0, micro(i));
		else
			pcap_packet(&one, id, i);
		fwrite(one.at, 1, one.n, file);
	}
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

/* The i-th of them. */
static void assert_one_of_many(const struct frame *frame, size_t i)
{
	uint8_t id = (uint8_t)(i % 255 + 1);

	ck_assert_uint_eq(frame->number, i + 1);
	ck_assert_int_eq(frame->time, T0 * SECOND + (nstime_t)i * 1000);
	ck_assert_uint_eq(frame->caplen, 60u + id);
	ck_assert_uint_eq(frame->bytes[0], id);
	ck_assert_uint_eq(frame->bytes[frame->caplen - 1], id);
}

static void assert_many(struct capture *capture, size_t n)
{
	struct frame frame;

	for (size_t i = 0; i < n; i++) {
		ck_assert(capture_next(capture, &frame));
		assert_one_of_many(&frame, i);
	}
}

START_TEST(many_packets)
{
	const size_t n = 12 * 255;
	const char *path = save_many(_i, 12);
	const struct capture_options options = {.twice = true};
	struct capture *capture;
	struct frame frame;
	struct err err;

	capture = capture_open(&path, 1, &options, &err);
	assert_many(capture, n);
	ck_assert(!capture_next(capture, &frame));
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	assert_many(capture, n);
	ck_assert(!capture_next(capture, &frame));
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
}
END_TEST

/* As far as it was read, not as far as that had been prepared. */
START_TEST(some_of_many_again)
{
	const char *path = save_many(_i, 12);
	const struct capture_options options = {.twice = true};
	struct capture *capture;
	struct frame frame;
	struct err err;

	capture = capture_open(&path, 1, &options, &err);
	for (size_t n = 100; n; n -= 20) {
		assert_many(capture, n);
		ck_assert_int_eq(capture_rewind(capture, &err), 0);
	}
	assert_many(capture, 20);
	ck_assert(!capture_next(capture, &frame));
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
}
END_TEST

/* As many as are at hand, and now and then a single one between them; then
 * again, as far as was read. */
START_TEST(some_at_a_time)
{
	const size_t n = 12 * 255;
	const char *path = save_many(_i, 12);
	const struct capture_options options = {.twice = true};
	const struct frame *frames;
	struct capture *capture;
	struct frame one;
	struct err err;
	size_t calls = 0, met = 0, some;

	capture = capture_open(&path, 1, &options, &err);
	while ((some = capture_next_some(capture, &frames))) {
		for (size_t i = 0; i < some; i++)
			assert_one_of_many(&frames[i], met++);
		if (calls++ % 3 == 0 && capture_next(capture, &one))
			assert_one_of_many(&one, met++);
	}
	ck_assert_uint_eq(met, n);
	ck_assert_uint_lt(calls, n / 8);
	ck_assert(!capture_next(capture, &one));
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	met = 0;
	for (int i = 0; i < 3; i++)
		met += capture_next_some(capture, &frames);
	ck_assert_uint_gt(met, 3);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	assert_many(capture, met);
	ck_assert_uint_eq(capture_next_some(capture, &frames), 0);
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
}
END_TEST

/* What passes a filter, one by one. */
START_TEST(some_of_a_filter)
{
	const char *path = save_many(0, 12);
	const struct capture_options options = {.filter = "link[0] == 7"};
	const struct frame *frames;
	struct capture *capture;
	struct err err;
	size_t met = 0, some;

	capture = capture_open(&path, 1, &options, &err);
	ck_assert_ptr_nonnull(capture);
	while ((some = capture_next_some(capture, &frames)))
		for (size_t i = 0; i < some; i++)
			assert_one_of_many(&frames[i], 255 * met++ + 6);
	ck_assert_uint_eq(met, 12);
	capture_free(capture);
}
END_TEST

START_TEST(ng_kinds)
{
	struct bytes bytes;
	struct result result;
	size_t start;

	bytes = (struct bytes){0};
	ng_section(&bytes, _i);
	ng_interface(&bytes, ETHERNET, 0, 0, 0);
	ng_packet(&bytes, 1, 0, micro(1));
	ng_interface(&bytes, RAW_IP, 0, 9, 0);
	ng_packet(&bytes, 2, 1, micro(2) * 1000 + 7);
	start = block_start(&bytes, 0x80000bad); /* unknown */
	put_packet(&bytes, 0xff, 31);
	block_end(&bytes, start);
	ng_packet(&bytes, 3, 0, micro(3));
	start = block_start(&bytes, 2); /* the obsolete packet block */
	put(&bytes, 1, 2);
	put(&bytes, 99, 2);
	put(&bytes, (micro(4) * 1000) >> 32, 4);
	put(&bytes, micro(4) * 1000, 4);
	put(&bytes, 64, 4);
	put(&bytes, 104, 4);
	put_packet(&bytes, 4, 64);
	block_end(&bytes, start);

	read_bytes(&result, &bytes);
	assert_sound(&result, 4);
	assert_frame(&result, 0, ETHERNET, T0 * SECOND + 1000);
	assert_frame(&result, 1, RAW_IP, T0 * SECOND + 2007);
	assert_frame(&result, 2, ETHERNET, T0 * SECOND + 3000);
	assert_frame(&result, 3, RAW_IP, T0 * SECOND + 4000);
	ck_assert(!result.has_nanoseconds); /* not as of the first frame */
}
END_TEST

START_TEST(ng_resolutions)
{
	static const struct {
		uint8_t resolution;
		int64_t offset;
		uint64_t ticks;
		nstime_t time;
		bool finer;
	} rows[] = {
	    {0, 0, 1500000, SECOND * 3 / 2, false},
	    {6, T0, 1500000, T0 * SECOND + SECOND * 3 / 2, false},
	    {6, -2, 500000, -SECOND * 3 / 2, false},
	    {3, 0, 1500, SECOND * 3 / 2, false},
	    {9, 0, 1500000001, SECOND * 3 / 2 + 1, true},
	    {12, 0, 1500000001999, SECOND * 3 / 2 + 1, true},
	    {28, 0, UINT64_MAX, 1, true},
	    {29, 0, UINT64_MAX, 0, true},
	    {127, 0, UINT64_MAX, 0, true},
	    {0x80, 0, 7, SECOND * 7, false},
	    {0x81, 0, 3, SECOND * 3 / 2, false},
	    {0x80 | 20, 0, 3 << 19, SECOND * 3 / 2, true},
	    {0x80 | 32, 0, (7ull << 32) + (1u << 31), SECOND * 15 / 2, true},
	    {0x80 | 60, 0, 7ull << 59, SECOND * 7 / 2, true},
	    {0x80 | 64, 0, 1ull << 63, SECOND / 2, true},
	    {0x80 | 127, 0, UINT64_MAX, 0, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes bytes = {0};
		struct result result;

		ng_section(&bytes, i & 1);
		ng_interface(&bytes, ETHERNET, 0, rows[i].resolution,
			     rows[i].offset);
		ng_packet(&bytes, 1, 0, rows[i].ticks);
		read_bytes(&result, &bytes);
		assert_sound(&result, 1);
		assert_frame(&result, 0, ETHERNET, rows[i].time);
		ck_assert_int_eq(result.has_nanoseconds, rows[i].finer);
	}
}
END_TEST

/* Times that no nstime_t can say must not overflow on the way to one. */
START_TEST(ng_absurd_times)
{
	static const uint8_t resolutions[] = {1, 6, 9, 0x80, 0x81, 0xff};
	static const int64_t offsets[] = {0, 1, -1, INT64_MAX, INT64_MIN};
	struct result result;

	for (size_t i = 0; i < sizeof(resolutions) * 5; i++) {
		struct bytes bytes = {0};

		ng_section(&bytes, false);
		ng_interface(&bytes, ETHERNET, 0, resolutions[i / 5],
			     offsets[i % 5]);
		ng_packet(&bytes, 1, 0, UINT64_MAX);
		ng_packet(&bytes, 2, 0, UINT64_MAX / 2);
		read_bytes(&result, &bytes);
		assert_sound(&result, 2);
		ck_assert(result.frame[0].time != NSTIME_NONE);
	}
}
END_TEST

START_TEST(ng_simple_packets)
{
	struct bytes bytes = {0};
	struct result result;

	ng_section(&bytes, _i);
	ng_interface(&bytes, ETHERNET, 40, 0, 0);
	ng_simple(&bytes, 1, 40);
	ng_section(&bytes, _i);
	ng_interface(&bytes, RAW_IP, 0, 0, 0);
	ng_simple(&bytes, 2, 62);
	read_bytes(&result, &bytes);
	assert_sound(&result, 2);
	ck_assert_int_eq(result.frame[0].time, NSTIME_NONE);
	ck_assert_uint_eq(result.frame[0].caplen, 40);
	ck_assert_uint_eq(result.frame[0].wirelen, 61);
	ck_assert_uint_eq(result.frame[0].linktype, ETHERNET);
	ck_assert_uint_eq(result.frame[1].caplen, 62);
	ck_assert_uint_eq(result.frame[1].linktype, RAW_IP);
}
END_TEST

START_TEST(ng_sections)
{
	struct bytes bytes = {0};
	struct result result;

	for (uint8_t i = 0; i < 3; i++) {
		ng_section(&bytes, i & 1);
		ng_interface(&bytes, i == 1 ? RAW_IP : ETHERNET, 0, 0, 0);
		ng_packet(&bytes, (uint8_t)(i + 1), 0, micro(i));
	}
	read_bytes(&result, &bytes);
	assert_sound(&result, 3);
	assert_frame(&result, 0, ETHERNET, T0 * SECOND);
	assert_frame(&result, 1, RAW_IP, T0 * SECOND + 1000);
	assert_frame(&result, 2, ETHERNET, T0 * SECOND + 2000);

	/* The interfaces of one section are not those of the next. */
	ng_section(&bytes, false);
	ng_packet(&bytes, 4, 0, micro(4));
	read_bytes(&result, &bytes);
	ck_assert_uint_eq(result.n, 3);
	assert_problem(&result, 0, false, "packet 4 (at byte ");
	assert_problem(&result, 0, false, "unknown interface; the 3 packets");
}
END_TEST

/* 65536 of them are too many by one when there is one more. */
START_TEST(ng_many_interfaces)
{
	const size_t many = 65536;
	struct bytes bytes = {0};
	struct result result;
	size_t section, each;
	uint8_t *all;

	ng_section(&bytes, false);
	section = bytes.n;
	ng_interface(&bytes, ETHERNET, 0, 0, 0);
	each = bytes.n - section;
	all = malloc(section + (many + 1) * each);
	ck_assert_ptr_nonnull(all);
	memcpy(all, bytes.at, section);
	for (size_t i = 0; i <= many; i++)
		memcpy(all + section + i * each, bytes.at + section, each);
	read_one(&result, save("many", all, section + many * each));
	assert_sound(&result, 0);
	read_one(&result, save("many", all, section + (many + 1) * each));
	assert_problem(&result, 0, false, "is of an interface too many");
	free(all);
}
END_TEST

START_TEST(linktype_names)
{
	char text[64];

	capture_linktype_name(ETHERNET, text, sizeof(text));
	ck_assert_str_eq(text, "EN10MB (Ethernet)");
	capture_linktype_name(RAW_IP, text, sizeof(text));
	ck_assert_str_eq(text, "RAW (Raw IP)");
	capture_linktype_name(54321, text, sizeof(text));
	ck_assert_str_eq(text, "link type 54321");
	capture_linktype_name(ETHERNET, text, 7);
	ck_assert_str_eq(text, "EN10MB");
}
END_TEST

/* Three files become one by time, whatever their formats. */
START_TEST(merging)
{
	static const uint8_t order[] = {1, 4, 7, 2, 5, 9, 8, 3, 6};
	static const uint8_t files[] = {0, 1, 2, 0, 1, 2, 2, 0, 1};
	struct bytes a, b, c;
	struct result result;

	pcap_start(&a, false, false, ETHERNET);
	pcap_packet(&a, 1, 10);
	pcap_packet(&a, 2, 20);
	pcap_packet(&a, 3, 30);
	b = (struct bytes){0};
	ng_section(&b, true);
	ng_interface(&b, RAW_IP, 0, 0, 0);
	ng_packet(&b, 4, 0, micro(10)); /* equal: after the earlier file's */
	ng_packet(&b, 5, 0, micro(20));
	ng_packet(&b, 6, 0, micro(31));
	pcap_start(&c, true, true, ETHERNET);
	pcap_packet(&c, 7, 10001);
	pcap_packet(&c, 9, 25000); /* out of order: stays so */
	pcap_packet(&c, 8, 15000);

	const char *paths[] = {save_all("a", &a), save_all("b", &b),
			       save_all("c", &c)};
	read_with(&result, 3, paths, &(struct capture_options){0});
	assert_sound(&result, 9);
	ck_assert_uint_eq(result.files, 3);
	ck_assert(result.has_nanoseconds);
	for (size_t i = 0; i < 9; i++) {
		ck_assert_uint_eq(result.id[i], order[i]);
		ck_assert_uint_eq(result.frame[i].file, files[i]);
		ck_assert_uint_eq(result.frame[i].number, i + 1);
	}
}
END_TEST

/* Packets without a time stay behind the one before them. */
START_TEST(merging_without_times)
{
	static const uint8_t order[] = {1, 4, 2, 3, 5};
	struct bytes a, b = {0};
	struct result result;

	pcap_start(&a, false, false, ETHERNET);
	pcap_packet(&a, 4, 5);
	pcap_packet(&a, 5, 20);
	ng_section(&b, false);
	ng_interface(&b, ETHERNET, 0, 0, 0);
	ng_simple(&b, 1, 61);
	ng_packet(&b, 2, 0, micro(10));
	ng_simple(&b, 3, 63);

	const char *paths[] = {save_all("a", &a), save_all("b", &b)};
	read_with(&result, 2, paths, &(struct capture_options){0});
	assert_sound(&result, 5);
	for (size_t i = 0; i < 5; i++)
		ck_assert_uint_eq(result.id[i], order[i]);
}
END_TEST

/* A problem in one file does not stop the others. */
START_TEST(merging_with_problems)
{
	struct bytes a, b;
	struct result result;

	pcap_of(&a, 3);
	ng_of(&b, false, 3);
	const char *paths[] = {path_of("missing"), save_all("a", &a), directory,
			       save("b", b.at, b.end[1] + 9),
			       save("empty", a.at, 0)};
	read_with(&result, 5, paths, &(struct capture_options){0});
	ck_assert_uint_eq(result.n, 5);
	ck_assert_uint_eq(result.files, 2);
	ck_assert_uint_eq(result.problems, 4);
	assert_problem(&result, 0, false, "missing: No such file");
	ck_assert_str_eq(result.problem[0].path, paths[0]);
	assert_problem(&result, 1, false, ": is a directory");
	assert_problem(&result, 2, false, "empty: is empty");
	assert_problem(&result, 3, true, "b: packet 3 is cut off after 9 of ");
	ck_assert(result.problem[3].warning && !result.problem[2].warning);
}
END_TEST

START_TEST(non_traces)
{
	static const uint8_t text[] = "DSN,time\n1,2\n";
	struct bytes bytes;
	struct result result;

	pcap_of(&bytes, 3);
	const char *paths[] = {
	    save("a.csv", text, sizeof(text)), directory, save_all("b", &bytes),
	    save("empty", bytes.at, 0), save("cut", bytes.at, 20)};
	read_with(&result, 5, paths,
		  &(struct capture_options){.skip_non_traces = true});
	ck_assert_uint_eq(result.n, 3);
	ck_assert_uint_eq(result.files, 1);
	ck_assert_uint_eq(result.skipped, 3);
	ck_assert_uint_eq(result.problems, 1);
	assert_problem(&result, 0, false, "cut: is cut off in the header");

	read_one(&result, paths[0]);
	assert_problem(&result, 0, false, ": not a pcap or pcapng trace");
}
END_TEST

START_TEST(ip_offset)
{
	struct bytes bytes;
	struct result result;
	const char *path;

	pcap_of(&bytes, 3);
	path = save_all("trace", &bytes);
	read_with(
	    &result, 1, &path,
	    &(struct capture_options){.has_ip_offset = true, .ip_offset = 62});
	assert_sound(&result, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(result.frame[i].linktype, RAW_IP);
		ck_assert_uint_eq(result.frame[i].caplen, i > 1 ? i - 1 : 0);
		ck_assert_uint_eq(result.frame[i].wirelen, 101 + i - 62);
	}
}
END_TEST

/* Numbers count what the filter keeps back, too. */
START_TEST(filtering)
{
	struct bytes bytes;
	struct result result;
	const char *path;

	pcap_of(&bytes, 4);
	path = save_all("trace", &bytes);
	read_with(&result, 1, &path,
		  &(struct capture_options){.filter = "len > 102"});
	assert_sound(&result, 2);
	ck_assert_uint_eq(result.frame[0].number, 3);
	read_with(&result, 1, &path,
		  &(struct capture_options){.filter = "ether[0] = 2"});
	assert_sound(&result, 1);
	/* No packet here begins as an IPv4 header does. */
	read_with(
	    &result, 1, &path,
	    &(struct capture_options){.filter = "ip", .has_ip_offset = true});
	assert_sound(&result, 0);
}
END_TEST

START_TEST(filtering_mixed)
{
	struct bytes bytes = {0};
	struct result result;
	const char *path;

	ng_section(&bytes, false);
	ng_interface(&bytes, ETHERNET, 0, 0, 0);
	ng_interface(&bytes, RAW_IP, 0, 0, 0);
	ng_interface(&bytes, 9999, 0, 0, 0);
	for (uint8_t i = 0; i < 9; i++)
		ng_packet(&bytes, (uint8_t)(i + 1), i % 3, micro(i));
	path = save_all("trace", &bytes);

	read_with(&result, 1, &path, &(struct capture_options){.filter = ""});
	assert_sound(&result, 9);
	read_with(
	    &result, 1, &path,
	    &(struct capture_options){.filter = "not ether host 1:2:3:4:5:6"});
	ck_assert_uint_eq(result.n, 3);
	ck_assert_uint_eq(result.frame[1].number, 4);
	ck_assert_uint_eq(result.problems, 2);
	assert_problem(&result, 0, false,
		       "trace: the filter does not fit "
		       "packets of RAW (Raw IP): ");
	assert_problem(&result, 1, false, "packets of link type 9999: ");
	ck_assert(result.problem[0].warning);

	/* What can match no packet of a link type is not a problem there. */
	read_with(&result, 1, &path,
		  &(struct capture_options){.filter = "arp"});
	ck_assert_uint_eq(result.n, 0);
	ck_assert_uint_eq(result.problems, 1);
}
END_TEST

START_TEST(bad_filter)
{
	const struct capture_options options[] = {
	    {.filter = "tcp prot 5"},
	    {.filter = "ether host 1:2:3:4:5:6", .has_ip_offset = true},
	};
	struct err err = {""};

	for (size_t i = 0; i < 2; i++) {
		ck_assert(!capture_open(NULL, 0, &options[i], &err));
		ck_assert_uint_gt(strlen(err.text), 0);
	}
}
END_TEST

static void add_format_tests(Suite *suite)
{
	TCase *tests = tcase_create("format");

	tcase_add_unchecked_fixture(tests, make_directory, remove_directory);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, pcap_kinds, 0, 4);
	tcase_add_loop_test(tests, pcap_late_times, 0, 2);
	tcase_add_loop_test(tests, pcap_odd_forms, 0, 2);
	tcase_add_loop_test(tests, pcap_limits, 0, 2);
	tcase_add_loop_test(tests, many_packets, 0, 2);
	tcase_add_loop_test(tests, some_of_many_again, 0, 2);
	tcase_add_loop_test(tests, some_at_a_time, 0, 2);
	tcase_add_test(tests, some_of_a_filter);
	tcase_add_loop_test(tests, ng_kinds, 0, 2);
	tcase_add_test(tests, ng_resolutions);
	tcase_add_test(tests, ng_absurd_times);
	tcase_add_loop_test(tests, ng_simple_packets, 0, 2);
	tcase_add_test(tests, ng_sections);
	tcase_add_test(tests, ng_many_interfaces);
	tcase_add_test(tests, linktype_names);
	suite_add_tcase(suite, tests);
}

static void add_door_tests(Suite *suite)
{
	TCase *tests = tcase_create("door");

	tcase_add_unchecked_fixture(tests, make_directory, remove_directory);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, merging);
	tcase_add_test(tests, merging_without_times);
	tcase_add_test(tests, merging_with_problems);
	tcase_add_test(tests, non_traces);
	tcase_add_test(tests, ip_offset);
	tcase_add_test(tests, filtering);
	tcase_add_test(tests, filtering_mixed);
	tcase_add_test(tests, bad_filter);
	suite_add_tcase(suite, tests);
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("capture");

	add_format_tests(suite);
	add_door_tests(suite);
	return suite;
}
