/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The forms in which a listing, one row a thing, is written.
 */
#ifndef WRITE_LISTING_H
#define WRITE_LISTING_H

enum listing_format {
	LISTING_TEXT, /* for people */
	LISTING_CSV,
	LISTING_JSONL, /* a JSON object a line */
};

#endif
