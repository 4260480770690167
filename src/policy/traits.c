// Traits (traits.h): interned in tables - sets of facts, traits, pairs that were joined - each open
// addressing over an array that grows.
#include "policy/traits.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/memory.h"

#define KNOWS_POINT (1u << FACT_KINDS)

struct trait {
    uint32_t set;
    uint32_t known; // bits: 1 << enum fact_kind, KNOWS_POINT
    struct point point;
};
struct pair {
    uint32_t a, b, joined;
};
struct place_number {
    uint32_t set;
    bool is_placed;
    struct point point;
};

// Which member of an array has this hash: a number + 1; 0: free.
struct index {
    uint32_t *slots;
    size_t mask, count;
};

struct traits {
    const struct places_wants *wants;
    struct arena memory;
    struct facts *sets;
    size_t set_count, set_room;
    struct index set_index;
    struct trait *list;
    size_t count, room;
    struct index index;
    struct pair *pairs;
    size_t pair_count, pair_room;
    struct index pair_index;
    uint32_t *finals; // [trait]: its final number + 1; 0: none yet
    size_t final_room;
    struct place_number *places;
    size_t place_count, place_room;
    struct index place_index;
    // Facts by what they say; -1 and 0 counts: no rule mentions any.
    int32_t countries[26 * 26];
    const struct fact **subdivisions, **systems; // sorted
    size_t subdivision_count, system_count;
};

// --- tables --------------------------------------------------------------------------------------

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return hash_mix(hash ^ word ^ 0x9e3779b97f4a7c15u, 0xa0761d6478bd642fu);
}

typedef uint64_t hash_of_member(const struct traits *traits, size_t member);

static void place(const struct index *index, uint64_t hash, size_t member)
{
    size_t at = hash & index->mask;
    while (index->slots[at])
        at = (at + 1) & index->mask;
    index->slots[at] = (uint32_t)member + 1;
}

static void make_room(const struct traits *traits, struct index *index, hash_of_member *hash)
{
    if (index->slots && 2 * (index->count + 1) <= index->mask)
        return;
    free(index->slots);
    index->mask = index->mask ? 2 * index->mask + 1 : 255;
    index->slots = memory_get_zeroed(index->mask + 1, sizeof *index->slots);
    for (size_t i = 0; i < index->count; i++)
        place(index, hash(traits, i), i);
}

// --- sets of facts -------------------------------------------------------------------------------

static uint64_t hash_set(const uint16_t *list, size_t count)
{
    uint64_t hash = count;
    for (size_t i = 0; i < count; i++)
        hash = mix(hash, list[i]);
    return hash;
}

static uint64_t hash_of_set(const struct traits *traits, size_t set)
{
    return hash_set(traits->sets[set].list, traits->sets[set].count);
}

static uint32_t set_of(struct traits *traits, const uint16_t *list, size_t count)
{
    make_room(traits, &traits->set_index, hash_of_set);
    uint64_t hash = hash_set(list, count);
    struct index *index = &traits->set_index;
    for (size_t at = hash & index->mask; index->slots[at]; at = (at + 1) & index->mask) {
        const struct facts *set = &traits->sets[index->slots[at] - 1];
        if (set->count == count && (!count || memcmp(set->list, list, count * sizeof *list) == 0))
            return index->slots[at] - 1;
    }
    traits->sets =
        memory_grow(traits->sets, &traits->set_room, traits->set_count + 1, sizeof *traits->sets);
    traits->sets[traits->set_count] = (struct facts){
        arena_copy(&traits->memory, count ? list : (const uint16_t *)"\0", count * sizeof *list),
        count};
    place(index, hash, traits->set_count);
    index->count++;
    return (uint32_t)traits->set_count++;
}

// --- traits --------------------------------------------------------------------------------------

static uint64_t hash_point(uint64_t hash, const struct point *point)
{
    uint32_t words[3];
    static_assert(sizeof words == sizeof *point, "a point is three floats");
    memcpy(words, point, sizeof words);
    return mix(mix(hash, words[0]), (uint64_t)words[1] << 32 | words[2]);
}

static uint64_t hash_of_trait(const struct traits *traits, size_t number)
{
    const struct trait *trait = &traits->list[number];
    return hash_point(mix(trait->set, trait->known), &trait->point);
}

static bool is_same_point(const struct point *a, const struct point *b)
{
    return a->x == b->x && a->y == b->y && a->z == b->z;
}

static bool is_same_trait(const struct trait *a, const struct trait *b)
{
    return a->set == b->set && a->known == b->known && is_same_point(&a->point, &b->point);
}

static uint32_t trait_of(struct traits *traits, const struct trait *wanted)
{
    make_room(traits, &traits->index, hash_of_trait);
    uint64_t hash = hash_point(mix(wanted->set, wanted->known), &wanted->point);
    struct index *index = &traits->index;
    for (size_t at = hash & index->mask; index->slots[at]; at = (at + 1) & index->mask)
        if (is_same_trait(&traits->list[index->slots[at] - 1], wanted))
            return index->slots[at] - 1;
    traits->list = memory_grow(traits->list, &traits->room, traits->count + 1, sizeof *wanted);
    traits->list[traits->count] = *wanted;
    place(index, hash, traits->count);
    index->count++;
    return (uint32_t)traits->count++;
}

// --- records -------------------------------------------------------------------------------------

static int country_index(const char *code)
{
    if (code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z')
        return -1;
    return (code[0] - 'A') * 26 + code[1] - 'A';
}

static int32_t find_country(const struct traits *traits, const char *code)
{
    int at = country_index(code);
    return at < 0 ? -1 : traits->countries[at];
}

static int32_t find_continent(const struct traits *traits, const char *code)
{
    for (size_t i = 0; i < traits->wants->count; i++)
        if (traits->wants->facts[i].kind == FACT_CONTINENT &&
            strcmp(traits->wants->facts[i].text, code) == 0)
            return (int32_t)i;
    return -1;
}

static int compare_subdivisions(const void *left, const void *right)
{
    return strcasecmp((*(const struct fact *const *)left)->text,
                      (*(const struct fact *const *)right)->text);
}

static int32_t find_subdivision(const struct traits *traits, const struct mmdb_record *record)
{
    char text[sizeof record->country + sizeof record->subdivision];
    struct fact fact = {.text = text};
    const struct fact *wanted = &fact;
    if (traits->subdivision_count == 0 || !record->subdivision[0])
        return -1;
    snprintf(text, sizeof text, "%s-%s", record->country, record->subdivision);
    const struct fact **found = bsearch(&wanted, traits->subdivisions, traits->subdivision_count,
                                        sizeof *traits->subdivisions, compare_subdivisions);
    return found ? (int32_t)(*found - traits->wants->facts) : -1;
}

static int compare_systems(const void *left, const void *right)
{
    uint32_t a = (*(const struct fact *const *)left)->asn;
    uint32_t b = (*(const struct fact *const *)right)->asn;
    return a < b ? -1 : a > b;
}

static int32_t find_system(const struct traits *traits, uint32_t asn)
{
    struct fact fact = {.asn = asn};
    const struct fact *wanted = &fact;
    if (traits->system_count == 0 || asn == 0)
        return -1;
    const struct fact **found = bsearch(&wanted, traits->systems, traits->system_count,
                                        sizeof *traits->systems, compare_systems);
    return found ? (int32_t)(*found - traits->wants->facts) : -1;
}

static void take_point(const struct traits *traits, const struct mmdb_record *record,
                       struct trait *trait)
{
    if (!traits->wants->points || !record->has_point)
        return;
    float latitude = record->latitude * (float)M_PI / 180;
    float longitude = record->longitude * (float)M_PI / 180;
    trait->known |= KNOWS_POINT;
    trait->point = (struct point){.x = cosf(latitude) * cosf(longitude),
                                  .y = cosf(latitude) * sinf(longitude),
                                  .z = sinf(latitude)};
}

static int compare_numbers(const void *left, const void *right)
{
    return (int)*(const uint16_t *)left - (int)*(const uint16_t *)right;
}

uint32_t traits_of_record(struct traits *traits, const struct mmdb_record *record)
{
    const int32_t found[] = {[FACT_CONTINENT] = find_continent(traits, record->continent),
                             [FACT_COUNTRY] = find_country(traits, record->country),
                             [FACT_SUBDIVISION] = find_subdivision(traits, record),
                             [FACT_ASN] = find_system(traits, record->asn)};
    struct trait trait = {0};
    uint16_t list[FACT_KINDS];
    size_t count = 0;
    trait.known |= record->continent[0] ? 1u << FACT_CONTINENT : 0;
    trait.known |= record->country[0] ? 1u << FACT_COUNTRY : 0;
    trait.known |= record->subdivision[0] ? 1u << FACT_SUBDIVISION : 0;
    trait.known |= record->asn ? 1u << FACT_ASN : 0;
    for (unsigned kind = 0; kind < FACT_NETS; kind++)
        if (found[kind] >= 0)
            list[count++] = (uint16_t)found[kind];
    qsort(list, count, sizeof *list, compare_numbers);
    take_point(traits, record, &trait);
    trait.set = set_of(traits, list, count);
    return trait_of(traits, &trait);
}

uint32_t traits_of_nets(struct traits *traits, const uint16_t *list, size_t count)
{
    struct trait trait = {.set = set_of(traits, list, count)};
    return trait_of(traits, &trait);
}

// --- joining -------------------------------------------------------------------------------------

static uint64_t hash_of_pair(const struct traits *traits, size_t number)
{
    return mix(traits->pairs[number].a, traits->pairs[number].b);
}

static uint32_t join(struct traits *traits, uint32_t a, uint32_t b)
{
    const struct trait *one = &traits->list[a], *other = &traits->list[b];
    struct facts first = traits->sets[one->set], second = traits->sets[other->set];
    struct trait joined = {.known = one->known | other->known,
                           .point = one->known & KNOWS_POINT ? one->point : other->point};
    uint16_t *list = memory_get((first.count + second.count) * sizeof *list);
    size_t count = first.count;
    if (count)
        memcpy(list, first.list, count * sizeof *list);
    for (size_t i = 0; i < second.count; i++) {
        enum fact_kind kind = traits->wants->facts[second.list[i]].kind;
        if (kind == FACT_NETS || !(one->known & 1u << kind))
            list[count++] = second.list[i];
    }
    qsort(list, count, sizeof *list, compare_numbers);
    joined.set = set_of(traits, list, count);
    free(list);
    return trait_of(traits, &joined);
}

uint32_t traits_join(struct traits *traits, uint32_t a, uint32_t b)
{
    make_room(traits, &traits->pair_index, hash_of_pair);
    struct index *index = &traits->pair_index;
    for (size_t at = mix(a, b) & index->mask; index->slots[at]; at = (at + 1) & index->mask) {
        const struct pair *pair = &traits->pairs[index->slots[at] - 1];
        if (pair->a == a && pair->b == b)
            return pair->joined;
    }
    struct pair pair = {a, b, join(traits, a, b)};
    traits->pairs =
        memory_grow(traits->pairs, &traits->pair_room, traits->pair_count + 1, sizeof pair);
    traits->pairs[traits->pair_count] = pair;
    place(index, mix(a, b), traits->pair_count++);
    index->count++;
    return pair.joined;
}

// --- final numbers -------------------------------------------------------------------------------

static uint64_t hash_of_place(const struct traits *traits, size_t number)
{
    return hash_point(traits->places[number].set, &traits->places[number].point);
}

static uint32_t place_of(struct traits *traits, const struct trait *trait)
{
    make_room(traits, &traits->place_index, hash_of_place);
    uint64_t hash = hash_point(trait->set, &trait->point);
    struct index *index = &traits->place_index;
    struct place_number wanted = {trait->set, trait->known & KNOWS_POINT, trait->point};
    for (size_t at = hash & index->mask; index->slots[at]; at = (at + 1) & index->mask) {
        const struct place_number *found = &traits->places[index->slots[at] - 1];
        if (found->set == wanted.set && found->is_placed == wanted.is_placed &&
            is_same_point(&found->point, &wanted.point))
            return index->slots[at] - 1;
    }
    traits->places =
        memory_grow(traits->places, &traits->place_room, traits->place_count + 1, sizeof wanted);
    traits->places[traits->place_count] = wanted;
    place(index, hash, traits->place_count);
    index->count++;
    return (uint32_t)traits->place_count++;
}

uint32_t traits_final(struct traits *traits, uint32_t trait)
{
    if (traits->final_room < traits->count) {
        traits->finals = memory_resize(traits->finals, traits->count * sizeof *traits->finals);
        memset(traits->finals + traits->final_room, 0,
               (traits->count - traits->final_room) * sizeof *traits->finals);
        traits->final_room = traits->count;
    }
    if (!traits->finals[trait])
        traits->finals[trait] = place_of(traits, &traits->list[trait]) + 1;
    return traits->finals[trait] - 1;
}

size_t traits_final_count(const struct traits *traits)
{
    return traits->place_count;
}

bool traits_place(const struct traits *traits, size_t number, uint32_t *set, struct point *point)
{
    *set = traits->places[number].set;
    *point = traits->places[number].point;
    return traits->places[number].is_placed;
}

size_t traits_set_count(const struct traits *traits)
{
    return traits->set_count;
}

struct facts traits_set(const struct traits *traits, size_t number)
{
    return traits->sets[number];
}

// --- beginning and end ---------------------------------------------------------------------------

static size_t gather(struct traits *traits, enum fact_kind kind, const struct fact ***list)
{
    size_t count = 0;
    *list = memory_get((traits->wants->count + 1) * sizeof **list);
    for (size_t i = 0; i < traits->wants->count; i++)
        if (traits->wants->facts[i].kind == kind)
            (*list)[count++] = &traits->wants->facts[i];
    return count;
}

struct traits *traits_open(const struct places_wants *wants)
{
    struct traits *traits = memory_get_zeroed(1, sizeof *traits);
    traits->wants = wants;
    for (size_t i = 0; i < sizeof traits->countries / sizeof traits->countries[0]; i++)
        traits->countries[i] = -1;
    for (size_t i = 0; i < wants->count; i++)
        if (wants->facts[i].kind == FACT_COUNTRY && country_index(wants->facts[i].text) >= 0)
            traits->countries[country_index(wants->facts[i].text)] = (int32_t)i;
    traits->subdivision_count = gather(traits, FACT_SUBDIVISION, &traits->subdivisions);
    traits->system_count = gather(traits, FACT_ASN, &traits->systems);
    qsort(traits->subdivisions, traits->subdivision_count, sizeof *traits->subdivisions,
          compare_subdivisions);
    qsort(traits->systems, traits->system_count, sizeof *traits->systems, compare_systems);
    uint32_t nothing = traits_of_nets(traits, NULL, 0);
    assert(nothing == 0);
    (void)nothing;
    return traits;
}

void traits_close(struct traits *traits)
{
    arena_free(&traits->memory);
    free(traits->sets);
    free(traits->set_index.slots);
    free(traits->list);
    free(traits->index.slots);
    free(traits->pairs);
    free(traits->pair_index.slots);
    free(traits->finals);
    free(traits->places);
    free(traits->place_index.slots);
    free(traits->subdivisions);
    free(traits->systems);
    free(traits);
}
