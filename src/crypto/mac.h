// HMAC (RFC 2104, FIPS 198-1), from libcrypto.
//
//     struct mac_key *key = mac_key_make(MAC_SHA256, secret, secret_size);
//     struct mac mac;
//     mac_begin(&mac, key);
//     mac_add(&mac, octets, size);             as often as there are pieces
//     mac_end(&mac, out);
//
// A key is made once and only read from then on, so all threads may begin with it. Each message
// begins with a copy of it: that asks for memory, and is meant for what is rare beside queries.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MD5 is here for TSIG's first algorithm, which old clients still take unless told otherwise.
enum mac_kind { MAC_MD5, MAC_SHA1, MAC_SHA224, MAC_SHA256, MAC_SHA384, MAC_SHA512 };
#define MAC_KINDS    6
#define MAC_SIZE_MAX 64 // SHA-512's

struct mac_key;

struct mac {
    struct evp_mac_ctx_st *state; // libcrypto's, owned between begin and end
};

// How many octets the MAC has: 16, 20, 28, 32, 48 or 64.
size_t mac_size(enum mac_kind kind);

// NULL: this libcrypto does not do it (MD5, where only approved algorithms are allowed). The secret
// is copied and wiped with the key.
struct mac_key *mac_key_make(enum mac_kind kind, const uint8_t *secret, size_t secret_size)
    __attribute__((nonnull, warn_unused_result));
void mac_key_free(struct mac_key *key); // NULL is fine

void mac_begin(struct mac *mac, const struct mac_key *key) __attribute__((nonnull));
void mac_add(struct mac *mac, const void *octets, size_t size) __attribute__((nonnull(1)));
// Writes mac_size() octets of the key's kind.
void mac_end(struct mac *mac, uint8_t *out) __attribute__((nonnull));

// In a time that does not tell where they differ.
bool mac_is_same(const uint8_t *a, const uint8_t *b, size_t size)
    __attribute__((nonnull, warn_unused_result));
