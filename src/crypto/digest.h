// SHA-1 and SHA-2 (FIPS 180-4), from libcrypto.
//
//     struct digest digest;
//     digest_open(&digest, DIGEST_SHA384);
//     digest_add(&digest, octets, size);       as often as there are pieces
//     digest_end(&digest, out);                and it is ready for the next message
//     digest_close(&digest);
//
// An open digest is kept as long as there may be messages: opening asks for memory, adding and
// ending do not. One thread at a time may use it. Libcrypto looks algorithms up by name under a
// lock; that is done once in a process, with the first digest of all.
//
// What a short message costs (22 octets of SHA-1, one core with SHA instructions, OpenSSL 3.0):
//
//     an open digest of EVP, begun again  145 ns
//     EVP_Digest, algorithm at hand       160 ns
//     SHA1(): looks the name up           420 ns
//     SHA1_Init, _Update, _Final           66 ns   deprecated since OpenSSL 3.0
//
// An NXDOMAIN of a zone with NSEC3 needs one, and takes some 500 ns in all: so the short ones are
// hashed without libcrypto where the CPU can (sha1_short.h), and SHA-1 is that of the deprecated
// functions, which are EVP's own work without asking a provider. If a libcrypto comes
// without them, digest.c takes SHA-1 through EVP as it does the others: nobody else would see it.
// All else goes through EVP: it is only asked for when zones are loaded.
//
// SHA-1 is here for NSEC3 (RFC 5155 11), where nobody gains by a collision. Nothing is signed with
// it.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum digest_kind { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
#define DIGEST_KINDS    4
#define DIGEST_SIZE_MAX 64 // SHA-512's

struct digest {
    enum digest_kind kind;
    struct evp_md_ctx_st *state; // libcrypto's, owned; NULL: SHA-1
    struct SHAstate_st *sha1;    // owned; NULL: not SHA-1
};

// How many octets the digest has: 20, 32, 48 or 64.
size_t digest_size(enum digest_kind kind);

// A libcrypto that does not have these, or memory that ran out, ends as malloc does in
// base/memory.h: with a line and an exit.
void digest_open(struct digest *digest, enum digest_kind kind) __attribute__((nonnull));
void digest_add(struct digest *digest, const void *octets, size_t octets_size)
    __attribute__((nonnull(1)));
// Writes digest_size(kind) octets and begins anew.
void digest_end(struct digest *digest, uint8_t *out) __attribute__((nonnull));
void digest_close(struct digest *digest) __attribute__((nonnull));

// One message, where speed does not count.
void digest_once(enum digest_kind kind, const void *octets, size_t octets_size, uint8_t *out)
    __attribute__((nonnull(4)));
