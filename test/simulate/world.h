// A world from a seed: a tree of zones, their servers with all their faults, and the truth.
//
//   .            3 servers
//   t0. t1. ..   TLDs
//   z4.t1. ..    zones, some below others; hosts, aliases (circles, too), DNAMEs, large RRsets,
//                TTL 0, empty non-terminals
//
// In a calm world no packet is lost and each zone has a server that is honest, near, and named with
// its address by the parent; so every question has to get its true answer. In a rough one a
// question may fail; but what is answered is true there, too, for nothing in it ever changes and
// no forger knows an ID.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/random.h"
#include "network.h"
#include "tree.h"

// What is special about a server.
enum manner {
    MANNER_HONEST,
    MANNER_FAR,        // 100 to 300 ms
    MANNER_SLOW,       // over a second
    MANNER_DEAD,       // silent
    MANNER_CLOSED,     // "connection refused"
    MANNER_REFUSING,   // REFUSED
    MANNER_FAILING,    // SERVFAIL
    MANNER_UPWARD,     // refers to the root
    MANNER_LOSSY,      // loses every other packet
    MANNER_TWICE,      // says everything twice
    MANNER_JUMBLED,    // late and early, so that replies overtake each other
    MANNER_FORGED,     // somebody without its ID is quicker
    MANNER_MALFORMED,  // a damaged reply comes first
    MANNER_TRUNCATING, // TC over UDP, always
    MANNER_NO_EDNS,    // FORMERR for EDNS
    MANNER_NO_CASE,    // gives names back in small letters
    MANNERS
};

#define WORLD_ZONES_MAX     40
#define WORLD_SERVERS_MAX   256
#define WORLD_QUESTIONS_MAX 400

struct world_zone {
    char *name; // absolute, as text
    struct world_zone *parent;
    struct buffer text;    // of its zone file
    struct buffer servers; // addresses, a blank before each
    unsigned server_count;
    bool broken; // no server that can be relied on
};

struct world_question {
    char name[160];
    uint16_t type;
};

struct world {
    uint64_t seed;
    struct dice dice;
    bool calm;
    bool floods; // the cache has to make room for other things, too
    bool one_by_one;
    bool minimise;
    struct tree tree;
    struct world_zone zones[WORLD_ZONES_MAX];
    unsigned zone_count;
    enum manner manners[WORLD_SERVERS_MAX]; // by the last octet of the address
    unsigned server_count;
    struct world_question questions[WORLD_QUESTIONS_MAX];
    unsigned question_count;
};

void world_make(struct world *world, uint64_t seed) __attribute__((nonnull));
void world_free(struct world *world) __attribute__((nonnull));
const char *world_manner_word(enum manner manner);
// The zone made last, which none of the others needs, falls silent: it is returned. NULL: nothing
// can be relied on above it, so that walks need not come there.
const struct world_zone *world_silence(struct world *world) __attribute__((nonnull));
static inline unsigned world_roll(struct world *world, unsigned bound)
{
    return (unsigned)((uint64_t)dice_roll(&world->dice) * bound >> 32);
}
enum manner world_manner(const struct world *world, const struct address *server)
    __attribute__((nonnull));

// What is so: the RCODE and the records of the answer section.
struct truth {
    bool endless; // a circle of aliases, or more of them than anybody follows
    bool broken;  // a zone on the way has no server to be relied on
    uint16_t rcode;
    struct records records;
};
void world_truth(const struct world *world, struct name name, uint16_t type, struct truth *truth)
    __attribute__((nonnull));
