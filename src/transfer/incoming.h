// A zone on its way to us, as a primary sends it: AXFR (RFC 5936) or IXFR (RFC 1995), message by
// message. Not a byte of it is trusted.
//
//     size = incoming_begin(&incoming, &options, octets, date_s)   the request, to be sent
//     for each message that comes
//         switch (incoming_take(&incoming, octets, size, date_s))
//         INCOMING_MORE      there is more to come
//         INCOMING_WHOLE     incoming.records is the zone
//         INCOMING_DIFFS     incoming.diffs, one after the other, lead to the newest version: they
//                            were sent, or (incoming.compared) a whole zone was, and this differs
//         INCOMING_CURRENT   we have the newest version
//         INCOMING_WRONG     incoming.problem says why; another primary, or AXFR for IXFR, may do
//     incoming_free(&incoming)
//
// An IXFR may be answered by a whole zone, and is known by its second record (RFC 1995 4). A whole
// zone beside a version that we have is held against that while it comes (zone/compare.h), so that
// a large one does not take its memory twice and more.
//
// Nothing here sends, or reads a clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/tsig.h"
#include "dns/type.h"
#include "zone/compare.h"
#include "zone/diff.h"
#include "zone/records.h"

enum incoming_kind { INCOMING_SOA, INCOMING_IXFR, INCOMING_AXFR };

enum incoming_result {
    INCOMING_MORE,
    INCOMING_WHOLE,
    INCOMING_DIFFS,
    INCOMING_CURRENT,
    INCOMING_NEWER, // of INCOMING_SOA: the primary has another version
    INCOMING_WRONG,
};

enum incoming_stage { // what the next record may be
    INCOMING_FIRST,   // the SOA of the newest version
    INCOMING_SECOND,  // of an IXFR: another SOA, or a record of a whole zone
    INCOMING_ALL,     // a record of the whole zone, or the SOA that ends it
    INCOMING_REMOVED, // what went, or the SOA of the version after that
    INCOMING_ADDED,   // what came, or the SOA of the next difference, or the one that ends it
    INCOMING_OVER,
};

struct incoming_options {
    enum incoming_kind kind;
    struct name zone;
    bool has_serial; // we have the version of this serial; needed for an IXFR
    uint32_t serial;
    uint16_t id;
    const struct tsig_key *key; // NULL: unsigned; must last as long as the transfer
    bool plain;                 // without EDNS, and so without asking for EXPIRE
    // The version that we have, if a whole one is to be held against it; must last as long.
    const struct image *image;
    const struct hash_key *secret; // its
};

// For how long the primary's own copy is good: it did not say.
#define INCOMING_NOT_TOLD UINT32_MAX

#define INCOMING_REQUEST_MAX (HEADER_SIZE + 2 * NAME_OCTETS_MAX + 64 + TSIG_SIZE_MAX)

struct incoming {
    enum incoming_kind kind;
    enum incoming_stage stage;
    struct name zone; // in `wire`
    uint8_t wire[NAME_OCTETS_MAX];
    bool has_serial, is_signed;
    bool doubtful; // the last message has no signature, and the next one has to confirm it
    uint32_t serial, newest; // ours, and the primary's
    uint32_t expire_s;       // of EDNS EXPIRE (RFC 7314), or INCOMING_NOT_TOLD
    uint16_t id;
    struct tsig tsig;
    const struct image *image; // of the options
    const struct hash_key *secret;
    struct compare *compare; // owned; NULL: it is not held against anything
    bool compared;
    uint64_t octets;
    uint32_t messages;
    struct records records;
    struct diff *diffs;
    size_t diff_count, diff_room;
    const char *problem; // INCOMING_WRONG: in words, of no end
    enum rcode rcode;    // that the primary said, if that is the problem
};

// Returns the size of the request.
size_t incoming_begin(struct incoming *incoming, const struct incoming_options *options,
                      uint8_t octets[static INCOMING_REQUEST_MAX], uint64_t date_s)
    __attribute__((nonnull, warn_unused_result));
void incoming_free(struct incoming *incoming) __attribute__((nonnull));

enum incoming_result incoming_take(struct incoming *incoming, const uint8_t *octets, size_t size,
                                   uint64_t date_s) __attribute__((nonnull, warn_unused_result));

// Gives what came away: incoming_free frees it no more.
void incoming_give_records(struct incoming *incoming, struct records *records)
    __attribute__((nonnull));
struct diff *incoming_give_diffs(struct incoming *incoming, size_t *count) __attribute__((nonnull));
