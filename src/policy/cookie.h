// DNS cookies, server side: RFC 7873 with the interoperable server cookie of RFC 9018.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/edns.h"

#define COOKIE_SIZE 24 // client 8 + version 1 + reserved 3 + time 4 + hash 8 (RFC 9018 4)

struct cookie_secret {
    uint8_t key[16];
};

enum cookie_result {
    COOKIE_NONE,  // the query has none
    COOKIE_NEW,   // the client's half only
    COOKIE_GOOD,  // ours, for this address, not older than an hour
    COOKIE_STALE, // not ours, too old, or from the future: as if it had only sent its half
};

// Judges the query's cookie. `now` is CLOCK_REALTIME in seconds.
enum cookie_result cookie_check(const struct cookie_secret *secret, const struct edns *edns,
                                const struct address *client, uint32_t now)
    __attribute__((nonnull, warn_unused_result));
// The cookie to send back: the client's half and a fresh server half (RFC 9018 4.1-4.4).
void cookie_make(const struct cookie_secret *secret, const uint8_t client_cookie[static 8],
                 const struct address *client, uint32_t now, uint8_t cookie[static COOKIE_SIZE]);
