// The digest of a whole zone (RFC 8976): is this what its publisher wrote, all of it and nothing
// else?
//
// Without DNSSEC a ZONEMD record is a checksum: it finds a file that was cut or changed by
// accident. Whether the record itself is signed, and by whom, is not asked here (RFC 8976 4, steps
// 1 to 3).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/report.h"
#include "crypto/digest.h"
#include "zone/records.h"
#include "zone/zonemd_hash.h"

// How far the verification came (RFC 8976 4), the farther the greater.
enum zonemd_verdict {
    ZONEMD_UNCHECKED,         // nobody asked, or the zone has errors
    ZONEMD_NONE,              // no ZONEMD record at the apex
    ZONEMD_REPEATED,          // step 4: another one has the same scheme and hash algorithm
    ZONEMD_OTHER_SERIAL,      // 5.a: not the SOA's
    ZONEMD_UNKNOWN_SCHEME,    // 5.b: not SIMPLE
    ZONEMD_UNKNOWN_ALGORITHM, // 5.c: neither SHA-384 nor SHA-512
    ZONEMD_WRONG_SIZE,        // 5.d: less than 12 octets, or not what the algorithm gives
    ZONEMD_MISMATCH,          // 5.f: the zone has another digest
    ZONEMD_VERIFIED,
};
#define ZONEMD_VERDICTS 9

// One word for programs: "verified", "mismatch" ...
const char *zonemd_word(enum zonemd_verdict verdict);

// Verifies the zone by the ZONEMD records of its apex; one that matches is enough. If none does,
// each of them is an error in `report`, and the verdict is that of the one that came farthest. The
// records are sorted and passed check_records.
enum zonemd_verdict zonemd_check(const struct records *records, struct report *report)
    __attribute__((nonnull, warn_unused_result));

// The digest of such records by the SIMPLE scheme (RFC 8976 3.3).
void zonemd_digest(const struct records *records, enum digest_kind kind,
                   uint8_t digest[static DIGEST_SIZE_MAX]) __attribute__((nonnull));

// The ZONEMD record of such records, for the serial of their SOA: owner and rdata are in the memory
// of `to`, the TTL is the SOA's.
void zonemd_compose(const struct records *records, enum zonemd_hash hash, struct arena *to,
                    struct record *record) __attribute__((nonnull));
// Puts it in the place of the ZONEMD records that there are, and sorts. False: the zone is signed,
// so it is its signer's to make; `report` says so.
bool zonemd_put(struct records *records, enum zonemd_hash hash, struct report *report)
    __attribute__((nonnull, warn_unused_result));
