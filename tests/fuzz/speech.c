/* SPDX-License-Identifier: BSD-3-Clause */
#include "speech.h"

#include "base/wire.h"
#include "base/words.h"
#include "track/keys.h"

#include <string.h>

#define IP4_HEADER 20
#define IP6_HEADER 40
#define TCP_HEADER 20
#define PATHS_EACH (SPEECH_PATHS / SPEECH_PAIRS)

/* Payload so far below 2^16 that headers fit beside it. */
#define PAYLOAD_MAX 65000

enum odd {
	ODD_AGAIN = 0x01,
	ODD_CUT = 0x02,
	ODD_WINDOW = 0x04,
	ODD_IP_LENGTH = 0x08,
	ODD_SPREAD = 0x10,
	ODD_BACKWARD = 0x20,
	ODD_TCP_LENGTH = 0x40,
};

/* What follows from keys, which are the same in each run. */
struct secrets {
	uint64_t key, idsn[2]; /* by version */
	uint32_t token[2];
};

static const struct secrets *secrets_of(int pair, int side)
{
	static struct secrets all[SPEECH_PAIRS][2];
	struct secrets *secrets = &all[pair][side];

	if (secrets->key)
		return secrets;
	secrets->key = 0x0102030405060708u * (uint64_t)(1 + 2 * pair + side);
	for (int version = 0; version < 2; version++)
		key_hash(version, secrets->key, &secrets->token[version],
			 &secrets->idsn[version]);
	return secrets;
}

static uint64_t get(const uint8_t *at, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static void put(uint8_t *at, int size, uint64_t value)
{
	for (int i = size - 1; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

/* An option that is put right. */
struct mending {
	struct speech *speech;
	const struct speech_line *line;
	struct speech_path *path;
	const struct secrets *own, *peer;
	int version, pair;
	uint64_t along; /* octets of data, as the line is said again */
	uint8_t *at;
	int size;
};

static void mend_capable(struct mending *m)
{
	if (m->line->flags & TCP_SYN)
		m->speech->version[m->pair] = m->at[2] & 1;
	if (m->size >= 12)
		put(m->at + 4, 8, m->own->key);
	if (m->size >= 20)
		put(m->at + 12, 8, m->peer->key);
}

static void mend_join(struct mending *m)
{
	int side = m->line->side;
	int size = m->size == 24 ? JOIN_HMAC_ACK : JOIN_HMAC_SYNACK;

	if (m->size == 12) {
		put(m->at + 4, 4, m->peer->token[m->version]);
		m->path->nonce[side] = (uint32_t)get(m->at + 8, 4);
		return;
	}
	if (m->size == 16)
		m->path->nonce[side] = (uint32_t)get(m->at + 12, 4);
	if (m->size == 16 || m->size == 24)
		join_hmac(m->version, m->own->key, m->peer->key,
			  m->path->nonce[side], m->path->nonce[!side],
			  m->at + 4, size);
}

/* RFC 8684 section 3.3.1, of payload that is zero. */
static uint16_t checksum(uint64_t dsn, uint32_t ssn, uint16_t length)
{
	uint64_t sum = (dsn >> 48) + (dsn >> 32 & 0xffff) +
		       (dsn >> 16 & 0xffff) + (dsn & 0xffff) + (ssn >> 16) +
		       (ssn & 0xffff) + length;

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void mend_dss(struct mending *m)
{
	int flags = m->size >= 4 ? m->at[3] : 0;
	int ack = !(flags & DSS_ACK) ? 0 : flags & DSS_ACK8 ? 8 : 4;
	int map = !(flags & DSS_MAP) ? 0 : flags & DSS_DSN8 ? 8 : 4;
	uint8_t *at = m->at + 4;
	uint64_t dsn;
	uint32_t ssn;

	if (m->size < 4 + ack + (map ? map + 6 : 0))
		return;
	if (ack)
		put(at, ack, get(at, ack) + m->peer->idsn[m->version] + 1);
	if (!map)
		return;
	at += ack;
	dsn = m->own->idsn[m->version] + 1 + m->along;
	dsn += map == 4 ? (uint64_t)(int32_t)get(at, 4) : get(at, 8);
	put(at, map, dsn);
	at += map;
	ssn = (uint32_t)(get(at, 4) + m->along);
	put(at, 4, ssn);
	if (m->at + m->size - at >= 8)
		put(at + 6, 2, checksum(dsn, ssn, (uint16_t)get(at + 4, 2)));
}

/* RFC 8684 section 3.4.1: the last 8 octets, where there is no echo. */
static void mend_add_addr(struct mending *m)
{
	int bytes = m->size >= 28 ? 16 : 4;
	struct address address = {.family = bytes == 4 ? 4 : 6};
	uint16_t port = 0;

	if (m->size < 16 || m->size > 30 || (m->at[2] & 1))
		return;
	memcpy(address.bytes, m->at + 4, (size_t)bytes);
	if (m->size == 4 + bytes + 2 + ADD_ADDR_HMAC)
		port = (uint16_t)get(m->at + 4 + bytes, 2);
	add_addr_hmac(m->own->key, m->peer->key, m->at[3], &address, port,
		      m->at + m->size - ADD_ADDR_HMAC);
}

static void mend_fail(struct mending *m)
{
	if (m->size >= 12)
		put(m->at + 4, 8,
		    get(m->at + 4, 8) + m->own->idsn[m->version] + 1);
}

static void mend_fastclose(struct mending *m)
{
	if (m->size >= 12)
		put(m->at + 4, 8, m->peer->key);
}

static void mend_option(struct mending *m)
{
	static const struct {
		void (*mend)(struct mending *m);
		bool data; /* by `data`, else by `keys` */
	} rows[16] = {
	    [MPTCP_CAPABLE] = {mend_capable},
	    [MPTCP_JOIN] = {mend_join},
	    [MPTCP_DSS] = {mend_dss, true},
	    [MPTCP_ADD_ADDR] = {mend_add_addr},
	    [MPTCP_FAIL] = {mend_fail, true},
	    [MPTCP_FASTCLOSE] = {mend_fastclose},
	};
	int subtype = m->at[2] >> 4;

	if (rows[subtype].mend &&
	    (rows[subtype].data ? m->line->data : m->line->keys))
		rows[subtype].mend(m);
}

/* Puts right what is MPTCP among the options. */
static void mend(struct speech *speech, uint8_t *options)
{
	const struct speech_line *line = &speech->line;
	int pair = line->path / PATHS_EACH;
	struct mending m = {
	    .speech = speech,
	    .line = line,
	    .path = &speech->path[line->path],
	    .own = secrets_of(pair, line->side),
	    .peer = secrets_of(pair, !line->side),
	    .pair = pair,
	    .along = (uint64_t)speech->nth * line->payload,
	};
	size_t i = 0;

	if (line->backward)
		m.along = -m.along;
	while (i + 2 <= line->n_options) {
		size_t size = options[i] == 1 ? 1 : options[i + 1];

		if (!options[i] || !size || size > line->n_options - i)
			break;
		m.version = speech->version[pair];
		m.at = options + i;
		m.size = (int)size;
		if (options[i] == 30 && size >= 3)
			mend_option(&m);
		i += size;
	}
}

static uint32_t isn(int path, int side)
{
	/* Some wrap soon. */
	return 0xfffff000u + (uint32_t)path * 0x10000400u +
	       (uint32_t)side * 0x400u;
}

static void read_odd(struct speech_line *line, struct octets *in)
{
	uint8_t odd = octets_u8(in);

	if (odd & ODD_AGAIN)
		line->times += octets_u8(in);
	if (odd & ODD_CUT)
		line->cut = octets_u8(in);
	if (odd & ODD_WINDOW)
		line->window = octets_u16(in);
	if (odd & ODD_IP_LENGTH)
		line->ip_length = octets_u16(in);
	if (odd & ODD_TCP_LENGTH)
		line->tcp_length = octets_u8(in);
	line->spread = odd & ODD_SPREAD;
	line->backward = odd & ODD_BACKWARD;
}

static uint32_t read_payload(struct octets *in)
{
	uint32_t size = octets_u8(in);

	if (size == 255)
		size = octets_u16(in);
	else if (size >= 240)
		size = (size - 239) * 1448;
	return size < PAYLOAD_MAX ? size : PAYLOAD_MAX;
}

static nstime_t read_step(struct octets *in)
{
	int64_t step = (int16_t)octets_u16(in);

	return step * ((int64_t)1 << octets_u8(in) % 48);
}

static void read_line(struct speech *speech)
{
	struct octets *in = &speech->in;
	struct speech_line *line = &speech->line;
	uint8_t who = octets_u8(in), flags = octets_u8(in);
	struct speech_path *path;

	*line = (struct speech_line){
	    .path = who & 0x0f,
	    .side = who >> 4 & 1,
	    .keys = who & 0x20,
	    .data = who & 0x40,
	    .flags = flags & 0x3f,
	    .window = 512,
	    .times = 1,
	    .step = NSTIME_SECOND / 1000,
	};
	line->payload = read_payload(in);
	line->n_options = octets_u8(in) % 41;
	if (who & 0x80)
		line->step = read_step(in);
	path = &speech->path[line->path];
	line->seq = path->next[line->side];
	line->ack = path->next[!line->side];
	if (flags & 0x40) {
		line->seq = isn(line->path, line->side) + octets_u32(in);
		line->ack = isn(line->path, !line->side) + octets_u32(in);
	}
	if (flags & 0x80)
		read_odd(line, in);
	for (size_t i = 0; i < line->n_options; i++)
		line->options[i] = octets_u8(in);
}

static size_t put_ip4(struct speech *speech, size_t after)
{
	const struct speech_line *line = &speech->line;
	uint8_t *ip = speech->bytes;
	uint8_t end[2][4] = {
	    {10, 1, (uint8_t)line->path, 1},
	    {10, 0, 0, (uint8_t)(1 + line->path / PATHS_EACH)},
	};

	memset(ip, 0, IP4_HEADER);
	ip[0] = 0x45;
	put(ip + 2, 2, IP4_HEADER + after + line->ip_length);
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, end[line->side], 4);
	memcpy(ip + 16, end[!line->side], 4);
	return IP4_HEADER;
}

static size_t put_ip6(struct speech *speech, size_t after)
{
	const struct speech_line *line = &speech->line;
	uint8_t *ip = speech->bytes;
	int from = line->side ? 24 : 8;

	memset(ip, 0, IP6_HEADER);
	ip[0] = 0x60;
	put(ip + 4, 2, after + line->ip_length);
	ip[6] = 6;
	ip[7] = 64;
	ip[8] = ip[24] = 0xfd;
	ip[from + 15] = (uint8_t)(0x10 + line->path);
	ip[(from == 8 ? 24 : 8) + 15] = 1;
	return IP6_HEADER;
}

static size_t put_tcp(struct speech *speech, uint8_t *tcp)
{
	const struct speech_line *line = &speech->line;
	const struct speech_path *path = &speech->path[line->path];
	size_t size = TCP_HEADER + (line->n_options + 3) / 4 * 4;
	uint16_t port[2] = {(uint16_t)(1000 + line->path * 1000 + path->ports),
			    80};

	memset(tcp, 0, size);
	put(tcp, 2, port[line->side]);
	put(tcp + 2, 2, port[!line->side]);
	put(tcp + 4, 4, line->seq);
	put(tcp + 8, 4, line->flags & TCP_ACK ? line->ack : 0);
	tcp[12] = (uint8_t)((size / 4 << 4) + line->tcp_length);
	tcp[13] = line->flags;
	put(tcp + 14, 2, line->window);
	memcpy(tcp + TCP_HEADER, line->options, line->n_options);
	mend(speech, tcp + TCP_HEADER);
	return size;
}

/* Where everybody stands when the line has been said. */
static void step_on(struct speech *speech)
{
	struct speech_line *line = &speech->line;
	struct speech_path *path = &speech->path[line->path];
	uint32_t size = line->payload + !!(line->flags & TCP_SYN) +
			!!(line->flags & TCP_FIN);
	uint32_t *next = &path->next[line->side];

	if ((int32_t)(line->seq + size - *next) > 0 || line->flags & TCP_SYN)
		*next = line->seq + size;
	if (line->spread)
		path->ports++;
	else
		line->seq += line->backward ? -line->payload : size;
	speech->nth++;
	line->times--;
}

void speech_begin(struct speech *speech, struct octets in)
{
	memset(speech, 0, sizeof(*speech));
	speech->in = in;
	speech->now = 1500000000 * NSTIME_SECOND;
	for (int path = 0; path < SPEECH_PATHS; path++)
		for (int side = 0; side < 2; side++)
			speech->path[path].next[side] = isn(path, side);
	for (int pair = 0; pair < SPEECH_PAIRS; pair++)
		speech->version[pair] = 1;
}

bool speech_next(struct speech *speech, struct frame *frame)
{
	struct speech_line *line = &speech->line;
	size_t tcp, ip, cut, after;

	if (speech->frames == SPEECH_FRAMES)
		return false;
	if (!line->times) {
		if (!octets_left(&speech->in))
			return false;
		read_line(speech);
		speech->nth = 0;
	}
	after = TCP_HEADER + (line->n_options + 3) / 4 * 4 + line->payload;
	ip = line->path % 4 == 3 ? put_ip6(speech, after)
				 : put_ip4(speech, after);
	tcp = put_tcp(speech, speech->bytes + ip);
	speech->now = nstime_clamp(speech->now + line->step);
	*frame = (struct frame){
	    .number = ++speech->frames,
	    .time = speech->now,
	    .bytes = speech->bytes,
	    .linktype = SPEECH_LINKTYPE,
	    .wirelen = (uint32_t)(ip + after),
	};
	frame->caplen = (uint32_t)(ip + tcp);
	frame->caplen +=
	    line->payload < SPEECH_PAYLOAD ? line->payload : SPEECH_PAYLOAD;
	cut = line->cut < frame->caplen ? line->cut : frame->caplen;
	frame->caplen -= (uint32_t)cut;
	step_on(speech);
	return true;
}
