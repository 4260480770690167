// A little internet as it was described: zones, who serves them, and what their servers do wrong.
// Nothing here is running; describe.c makes it from YAML, build.c makes zones of it, lab.c answers.
//
//   world   zones    name, hosts, records        one entry for each, repeated ones written out
//           faults   prefix, faults              the widest prefix first
//
// All texts are in the world's arena.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "dns/name.h"
#include "lab/fault.h"

struct world_host {   // a name server
    const char *name; // absolute
    const struct address *addresses;
    size_t count;
};

struct world_generate { // many names of one form; count 0: none
    uint32_t count;
    const char *name;  // with %d for the number; as in a zone file
    const char *type;  // "A"
    const char *rdata; // may have a %d; NULL: an address made of the number
};

struct world_zone {
    const char *name; // absolute
    const struct world_host *hosts;
    size_t host_count;
    const char *const *records; // lines of a zone file, relative to the zone
    size_t record_count;
    const char *file; // the whole zone is there; NULL: SOA and NS are made up
    uint32_t ttl_s, negative_ttl_s;
    struct world_generate generate;
    uint32_t number; // which repetition this is; names of `generate` count on from one to the next
};

struct world_faults {
    struct prefix prefix;
    uint64_t given; // bit n: row n of the table of faults was given
    struct faults faults;
};

struct world {
    const char *path; // of the description
    struct arena arena;
    uint32_t seed;
    uint16_t port;
    struct world_zone *zones;
    size_t zone_count, zone_room;
    struct world_faults *faults;
    size_t fault_count, fault_room;
};

void world_free(struct world *world) __attribute__((nonnull));

// Writes `template` with each %d replaced by the number.
void world_number(struct buffer *to, const char *template, uint32_t number)
    __attribute__((nonnull));

// What the server of this address does wrong: rows with narrower prefixes count more.
void world_find_faults(const struct world *world, const struct address *address,
                       struct faults *faults) __attribute__((nonnull));

// The zone of exactly this name (absolute text), or NULL.
const struct world_zone *world_find_zone(const struct world *world, const char *name)
    __attribute__((nonnull));

// The configuration with which a resolver walks this world and nothing else: YAML.
void world_print_config(const struct world *world, struct buffer *to) __attribute__((nonnull));
