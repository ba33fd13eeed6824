/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/describe.h"

#include "base/alloc.h"

#include <math.h>
#include <string.h>

static void describe_flow(const struct subflow *subflow, enum side side,
			  struct report_flow *flow)
{
	const struct subflow_half *half = &subflow->half[side];

	flow->packets = (int64_t)half->packets;
	flow->bytes = (int64_t)half->bytes;
	flow->rst = half->rsts > 0;
	flow->fin = half->fin;
}

static void describe_subflow(const struct subflow *subflow,
			     struct report_subflow *report)
{
	enum side initiator = subflow->initiator;
	const enum side by_role[2] = {initiator, other_side(initiator)};

	report->source = subflow->end[initiator];
	report->destination = subflow->end[other_side(initiator)];
	report->flow_serial = subflow->flow_serial;
	report->initial = subflow->initial;
	report->joined = subflow->join;
	report->tied = subflow->tied;
	report->initiator = initiator;
	report->state = subflow->state;
	report->first = subflow->first;
	report->last = subflow->last;
	report->backup =
	    subflow->half[CLIENT].backup || subflow->half[SERVER].backup;
	for (int role = 0; role < 2; role++) {
		const struct subflow_half *half = &subflow->half[by_role[role]];

		report->ids_known[role] = subflow->initial || half->id_known;
		report->ids[role] = half->id;
	}
	for (int side = 0; side < 2; side++) {
		report->wscale[side] = subflow->half[side].wscale;
		describe_flow(subflow, (enum side)side, &report->flow[side]);
	}
	report->hmac[0] = subflow->half[other_side(initiator)].verdict;
	report->hmac[1] = subflow->half[initiator].verdict;
	report->reset = subflow->reset_seen;
	report->reset_side = subflow->reset_side;
	report->reset_reason = subflow->reset_reason;
}

static void describe_half(const struct conn *conn, enum side side,
			  struct report_conn *report)
{
	const struct conn_half *half = &conn->half[side];
	struct report_data *data = &report->data[side];

	report->host[side] = (struct report_host){
	    .end = half->end,
	    .key_known = half->key_known,
	    .token_known = half->token_known,
	    .key = half->key,
	    .idsn = half->idsn,
	    .token = half->token,
	};
	report->options[side] = half->options;
	data->bytes_acked = conn_bytes_acked(conn, side);
	data->mappings = (int64_t)half->mappings;
	data->checksum_ok = (int64_t)half->checksum_ok;
	data->checksum_bad = (int64_t)half->checksum_bad;
	data->data_fin = half->fin;
	if (half->started) {
		data->first_sequence = conn_sequence_base(conn, side);
		data->last_ack_sequence =
		    data->first_sequence + 1 + half->stream.acked;
	}
}

static void describe_addresses(const struct conn *conn,
			       struct report_conn *report)
{
	report->n_addresses = conn->n_addresses;
	if (!conn->n_addresses)
		return;
	report->addresses =
	    xcalloc(conn->n_addresses, sizeof(*report->addresses));
	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *address = &conn->addresses[i];

		report->addresses[i] = (struct report_address){
		    .time = address->time,
		    .side = address->side,
		    .signal = address->signal,
		    .id = address->id,
		    .address = address->address,
		    .port = address->port,
		    .hmac = address->verdict,
		};
	}
}

void describe(const struct conn *conn, struct report_conn *report)
{
	report->id = conn->id;
	report->version = conn->version;
	report->state = conn_state(conn);
	report->accepted = conn->accepted;
	report->timed_out = conn->timed_out;
	report->let_go = conn->let_go;
	report->first = conn->first;
	report->last = conn->last;
	report->handshake_seen = conn->handshake_seen;
	report->checksum = conn->checksum;
	report->fallback = conn->fallback;
	report->fallback_time = conn->fallback_time;
	report->fallback_side = conn->fallback_side;
	for (int side = 0; side < 2; side++)
		describe_half(conn, (enum side)side, report);
	for (size_t i = 0; i < conn->n_subflows; i++)
		describe_subflow(conn->subflows[i],
				 report_subflow(report, (int)i));
	describe_addresses(conn, report);
}
