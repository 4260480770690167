// Compiling databases and networks into one table (places.h).
//
//   each record, each network      a trait: facts that hold, kinds that are known, a point
//   each source                    runs of traits (runs.h)
//   one after the other            merged: what an earlier one knows, a later one does not change
//   the table                      IPv4: starts of 32 bits; IPv6: of 64, and deeper runs where
//                                  something changes inside of a /64
//
// Traits are interned, so that a country is one number however many networks it has, and what no
// rule mentions is the same everywhere: neighbours become one run, and its prefix the scope.
#include "policy/places.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "policy/layers.h"
#include "policy/mmdb.h"
#include "policy/runs.h"
#include "policy/traits.h"

#define HEAD4_BITS 16
#define HEAD6_BITS 21 // behind the first three: all that is given out begins with 001
#define DEEP       0x80000000u

struct spot { // what holds somewhere
    uint32_t set;
    bool is_placed;
    struct point point;
};

struct run4 {
    uint32_t start, value;
};
struct run6 {
    uint64_t start; // the upper half of the address
    uint32_t value; // index of a spot; with DEEP: of a `deep`
    uint32_t unused;
};
struct deep { // what is inside of one /64
    uint32_t first, count;
};
struct run_deep {
    uint64_t start; // the lower half
    uint32_t value;
};

struct places {
    atomic_uint holders;
    struct arena memory;
    struct run4 *runs4;
    size_t count4;
    uint32_t *head4; // [upper bits]: the first run that ends behind their first address
    struct run6 *runs6;
    size_t count6;
    uint32_t *head6;
    struct deep *deeps;
    size_t deep_count, deep_room;
    struct run_deep *runs_deep;
    size_t runs_deep_count, runs_deep_room;
    struct spot *spots;
    struct facts *sets;
    size_t set_count;
};

// --- the table -----------------------------------------------------------------------------------

static uint32_t add_deep(struct places *places, const struct runs *runs, size_t *at)
{
    uint64_t high = (uint64_t)(runs->list[*at].start >> 64);
    struct deep deep = {.first = (uint32_t)places->runs_deep_count};
    uint64_t low = (uint64_t)runs->list[*at].start;
    if (low) { // the run before reaches into this /64
        places->runs_deep = memory_grow(places->runs_deep, &places->runs_deep_room,
                                        places->runs_deep_count + 1, sizeof *places->runs_deep);
        places->runs_deep[places->runs_deep_count++] =
            (struct run_deep){0, runs->list[*at - 1].value};
    }
    for (; *at < runs->count && (uint64_t)(runs->list[*at].start >> 64) == high; ++*at) {
        places->runs_deep = memory_grow(places->runs_deep, &places->runs_deep_room,
                                        places->runs_deep_count + 1, sizeof *places->runs_deep);
        places->runs_deep[places->runs_deep_count++] =
            (struct run_deep){(uint64_t)runs->list[*at].start, runs->list[*at].value};
    }
    deep.count = (uint32_t)places->runs_deep_count - deep.first;
    places->deeps = memory_grow(places->deeps, &places->deep_room, places->deep_count + 1,
                                sizeof *places->deeps);
    places->deeps[places->deep_count++] = deep;
    return DEEP | (uint32_t)(places->deep_count - 1);
}

static void add_run6(struct places *places, uint64_t start, uint32_t value)
{
    if (places->count6 && places->runs6[places->count6 - 1].start == start)
        places->count6--;
    places->runs6[places->count6++] = (struct run6){.start = start, .value = value};
}

static void build_v6(struct places *places, const struct runs *runs)
{
    // A /64 with changes inside takes one run, and one for what follows it.
    places->runs6 = memory_get_large((2 * runs->count + 1) * sizeof *places->runs6);
    for (size_t i = 0; i < runs->count;) {
        uint64_t high = (uint64_t)(runs->list[i].start >> 64);
        bool is_deep = (uint64_t)runs->list[i].start != 0 ||
                       (i + 1 < runs->count && (uint64_t)(runs->list[i + 1].start >> 64) == high);
        if (!is_deep) {
            add_run6(places, high, runs->list[i++].value);
            continue;
        }
        add_run6(places, high, add_deep(places, runs, &i));
        if (high != UINT64_MAX)
            add_run6(places, high + 1, runs->list[i - 1].value);
    }
    places->head6 = memory_get((((size_t)1 << HEAD6_BITS) + 1) * sizeof *places->head6);
    size_t at = 0;
    for (size_t head = 0; head <= (size_t)1 << HEAD6_BITS; head++) {
        uint64_t first = ((uint64_t)1 << 61) + ((uint64_t)head << (61 - HEAD6_BITS));
        while (at + 1 < places->count6 && places->runs6[at + 1].start <= first)
            at++;
        places->head6[head] = (uint32_t)at;
    }
}

static void build_v4(struct places *places, const struct runs *runs)
{
    places->runs4 = memory_get_large(runs->count * sizeof *places->runs4);
    places->count4 = runs->count;
    for (size_t i = 0; i < runs->count; i++)
        places->runs4[i] = (struct run4){(uint32_t)runs->list[i].start, runs->list[i].value};
    places->head4 = memory_get((((size_t)1 << HEAD4_BITS) + 1) * sizeof *places->head4);
    size_t at = 0;
    for (size_t head = 0; head <= (size_t)1 << HEAD4_BITS; head++) {
        uint64_t first = (uint64_t)head << (32 - HEAD4_BITS);
        while (at + 1 < places->count4 && places->runs4[at + 1].start <= first)
            at++;
        places->head4[head] = (uint32_t)at;
    }
}

// --- compiling -----------------------------------------------------------------------------------

struct making {
    const struct places_wants *wants;
    struct traits *traits;
    struct runs v4, v6;
    bool knows[FACT_KINDS]; // some database has said such a thing
    bool knows_points;
    struct report *report;
};

struct reading { // of one database
    struct making *making;
    bool knows[FACT_KINDS], knows_points;
};

static uint32_t number_record(void *maker, const struct mmdb_record *record)
{
    struct reading *reading = maker;
    reading->knows[FACT_COUNTRY] |= record->country[0] != 0;
    reading->knows[FACT_CONTINENT] |= record->continent[0] != 0;
    reading->knows[FACT_SUBDIVISION] |= record->subdivision[0] != 0;
    reading->knows[FACT_ASN] |= record->asn != 0;
    reading->knows_points |= record->has_point;
    return traits_of_record(reading->making->traits, record);
}

static uint32_t join_traits(void *maker, uint32_t a, uint32_t b)
{
    return traits_join(maker, a, b);
}

static void lay_over(struct making *making, struct runs *below, struct runs *layer)
{
    struct runs merged;
    if (below->count == 0) {
        *below = *layer;
        return;
    }
    runs_merge(below, layer, join_traits, making->traits, &merged);
    runs_free(below);
    runs_free(layer);
    *below = merged;
}

static bool is_wanted(const struct making *making, unsigned kind)
{
    for (size_t i = 0; i < making->wants->count; i++)
        if (making->wants->facts[i].kind == (enum fact_kind)kind)
            return true;
    return false;
}

// A database that says nothing that is asked for is probably not the one that was meant.
static void look_for_use(const struct reading *reading, const struct mmdb *mmdb, const char *path)
{
    struct making *making = reading->making;
    struct buffer fields = {0};
    bool used = reading->knows_points && making->wants->points;
    for (unsigned kind = 0; kind < FACT_KINDS; kind++) {
        used |= reading->knows[kind] && is_wanted(making, kind);
        making->knows[kind] |= reading->knows[kind];
    }
    making->knows_points |= reading->knows_points;
    if (used)
        return;
    mmdb_fields(mmdb, &fields);
    report_add(making->report, SEVERITY_WARNING, &(struct place){.file = path},
               "remove it, if no route is to ask for what it has",
               "no route asks for what this database says: %s", buffer_text(&fields));
    buffer_free(&fields);
}

static void read_database(struct making *making, const char *path)
{
    struct reading reading = {.making = making};
    struct runs v4 = {0}, v6 = {0};
    struct place place = {.file = path};
    char *problem;
    struct mmdb *mmdb = mmdb_open(path, &problem);
    if (!mmdb) {
        report_add(making->report, SEVERITY_ERROR, &place,
                   "databases are files in MaxMind's format (MMDB)",
                   "the database of places cannot be used: %s", problem);
        free(problem);
        return;
    }
    if (mmdb_walk_v4(mmdb, number_record, &reading, &v4) &&
        mmdb_walk_v6(mmdb, number_record, &reading, &v6)) {
        look_for_use(&reading, mmdb, path);
        lay_over(making, &making->v4, &v4);
        lay_over(making, &making->v6, &v6);
    } else {
        report_add(making->report, SEVERITY_ERROR, &place, "get it anew",
                   "the database of places is damaged");
        runs_free(&v4);
        runs_free(&v6);
    }
    mmdb_close(mmdb);
}

// Every kind of fact needs a database that tells it.
static void look_for_knowledge(struct making *making, size_t path_count)
{
    static const char *const words[] = {[FACT_CONTINENT] = "continents",
                                        [FACT_COUNTRY] = "countries",
                                        [FACT_SUBDIVISION] = "subdivisions",
                                        [FACT_ASN] = "autonomous systems",
                                        [FACT_NETS] = "networks"};
    const char *hint = path_count ? "add one that has them to places.databases"
                                  : "name one: places: {databases: [country.mmdb]}";
    struct place nowhere = {0};
    for (unsigned kind = 0; kind < FACT_NETS; kind++)
        if (is_wanted(making, kind) && !making->knows[kind])
            report_add(making->report, SEVERITY_ERROR, &nowhere, hint,
                       "routes ask for %s, and no database says anything of them", words[kind]);
    if (making->wants->points && !making->knows_points)
        report_add(making->report, SEVERITY_ERROR, &nowhere, hint,
                   "routes ask for the nearest address, and no database has coordinates");
}

static void add_nets(struct making *making)
{
    struct runs v4 = {0}, v6 = {0};
    layers_of_nets(making->wants, AF_INET, making->traits, &v4);
    layers_of_nets(making->wants, AF_INET6, making->traits, &v6);
    lay_over(making, &making->v4, &v4);
    lay_over(making, &making->v6, &v6);
}

// The traits that occur become spots, and sets of facts get their numbers.
static void number_spots(struct making *making, struct runs *runs)
{
    struct runs numbered = {0};
    for (size_t i = 0; i < runs->count; i++)
        runs_add(&numbered, runs->list[i].start, traits_final(making->traits, runs->list[i].value));
    runs_free(runs);
    *runs = numbered;
}

static void take_spots(struct places *places, struct making *making)
{
    size_t count = traits_final_count(making->traits);
    places->set_count = traits_set_count(making->traits);
    places->sets = arena_get(&places->memory, places->set_count * sizeof *places->sets);
    for (size_t i = 0; i < places->set_count; i++) {
        struct facts set = traits_set(making->traits, i);
        set.list = arena_copy(&places->memory, set.list, set.count * sizeof *set.list);
        places->sets[i] = set;
    }
    places->spots = arena_get(&places->memory, count * sizeof *places->spots);
    for (size_t i = 0; i < count; i++) {
        struct spot *spot = &places->spots[i];
        spot->is_placed = traits_place(making->traits, i, &spot->set, &spot->point);
    }
}

struct places *places_compile(const char *const *paths, size_t path_count,
                              const struct places_wants *wants, struct report *report)
{
    struct making making = {.wants = wants, .traits = traits_open(wants), .report = report};
    struct places *places = NULL;
    size_t errors = report->errors;
    for (size_t i = 0; i < path_count; i++)
        read_database(&making, paths[i]);
    if (report->errors == errors)
        look_for_knowledge(&making, path_count);
    if (report->errors == errors) {
        places = memory_get_zeroed(1, sizeof *places);
        atomic_init(&places->holders, 1);
        add_nets(&making);
        number_spots(&making, &making.v4);
        number_spots(&making, &making.v6);
        take_spots(places, &making);
        build_v4(places, &making.v4);
        build_v6(places, &making.v6);
    }
    runs_free(&making.v4);
    runs_free(&making.v6);
    traits_close(making.traits);
    return places;
}

struct places *places_hold(struct places *places)
{
    atomic_fetch_add_explicit(&places->holders, 1, memory_order_relaxed);
    return places;
}

void places_release(struct places *places)
{
    if (!places || atomic_fetch_sub_explicit(&places->holders, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&places->memory);
    free(places->runs4);
    free(places->runs6);
    free(places->head4);
    free(places->head6);
    free(places->deeps);
    free(places->runs_deep);
    free(places);
}

// --- looking up ----------------------------------------------------------------------------------

static unsigned leading_zeros(uint64_t word)
{
    return word ? (unsigned)__builtin_clzll(word) : 64;
}

// How long the prefix of `at` must be to leave out the neighbours of its run: `before` is the last
// address before it, `behind` the first one after it. In bits of a word of 64.
static unsigned scope_of(uint64_t at, bool has_before, uint64_t before, bool has_behind,
                         uint64_t behind)
{
    unsigned scope = 0;
    if (has_before)
        scope = leading_zeros(at ^ before) + 1;
    if (has_behind && leading_zeros(at ^ behind) + 1 > scope)
        scope = leading_zeros(at ^ behind) + 1;
    return scope;
}

static void take_spot(const struct places *places, uint32_t number, unsigned scope,
                      struct location *location)
{
    const struct spot *spot = &places->spots[number];
    location->set = spot->set;
    location->facts = places->sets[spot->set];
    location->is_placed = spot->is_placed;
    location->point = spot->point;
    location->scope = (uint8_t)scope;
}

static void find_v4(const struct places *places, uint32_t address, struct location *location)
{
    uint32_t head = address >> (32 - HEAD4_BITS);
    size_t low = places->head4[head], high = places->head4[head + 1] + 1; // it is in [low, high)
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (places->runs4[middle].start <= address)
            low = middle;
        else
            high = middle;
    }
    bool has_behind = low + 1 < places->count4;
    uint64_t at = (uint64_t)address << 32;
    uint64_t before = (uint64_t)(places->runs4[low].start - 1) << 32;
    uint64_t behind = has_behind ? (uint64_t)places->runs4[low + 1].start << 32 : 0;
    take_spot(places, places->runs4[low].value, scope_of(at, low > 0, before, has_behind, behind),
              location);
}

static void find_deep(const struct places *places, const struct deep *deep, uint64_t address,
                      struct location *location)
{
    const struct run_deep *runs = places->runs_deep + deep->first;
    size_t low = 0, high = deep->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].start <= address)
            low = middle;
        else
            high = middle;
    }
    bool has_behind = low + 1 < deep->count;
    unsigned scope = scope_of(address, low > 0, runs[low].start - 1, has_behind,
                              has_behind ? runs[low + 1].start : 0);
    take_spot(places, runs[low].value, 64 + scope, location);
}

static void find_v6(const struct places *places, const uint8_t octets[static 16],
                    struct location *location)
{
    uint64_t address = (uint64_t)bytes_get32(octets) << 32 | bytes_get32(octets + 4);
    size_t low = 0, high = places->count6;
    if (address >> 61 == 1) {
        uint32_t head = (uint32_t)(address >> (61 - HEAD6_BITS)) & ((1u << HEAD6_BITS) - 1);
        low = places->head6[head];
        high = places->head6[head + 1] + 1;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (places->runs6[middle].start <= address)
            low = middle;
        else
            high = middle;
    }
    const struct run6 *run = &places->runs6[low];
    if (run->value & DEEP) {
        uint64_t inside = (uint64_t)bytes_get32(octets + 8) << 32 | bytes_get32(octets + 12);
        find_deep(places, &places->deeps[run->value & ~DEEP], inside, location);
        return;
    }
    bool has_behind = low + 1 < places->count6;
    unsigned scope = scope_of(address, low > 0, run->start - 1, has_behind,
                              has_behind ? places->runs6[low + 1].start : 0);
    take_spot(places, run->value, scope, location);
}

void places_find(const struct places *places, const struct address *address,
                 struct location *location)
{
    if (address->any.sa_family == AF_INET) {
        find_v4(places, ntohl(address->v4.sin_addr.s_addr), location);
        return;
    }
    const uint8_t *octets = address->v6.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
        find_v4(places, bytes_get32(octets + 12), location);
    else
        find_v6(places, octets, location);
}

size_t places_sets(const struct places *places)
{
    return places->set_count;
}

struct facts places_set(const struct places *places, size_t number)
{
    return places->sets[number];
}
