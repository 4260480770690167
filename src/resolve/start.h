// Where a walk begins other than at the deepest cut that is known: at a cut of a zone of ours, of
// which the world may know nothing, or something else (a private name below a public one).
//
// It is a stub zone that comes with the question: names at and below the cut are asked of its
// servers, and what those say is kept under a source of its own, so that our view of a name and the
// world's never mix. A configured zone at or below the cut counts more.
#pragma once

#include <assert.h>

#include "dns/delegation.h"
#include "resolve/rules.h"

struct start {
    struct name cut; // size 0: there is no start
    uint16_t source;
    uint32_t ttl_s; // of the cut's NS RRset
    // Of a walk: the delegation as delegation_pack() wrote it. NULL where something is only looked
    // up.
    const uint8_t *octets;
    uint32_t size;
};

// The source of a cut by the keyed hash of its name (rules.h has them all).
#define START_SOURCE 0x8000u
static inline uint16_t start_source(const struct rules *rules, uint64_t cut_hash)
{
    unsigned world = rules_world(rules), span = world ? (1u << RULES_VIEW_BITS) - 1 : 0x3fffu;
    return (uint16_t)(START_SOURCE | world | (cut_hash & span));
}

// True: this name is walked from there. NULL: there is no start.
bool start_is_above(const struct start *start, const struct rules *rules, struct name name)
    __attribute__((nonnull(2)));
// The source of what is known of this name: the start's or a configured zone's. False: there is
// none.
bool start_find_source(const struct start *start, const struct rules *rules, struct name name,
                       uint16_t *source) __attribute__((nonnull(2, 4)));
// Are two the same? Then walks may be shared.
bool start_equal(const struct start *a, const struct start *b) __attribute__((nonnull));
