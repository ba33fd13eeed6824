/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/packetoptions.h"

void packet_judge(struct packet_verdict *of, enum verdict verdict)
{
	if (!of->given || verdict == BAD ||
	    (verdict == UNCHECKED && of->verdict == GOOD))
		of->verdict = verdict;
	of->given = true;
}

/* Its keys, and the token that follows from the sender's. */
static void capable(struct record *record, const struct mptcp_option *option)
{
	const struct conn *conn = record->subflow->conn;
	enum side side = record->packet.side;

	if (!record->subflow->initial || option->u.capable.has_length)
		return;
	for (int i = 0; i < option->u.capable.keys; i++) {
		enum side owner = i ? other_side(side) : side;

		if (conn->half[owner].key_known &&
		    conn->half[owner].key != option->u.capable.key[i])
			packet_judge(&record->packet.key, BAD);
	}
	if (!option->u.capable.keys || !conn->half[side].key_known)
		return;
	record->packet.token_given = true;
	record->packet.token = conn->half[side].token;
}

static void join(struct record *record, const struct mptcp_option *option)
{
	const struct subflow *subflow = record->subflow;
	enum side side = record->packet.side;
	const struct conn_half *owner = &subflow->conn->half[other_side(side)];

	if (subflow->initial)
		return;
	if (record->packet.flags & TCP_ACK) {
		record->join = true;
		packet_judge(&record->packet.hmac, subflow->half[side].verdict);
	} else {
		record->packet.token_given = true;
		record->packet.token = option->u.join.token;
		record->packet.token_known =
		    owner->key_known && owner->token == option->u.join.token;
	}
}

/* Segments that a mapping with DATA_FIN covers all have its DSS; the last one
 * has what follows the data. RFC 8684 section 3.3.3. */
static bool reaches_fin(const struct record *record, const struct half *half,
			const struct conn_half *data)
{
	size_t n = record->packet.n_pieces;

	return !record->packet.payload ||
	       (n &&
		record->pieces[n - 1].end + half->shift == data->fin_offset);
}

static void data_fin(struct held *held, struct record *record)
{
	enum side side = record->packet.side;
	struct followed *followed = held_conn(held, record->subflow->conn);
	const struct conn_half *data = &followed->conn->half[side];
	struct half *half = &followed->half[side];

	if (!data->fin || record->packet.data_fin ||
	    !reaches_fin(record, half, data))
		return;
	record->packet.data_fin = true;
	record->packet.data_fin_again = half->fin_placed;
	half->fin_placed = true;
	held_await(followed, record, side, data->fin_offset + 1, false);
}

static void fastclose(struct record *record, const struct mptcp_option *option)
{
	const struct conn_half *peer =
	    &record->subflow->conn->half[other_side(record->packet.side)];

	packet_judge(&record->packet.key, !peer->key_known ? UNCHECKED
					  : peer->key == option->u.fastclose.key
					      ? GOOD
					      : BAD);
}

static void option_tracked(struct held *held, struct record *record,
			   const struct mptcp_option *option)
{
	switch (option->subtype) {
	case MPTCP_CAPABLE:
		capable(record, option);
		break;
	case MPTCP_JOIN:
		join(record, option);
		break;
	case MPTCP_DSS:
		if (option->u.dss.flags & DSS_FIN)
			data_fin(held, record);
		break;
	case MPTCP_ADD_ADDR:
		if (option->u.add_addr.has_hmac && !record->packet.hmac.given)
			packet_judge(&record->packet.hmac, UNCHECKED);
		break;
	case MPTCP_FASTCLOSE:
		fastclose(record, option);
		break;
	}
}

void packet_options(struct held *held, struct record *record)
{
	for (int i = 0; i < record->packet.n_options; i++)
		option_tracked(held, record, &record->options[i]);
}
