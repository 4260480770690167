// Who asks, for answers that depend on it (auth/routed.h): the client's own address, or the part of
// its address that a resolver tells us of, if that resolver is believed (RFC 7871, access.ecs).
#pragma once

#include "auth/routed.h"
#include "dns/query.h"
#include "serve/serve.h"

struct placing {
    struct auth_client client; // first: it is what auth gives back
    const struct server *server;
    const struct query *query;
    const struct packet *packet; // whose client, or whom it asks for
    struct location location;
    uint8_t octets[16];
};

// `placing` must stay where it is until the answer is made. What is found out costs a look-up, and
// is only found out when a route wants to know.
void placing_begin(struct placing *placing, const struct server *server,
                   struct serve_worker *worker, const struct query *query,
                   const struct packet *packet) __attribute__((nonnull));

// Is what this query says of a client's address believed?
bool placing_believes(const struct server *server, const struct query *query,
                      const struct packet *packet) __attribute__((nonnull));
