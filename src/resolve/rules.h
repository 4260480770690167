// What the configuration says about resolving: immutable, shared by count, since a question that is
// being resolved may outlive the house that it was asked in.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/limits.h"
#include "dns/delegation.h"
#include "dns/name.h"
#include "zone/zone.h"

enum rules_default { RULES_NONE, RULES_RECURSIVE, RULES_FORWARD };

// A forward zone (recursive servers are asked) or a stub zone (authoritative ones), or the root.
struct rules_zone {
    struct delegation *delegation; // configured, with its cut, source and addresses
};

struct rules {
    atomic_uint holders;
    struct arena memory;          // of the names and delegations below
    enum rules_default otherwise; // what is done with names outside of `zones`
    struct delegation *root;      // the hints; for RULES_FORWARD the forwarders
    struct zone *root_copy;       // held; walks from the root begin there (RFC 8806); NULL: none
    uint64_t root_copy_end_us;    // from then on it is too old, by the resolver's clock
    struct rules_zone *zones;     // in canonical order of their cuts
    size_t zone_count, zone_room;
    bool minimise;            // RFC 9156
    bool ipv4, ipv6;          // families that may be asked
    bool special_names;       // RFC 6761 and its family are answered here
    bool quiet;               // nothing of our own accord: no priming, prefetch, refresh
    bool prefetch;            // hot entries are refreshed before they expire
    uint16_t port;            // that servers found in the tree listen on: 53
    uint8_t view;             // whose rules these are: 0 is everybody's
    struct prefix *never_ask; // no ask goes there
    size_t never_ask_count, never_ask_room;
    uint32_t packets_max; // the budget of a client's question
    uint32_t time_max_ms;
    uint32_t stale_s;        // 0: an expired answer is never given
    uint32_t stale_after_ms; // the client waits that long for a fresh one first: 1800
};

// All zero but for one holder and safe values: recursive, built-in root hints (RFC 9609), minimise,
// both families, special names, never_ask = loopback, unspecified, multicast, the budgets of
// limits.h.
struct rules *rules_make(void) __attribute__((returns_nonnull, warn_unused_result));
struct rules *rules_hold(struct rules *rules) __attribute__((nonnull, returns_nonnull));
void rules_release(struct rules *rules); // from any thread; NULL is fine

// What is learned under these rules is kept under sources of their own, by view, so that views
// never see each other's answers. 16 bits:
//
//   0                         the public tree, as everybody sees it
//   1 to 0x3fff               zones of resolve.zones
//   0x4000 | view << 10       the public tree, as this view sees it; above it its zones
//   0x8000 | one of these     cuts of zones of ours (start.h)
#define RULES_VIEW_BITS 10
static_assert(VIEWS_MAX < 16, "sources are enough");
static_assert(VIEW_ZONES_MAX < 1 << RULES_VIEW_BITS, "sources are enough");
static_assert(RESOLVE_ZONES_MAX < 0x4000, "sources are enough");
static inline uint16_t rules_world(const struct rules *rules)
{
    return rules->view ? (uint16_t)(0x4000u | (unsigned)rules->view << RULES_VIEW_BITS) : 0;
}
// Call it before anything else.
void rules_set_view(struct rules *rules, unsigned view) __attribute__((nonnull));

// Replaces the root: hints by name and addresses, or forwarders (RULES_FORWARD: recursive). Call it
// before anything else, and never once others hold the rules.
// Addresses without a port of their own have `port` 0 and get rules->port. Names are copied.
void rules_set_root(struct rules *rules, bool forward) __attribute__((nonnull));
void rules_add_root_server(struct rules *rules, struct name name, const struct address *address)
    __attribute__((nonnull));
// Takes the count over: a zone of the root's name that is served. `end_us` is when it expires.
void rules_set_root_copy(struct rules *rules, struct zone *copy, uint64_t end_us)
    __attribute__((nonnull));
// Adds a forward or stub zone and returns its delegation, for addresses to be added to; its
// `source` is a number of its own. NULL: there is one of this name already.
struct delegation *rules_add_zone(struct rules *rules, struct name cut, bool forward)
    __attribute__((nonnull, warn_unused_result));
void rules_add_never_ask(struct rules *rules, const struct prefix *prefix) __attribute__((nonnull));
bool rules_may_ask(const struct rules *rules, const struct address *address)
    __attribute__((nonnull));

// The configured delegation for this name: the deepest forward or stub zone at or above it, else
// the root's. NULL: RULES_NONE and no zone of ours.
const struct delegation *rules_find(const struct rules *rules, struct name name)
    __attribute__((nonnull));
// False: RULES_NONE, and no zone is resolved either.
static inline bool rules_resolve_at_all(const struct rules *rules)
{
    return rules->otherwise != RULES_NONE || rules->zone_count > 0;
}
