// ZONEMD records (RFC 8976) of versions that the writer makes (amending.h), and of those that
// primaries send. Each needs all of the zone, in order: of a million names some quarter of a
// second.
#pragma once

#include <stdbool.h>

#include "base/report.h"
#include "zone/diff.h"
#include "zone/draft.h"
#include "zone/zone.h"

// Is the draft what its digest says? What is wrong goes to `report`.
bool digesting_holds(struct draft *draft, struct report *report)
    __attribute__((nonnull, warn_unused_result));
// The same of a version. It is noted there.
bool digesting_holds_zone(struct zone *zone, const struct hash_key *secret, struct report *report)
    __attribute__((nonnull, warn_unused_result));
// Puts the digest of what is in the draft there, and gives what that has changed.
void digesting_put(struct draft *draft, enum zonemd_hash hash, struct diff *diff)
    __attribute__((nonnull));
