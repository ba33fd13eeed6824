/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/terms.h"

#include "report/peers.h"

#include <math.h>

/*
 * The words that there are.
 */
#define WORDS(name, first, last, word)                                         \
	static const char *name(size_t i)                                      \
	{                                                                      \
		return i <= (size_t)(last) - (first) ? (word) : NULL;          \
	}

WORDS(state_words, CONN_HANDSHAKE, CONN_FALLBACK,
      conn_state_word((enum conn_state)i))
WORDS(reason_words, FALLBACK_SYNACK, FALLBACK_INFINITE,
      fallback_word((enum fallback_reason)(i + FALLBACK_SYNACK)))
WORDS(severity_words, NOTE, ERROR, severity_word((enum severity)i))
WORDS(option_words, 0, OPTION_COUNTS - 1,
      option_count_word((enum option_count)i))
WORDS(yes_words, 0, 1, i ? "yes" : "no")

/*
 * Numbers.
 */
static struct term_value number(int64_t number)
{
	return (struct term_value){
	    .known = number != REPORT_UNKNOWN,
	    .number = number,
	};
}

/* Unknown and NONE are the same number. */
_Static_assert(NSTIME_NONE == REPORT_UNKNOWN, "no time is unknown");

/* What has one value. */
#define ONE(name, make, expression)                                            \
	static bool name(const struct report_conn *conn, size_t i,             \
			 struct term_value *value)                             \
	{                                                                      \
		(void)i;                                                       \
		*value = make(expression);                                     \
		return true;                                                   \
	}
#define NUMBER(name, expression) ONE(name, number, expression)

static int64_t rounded(double value, double times)
{
	return isfinite(value) ? llround(value * times) : REPORT_UNKNOWN;
}

static int64_t both(int64_t one, int64_t other)
{
	return one == REPORT_UNKNOWN || other == REPORT_UNKNOWN ? REPORT_UNKNOWN
								: one + other;
}

/* On the same subflow. */
static int64_t sent_again(const struct report_conn *conn, enum side side)
{
	int64_t bytes = 0;

	if (!conn->fallback)
		return conn->data[side].retransmitted_bytes;
	for (size_t i = 0; i < conn->n_subflows; i++)
		bytes += conn->subflows[i].flow[side].retransmitted_bytes;
	return bytes;
}

/* Of the side that sent more. */
static double goodput(const struct report_conn *conn)
{
	enum side side = report_sent(conn, CLIENT) > report_sent(conn, SERVER)
			     ? CLIENT
			     : SERVER;

	return report_goodput(&conn->data[side]);
}

NUMBER(id, (int64_t)conn->id)
NUMBER(version, conn->version < 0 ? REPORT_UNKNOWN : conn->version)
NUMBER(findings, (int64_t)(conn->n_findings + conn->findings_lost))
NUMBER(start, conn->first)
NUMBER(end, conn->last)
NUMBER(duration, nstime_span(conn->first, conn->last))
NUMBER(subflows, (int64_t)conn->n_subflows)
NUMBER(bytes, both(report_sent(conn, CLIENT), report_sent(conn, SERVER)))
NUMBER(bytes_c2s, report_sent(conn, CLIENT))
NUMBER(bytes_s2c, report_sent(conn, SERVER))
NUMBER(reinjected, both(conn->data[CLIENT].reinjected_bytes,
			conn->data[SERVER].reinjected_bytes))
NUMBER(retransmitted, both(sent_again(conn, CLIENT), sent_again(conn, SERVER)))
NUMBER(goodput_most, rounded(goodput(conn), 1))

static bool ports(const struct report_conn *conn, size_t i,
		  struct term_value *value)
{
	const struct report_subflow *subflow;

	if (i / 2 >= conn->n_subflows)
		return false;
	subflow = &conn->subflows[i / 2];
	*value =
	    number(i % 2 ? subflow->destination.port : subflow->source.port);
	return true;
}

static bool rtts(const struct report_conn *conn, size_t i,
		 struct term_value *value)
{
	const struct report_spread *rtt;

	if (i / 2 >= conn->n_subflows)
		return false;
	rtt = &conn->subflows[i / 2].flow[i % 2].rtt;
	*value = number(rounded(report_spread_mean(rtt), 1e9));
	return true;
}

static bool tokens(const struct report_conn *conn, size_t i,
		   struct term_value *value)
{
	if (i > SERVER)
		return false;
	*value = number(conn->host[i].token_known ? (int64_t)conn->host[i].token
						  : REPORT_UNKNOWN);
	return true;
}

/*
 * Words.
 */
static struct term_value word(const char *word)
{
	return (struct term_value){.known = word, .word = word};
}
#define WORD(name, expression) ONE(name, word, expression)

static const char *worst(const struct report_conn *conn)
{
	enum severity most = NOTE;

	for (size_t i = 0; i < conn->n_findings; i++)
		if (conn->findings[i].severity > most)
			most = conn->findings[i].severity;
	return conn->n_findings ? severity_word(most) : NULL;
}

static bool has_backup(const struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (conn->subflows[i].backup)
			return true;
	return false;
}

WORD(state, conn_state_word(conn->state))
WORD(verdict, report_outcome(conn))
WORD(reason, conn->fallback ? fallback_word(conn->fallback) : NULL)
WORD(severity, worst(conn))
WORD(accepted, yes_words(conn->accepted))
WORD(checksum, yes_words(conn->checksum))
WORD(handshake, yes_words(conn->handshake_seen))
WORD(open, yes_words(conn->still_open))
WORD(backup, yes_words(has_backup(conn)))

static bool codes(const struct report_conn *conn, size_t i,
		  struct term_value *value)
{
	if (i >= conn->n_findings)
		return false;
	*value = word(conn->findings[i].code);
	return true;
}

static bool options(const struct report_conn *conn, size_t i,
		    struct term_value *value)
{
	if (i >= OPTION_COUNTS)
		return false;
	*value = word(conn->options[CLIENT][i] || conn->options[SERVER][i]
			  ? option_words(i)
			  : NULL);
	return true;
}

/*
 * Addresses.
 */
static struct term_value address(const struct address *address)
{
	return (struct term_value){
	    .known = address->family,
	    .address = *address,
	};
}
#define ADDRESS(name, expression) ONE(name, address, expression)

ADDRESS(client, &conn->host[CLIENT].end.address)
ADDRESS(server, &conn->host[SERVER].end.address)

/* Of its subflows' ends, then those that were announced. */
static bool addresses(const struct report_conn *conn, size_t i,
		      struct term_value *value)
{
	size_t ends = 2 * conn->n_subflows;

	if (i < ends)
		*value =
		    address(i % 2 ? &conn->subflows[i / 2].destination.address
				  : &conn->subflows[i / 2].source.address);
	else if (i - ends < conn->n_addresses)
		*value = address(&conn->addresses[i - ends].address);
	else
		return false;
	return true;
}

static const struct term terms[] = {
    {"id", TERM_COUNT, .value = id},
    {"state", TERM_WORD, .value = state, .words = state_words},
    {"verdict", TERM_WORD, .value = verdict, .words = report_outcome_word},
    {"version", TERM_COUNT, .value = version},
    {"reason", TERM_WORD, .value = reason, .words = reason_words},
    {"finding", TERM_WORD, .many = true, .value = codes, .words = finding_code},
    {"findings", TERM_COUNT, .value = findings},
    {"severity", TERM_WORD, .value = severity, .words = severity_words,
     .ordered = true},
    {"address", TERM_ADDRESS, .many = true, .value = addresses},
    {"client", TERM_ADDRESS, .value = client},
    {"server", TERM_ADDRESS, .value = server},
    {"port", TERM_COUNT, .many = true, .value = ports},
    {"token", TERM_COUNT, .many = true, .value = tokens},
    {"start", TERM_MOMENT, .value = start},
    {"end", TERM_MOMENT, .value = end},
    {"duration", TERM_SPAN, .value = duration},
    {"subflows", TERM_COUNT, .value = subflows},
    {"bytes", TERM_BYTES, .value = bytes},
    {"c2s", TERM_BYTES, .value = bytes_c2s},
    {"s2c", TERM_BYTES, .value = bytes_s2c},
    {"retransmitted", TERM_BYTES, .value = retransmitted},
    {"reinjected", TERM_BYTES, .value = reinjected},
    {"goodput", TERM_RATE, .value = goodput_most},
    {"rtt", TERM_SPAN, .many = true, .value = rtts},
    {"option", TERM_WORD, .many = true, .value = options,
     .words = option_words},
    {"accepted", TERM_WORD, .value = accepted, .words = yes_words},
    {"handshake", TERM_WORD, .value = handshake, .words = yes_words},
    {"checksum", TERM_WORD, .value = checksum, .words = yes_words},
    {"backup", TERM_WORD, .value = backup, .words = yes_words},
    {"open", TERM_WORD, .value = open, .words = yes_words},
};

const struct term *term_row(size_t i)
{
	return i < sizeof(terms) / sizeof(*terms) ? &terms[i] : NULL;
}

bool term_value(const struct term *term, const struct report_conn *conn,
		size_t i, struct term_value *value)
{
	return (i == 0 || term->many) && term->value(conn, i, value);
}
