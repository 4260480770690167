// Hashed owner names (nsec3.h).
//
// A message is put together in one place before it is hashed: one call of the digest for the name
// with its salt costs less than two. The salt stands behind the longest name or hash:
//
//     name or hash | salt          each iteration writes its hash over the one before
//
// What fits into one block, as it mostly does, goes without the library where the CPU can do that.
#include "dnssec/nsec3.h"

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

static void hash_in_blocks(sha1_short hash_short, const struct nsec3_params *params,
                           struct name name, uint8_t hash[static NSEC3_HASH_SIZE])
{
    uint8_t block[NAME_OCTETS_MAX]; // what name_fold may write; a block of it is used
    memset(block, 0, SHA1_BLOCK);
    name_fold(name, block);
    bytes_copy(block + name.size, params->salt, params->salt_size);
    hash_short(block, (size_t)name.size + params->salt_size, hash);
    for (unsigned i = 0; i < params->iterations; i++) {
        memset(block, 0, SHA1_BLOCK);
        memcpy(block, hash, NSEC3_HASH_SIZE);
        bytes_copy(block + NSEC3_HASH_SIZE, params->salt, params->salt_size);
        hash_short(block, (size_t)NSEC3_HASH_SIZE + params->salt_size, hash);
    }
}

bool nsec3_hash(struct nsec3_hasher *hasher, const struct nsec3_params *params, struct name name,
                uint8_t hash[static NSEC3_HASH_SIZE])
{
    if (params->algorithm != NSEC3_SHA1)
        return false;
    size_t longest = name.size > NSEC3_HASH_SIZE ? name.size : NSEC3_HASH_SIZE;
    if (hasher->hash_short && longest + params->salt_size <= SHA1_SHORT_MAX) {
        hash_in_blocks(hasher->hash_short, params, name, hash);
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
