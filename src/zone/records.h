// The records of one zone as read from text or taken from a primary: a flat list in an arena, each
// with the place it came from, before it becomes an image.
//
// parse.c fills it, check.c judges it, image.c packs it. Owners and rdata keep their case.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/report.h"
#include "dns/name.h"

struct record {
    const uint8_t *owner; // wire, in the arena; neighbours with one owner share it
    const uint8_t *rdata; // wire, uncompressed, in the arena
    uint32_t ttl;
    uint32_t line; // where it stands in its file, 0 = nowhere
    uint16_t type;
    uint16_t rdata_size;
    uint16_t file; // index into records.sources
    uint8_t owner_size;
    uint8_t owner_labels;
};

// A file that was read: kept until the checks are over, so that problems can show the line.
struct record_source {
    char *path;
    char *octets; // owned, SCAN_PADDING NULs behind them; NULL once dropped
    size_t size;
};

struct records {
    struct arena arena;
    struct record *list;
    size_t count;
    size_t room;
    uint8_t origin_wire[NAME_OCTETS_MAX];
    struct name origin; // the zone's name, looks at origin_wire (set by records_begin)
    struct record_source *sources;
    size_t source_count;
    size_t source_room;
};

void records_begin(struct records *records, struct name origin) __attribute__((nonnull));
void records_free(struct records *records) __attribute__((nonnull));
// Makes room for `count` records in all: a guess that is too low costs a copy.
void records_reserve(struct records *records, size_t count) __attribute__((nonnull));
struct record *records_add(struct records *records) __attribute__((nonnull, returns_nonnull));
static inline struct name record_owner(const struct record *record)
{
    return (struct name){record->owner, record->owner_size, record->owner_labels};
}
// Takes over `octets` (malloc'ed) and returns the source's index.
uint16_t records_add_source(struct records *records, const char *path, char *octets, size_t size)
    __attribute__((nonnull));
// A copy of an owner or of rdata, made word by word: `octets` can be read up to a multiple of 8, as
// what is in an arena can. (They are short: a call of memcpy takes longer than the copy.)
static inline const uint8_t *records_copy(struct arena *arena, const uint8_t *octets, size_t size)
{
    uint8_t *copy = arena_get(arena, size);
    for (size_t at = 0; at < size; at += 8)
        memcpy(copy + at, octets + at, 8);
    return copy;
}
// Sorts into canonical order: owner (RFC 4034 6.1; the apex first), then type, then rdata (6.3).
// RRSIG records sort behind all others of their owner, by the type that they cover.
void records_sort(struct records *records) __attribute__((nonnull));
// The place of a record for report_add, its line looked up in the source; column 1.
struct place records_place(const struct records *records, const struct record *record)
    __attribute__((nonnull));
