// Clients whose answers are not known yet: what of their queries the reply will need, kept in slots
// until the resolver gives their token back.
//
// The slots of a worker are WAITERS_MAX and never move. A token names a slot and how often it has
// been used, so an old one finds nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/query.h"

// Where the reply goes, in the words of whoever received the query; serve only keeps it.
#define ORIGIN_OCTETS 128
struct origin {
    _Alignas(8) uint8_t octets[ORIGIN_OCTETS];
};

struct waiter {
    struct address client;
    struct origin origin;
    struct edns edns;
    uint16_t flags;
    uint16_t question_end;
    uint16_t keepalive_ds;
    uint8_t transport; // enum transport
    bool is_continued; // an alias of ours, or a cut, led to what is being resolved
    uint8_t question[HEADER_SIZE + NAME_OCTETS_MAX + 4]; // header and question as they came
};

struct waiters;

struct waiters *waiters_open(void) __attribute__((returns_nonnull, warn_unused_result));
void waiters_close(struct waiters *waiters); // NULL is fine
// A free slot and its token, which is never 0; NULL: all are taken.
struct waiter *waiters_add(struct waiters *waiters, uint64_t *token)
    __attribute__((nonnull, warn_unused_result));
// The waiter of the token; its slot is free again, and what is in it good until the next
// waiters_add. NULL: there is none.
struct waiter *waiters_take(struct waiters *waiters, uint64_t token)
    __attribute__((nonnull, warn_unused_result));
uint32_t waiters_count(const struct waiters *waiters) __attribute__((nonnull));

// What the waiter must remember of a query that was read from `packet`.
void waiter_keep(struct waiter *waiter, const struct query *query, const uint8_t *packet)
    __attribute__((nonnull));
// The query as it was, with the question's octets in `packet`, which must have room for them;
// `secret` keys its hashes.
void waiter_query(const struct waiter *waiter, const struct hash_key *secret, uint8_t *packet,
                  struct query *query) __attribute__((nonnull));
