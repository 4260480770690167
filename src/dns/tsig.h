// TSIG (RFC 8945): so far only what a server without keys must say to a signed query.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum tsig_error { TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18, TSIG_BADTRUNC = 22 };

// The largest TSIG record without a MAC: two names, ten octets of head, sixteen of rdata.
#define TSIG_UNSIGNED_MAX (2 * 255 + 10 + 16)

// Makes the unsigned TSIG record (RFC 8945 5.3.2) that answers the one at `at` in a query: same
// key, algorithm and time, no MAC, `error`. Returns its size, 0 if the query's record is malformed.
size_t tsig_refuse(const uint8_t *query, size_t size, size_t at, enum tsig_error error,
                   uint8_t to[static TSIG_UNSIGNED_MAX])
    __attribute__((nonnull, warn_unused_result));
