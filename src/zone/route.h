// Routes: what a name of ours has for each client, chosen by place, health and weight when it is
// asked for. The table of all of them; choosing is choice.h's.
//
//   spec (from the configuration)             route (compiled)
//     www.example.test A                        first_of_set  [0] -> rule 2   anywhere
//       rule 0  where country SG      -->                     [1] -> rule 0   {country SG}
//       rule 1  where country CA, US                          [2] -> rule 1   {country CA}
//       rule 2  (anywhere)                      rules         facts, items, an RRset of all of them
//
// A rule's condition is about facts (dns/location.h). The sets of facts that occur are known when
// the table is made, so a query finds its first rule with one look; the others are only looked at
// when nothing of that rule is alive.
//
// The table is immutable, and shared by count. It is looked into only after the zone was: a name
// below a cut is not ours to answer for, whatever a route says. Names between a route's name and
// its zone exist, too (empty non-terminals, RFC 8020): they have an entry without routes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/limits.h"
#include "dns/location.h"
#include "dns/name.h"
#include "dns/rrset.h"

#define ROUTE_NO_TTL    UINT32_MAX // the replaced RRset's, or the zone's
#define ROUTE_NO_TARGET UINT32_MAX // not checked: always well

enum route_choose {
    ROUTE_ALL,      // all that are well, or `count` of them by lot
    ROUTE_WEIGHTED, // `count` by lot, by weight
    ROUTE_NEAREST,  // the `count` nearest ones, nearest first
};

// What is said when no address of a rule is well.
enum route_dead {
    ROUTE_DEAD_NEXT, // what the next rule for this client says; none has any: as ROUTE_DEAD_ALL
    ROUTE_DEAD_ALL,  // all of them: a check may be wrong, and no answer surely is
    ROUTE_DEAD_NONE, // that there is none: NODATA
};

struct route_item {       // one record
    const uint8_t *rdata; // wire form, not compressed
    uint16_t rdata_size;
    uint16_t weight; // 1 unless said otherwise; 0: only when no other is well
    bool is_placed;  // `point` is known
    struct point point;
    uint32_t target; // its lamp (board.h), or ROUTE_NO_TARGET
};

// One list of facts for each kind that the rule mentions: it holds where each list has a fact that
// holds. Ascending.
#define ROUTE_KINDS_MAX 5
struct route_condition {
    struct facts kinds[ROUTE_KINDS_MAX];
    unsigned count; // 0: it holds everywhere
};

struct route_rule {
    struct route_condition where;
    const struct route_item *items;
    uint16_t item_count; // at least 1, at most ROUTE_ITEMS_MAX
    uint16_t count;      // how many to give; 0: all
    uint8_t choose;      // enum route_choose
    uint8_t dead;        // enum route_dead
    // The lot falls by so many bits of the client's address, the same each time; 0: by chance.
    uint8_t sticky_v4, sticky_v6;
    uint32_t ttl;            // seconds, or ROUTE_NO_TTL
    const struct rrset *all; // out: made by routes_build
};

struct route_spec {
    struct name owner;    // at or below its zone
    unsigned zone_labels; // of the zone that it belongs to
    uint16_t type;
    const struct route_rule *rules; // the last one holds everywhere
    size_t rule_count;              // at most ROUTE_RULES_MAX
    const void *mark;               // the maker's own, for `explain`
};

struct route {
    uint16_t type;
    uint16_t rule_count;
    bool by_place;  // some rule has a condition, or asks for the nearest
    bool is_sticky; // some rule is
    const struct route_rule *rules;
    const uint16_t *first_of_set; // [location.set]
    const void *mark;
};

struct route_name {
    struct name owner; // folded
    uint8_t zone_labels;
    uint16_t route_count; // 0: it only exists
    const struct route *routes;
};

struct routes;

// Everything is copied, but for `mark`. `sets[n]` are the facts of set n (set 0 has none). Two
// specs do not have one owner and type.
struct routes *routes_build(const struct route_spec *specs, size_t count, const struct facts *sets,
                            size_t set_count, const struct hash_key *secret)
    __attribute__((nonnull(5), returns_nonnull, warn_unused_result));
struct routes *routes_hold(struct routes *routes) __attribute__((nonnull, returns_nonnull));
void routes_release(struct routes *routes); // NULL is fine

// The entry of the name's suffix of `depth` labels in the zone of `zone_labels`; NULL: no route is
// there or below.
const struct route_name *routes_find(const struct routes *routes, const struct name_key *key,
                                     unsigned depth, unsigned zone_labels) __attribute__((nonnull));
// That of "*" below the suffix.
const struct route_name *routes_find_wildcard(const struct routes *routes,
                                              const struct name_key *key, unsigned depth,
                                              unsigned zone_labels) __attribute__((nonnull));
// NULL: none of this type.
const struct route *route_of(const struct route_name *name, uint16_t type);
size_t routes_count(const struct routes *routes) __attribute__((nonnull));
// For lists: entry after entry, in no order; `at` begins with 0. NULL: there is no other.
const struct route_name *routes_next(const struct routes *routes, size_t *at)
    __attribute__((nonnull));

// Does the condition hold where these facts do?
bool route_holds(const struct route_condition *condition, struct facts facts)
    __attribute__((nonnull));
