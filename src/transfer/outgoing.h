// A zone on its way to somebody else, whole (AXFR, RFC 5936) or what has changed in it (IXFR, RFC
// 1995), message by message.
//
//     outgoing = outgoing_open(&options)                  holds the zone as it is now
//     while (outgoing_is_under_way(outgoing))
//         size = outgoing_next(outgoing, octets, date_s)  one message; 0: it cannot go on
//     outgoing_close(outgoing)
//
// The SOA comes first, then all records in canonical order, then the SOA again (RFC 5936 2.2). Or,
// where the zone's journal leads from the client's version to ours, the steps of that between the
// two SOAs (RFC 1995 4). The
// version that was current when it began is what goes out, however long the client takes. Between
// two messages nothing is kept but where it is, so a hundred secondaries cost a hundred places in
// one image.
//
// Who may have the zone is asked before (serve/transfer.h); when there is room to send is known by
// whoever owns the connection (daemon/worker.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/limits.h"
#include "dns/query.h"
#include "dns/tsig.h"
#include "zone/zone.h"

struct outgoing_options {
    struct zone *zone; // ZONE_SERVED; gets a holder more
    const struct query *query;
    const uint8_t *packet;         // that it was read from
    const struct hash_key *secret; // of the query's key
    const struct tsig *tsig;       // how the request is signed; NULL: not at all
    struct tsig_keys *keys;        // that its key is one of; get a holder more
    bool has_serial;               // IXFR: the client has the version of this serial
    uint32_t serial;
};

struct outgoing;

struct outgoing *outgoing_open(const struct outgoing_options *options)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void outgoing_close(struct outgoing *outgoing); // NULL is fine

bool outgoing_is_under_way(const struct outgoing *outgoing) __attribute__((nonnull));
// Writes the next message, of up to OUTGOING_MESSAGE_MAX octets, or up to MESSAGE_MAX if one record
// needs them. Returns its size; 0: there is a record that fits no message, and the transfer is
// over.
uint32_t outgoing_next(struct outgoing *outgoing, uint8_t octets[static MESSAGE_MAX],
                       uint64_t date_s) __attribute__((nonnull, warn_unused_result));

// It was asked for as IXFR.
bool outgoing_is_incremental(const struct outgoing *outgoing) __attribute__((nonnull));
// Only what has changed goes out.
bool outgoing_is_difference(const struct outgoing *outgoing) __attribute__((nonnull));

// For the log.
struct outgoing_sum {
    struct name zone; // good as long as the transfer is open
    uint32_t serial;
    uint64_t records, octets;
    uint32_t messages;
};
struct outgoing_sum outgoing_sum(const struct outgoing *outgoing) __attribute__((nonnull));
