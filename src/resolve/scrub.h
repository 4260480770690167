// Which records of a reply are kept, and how far they are to be trusted. A pure function: from the
// table of records and the question to RRsets, or to a delegation.
//
//   section      kept                                            rank (RFC 2181 5.4.1)
//   answer       the RRsets of the question's own chain          AUTHORITATIVE; without AA: ANSWER
//   authority    the SOA of a denial; the NS of a referral       AUTHORITY; REFERRAL
//   additional   addresses of a referral's servers, if their     ADDITIONAL, in the delegation only
//                names are within the zone that was asked
//
// All else is dropped: it was not asked for. A referral's NS and glue never become RRsets that
// could answer a client; they are a delegation and nothing else.
#pragma once

#include "cache/cache.h"
#include "dns/delegation.h"
#include "resolve/classify.h"

// One thing that is kept, as the cache takes it.
struct kept {
    enum cache_kind kind; // RRSET, NODATA, NXDOMAIN
    enum cache_rank rank;
    uint16_t type;
    uint32_t ttl_s;
    struct name owner;
    const struct rrset *rrset; // NODATA, NXDOMAIN: the SOA, or NULL
    struct name soa_owner;
};

// A chain, an RRset at its end - of ANY, several - and a denial.
#define SCRUBBED_MAX (CHAIN_MAX + 20)
// All RRsets of a reply, their names expanded: no more than four times its largest size. Past that
// RRsets are left out, which for an answer is a failure.
#define SCRUB_OCTETS (4 * 65536)
// One RRset while it is put in order: records of two octets that a pointer makes 255 of.
#define SCRUB_LOOSE (16 * 65536)

struct scrub {
    unsigned count;
    struct kept kept[SCRUBBED_MAX];
    bool overflow; // something that belongs to the answer did not fit, or was malformed
    uint32_t used;
    uint8_t octets[SCRUB_OCTETS] __attribute__((aligned(8)));
    uint8_t loose[SCRUB_LOOSE];
    struct scrub_entry {
        uint32_t at, size; // in `loose`
    } entries[HEARD_RECORDS_MAX];
};

// Fills scrub->kept from a reply of kind ANSWER, ALIAS, NODATA or NXDOMAIN. Names and RRsets are in
// `scrub`, good until it is used again.
void scrub_answer(const struct heard *heard, const struct classify_question *question,
                  const struct classified *classified, struct scrub *scrub)
    __attribute__((nonnull));

// Fills a delegation from a referral. Names are in `scrub`. False: it names no server.
bool scrub_referral(const struct heard *heard, struct name zone, struct name cut,
                    struct scrub *scrub, struct delegation *delegation)
    __attribute__((nonnull, warn_unused_result));
// The same from the answer section of a reply about the root's own NS (RFC 9609 3).
bool scrub_priming(const struct heard *heard, struct scrub *scrub, struct delegation *delegation)
    __attribute__((nonnull, warn_unused_result));
