// Views: what some clients see in the place of what everybody sees - other contents of a zone,
// other ways to resolve - chosen by the client's address, or by the address that it asked.
//
// A view is a whole `struct server` of its own, which shares with everybody's what is the same. The
// first that matches counts. What a view learns is its own in the cache (resolve/rules.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "serve/serve.h"

struct view {
    bool by_client; // `match` decides
    struct access match;
    struct address *listen; // owned; port 0: any. None: whatever address was asked
    size_t listen_count;
    struct server server; // without views
};

// What this packet's sender sees.
const struct server *view_choose(const struct server *server, const struct packet *packet)
    __attribute__((nonnull, returns_nonnull));
// The server with this number; what is not there any more is NULL.
const struct server *view_find(const struct server *server, uint32_t id) __attribute__((nonnull));
// Tells the resolver which zones each view has.
void view_show_zones(const struct server *server, struct resolver *resolver)
    __attribute__((nonnull));
