// The hashed owner names of NSEC3 (RFC 5155).
//
//     IH(salt, x, 0) = H(x || salt)
//     IH(salt, x, k) = H(IH(salt, x, k - 1) || salt)      H: SHA-1, x: the name, folded
//
// A hash costs one SHA-1 and one more for each iteration. With no iterations and no salt, as
// RFC 9276 3.1 wants zones to be, that is about 70 ns; with the field's most, 65535, it is some
// four milliseconds, so whoever hashes for a stranger looks at `iterations` first
// (RFC 9276 3.2).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/digest.h"
#include "crypto/sha1_short.h"
#include "dns/name.h"

#define NSEC3_HASH_SIZE   20 // SHA-1's
#define NSEC3_LABEL_SIZE  32 // the same as base32hex, which comes out even: no padding
#define NSEC3_SALT_MAX    255
#define NSEC3_SHA1        1 // the only hash algorithm that there is (RFC 5155 11)
#define NSEC3_PARAMS_HEAD 5 // octets before the salt

// RFC 5155 3.1 and 4.2.
struct nsec3_params {
    uint8_t algorithm; // NSEC3_SHA1, or one that nsec3_hash refuses
    uint8_t flags;     // of an NSEC3 record: 1 is Opt-Out (RFC 5155 3.1.2.1)
    uint16_t iterations;
    uint8_t salt_size;
    uint8_t salt[NSEC3_SALT_MAX]; // only `salt_size` octets of it are set
};

// Reads NSEC3PARAM rdata, or the same fields at the head of NSEC3 rdata. False: they run past the
// end. Algorithm and flags are not judged.
bool nsec3_params_read(const uint8_t *rdata, size_t size, struct nsec3_params *params)
    __attribute__((nonnull, warn_unused_result));

// What makes hashing cheap: kept open by whoever hashes often, one for each thread.
struct nsec3_hasher {
    struct digest sha1;
    sha1_short hash_short; // NULL: this CPU has no instructions for it
};
void nsec3_hasher_open(struct nsec3_hasher *hasher) __attribute__((nonnull));
void nsec3_hasher_close(struct nsec3_hasher *hasher) __attribute__((nonnull));

// RFC 5155 5: the hash of an owner name, which is folded here. No memory is asked for. False: an
// algorithm other than 1, and `hash` is as it was.
bool nsec3_hash(struct nsec3_hasher *hasher, const struct nsec3_params *params, struct name name,
                uint8_t hash[static NSEC3_HASH_SIZE]) __attribute__((nonnull, warn_unused_result));

// The same in two steps, for a batch: whoever begins all of them first and then ends all of them
// has them hashed side by side. False: it is none of the usual ones, which are short and without
// iterations, or this CPU has no instructions for them; nothing was begun.
struct nsec3_begun {
    uint8_t block[NAME_OCTETS_MAX]; // SHA1_BLOCK octets of it; what else name_fold may write
};
bool nsec3_begin(const struct nsec3_hasher *hasher, const struct nsec3_params *params,
                 struct name name, struct nsec3_begun *begun)
    __attribute__((nonnull, warn_unused_result));
void nsec3_end(const struct nsec3_hasher *hasher, const struct nsec3_begun *begun,
               uint8_t hash[static NSEC3_HASH_SIZE]) __attribute__((nonnull));

// The hash as the first label of an owner name (RFC 5155 1.3, 3): base32hex (RFC 4648 7) in lower
// case. No length octet, no NUL. Canonical order of the labels is the order of the hashes.
void nsec3_label(const uint8_t hash[static NSEC3_HASH_SIZE], uint8_t label[static NSEC3_LABEL_SIZE])
    __attribute__((nonnull));
