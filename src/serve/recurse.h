// What is not in our zones: names of this machine and special names, then what is known, then other
// servers. In this order, for whom access.recurse allows; all others are refused.
#pragma once

#include "dns/answer.h"
#include "serve/serve.h"

enum recurse_result {
    RECURSE_ANSWERED,
    RECURSE_WAITING, // packet->deferral waits; its token will come out of the resolver
};

// A name that a client wants resolved: what it asked for, or where an alias or a cut of ours leads.
struct recurse_asked {
    const struct query *query;
    struct name name;
    const struct name_key *key; // of that name
    const struct answer
        *referral; // from a zone of ours above it: the walk begins there. NULL: none
};

// May this client have recursion here? Then RA is said (RFC 1035 4.1.1).
bool recurse_allows(const struct server *server, const struct serve_worker *worker,
                    const struct packet *packet) __attribute__((nonnull));

// Fills the begun answer from the names of this machine's neighbourhood alone, for who may have
// recursion, where nothing is resolved. False: it is not one of them.
bool recurse_local(const struct server *server, const struct packet *packet,
                   const struct query *query, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
// Fills the begun answer, or has the packet's query wait. Only where recurse_allows().
enum recurse_result recurse_answer(const struct server *server, struct serve_worker *worker,
                                   const struct recurse_asked *asked, struct packet *packet,
                                   struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
