// What a client asked: read once from the packet, immutable from then on. An UPDATE (RFC 2136 2) or
// a NOTIFY (RFC 1996 3) is read the same way: its zone is the question; what its other sections
// mean is for others to read.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/edns.h"
#include "dns/name.h"
#include "dns/type.h"

enum query_result {
    QUERY_OK,
    QUERY_COOKIE, // no question, only a COOKIE option: the client wants a cookie (RFC 7873 5.4)
    QUERY_DROP,   // shorter than a header, or a response: silence (never a reply to a reply)
    QUERY_FORMERR,
    QUERY_NOTIMP,  // an opcode that we do not do
    QUERY_BADVERS, // EDNS above version 0
};

struct query {
    uint16_t id;
    uint16_t flags; // the header's
    uint16_t type;
    uint16_t class;
    uint16_t question_end; // offset behind the question; HEADER_SIZE if it was not readable
    bool over_stream;      // TCP: no limit by EDNS, AXFR is meaningful
    bool has_tsig;         // signed with a key; tsig_at is where its record begins
    uint16_t tsig_at;
    struct edns edns;
    struct name name; // looks into the packet, case as asked; reply.c keeps those octets
    struct name_key key;
};

// Reads the packet. On any result but QUERY_DROP the header fields, `question_end` and what was
// read of EDNS are valid, so that an error can be answered; `name` and `key` only with QUERY_OK.
// `secret` keys the hashes in `key`. RFC 1035 4.1, 9619 (one question), 6891 (OPT anywhere in the
// additional section, once, at the root), 8945 (TSIG last).
enum query_result query_decode(const uint8_t *packet, size_t size, const struct hash_key *secret,
                               struct query *query) __attribute__((nonnull, warn_unused_result));
