// A house: everything that answers come from, built as a whole, current until the next one is.
//
// The workers read `number`, `server` and `listeners` of the current house and nothing else; they
// never write. All of it is immutable from the moment it is current. The rest is the main thread's:
// it tells what the house was built from, and is handed on when a house differs only by a zone.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "conf/options.h"
#include "conf/rules.h"
#include "daemon/geography.h"
#include "net/listen.h"
#include "policy/cookie.h"
#include "serve/serve.h"

struct flats;
struct load;

// What the main thread knows of a zone.
struct house_zone {
    struct zone *zone; // until the house is finished: held here; then by server.zones
    struct load *load; // its file is being read, for this house; owned by the loader
    char *problem;     // why the newest version of its file is not what is served; NULL: it is
};

struct house_change {
    size_t index;
    struct zone *zone;
};

// How many zones there are of each state, and records in those that are served.
struct house_counts {
    size_t states[ZONE_STATES];
    uint64_t records;
};

struct house {
    uint64_t number; // 1, 2, 3 ...
    struct server server;
    struct listeners listeners;
    // The main thread's.
    struct options *options;
    struct house_zone *zones;     // [i] is options->zones[i]
    struct house_counts counts;   // of a finished house
    struct house_change *changes; // for the house after this one
    size_t change_count, change_room;
    struct geography *geography;      // held; NULL: no routes
    struct flats *flats;              // what ALIAS records lead to; NULL: there are none
    struct routes *routes;            // held
    struct local *next_local;         // of the house after this one; NULL: the same
    struct geography *next_geography; // the same
};

typedef _Atomic(struct house *) house_current;

// An unfinished house of these options, which it owns from now on: no zones, no listeners.
struct house *house_make(struct options *options)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// How names are found that are not in its zones, and for whom, as its options say. `local` is taken
// over; NULL: none. Once, and before it is finished; without it a house resolves nothing.
void house_resolve(struct house *house, struct own_addresses own, struct local *local)
    __attribute__((nonnull(1)));
// Its routes, as its options say, and what they need to know: takes the geography over (NULL: there
// are none). Once, and before it is finished.
void house_route(struct house *house, struct geography *geography, const struct hash_key *secret)
    __attribute__((nonnull(1, 3)));
// Builds the table from zones[].zone, all of which are set. `secret` and `cookies` are copied.
void house_finish(struct house *house, const struct hash_key *secret,
                  const struct cookie_secret *cookies) __attribute__((nonnull));
// What the house after this one will have in the place of its zone: takes over the count.
void house_replace(struct house *house, size_t index, struct zone *zone) __attribute__((nonnull));
// The same for the names of hosts files.
void house_replace_local(struct house *house, struct local *local) __attribute__((nonnull));
// The same for what is known of places.
void house_replace_geography(struct house *house, struct geography *geography)
    __attribute__((nonnull));
// A house like `old`, which is finished, but with what was replaced. Takes options and zones over
// from `old`, which is good for nothing then but to be answered from until it is retired. Costs
// what the changed zones cost, and next to nothing for those that stay.
struct house *house_change(struct house *old)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// Finished or not. Sockets stay as they are. For epoch_retire.
void house_free(void *house) __attribute__((nonnull));

// Do these options let anything be resolved at all?
static inline bool house_may_resolve(const struct options *options)
{
    bool may = options->resolve.otherwise != RESOLVE_NONE || options->resolve.zone_count > 0;
    for (size_t i = 0; i < options->view_count; i++)
        may = may || options->views[i].resolve.otherwise != RESOLVE_NONE ||
              options->views[i].resolve.zone_count > 0;
    return may;
}
static inline struct name house_zone_name(const struct options *options, size_t index)
{
    const struct zone_option *zone = &options->zones[index];
    return (struct name){zone->wire, zone->size, zone->labels};
}
// The index of the zone of this name that everybody sees, or else of one that a view has; false:
// there is none.
bool house_find(const struct options *options, struct name name, size_t *index)
    __attribute__((nonnull, warn_unused_result));
// That of this view; 0: everybody's.
bool house_find_in_view(const struct options *options, struct name name, unsigned view,
                        size_t *index) __attribute__((nonnull, warn_unused_result));
// Its zone with this name, of this view; NULL: none.
struct zone *house_zone_of(const struct house *house, struct name name, unsigned view)
    __attribute__((nonnull));
