// Server cookies (RFC 9018 4):
//
//   version 1 | reserved 0 0 0 | time, 32 bits, serial arithmetic | SipHash-2-4, 64 bits
//
// The hash covers client cookie, version, reserved, time and the client's address, so that any
// server with the same secret can check it.
#include "policy/cookie.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/siphash.h"

#define COOKIE_VERSION 1
#define COOKIE_LIFE_S  3600 // RFC 9018 4.3: older is stale
#define COOKIE_AHEAD_S 300  // and so is one from more than five minutes ahead

// `cookie` is complete but for its last 8 octets, which are worked out here.
static uint64_t cookie_hash(const struct cookie_secret *secret, const uint8_t cookie[static 16],
                            const struct address *client)
{
    uint8_t input[16 + 16];
    size_t size = 16;
    memcpy(input, cookie, size);
    if (client->any.sa_family == AF_INET) {
        memcpy(input + size, &client->v4.sin_addr, 4);
        size += 4;
    } else {
        memcpy(input + size, &client->v6.sin6_addr, 16);
        size += 16;
    }
    return siphash24(secret->key, input, size);
}

enum cookie_result cookie_check(const struct cookie_secret *secret, const struct edns *edns,
                                const struct address *client, uint32_t now)
{
    if (edns->cookie_size == 0)
        return COOKIE_NONE;
    if (edns->cookie_size == COOKIE_CLIENT_SIZE)
        return COOKIE_NEW;
    const uint8_t *cookie = edns->cookie;
    if (edns->cookie_size != COOKIE_SIZE || cookie[8] != COOKIE_VERSION)
        return COOKIE_STALE;
    uint32_t age = now - bytes_get32(cookie + 12); // RFC 1982 arithmetic
    if (age > COOKIE_LIFE_S && -age > COOKIE_AHEAD_S)
        return COOKIE_STALE;
    uint64_t hash = cookie_hash(secret, cookie, client), sent;
    memcpy(&sent, cookie + 16, sizeof sent);
    return hash == sent ? COOKIE_GOOD : COOKIE_STALE;
}

void cookie_make(const struct cookie_secret *secret, const uint8_t client_cookie[static 8],
                 const struct address *client, uint32_t now, uint8_t cookie[static COOKIE_SIZE])
{
    memcpy(cookie, client_cookie, 8);
    memset(cookie + 8, 0, 4);
    cookie[8] = COOKIE_VERSION;
    bytes_put32(cookie + 12, now);
    uint64_t hash = cookie_hash(secret, cookie, client);
    memcpy(cookie + 16, &hash, sizeof hash);
}
