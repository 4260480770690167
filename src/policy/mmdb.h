// A database of places in MaxMind's format: a binary tree over address bits whose leaves are
// records. Read with libmaxminddb; the tree is walked here, once, from its first address to its
// last.
//
// Two layouts are recognised by the records themselves:
//
//   GeoIP2   {country: {iso_code}, continent: {code}, subdivisions: [{iso_code}],
//             location: {latitude, longitude}, autonomous_system_number}
//   flat     {country_code, continent_code, state1, latitude, longitude,
//             autonomous_system_number}
//
// A file is foreign: whatever is in it, the walk ends, and tells what is wrong.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/runs.h"

struct buffer;
struct mmdb;

// What a record says. Texts are empty where it does not.
struct mmdb_record {
    char continent[3];
    char country[3];
    char subdivision[64]; // "CA", or "California" in flat databases
    uint32_t asn;         // 0: not said
    bool has_point;
    float latitude, longitude; // degrees
};

#define MMDB_NOTHING UINT32_MAX // the leaf has no record

// NULL: `problem` says why, and is the caller's to free.
struct mmdb *mmdb_open(const char *path, char **problem) __attribute__((nonnull));
void mmdb_close(struct mmdb *mmdb); // NULL is fine

// One walk over the addresses of a family. `number` is asked once for each record, at the place
// where it is first met, and says what number stands for it; leaves without one get 0.
typedef uint32_t mmdb_number(void *maker, const struct mmdb_record *record);
// False: the file is damaged. `runs` begins empty.
bool mmdb_walk_v4(struct mmdb *mmdb, mmdb_number *number, void *maker, struct runs *runs)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));
bool mmdb_walk_v6(struct mmdb *mmdb, mmdb_number *number, void *maker, struct runs *runs)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

// The names of the fields of the first record that is found, for messages: "city, postcode".
void mmdb_fields(const struct mmdb *mmdb, struct buffer *to) __attribute__((nonnull));
// What the database says of one address, by libmaxminddb's own look-up. False: nothing.
struct address;
bool mmdb_find(const struct mmdb *mmdb, const struct address *address, struct mmdb_record *record)
    __attribute__((nonnull));
