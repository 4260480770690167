// Clients whose answers are not known yet: what of their queries the reply will need, kept in slots
// until the resolver gives their token back.
//
// The slots of a worker are WAITERS_MAX and never move. A token names a slot and how often it has
// been used, so an old one finds nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/parcel.h"
#include "dns/query.h"
#include "dns/tsig.h"

// Where the reply goes, in the words of whoever received the query; serve only keeps it.
#define ORIGIN_OCTETS 128
struct origin {
    _Alignas(8) uint8_t octets[ORIGIN_OCTETS];
};

struct deferral {
    struct address client;
    struct origin origin;
    struct edns edns;
    uint16_t flags;
    uint16_t question_end;
    uint16_t keepalive_ds;
    uint8_t transport;      // enum transport
    uint32_t view;          // whose it is (struct server's id)
    struct parcel *before;  // what was said before this is known; NULL: nothing
    struct tsig *tsig;      // how the query is signed; NULL: not at all
    struct tsig_keys *keys; // held for it
    uint64_t began_us;      // when the client asked
    uint8_t question[HEADER_SIZE + NAME_OCTETS_MAX + 4]; // header and question as they came
};

struct deferrals;

struct deferrals *deferrals_open(void) __attribute__((returns_nonnull, warn_unused_result));
void deferrals_close(struct deferrals *deferrals); // NULL is fine
// A free slot and its token, which is never 0; NULL: all are taken.
struct deferral *deferrals_add(struct deferrals *deferrals, uint64_t *token)
    __attribute__((nonnull, warn_unused_result));
// The deferral of this token; its slot is free again, and what is in it good until the next
// deferrals_add; the caller ends with deferral_free. NULL: there is none.
struct deferral *deferrals_take(struct deferrals *deferrals, uint64_t token)
    __attribute__((nonnull, warn_unused_result));
// Frees what it owns.
void deferral_free(struct deferral *deferral) __attribute__((nonnull));
uint32_t deferrals_count(const struct deferrals *deferrals) __attribute__((nonnull));

// Notes what the reply will need of a query that was read from `packet`.
void deferral_keep(struct deferral *deferral, const struct query *query, const uint8_t *packet)
    __attribute__((nonnull));
// The same with all that is known of the client: whose packet, of which view, how it is signed.
struct packet;
struct server;
void deferral_wait(struct deferral *deferral, const struct server *server,
                   const struct query *query, const struct packet *packet, uint64_t now_us)
    __attribute__((nonnull));
// The reply will be signed: copies the signature, and holds the keys that its key is one of.
void deferral_sign(struct deferral *deferral, const struct tsig *tsig, struct tsig_keys *keys)
    __attribute__((nonnull(1, 2)));
// The query as it was, with the question's octets in `packet`, which must have room for them;
// `secret` keys its hashes.
void deferral_query(const struct deferral *deferral, const struct hash_key *secret, uint8_t *packet,
                    struct query *query) __attribute__((nonnull));
