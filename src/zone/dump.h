// A zone's records back as text: stable, one record a line, canonical order; reading it again gives
// the same records.
#pragma once

#include "zone/records.h"

struct buffer;

// One record: "owner TTL IN TYPE rdata\n", owner and names absolute.
void dump_record(const struct record *record, struct buffer *to) __attribute__((nonnull));
