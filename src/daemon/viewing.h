// The parts of a house of which there is one for each view: tables of zones, routes, rules and
// lists of access, of everybody's server and of those in its views.
//
// A view has every zone of everybody's but those that it has of its own name, and resolves by rules
// of its own, so that its part of the cache is its own.
#pragma once

#include "base/hash.h"
#include "conf/options.h"
#include "conf/rules.h"
#include "daemon/geography.h"
#include "serve/serve.h"

// Makes the views: all but what the functions below fill.
void viewing_make(struct server *server, const struct options *options) __attribute__((nonnull));
void viewing_resolve(struct server *server, const struct options *options, struct own_addresses own)
    __attribute__((nonnull(1, 2)));
// The routes that count in a view (0: everybody's, else 1 + its index in options->views): its own
// and everybody's, as far as their zones do. `chosen` has room for options->routing.count.
size_t viewing_specs(const struct options *options, size_t view, struct route_spec *chosen)
    __attribute__((nonnull));
// The routes of each; `geography` NULL: there are none.
void viewing_route(struct server *server, const struct options *options,
                   struct geography *geography, const struct hash_key *secret)
    __attribute__((nonnull(1, 2, 4)));
// Builds the tables. list[i] is the zone of options->zones[i]; takes over the list and the counts.
void viewing_finish(struct server *server, const struct options *options, struct zone **list)
    __attribute__((nonnull));
// A copy of `old` octet by octet gets views of its own, as yet with what old's have.
void viewing_copy(struct server *server, const struct server *old) __attribute__((nonnull));
struct viewing_change {
    size_t index; // of options->zones
    struct zone *zone;
};
// The tables of a copy of `old`, with these zones in the place of others: takes over their counts.
void viewing_change(struct server *server, const struct server *old, const struct options *options,
                    const struct viewing_change *list, size_t count)
    __attribute__((nonnull(1, 2, 3)));
// `server` is a copy of `old` octet by octet: makes it a holder of what both have. `local` is taken
// over.
void viewing_share(struct server *server, const struct server *old, struct local *local)
    __attribute__((nonnull(1, 2)));
// New rules for all, in the place of those that they hold.
void viewing_renew_rules(struct server *server, const struct options *options,
                         struct own_addresses own) __attribute__((nonnull(1, 2)));
// The copy of the root, to the rules of all that walk from the root. Each holds it.
void viewing_set_root_copy(struct server *server, struct zone *copy, uint64_t end_us)
    __attribute__((nonnull));
void viewing_free(struct server *server) __attribute__((nonnull));
