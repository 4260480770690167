// From a described world to zones that can be answered from: each zone's text is put together -
// SOA, NS, its own records, the delegations of the zones below it and their glue - and read as any
// zone file is.
//
//   host ns1.example.test of example.test is at 127.53.2.1:
//     in the deepest zone above the host    ns1.example.test. A 127.53.2.1     authoritative
//     in test, which delegates              example.test. NS ns1.example.test.
//                                           ns1.example.test. A 127.53.2.1     glue
//
// A host that is not below the delegating zone has no glue there: who wants its address has to look
// for it (a glueless delegation).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/hash.h"
#include "base/report.h"
#include "lab/world.h"
#include "zone/zone.h"

struct built_server {
    struct address address; // with the world's port
    struct zone **zones;    // owned, one count of each; zones_build may take it over
    size_t zone_count, zone_room;
    const char *host; // its first name; in the world
};

struct built {
    struct hash_key secret;
    struct built_server *servers; // in the order of their addresses
    size_t server_count;
    size_t zone_count;
    uint64_t record_count;
};

// False: the report says why, and there is nothing. The world must outlive what is built.
bool build_world(const struct world *world, struct built *built, struct report *report)
    __attribute__((nonnull, warn_unused_result));
void built_free(struct built *built) __attribute__((nonnull));

// Checks one line of `records` for a zone of this name (absolute text). False: `problem` says what
// is wrong, and `hint` (may be empty) what to do.
bool build_check_line(const char *zone, const char *line, char problem[static 300],
                      char hint[static 300]) __attribute__((nonnull, warn_unused_result));
