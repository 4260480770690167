// Who may have something: a list of prefixes, decided by the client's address, and
// of keys, decided by who signed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

// A prefix as it is compared: words as they lie in memory, of IPv4 the first half of the first.
struct network {
    uint64_t words[2], mask[2];
};
struct networks {
    struct network *list;
    size_t count, room;
};

// Zeroed: nobody.
struct access {
    bool any;
    struct networks v4, v6;
    uint32_t *keys; // numbers of keys, from 1
    size_t key_count, key_room;
};

void access_add(struct access *access, const struct prefix *prefix) __attribute__((nonnull));
// Whoever signs with this key, wherever from. `number`: what the caller of access_admits gives it.
void access_add_key(struct access *access, uint32_t number) __attribute__((nonnull));
// The named sets of the configuration. Loopback: 127.0.0.0/8 and ::1.
void access_add_loopback(struct access *access) __attribute__((nonnull));
// Networks that no one routes in public: RFC 1918, RFC 4193, link-local addresses (RFC 3927, RFC
// 4291 2.5.6), and the shared space of providers (RFC 6598).
void access_add_private(struct access *access) __attribute__((nonnull));
// A list of its own, with the same in it.
void access_copy(struct access *to, const struct access *from) __attribute__((nonnull));
void access_free(struct access *access) __attribute__((nonnull));

// A v4-mapped IPv6 address counts as IPv4.
bool access_allows(const struct access *access, const struct address *client)
    __attribute__((nonnull));
// The same, or by the key that signed. 0: none did.
bool access_admits(const struct access *access, const struct address *client, uint32_t key)
    __attribute__((nonnull));
