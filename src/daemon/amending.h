// The writer's work: a batch of wishes becomes new versions of zones, kept before anybody sees
// them.
//
//   for each wish    the zone's draft is changed, or the wish is refused
//   for each zone    the draft becomes an image; a zone that cannot be served refuses all of its
//                    wishes
//   one group        differences and, now and then, a whole version into history; a sync
//   for each zone    its new version is the newest one
//
// So a hundred updates of one zone are one image and one sync. What was made last counts as the
// zone's newest until whoever serves it has it: amending_forget().
//
// One thread's. There may be no history (no state folder): then zones can be read from files and
// taken from primaries, and nothing else changes them.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "daemon/amendment.h"
#include "zone/history.h"

struct amending_zone;

struct amending {
    struct history *history; // NULL: none
    const struct hash_key *secret;
    struct amending_zone *zones;
    size_t count, room;
    uint32_t *places;              // [hash]: index and one of a zone; 0: none
    size_t place_count;            // a power of two
    uint64_t pruned_s;             // CLOCK_REALTIME, when history was looked at for what is too old
    atomic_uint_fast64_t keep_s;   // for how long changes stay in it; 0: HISTORY_KEEP_S
    atomic_uint_fast64_t size_max; // octets of them; 0: there is no limit
    uint64_t size_tried;           // up to that many octets nothing could be forgotten
};

// Carries out all of the list, in its order, and says in each what came of it.
void amending_run(struct amending *amending, struct amendment *list) __attribute__((nonnull(1)));
// Everything that was made is served: the newest version of a zone comes with the next wish again.
void amending_forget(struct amending *amending) __attribute__((nonnull));
