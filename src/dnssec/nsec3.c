// Hashed owner names (nsec3.h).
//
// A message is put together in one place before it is hashed: one call of the digest for the name
// with its salt costs less than two. The salt stands behind the longest name or hash:
//
//     name or hash | salt          each iteration writes its hash over the one before
//
// What fits into one block, as it mostly does, goes without the library where the CPU can do that.
#include "dnssec/nsec3.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

bool nsec3_params_read(const uint8_t *rdata, size_t size, struct nsec3_params *params)
{
    if (size < NSEC3_PARAMS_HEAD || size - NSEC3_PARAMS_HEAD < rdata[4])
        return false;
    params->algorithm = rdata[0];
    params->flags = rdata[1];
    params->iterations = bytes_get16(rdata + 2);
    params->salt_size = rdata[4];
    bytes_copy(params->salt, rdata + NSEC3_PARAMS_HEAD, params->salt_size);
    return true;
}

void nsec3_hasher_open(struct nsec3_hasher *hasher)
{
    digest_open(&hasher->sha1, DIGEST_SHA1);
    hasher->hash_short = sha1_short_here();
}

void nsec3_hasher_close(struct nsec3_hasher *hasher)
{
    digest_close(&hasher->sha1);
}

// The salt behind a name or a hash of `size` octets.
static void end_block(const struct nsec3_params *params, uint8_t *message, size_t size)
{
    bytes_copy(message + size, params->salt, params->salt_size);
    sha1_short_end(message, size + params->salt_size);
}

static bool is_short(const struct nsec3_hasher *hasher, const struct nsec3_params *params,
                     size_t size)
{
    return hasher->hash_short && size + params->salt_size <= SHA1_SHORT_MAX;
}

bool nsec3_begin(const struct nsec3_hasher *hasher, const struct nsec3_params *params,
                 struct name name, struct nsec3_begun *begun)
{
    if (params->algorithm != NSEC3_SHA1 || params->iterations > 0 ||
        !is_short(hasher, params, name.size))
        return false;
    memset(begun->block, 0, SHA1_BLOCK);
    name_fold(name, begun->block);
    end_block(params, begun->block, name.size);
    return true;
}

void nsec3_end(const struct nsec3_hasher *hasher, const struct nsec3_begun *begun,
               uint8_t hash[static NSEC3_HASH_SIZE])
{
    assert(hasher->hash_short);
    hasher->hash_short(begun->block, hash);
}

static void hash_in_blocks(const struct nsec3_hasher *hasher, const struct nsec3_params *params,
                           struct name name, uint8_t hash[static NSEC3_HASH_SIZE])
{
    struct nsec3_begun begun;
    memset(begun.block, 0, SHA1_BLOCK);
    name_fold(name, begun.block);
    end_block(params, begun.block, name.size);
    hasher->hash_short(begun.block, hash);
    for (unsigned i = 0; i < params->iterations; i++) {
        memset(begun.block, 0, SHA1_BLOCK);
        memcpy(begun.block, hash, NSEC3_HASH_SIZE);
        end_block(params, begun.block, NSEC3_HASH_SIZE);
        hasher->hash_short(begun.block, hash);
    }
}

bool nsec3_hash(struct nsec3_hasher *hasher, const struct nsec3_params *params, struct name name,
                uint8_t hash[static NSEC3_HASH_SIZE])
{
    if (params->algorithm != NSEC3_SHA1)
        return false;
    size_t longest = name.size > NSEC3_HASH_SIZE ? name.size : NSEC3_HASH_SIZE;
    if (is_short(hasher, params, longest)) {
        hash_in_blocks(hasher, params, name, hash);
        return true;
    }
    uint8_t message[NAME_OCTETS_MAX + NSEC3_SALT_MAX];
    name_fold(name, message);
    memcpy(message + name.size, params->salt, params->salt_size);
    digest_add(&hasher->sha1, message, (size_t)name.size + params->salt_size);
    if (params->iterations > 0)
        memcpy(message + NSEC3_HASH_SIZE, params->salt, params->salt_size);
    for (unsigned i = 0; i < params->iterations; i++) {
        digest_end(&hasher->sha1, message);
        digest_add(&hasher->sha1, message, (size_t)NSEC3_HASH_SIZE + params->salt_size);
    }
    digest_end(&hasher->sha1, hash);
    return true;
}

void nsec3_label(const uint8_t hash[static NSEC3_HASH_SIZE], uint8_t label[static NSEC3_LABEL_SIZE])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    for (unsigned group = 0; group < NSEC3_HASH_SIZE / 5; group++) { // 5 octets are 8 digits
        uint64_t bits = (uint64_t)hash[5 * group] << 32 | bytes_get32(hash + 5 * group + 1);
        for (unsigned i = 0; i < 8; i++)
            label[8 * group + i] = (uint8_t)digits[bits >> (35 - 5 * i) & 31];
    }
}
