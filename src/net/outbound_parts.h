// What the parts of outbound share: lists that go through arrays, and the hash of a server.
//
// Sockets, streams and asks live in arrays of fixed size and are known by their places there. A
// place is in at most one of the lists that share its links.
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/address.h"
#include "base/hash.h"

#define OUTBOUND_NONE UINT32_MAX

struct outbound_link {
    uint32_t older, newer;
};
struct outbound_list {
    uint32_t oldest, newest;
};
#define OUTBOUND_LIST_EMPTY ((struct outbound_list){OUTBOUND_NONE, OUTBOUND_NONE})

static inline void outbound_append(struct outbound_list *list, struct outbound_link *links,
                                   uint32_t place)
{
    links[place] = (struct outbound_link){list->newest, OUTBOUND_NONE};
    if (list->newest == OUTBOUND_NONE)
        list->oldest = place;
    else
        links[list->newest].newer = place;
    list->newest = place;
}

static inline void outbound_take_out(struct outbound_list *list, struct outbound_link *links,
                                     uint32_t place)
{
    struct outbound_link link = links[place];
    if (link.older == OUTBOUND_NONE)
        list->oldest = link.newer;
    else
        links[link.older].newer = link.newer;
    if (link.newer == OUTBOUND_NONE)
        list->newest = link.older;
    else
        links[link.newer].older = link.older;
}

// The key is drawn at the start: addresses of servers come from strangers, who shall not aim them
// at one bucket.
static inline uint64_t outbound_hash(const struct hash_key *key, const struct address *server)
{
    uint64_t words[3] = {0};
    if (server->any.sa_family == AF_INET) {
        memcpy(&words[0], &server->v4.sin_addr, sizeof server->v4.sin_addr);
        words[2] = server->v4.sin_port;
    } else {
        memcpy(&words[0], &server->v6.sin6_addr, sizeof server->v6.sin6_addr);
        words[2] = server->v6.sin6_port | (uint64_t)server->v6.sin6_scope_id << 16;
    }
    uint64_t h = hash_mix(words[0] ^ key->words[0], words[1] ^ key->words[1]);
    return hash_mix(h ^ words[2] ^ key->words[1], key->words[0] ^ 0x9e3779b97f4a7c15u);
}
