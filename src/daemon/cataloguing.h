// Zones that catalogs list (RFC 9432), each taken from its catalog's primaries.
//
//   catalog zone --read--> list of members --joined to--> the options of the next house
//        ^                        |
//        '--- taken like any ---  '--> differs from the last one: the house is built anew
//
// A list that was read counts until a newer one of the same catalog can be read: a catalog that is
// broken, or that has expired, changes nothing. A name that the configuration has is no member, and
// one that two catalogs have is the one's that had it first, unless that lets it go (4.3.1).
// The main thread's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;
struct json;
struct options;

struct catalogued;

struct cataloguing {
    struct catalogued *list; // never shorter: a zone_option's member_of counts from it
    size_t count, room;
    bool changed;    // the current house was built before a list that was read since
    uint64_t number; // of the rebuild that was asked for
};

// Before the first house: lists as history has them.
void cataloguing_start(struct daemon *daemon, const struct options *options)
    __attribute__((nonnull));
// Puts all members into the options, which are no house's yet.
void cataloguing_join(struct daemon *daemon, struct options *options) __attribute__((nonnull));
// Looks for new versions of catalogs, and asks for a rebuild where their lists differ. All workers
// are in the current house, and no rebuild is under way.
void cataloguing_step(struct daemon *daemon) __attribute__((nonnull));
void cataloguing_free(struct cataloguing *cataloguing) __attribute__((nonnull));

// What is known of a zone of the current house, as members: catalog, members, catalog_problem.
void cataloguing_put(struct daemon *daemon, size_t index, struct json *json)
    __attribute__((nonnull));
