/* SPDX-License-Identifier: BSD-3-Clause */
/* What is heard: events become lines of text; and the stage for both. */
#include "talk.h"

#include "track/keys.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MS    (NSTIME_SECOND / 1000)
#define CONNS 64

struct talk talk;

static char text[1 << 20]; /* what was heard */
static size_t text_size;
static const struct conn *conns[CONNS];
static int n_conns;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void add(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + text_size, sizeof(text) - text_size, format, args);
	va_end(args);
	ck_assert(n >= 0 && (size_t)n < sizeof(text) - text_size);
	text_size += (size_t)n;
}

static int conn_index(const struct conn *conn)
{
	for (int i = 0; i < n_conns; i++)
		if (conns[i] == conn)
			return i;
	ck_abort_msg("an event of a connection that is not open");
	return -1;
}

static const char *letter(enum side side)
{
	return side == CLIENT ? "c" : "s";
}

static void add_piece(const struct event *event, const char *level)
{
	static const char *const hows[] = {"new", "late", "again",
					   "reinjected"};
	const struct piece *piece = event->u.piece;

	ck_assert_int_lt(piece->start, piece->end);
	add("%s %s%d %" PRId64 "-%" PRId64, level, letter(event->side),
	    event->subflow->id, piece->start, piece->end);
	if (event->kind == EVENT_UNMAPPED)
		return;
	add(" %s%s", hows[piece->how], piece->ahead ? " ahead" : "");
	if (piece->how != SENT_AGAIN && piece->how != SENT_REINJECTED) {
		ck_assert_int_ne(event->kind, EVENT_SENT_AGAIN);
		return;
	}
	ck_assert_int_ne(event->kind, EVENT_SENT);
	if (piece->first_on == ON_UNKNOWN) {
		ck_assert(piece->first_time == NSTIME_NONE);
		add(" ?");
	} else {
		add(" %d -%" PRIu64, piece->first_on,
		    talk.frame - piece->first_frame);
		ck_assert(piece->first_time == talk.times[piece->first_frame]);
	}
	if (piece->first_acked)
		add(" acked");
}

static void add_acked(const struct event *event)
{
	if (event->kind == EVENT_TCP_ACKED)
		add("tcpacked %s%d", letter(event->side), event->subflow->id);
	else
		add("acked %s", letter(event->side));
	add(" %" PRId64, event->u.acked.upto);
	if (event->u.acked.rtt != NSTIME_NONE)
		add(" rtt %" PRId64, event->u.acked.rtt / MS);
}

static void add_address(const struct event *event)
{
	const struct conn_address *address = event->u.address;
	char name[ENDPOINT_TEXT];

	ck_assert(address->time == event->time);
	ck_assert(address->side == event->side);
	add("address %s %s %d %s %d %s", side_word(event->side),
	    address_signal_word(address->signal), address->id,
	    address_print(&address->address, name), address->port,
	    verdict_word(address->verdict));
}

static void add_mapping(const struct event *event, const char *what)
{
	const struct mapping *mapping = event->u.mapping;

	add("%s %s%d %" PRId64 "-%" PRId64, what, letter(event->side),
	    event->subflow->id, mapping->data,
	    mapping->data + (mapping->end - mapping->start));
}

static void add_signal(const struct event *event)
{
	const struct conn *conn = event->conn;
	const char *side = side_word(event->side);

	switch (event->kind) {
	case EVENT_OPEN:
		add("open");
		break;
	case EVENT_NAMED:
		ck_assert(!conn->provisional);
		add("named %" PRIu64, conn->id);
		break;
	case EVENT_SUBFLOW:
		ck_assert_ptr_eq(event->subflow->conn, conn);
		add("subflow %d from %s", event->subflow->id,
		    side_word(event->subflow->initiator));
		break;
	case EVENT_PRIORITY:
		add("priority %s%d %d", letter(event->side), event->subflow->id,
		    event->u.backup);
		break;
	case EVENT_FAIL: /* the DSN is one of the other side's */
		add("fail %s%d %" PRId64, letter(event->side),
		    event->subflow->id,
		    (int64_t)(event->u.dsn -
			      conn->half[other_side(event->side)].idsn - 1));
		break;
	case EVENT_HMAC:
		add("hmac %s%d %s", letter(event->side), event->subflow->id,
		    verdict_word(event->u.verdict));
		break;
	case EVENT_FALLBACK:
		add("fallback %s %s", side, fallback_word(conn->fallback));
		break;
	case EVENT_FASTCLOSE:
		add("fastclose %s %s", side, verdict_word(event->u.verdict));
		break;
	case EVENT_DATA_FIN:
		add("data-fin %s %" PRId64, letter(event->side),
		    conn->half[event->side].fin_offset);
		break;
	case EVENT_SUBFLOW_END:
		add("end %d %s", event->subflow->id,
		    subflow_state_word(event->subflow->state));
		break;
	default:
		add("close %s", conn->provisional
				    ? "orphan"
				    : conn_state_word(conn_state(conn)));
		conns[conn_index(conn)] = NULL;
	}
}

static void hear(void *arg, const struct event *event)
{
	int index;

	(void)arg;
	if (event->kind == EVENT_GONE)
		return;
	if (event->kind == EVENT_OPEN) {
		ck_assert_int_lt(n_conns, CONNS);
		conns[n_conns++] = event->conn;
	}
	index = conn_index(event->conn);
	if ((event->kind == EVENT_TCP_SENT || event->kind == EVENT_TCP_RESENT ||
	     event->kind == EVENT_TCP_ACKED) &&
	    !talk.hear_tcp)
		return;
	if (index)
		add("[%d] ", index);
	if (event->kind != EVENT_CLOSE && event->frame) {
		ck_assert(event->frame <= talk.frame);
		ck_assert(event->time == talk.times[event->frame]);
		if (event->frame < talk.frame)
			add("-%" PRIu64 " ", talk.frame - event->frame);
	}
	switch (event->kind) {
	case EVENT_TCP_SENT:
	case EVENT_TCP_RESENT:
		add_piece(event, "tcp");
		break;
	case EVENT_SENT:
	case EVENT_SENT_AGAIN:
		add_piece(event, "data");
		break;
	case EVENT_UNMAPPED:
		add_piece(event, "unmapped");
		break;
	case EVENT_TCP_ACKED:
	case EVENT_ACKED:
		add_acked(event);
		break;
	case EVENT_ADDRESS:
		add_address(event);
		break;
	case EVENT_CHECKSUM:
		add_mapping(event, "checksum");
		break;
	case EVENT_CONFLICT:
		add_mapping(event, "conflict");
		break;
	default:
		add_signal(event);
	}
	add("\n");
}

void heard_lines(const char *const *lines, const char *file, int line)
{
	static char wanted[1 << 16];
	size_t size = 0;

	wanted[0] = '\0';
	for (; *lines; lines++) {
		size += (size_t)snprintf(wanted + size, sizeof(wanted) - size,
					 "%s\n", *lines);
		ck_assert_uint_lt(size, sizeof(wanted));
	}
	ck_assert_msg(!strcmp(wanted, text), "%s:%d\nwanted:\n%sheard:\n%s",
		      file, line, wanted, text);
	talk_forget();
}

void talk_forget(void)
{
	text_size = 0;
	text[0] = '\0';
}

/*
 * The stage.
 */
void talk_keys(int pair, int version, uint64_t client, uint64_t server)
{
	struct talk_pair *p = &talk.pair[pair];

	p->version = version;
	p->key[CLIENT] = client;
	p->key[SERVER] = server;
	for (int side = 0; side < 2; side++)
		key_hash(version, p->key[side], &p->token[side],
			 &p->idsn[side]);
}

const struct conn *talk_conn(int n)
{
	ck_assert(n < n_conns && conns[n]);
	return conns[n];
}

void talk_count(void)
{
	for (int i = 0; i < n_conns; i++) {
		size_t alive = 0;

		for (size_t k = 0; conns[i] && k < conns[i]->n_subflows; k++)
			alive += subflow_is_alive(conns[i]->subflows[k]);
		ck_assert(!conns[i] || conns[i]->n_alive == alive);
	}
}

static void talk_anew(struct tracker_options options)
{
	/* What only graphs want is not heard, which is another way for payload,
	 * too. */
	const unsigned tcp = talk.hear_tcp ? 0 : 1u << EVENT_TCP_SENT;

	options.unwanted = 1u << EVENT_SEGMENT | 1u << EVENT_NOTABLE |
			   1u << EVENT_SYN | 1u << EVENT_CHECKED |
			   1u << EVENT_RANGES | 1u << EVENT_DATA_ACK |
			   1u << EVENT_SHIFT | tcp;
	tracker_free(talk.tracker);
	talk.tracker = tracker_new(&options, hear, NULL);
}

void talk_options(nstime_t timeout, uint32_t sent_ranges)
{
	talk_anew((struct tracker_options){
	    .timeout = timeout,
	    .sent_ranges = sent_ranges,
	});
}

void talk_limit(enum tracker_limit limit, size_t most, nstime_t timeout)
{
	struct tracker_options options = {.timeout = timeout};

	options.most[limit] = most;
	talk_anew(options);
}

void talk_hear_tcp(void)
{
	talk.hear_tcp = true;
	talk_options(0, 0);
}

void talk_to(event_fn *sink, void *arg)
{
	const struct tracker_options options = {0};

	tracker_free(talk.tracker);
	talk.tracker = tracker_new(&options, sink, arg);
}

static void path_init(struct talk_path *path, uint8_t n)
{
	path->from = CLIENT;
	for (int side = 0; side < 2; side++) {
		struct endpoint *end = &path->end[side];
		uint8_t bytes[4] = {10, 0, n, (uint8_t)(1 + side)};

		end->address.family = 4;
		memcpy(end->address.bytes, bytes, 4);
		end->port = side == CLIENT ? 1000 + n : 80;
		path->isn[side] = 1000000u * (n + 1) + (side ? 500000 : 0);
		path->nonce[side] = 0xabcd0000u + n + (side ? 256 : 0);
	}
}

static void talk_begin(void)
{
	memset(&talk, 0, sizeof(talk));
	talk.now = 1000 * NSTIME_SECOND;
	n_conns = 0;
	talk_forget();
	for (uint8_t i = 0; i < TALK_PATHS; i++)
		path_init(&talk.path[i], i);
	for (int i = 0; i < TALK_PAIRS; i++)
		talk_keys(i, 1, 0x1111111111111111u + (uint64_t)i,
			  0x2222222222222222u + (uint64_t)i);
	talk_options(0, 0);
}

static void talk_end(void)
{
	tracker_free(talk.tracker);
	talk.tracker = NULL;
}

TCase *talk_case(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, talk_begin, talk_end);
	tcase_set_timeout(tcase, 60); /* under valgrind, say */
	return tcase;
}

void talk_established(void)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "0 s ack:0",
	     "0 c ack:0");
	talk_forget();
}

void talk_joined(int path)
{
	char line[3][32];

	snprintf(line[0], sizeof(line[0]), "%d c S join", path);
	snprintf(line[1], sizeof(line[1]), "%d s SA join", path);
	snprintf(line[2], sizeof(line[2]), "%d c join", path);
	TALK(line[0], line[1], line[2]);
	talk_forget();
}

void talk_finish(const char *counts)
{
	const struct tracker_counts *c = tracker_counts(talk.tracker);
	char is[160];

	tracker_finish(talk.tracker);
	snprintf(is, sizeof(is),
		 "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		 c->flows, c->mptcp_subflows, c->orphan_subflows,
		 c->mptcp_refused, c->plain);
	ck_assert_str_eq(is, counts);
}
