/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said: lines of text become segments. */
#include "talk.h"

#include "track/keys.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS   (NSTIME_SECOND / 1000)
#define WORD 80

struct draft {
	struct segment seg;
	struct talk_path *path;
	const struct talk_pair *pair;
	enum side side;
	struct mptcp_option *dss, *capable;
	int64_t map_start; /* subflow offset of the mapping, its payload */
	uint32_t map_payload;
};

/* The octet at this place of what a side sends on a path. */
static uint8_t octet(const struct draft *draft, int64_t at)
{
	uint32_t n = (uint32_t)at * 31 + draft->path->isn[draft->side];

	return (uint8_t)(n * 2654435761u >> 24);
}

static struct mptcp_option *option(struct draft *draft,
				   enum mptcp_subtype subtype)
{
	struct mptcp_option *new = &draft->seg.mptcp[draft->seg.n_mptcp++];

	ck_assert_int_le(draft->seg.n_mptcp, MPTCP_OPTIONS_MAX);
	memset(new, 0, sizeof(*new));
	new->subtype = (uint8_t)subtype;
	new->length = 8;
	return new;
}

static void say_capable(struct draft *draft, const char *rest)
{
	struct mptcp_option *new = option(draft, MPTCP_CAPABLE);
	const uint64_t *key = draft->pair->key;
	uint8_t flags = draft->seg.flags;
	enum side side = draft->side;

	new->u.capable.version = (uint8_t)draft->pair->version;
	new->u.capable.flags = CAPABLE_HMAC;
	new->u.capable.key[0] = key[side];
	new->u.capable.key[1] = key[other_side(side)];
	new->u.capable.keys = flags &TCP_SYN ? 1 : 2;
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	    draft->pair->version == 1)
		new->u.capable.keys = 0;
	if (*rest == ':') {
		new->u.capable.has_length = true;
		new->u.capable.data_length = (uint16_t)atoi(rest + 1);
		draft->map_start = 0;
		draft->map_payload = new->u.capable.data_length;
	}
	draft->capable = new;
}

static void say_join(struct draft *draft, const char *rest)
{
	struct mptcp_option *new = option(draft, MPTCP_JOIN);
	const struct talk_pair *pair = draft->pair;
	enum side own = draft->side, peer = other_side(own);
	uint8_t flags = draft->seg.flags;
	bool wrong = *rest == '!';

	new->u.join.id = (uint8_t)(draft->path - talk.path);
	if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		new->u.join.token = pair->token[peer] ^ wrong;
		draft->path->from = own;
	}
	if (flags & TCP_SYN)
		new->u.join.nonce = draft->path->nonce[own];
	if (flags & TCP_ACK) {
		join_hmac(pair->version, pair->key[own], pair->key[peer],
			  draft->path->nonce[own], draft->path->nonce[peer],
			  new->u.join.hmac, flags & TCP_SYN ? 8 : 20);
		new->u.join.hmac[7] ^= wrong;
	}
}

static struct mptcp_option *dss(struct draft *draft, uint8_t flag)
{
	if (!draft->dss || draft->dss->u.dss.flags & flag)
		draft->dss = option(draft, MPTCP_DSS);
	draft->dss->u.dss.flags |= flag;
	return draft->dss;
}

static void put_dsn(struct draft *draft, int64_t offset, bool wide)
{
	struct mptcp_option *map = dss(draft, DSS_MAP);

	map->u.dss.dsn = draft->pair->idsn[draft->side] + 1 + (uint64_t)offset;
	if (wide)
		map->u.dss.flags |= DSS_DSN8;
	else
		map->u.dss.dsn &= UINT32_MAX;
}

static void say_map(struct draft *draft, const char *rest, bool wide)
{
	long long data, start;
	unsigned length = 0;

	ck_assert_int_ge(sscanf(rest, ":%lld:%lld:%u", &data, &start, &length),
			 2);
	put_dsn(draft, data, wide);
	draft->dss->u.dss.ssn = (uint32_t)(start + 1);
	draft->dss->u.dss.length = (uint16_t)length;
	draft->map_start = start;
	draft->map_payload = length;
}

static void say_fin(struct draft *draft, const char *rest, bool wide)
{
	if (*rest == ':') {
		put_dsn(draft, atoll(rest + 1), wide);
		draft->map_payload = 0;
	}
	draft->dss->u.dss.flags |= DSS_FIN;
	draft->dss->u.dss.length++;
}

static void say_data_ack(struct draft *draft, const char *rest, bool wide)
{
	struct mptcp_option *ack = dss(draft, DSS_ACK);

	ck_assert_int_eq(*rest, ':');
	ack->u.dss.ack = draft->pair->idsn[other_side(draft->side)] + 1 +
			 (uint64_t)atoll(rest + 1);
	if (wide)
		ack->u.dss.flags |= DSS_ACK8;
	else
		ack->u.dss.ack &= UINT32_MAX;
}

/* RFC 8684 section 3.3.1, octet by octet: what is mapped, then the pseudo
 * header. */
static void say_sum(struct draft *draft, bool wrong)
{
	const struct talk_pair *pair = draft->pair;
	uint64_t dsn = pair->idsn[draft->side] + 1, ssn = 1;
	uint32_t length, sum = 0;
	uint8_t head[16] = {0};

	if (draft->capable) {
		length = draft->capable->u.capable.data_length;
	} else {
		int32_t low =
		    (int32_t)((uint32_t)draft->dss->u.dss.dsn - (uint32_t)dsn);

		dsn += (uint64_t)(int64_t)low;
		ssn = draft->dss->u.dss.ssn;
		length = draft->dss->u.dss.length;
	}
	for (int i = 0; i < 8; i++)
		head[i] = (uint8_t)(dsn >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		head[8 + i] = (uint8_t)(ssn >> (24 - 8 * i));
	head[12] = (uint8_t)(length >> 8);
	head[13] = (uint8_t)length;
	for (uint32_t i = 0; i < 16; i++)
		sum += (uint32_t)head[i] << (i & 1 ? 0 : 8);
	for (uint32_t i = 0; i < draft->map_payload; i++)
		sum += (uint32_t)octet(draft, draft->map_start + i)
		       << (i & 1 ? 0 : 8);
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	sum = ~sum ^ (wrong ? 0x100 : 0);
	if (draft->capable) {
		draft->capable->u.capable.has_checksum = true;
		draft->capable->u.capable.checksum = (uint16_t)sum;
	} else {
		draft->dss->u.dss.has_checksum = true;
		draft->dss->u.dss.checksum = (uint16_t)sum;
	}
}

static void say_add(struct draft *draft, const char *rest, bool echo)
{
	struct mptcp_option *new = option(draft, MPTCP_ADD_ADDR);
	const struct talk_pair *pair = draft->pair;
	struct address *address = &new->u.add_addr.address;
	bool wrong = *rest == '!';
	unsigned id, port = 0;
	char name[WORD];

	ck_assert_int_ge(
	    sscanf(rest + wrong, ":%u:%79[0-9.]:%u", &id, name, &port), 2);
	new->u.add_addr.id = (uint8_t)id;
	new->u.add_addr.port = (uint16_t)port;
	new->u.add_addr.echo = echo;
	new->u.add_addr.v0 = pair->version == 0;
	address->family = 4;
	ck_assert_int_eq(inet_pton(AF_INET, name, address->bytes), 1);
	if (pair->version == 0 || echo)
		return;
	new->u.add_addr.has_hmac = true;
	add_addr_hmac(pair->key[draft->side],
		      pair->key[other_side(draft->side)], (uint8_t)id, address,
		      (uint16_t)port, new->u.add_addr.hmac);
	new->u.add_addr.hmac[0] ^= wrong;
}

static void say_remove(struct draft *draft, const char *rest)
{
	struct mptcp_option *new = option(draft, MPTCP_REMOVE_ADDR);

	for (; rest; rest = strchr(rest + 1, ':'))
		new->u.remove_addr.ids[new->u.remove_addr.n++] =
		    (uint8_t)atoi(rest + 1);
}

static void say_prio(struct draft *draft, const char *rest)
{
	struct mptcp_option *new = option(draft, MPTCP_PRIO);
	unsigned backup, id = 0;
	int n = sscanf(rest, ":%u:%u", &backup, &id);

	ck_assert_int_ge(n, 1);
	new->u.prio.backup = backup;
	new->u.prio.has_id = n == 2;
	new->u.prio.id = (uint8_t)id;
}

static bool say_signal(struct draft *draft, const char *name, const char *rest)
{
	enum side peer = other_side(draft->side);

	if (!strcmp(name, "add"))
		say_add(draft, rest, false);
	else if (!strcmp(name, "echo"))
		say_add(draft, rest, true);
	else if (!strcmp(name, "remove"))
		say_remove(draft, rest);
	else if (!strcmp(name, "prio"))
		say_prio(draft, rest);
	else if (!strcmp(name, "fail"))
		option(draft, MPTCP_FAIL)->u.fail.dsn =
		    draft->pair->idsn[peer] + 1 + (uint64_t)atoll(rest + 1);
	else if (!strcmp(name, "close"))
		option(draft, MPTCP_FASTCLOSE)->u.fastclose.key =
		    draft->pair->key[peer] ^ (*rest == '!');
	else if (!strcmp(name, "tcprst"))
		option(draft, MPTCP_TCPRST)->u.tcprst.reason =
		    (uint8_t)atoi(rest + 1);
	else
		return false;
	return true;
}

static bool say_data(struct draft *draft, const char *name, const char *rest)
{
	if (!strcmp(name, "map"))
		say_map(draft, rest, true);
	else if (!strcmp(name, "map4"))
		say_map(draft, rest, false);
	else if (!strcmp(name, "inf"))
		say_map(draft, rest, true);
	else if (!strcmp(name, "fin"))
		say_fin(draft, rest, true);
	else if (!strcmp(name, "fin4"))
		say_fin(draft, rest, false);
	else if (!strcmp(name, "ack"))
		say_data_ack(draft, rest, true);
	else if (!strcmp(name, "ack4"))
		say_data_ack(draft, rest, false);
	else if (!strcmp(name, "sum"))
		say_sum(draft, *rest == '!');
	else
		return false;
	return true;
}

static bool say_handshake(struct draft *draft, const char *name,
			  const char *rest)
{
	struct mptcp_option *last = draft->seg.mptcp + draft->seg.n_mptcp - 1;

	if (!strcmp(name, "capable"))
		say_capable(draft, rest);
	else if (*name == 'v' && !name[2])
		last->u.capable.version = (uint8_t)(name[1] - '0');
	else if (!strcmp(name, "flags"))
		last->u.capable.flags = (uint8_t)strtoul(rest + 1, NULL, 16);
	else if (!strcmp(name, "join"))
		say_join(draft, rest);
	else if (!strcmp(name, "backup"))
		last->u.join.backup = true;
	else if (!strcmp(name, "id"))
		last->u.join.id = (uint8_t)atoi(rest + 1);
	else
		return false;
	return true;
}

static void put_payload(struct draft *draft, int64_t at, uint32_t size)
{
	static uint8_t bytes[65536];

	ck_assert_uint_le(size, sizeof(bytes));
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = octet(draft, at + i);
	draft->seg.seq = draft->path->isn[draft->side] + 1 + (uint32_t)at;
	draft->seg.payload = draft->seg.captured = size;
	draft->seg.data = bytes;
}

static bool say_tcp(struct draft *draft, const char *name, const char *rest)
{
	struct segment *seg = &draft->seg;
	long long n = *rest ? atoll(rest + 1) : 0;

	if (!strcmp(name, "at"))
		put_payload(draft, n, 0);
	else if (!strcmp(name, "tcpack"))
		seg->ack =
		    draft->path->isn[other_side(draft->side)] + 1 + (uint32_t)n;
	else if (!strcmp(name, "wnd"))
		seg->window = (uint16_t)n;
	else if (!strcmp(name, "cut"))
		seg->captured = (uint32_t)n;
	else if (!strcmp(name, "short"))
		seg->options_short = true;
	else if (!strcmp(name, "nops"))
		seg->nops = (uint8_t)n;
	else if (!strcmp(name, "sacks"))
		seg->n_sack = (uint8_t)n;
	else if (!strcmp(name, "never"))
		seg->time = NSTIME_NONE;
	else
		return false;
	return true;
}

static void say_flags(struct draft *draft, const char *word)
{
	static const char letters[] = "FSRPAU";

	draft->seg.flags = 0;
	for (; *word; word++) {
		ck_assert(strchr(letters, *word) != NULL);
		draft->seg.flags |=
		    (uint8_t)(1 << (strchr(letters, *word) - letters));
	}
	if (draft->seg.flags & TCP_SYN)
		draft->seg.seq = draft->path->isn[draft->side];
}

static void say_word(struct draft *draft, const char *word)
{
	char name[WORD];
	long long at;
	unsigned size;
	size_t length = strcspn(word, ":!");

	if (*word == '+' || *word == '-') {
		talk.now += (atoll(word) - 1) * MS;
	} else if (sscanf(word, "%lld+%u", &at, &size) == 2) {
		put_payload(draft, at, size);
		if (draft->seg.flags & TCP_SYN)
			draft->seg.seq--;
	} else if (*word >= 'A' && *word <= 'Z') {
		say_flags(draft, word);
	} else {
		snprintf(name, sizeof(name), "%.*s", (int)length, word);
		word += length;
		ck_assert_msg(say_handshake(draft, name, word) ||
				  say_data(draft, name, word) ||
				  say_signal(draft, name, word) ||
				  say_tcp(draft, name, word),
			      "the word %s%s", name, word);
	}
}

static void talk_line(const char *line)
{
	struct draft draft = {0};
	struct segment *seg = &draft.seg;
	struct talk_path *path;
	enum side side;
	char words[400], *word, *rest = words;
	int64_t after;

	snprintf(words, sizeof(words), "%s", line);
	path = &talk.path[strtol(strtok_r(words, " ", &rest), NULL, 10)];
	side = *strtok_r(NULL, " ", &rest) == 'c' ? CLIENT : SERVER;
	draft.path = path;
	draft.pair = &talk.pair[path->pair];
	draft.side = side;
	seg->src = path->end[side];
	seg->dst = path->end[other_side(side)];
	seg->seq = path->isn[side] + 1 + path->sent[side];
	seg->ack = path->isn[!side] + 1 + path->sent[!side];
	seg->flags = TCP_ACK;
	seg->window = 1000;
	seg->wscale = WSCALE_NONE;
	talk.now += MS;
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		say_word(&draft, word);
	after = (int32_t)(seg->seq - path->isn[side] - 1) +
		(int64_t)seg->payload + (seg->flags & TCP_SYN ? 1 : 0) +
		(seg->flags & TCP_FIN ? 1 : 0);
	if (after > path->sent[side])
		path->sent[side] = (uint32_t)after;
	seg->ip_bytes = 40 + seg->payload; /* as if without options */
	seg->frame = ++talk.frame;
	ck_assert_uint_lt(talk.frame, TALK_FRAMES);
	if (seg->time != NSTIME_NONE)
		seg->time = talk.now;
	talk.times[talk.frame] = seg->time;
	if (talk.on_segment)
		talk.on_segment(seg, false);
	tracker_segment(talk.tracker, seg);
	talk_count();
	if (talk.on_segment)
		talk.on_segment(seg, true);
}

void talk_lines(const char *const *lines)
{
	for (; *lines; lines++)
		talk_line(*lines);
}
