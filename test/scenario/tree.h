// A small public tree to resolve in: zones as text, and servers that answer from some of them as
// RFC 1034 4.3.2 says. Slow and simple: it is what other answers are compared with.
//
//   tree_add(&tree, "example.com.", "192.0.2.1 192.0.2.2", "@ SOA ...\n@ NS ns1\n ...")
//   tree_answer(&tree, &server, &asked, &reply)
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "wire.h"

#define TREE_SERVERS_MAX 8 // of one zone

struct tree_zone {
    struct name origin; // looks into `records`
    struct records records;
    struct address servers[TREE_SERVERS_MAX];
    unsigned server_count;
};

struct tree {
    struct tree_zone **zones;
    size_t count, room;
};

// Relative names get the origin; a record without TTL has 3600. A text that cannot be read aborts.
struct tree_zone *tree_add(struct tree *tree, const char *origin, const char *servers,
                           const char *text) __attribute__((nonnull, returns_nonnull));
void tree_free(struct tree *tree) __attribute__((nonnull));

// Fills the reply as this server would. False: nobody is at this address.
bool tree_answer(const struct tree *tree, const struct address *server, const struct asked *asked,
                 struct reply *reply) __attribute__((nonnull, warn_unused_result));
// The zone that a server of this address would answer from, or NULL.
const struct tree_zone *tree_zone_of(const struct tree *tree, const struct address *server,
                                     struct name name) __attribute__((nonnull));

// What this zone itself has at a name.
enum tree_found {
    TREE_NOTHING, // no such name
    TREE_NODATA,
    TREE_DATA,  // `records` of the type, `count` of them
    TREE_CNAME, // one record, of another type
    TREE_DNAME, // one record, above the name
    TREE_CUT,   // the NS records of a delegation at or above the name
};
struct tree_result {
    enum tree_found found;
    struct name owner;
    size_t count;
    const struct record *records[256];
};
// `above_cut`: the type is asked of the parent at a cut (DS).
void tree_find(const struct tree_zone *zone, struct name name, uint16_t type,
               struct tree_result *result) __attribute__((nonnull));
