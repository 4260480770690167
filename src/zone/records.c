// The flat list of a zone's records (records.h), and its canonical order.
//
// Sorting a million names by comparing them label by label from the right costs seconds. So each
// run of neighbours with one owner gets a key, written once, whose plain octet order is the
// canonical order of names (RFC 4034 6.1):
//
//   b.A.example. in the zone example.  ->  'a' 00 'b'
//
//   labels from the root, without the zone's own; letters folded; 00 between labels, which no
//   label content makes: 00 is written 01 01, and 01 is written 01 02
//
// A parent's key is a prefix of its children's. The key of a name one label below the zone's, in
// lower case, is that label as it stands in the owner, so most keys cost nothing. Keys are sorted
// by radix, 8 octets at a time. A list that is in order already, as most files of large zones are,
// costs one pass and no memory.
#include "zone/records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/owner.h"

void records_begin(struct records *records, struct name origin)
{
    *records = (struct records){0};
    memcpy(records->origin_wire, origin.wire, origin.size);
    records->origin = (struct name){records->origin_wire, origin.size, origin.labels};
}

void records_free(struct records *records)
{
    for (size_t i = 0; i < records->source_count; i++) {
        free(records->sources[i].path);
        free(records->sources[i].octets);
    }
    free(records->sources);
    free(records->list);
    arena_free(&records->arena);
    *records = (struct records){0};
}

void records_reserve(struct records *records, size_t count)
{
    if (count <= records->room)
        return;
    struct record *list = memory_get_large(count * sizeof *list);
    if (records->count)
        memcpy(list, records->list, records->count * sizeof *list);
    free(records->list);
    records->list = list;
    records->room = count;
}

struct record *records_add(struct records *records)
{
    if (records->count == records->room)
        records_reserve(records, records->room ? records->room * 2 : 16);
    return &records->list[records->count++];
}

uint16_t records_add_source(struct records *records, const char *path, char *octets, size_t size)
{
    assert(records->source_count <= UINT16_MAX);
    records->sources = memory_grow(records->sources, &records->source_room,
                                   records->source_count + 1, sizeof *records->sources);
    records->sources[records->source_count] =
        (struct record_source){.path = memory_copy_text(path), .octets = octets, .size = size};
    return (uint16_t)records->source_count++;
}

struct place records_place(const struct records *records, const struct record *record)
{
    if (record->line == 0 || record->file >= records->source_count)
        return (struct place){0};
    const struct record_source *source = &records->sources[record->file];
    struct place place = {.file = source->path, .line = record->line, .column = 1};
    if (!source->octets)
        return place;
    const char *at = source->octets, *end = at + source->size;
    for (uint32_t line = 1; line < record->line; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            return place; // the text is not the one that was read
        at++;
    }
    place.source = at;
    place.source_size = (uint32_t)(end - at);
    return place;
}

// --- keys ----------------------------------------------------------------------------------------

#define KEY_MAX    (2 * NAME_OCTETS_MAX) // every octet escaped; a label's length becomes a 00
#define NOT_WITHIN (-1)

static bool is_within(const struct record *record, unsigned start, struct name origin)
{
    if ((unsigned)record->owner_size - start != origin.size)
        return false;
    const uint8_t *suffix = record->owner + start;
    return memcmp(suffix, origin.wire, origin.size) == 0 ||
           name_equal((struct name){suffix, origin.size, origin.labels}, origin);
}

// The key of an owner below `top`. Returns its size, or NOT_WITHIN.
static int write_key(const struct record *record, struct name top, uint8_t key[static KEY_MAX])
{
    uint8_t starts[NAME_LABELS_MAX + 1];
    unsigned at = 0;
    for (unsigned i = 0; i < record->owner_labels; i++) {
        starts[i] = (uint8_t)at;
        at += 1u + record->owner[at];
    }
    starts[record->owner_labels] = (uint8_t)at;
    if (record->owner_labels < top.labels)
        return NOT_WITHIN;
    unsigned below = record->owner_labels - top.labels;
    if (!is_within(record, starts[below], top))
        return NOT_WITHIN;
    uint8_t *to = key;
    while (below-- > 0) {
        const uint8_t *label = record->owner + starts[below];
        for (unsigned i = 1; i <= *label; i++) {
            uint8_t octet = byte_fold(label[i]);
            if (octet <= 1) {
                *to++ = 1;
                octet++;
            }
            *to++ = octet;
        }
        if (below > 0)
            *to++ = 0;
    }
    return (int)(to - key);
}

// The octets of a label are those of a key: nothing to fold or escape.
static bool is_plain_label(const uint8_t *label)
{
    for (unsigned i = 1; i <= *label; i++)
        if (label[i] <= 1 || (uint8_t)(label[i] - 'A') < 26)
            return false;
    return true;
}

struct key {
    const uint8_t *octets;
    int size; // or NOT_WITHIN
};

// As write_key, but a key that stands in the owner is looked at there.
static struct key find_key(const struct record *record, struct name top,
                           uint8_t room[static KEY_MAX])
{
    const uint8_t *label = record->owner;
    if (record->owner_labels == top.labels + 1 && is_within(record, 1u + *label, top) &&
        is_plain_label(label))
        return (struct key){label + 1, *label};
    return (struct key){room, write_key(record, top, room)};
}

static int compare_keys(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

enum order { IN_ORDER, OUT_OF_ORDER };

// One pass over the owners, up to the first that is out of order, or that is not below `top`.
static enum order check_owners(const struct records *records, struct name top)
{
    uint8_t room[2][KEY_MAX];
    struct key before = {room[0], 0};
    unsigned turn = 0;
    const uint8_t *owner = NULL;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        if (record->owner == owner)
            continue;
        owner = record->owner;
        turn = 1 - turn;
        struct key key = find_key(record, top, room[turn]);
        if (key.size == NOT_WITHIN ||
            compare_keys(before.octets, (size_t)before.size, key.octets, (size_t)key.size) > 0)
            return OUT_OF_ORDER;
        before = key;
    }
    return IN_ORDER;
}

// --- sorting owners ------------------------------------------------------------------------------

#define RADIX_MIN  24 // fewer are faster by insertion than by counting
#define CHUNK      8  // octets of the key that are sorted in one go
#define RISES_MAX  16 // as many rising sequences are merged; more are sorted by radix
#define LOOK_AHEAD 8  // how many runs ahead the memory is asked for

// Neighbours in the list that have one owner.
struct run {
    uint64_t chunk;     // the part of the key that is being sorted, as a number
    const uint8_t *key; // in the owner, or in the arena of keys
    uint32_t first;     // index of the first record
    uint16_t key_size;
};

// A file in several sorted pieces, or with some names in front of a sorted rest, is common.
struct rises {
    size_t ends[RISES_MAX + 1]; // where each rising sequence of runs ends
    size_t count;               // RISES_MAX + 1: there are more
};

struct sorter {
    struct records *records;
    struct run *runs;
    size_t run_count;
    struct run *spare; // room for as many
    struct arena keys;
    struct rises rises;
    uint32_t counts[CHUNK][256];
};

// Both keys are equal up to `depth`, where one may have ended long before.
static int compare_runs(const struct run *a, const struct run *b, uint32_t depth)
{
    uint32_t a_size = a->key_size, b_size = b->key_size;
    if (a_size <= depth || b_size <= depth)
        return (a_size > b_size) - (a_size < b_size);
    return compare_keys(a->key + depth, a_size - depth, b->key + depth, b_size - depth);
}

// A key that ends before is filled up with zeros: less than whatever could follow there.
static uint64_t read_chunk(const struct run *run, uint32_t depth)
{
    if (run->key_size <= depth)
        return 0;
    uint32_t size = run->key_size - depth;
    uint64_t chunk;
    memcpy(&chunk, run->key + depth, CHUNK); // keys are followed by CHUNK octets or more
    if (size < CHUNK)
        chunk &= bytes_first(size);
    return bytes_order(chunk);
}

static void sort_few(struct run *runs, size_t count, uint32_t depth)
{
    for (size_t i = 1; i < count; i++) {
        struct run run = runs[i];
        size_t at = i;
        for (; at > 0 && compare_runs(&runs[at - 1], &run, depth) > 0; at--)
            runs[at] = runs[at - 1];
        runs[at] = run;
    }
}

static void move_by_octet(const struct run *from, struct run *to, size_t count, uint32_t *counts,
                          unsigned shift)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 256; i++) {
        uint32_t here = counts[i];
        counts[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[counts[from[i].chunk >> shift & 255]++] = from[i];
}

// By chunk, stable: from its last octet to its first, passing over those that all have in common.
static void sort_by_chunk(struct sorter *sorter, struct run *runs, size_t count)
{
    memset(sorter->counts, 0, sizeof sorter->counts);
    for (size_t i = 0; i < count; i++)
        for (unsigned octet = 0; octet < CHUNK; octet++)
            sorter->counts[octet][runs[i].chunk >> octet * 8 & 255]++;
    struct run *from = runs, *to = sorter->spare;
    for (unsigned octet = 0; octet < CHUNK; octet++) {
        uint32_t *counts = sorter->counts[octet];
        if (counts[from[0].chunk >> octet * 8 & 255] == count)
            continue;
        move_by_octet(from, to, count, counts, octet * 8);
        struct run *swap = from;
        from = to;
        to = swap;
    }
    if (from != runs)
        memcpy(runs, from, count * sizeof *runs);
}

// Runs whose keys are equal up to `depth`. As deep as a key has chunks: 64.
static void sort_by_radix(struct sorter *sorter, struct run *runs, size_t count, uint32_t depth)
{
    if (count < RADIX_MIN) {
        sort_few(runs, count, depth);
        return;
    }
    bool all_ended = true;
    for (size_t i = 0; i < count; i++) {
        runs[i].chunk = read_chunk(&runs[i], depth);
        all_ended &= runs[i].key_size <= depth;
    }
    if (all_ended)
        return;
    sort_by_chunk(sorter, runs, count);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && runs[end].chunk == runs[first].chunk;)
            end++;
        if (end - first > 1)
            sort_by_radix(sorter, runs + first, end - first, depth + CHUNK);
    }
}

// Two rising sequences that stand one behind the other become one.
static void merge_rises(struct sorter *sorter, size_t start, size_t middle, size_t end)
{
    struct run *runs = sorter->runs, *spare = sorter->spare;
    size_t left = 0, left_count = middle - start, right = middle;
    memcpy(spare, runs + start, left_count * sizeof *spare);
    for (size_t at = start; left < left_count; at++) {
        if (right < end && compare_runs(&spare[left], &runs[right], 0) > 0)
            runs[at] = runs[right++];
        else
            runs[at] = spare[left++];
    }
}

static void merge_all_rises(struct sorter *sorter)
{
    struct rises *rises = &sorter->rises;
    while (rises->count > 1) {
        size_t start = 0, kept = 0;
        for (size_t i = 0; i < rises->count; i += 2) {
            bool pair = i + 1 < rises->count;
            if (pair)
                merge_rises(sorter, start, rises->ends[i], rises->ends[i + 1]);
            start = rises->ends[pair ? i + 1 : i];
            rises->ends[kept++] = start;
        }
        rises->count = kept;
    }
}

static void note_rise(struct rises *rises, size_t end)
{
    if (rises->count <= RISES_MAX)
        rises->ends[rises->count++] = end;
}

// A key of their own for those that have none in their owner. Behind it is room for a chunk.
static const uint8_t *keep_key(struct sorter *sorter, struct key key)
{
    uint8_t *kept = arena_get(&sorter->keys, (size_t)key.size + CHUNK);
    memcpy(kept, key.octets, (size_t)key.size);
    memset(kept + key.size, 0, CHUNK);
    return kept;
}

// An owner of the least size that its key may be looked at in: behind the label stand the zone's
// name and what fills up the last 8 octets of a piece.
static bool is_followed(const struct record *record, struct key key)
{
    return (size_t)(record->owner + arena_whole(record->owner_size) - key.octets) >=
           (size_t)key.size + CHUNK - 1;
}

// False: an owner is not below `top`.
static bool make_runs(struct sorter *sorter, struct name top)
{
    const struct record *list = sorter->records->list;
    size_t count = 0;
    sorter->rises.count = 0;
    for (size_t i = 0, end; i < sorter->records->count; i = end) {
        uint8_t room[KEY_MAX];
        struct key key = find_key(&list[i], top, room);
        if (key.size == NOT_WITHIN)
            return false;
        if (key.octets == room || !is_followed(&list[i], key))
            key.octets = keep_key(sorter, key);
        for (end = i + 1; end < sorter->records->count && list[end].owner == list[i].owner;)
            end++;
        struct run *run = &sorter->runs[count++];
        *run =
            (struct run){.key = key.octets, .first = (uint32_t)i, .key_size = (uint16_t)key.size};
        if (count > 1 && compare_runs(run - 1, run, 0) > 0)
            note_rise(&sorter->rises, count - 1);
    }
    note_rise(&sorter->rises, count);
    sorter->run_count = count;
    return true;
}

// The records of a run, which are all that follow with its owner, to `list`. With an arena their
// octets are copied there. Returns how many there are.
static size_t put_run(const struct record *from, const struct record *end, struct record *list,
                      struct arena *arena)
{
    const uint8_t *owner = from->owner, *moved = owner;
    size_t count = 0;
    if (arena)
        moved = records_copy(arena, owner, from->owner_size);
    for (; from < end && from->owner == owner; from++) {
        struct record *to = &list[count++];
        *to = *from;
        to->owner = moved;
        if (arena)
            to->rdata = records_copy(arena, from->rdata, from->rdata_size);
    }
    return count;
}

// A scattered list in order still points all over the old arena, and each later pass over it would
// wait for memory at each record. So owners and rdata move with the records; here the waiting is
// done ahead.
static void put_runs(struct sorter *sorter, struct record *list, struct arena *arena)
{
    const struct record *old = sorter->records->list, *end = old + sorter->records->count;
    size_t filled = 0;
    for (size_t i = 0; i < sorter->run_count; i++) {
        if (i + 2 * LOOK_AHEAD < sorter->run_count)
            __builtin_prefetch(&old[sorter->runs[i + 2 * LOOK_AHEAD].first]);
        if (arena && i + LOOK_AHEAD < sorter->run_count) {
            const struct record *ahead = &old[sorter->runs[i + LOOK_AHEAD].first];
            __builtin_prefetch(ahead->owner);
            __builtin_prefetch(ahead->rdata);
        }
        filled += put_run(old + sorter->runs[i].first, end, list + filled, arena);
    }
    assert(filled == sorter->records->count);
}

static void sort_owners(struct records *records)
{
    assert(records->count <= UINT32_MAX);
    struct sorter *sorter = memory_get_zeroed(1, sizeof *sorter);
    struct record *list = memory_get_large(records->room * sizeof *list);
    sorter->records = records;
    sorter->runs = memory_get_large(records->count * sizeof *sorter->runs);
    // The new list has no use before the runs are in order, and room for all of them.
    static_assert(sizeof *sorter->spare <= sizeof *list, "a run for each record");
    sorter->spare = (struct run *)list;
    bool within = make_runs(sorter, records->origin) || make_runs(sorter, NAME_ROOT);
    assert(within);
    bool scattered = sorter->rises.count > RISES_MAX;
    if (scattered)
        sort_by_radix(sorter, sorter->runs, sorter->run_count, 0);
    else
        merge_all_rises(sorter);

    struct arena arena = {0};
    put_runs(sorter, list, scattered ? &arena : NULL);
    if (scattered) {
        arena_free(&records->arena);
        records->arena = arena;
    }
    free(records->list);
    records->list = list;
    arena_free(&sorter->keys);
    free(sorter->runs);
    free(sorter);
}

// --- sorting the records of one owner ------------------------------------------------------------

// RRSIGs behind all else; their rdata begins with the type that they cover.
static uint32_t rank_of(const struct record *record)
{
    return record->type == TYPE_RRSIG ? UINT32_MAX : record->type;
}

static int compare_records(const struct record *a, const struct record *b)
{
    uint32_t a_rank = rank_of(a), b_rank = rank_of(b);
    if (a_rank != b_rank)
        return a_rank < b_rank ? -1 : 1;
    return rdata_compare(a->type, a->rdata, a->rdata_size, b->rdata, b->rdata_size);
}

// A stable merge sort; `spare` has room for half of them.
static void sort_records(struct record *list, size_t count, struct record *spare)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    sort_records(list, half, spare);
    sort_records(list + half, count - half, spare);
    if (compare_records(&list[half - 1], &list[half]) <= 0)
        return;
    memcpy(spare, list, half * sizeof *list);
    size_t left = 0, right = half;
    for (size_t at = 0; left < half; at++) {
        if (right < count && compare_records(&spare[left], &list[right]) > 0)
            list[at] = list[right++];
        else
            list[at] = spare[left++];
    }
}

static bool records_in_order(const struct record *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_records(&list[i - 1], &list[i]) > 0)
            return false;
    return true;
}

// Lines far apart in the file may have brought the same owner twice: neighbours share it again.
static void share_owner(struct record *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (list[i].owner != list[i - 1].owner &&
            memcmp(list[i].owner, list[i - 1].owner, list[i].owner_size) == 0)
            list[i].owner = list[i - 1].owner;
}

static size_t find_owner_end(const struct records *records, size_t first)
{
    size_t end = first + 1;
    while (end < records->count && owner_is_shared(&records->list[first], &records->list[end]))
        end++;
    return end;
}

void records_sort(struct records *records)
{
    if (check_owners(records, records->origin) == OUT_OF_ORDER)
        sort_owners(records);
    for (size_t first = 0, end; first < records->count; first = end) {
        end = find_owner_end(records, first);
        struct record *list = &records->list[first];
        if (end - first == 1)
            continue;
        if (!records_in_order(list, end - first)) {
            struct record *spare = memory_get((end - first) / 2 * sizeof *spare);
            sort_records(list, end - first, spare);
            free(spare);
        }
        share_owner(list, end - first);
    }
}
