// The keyed hash of names: label by label from the root, so that one pass over a name gives the
// hash of every suffix on the way.
//
//   h = hash_root(key)                          the root
//   h = hash_label(key, h, label, size)         one label further down, letters folded
//
// 64 bits by two multiplications a word, keyed with 128 secret bits: a stranger who does not know
// the key cannot aim names at one bucket. It is no MAC. The key is one for each state folder.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_key {
    uint64_t words[2];
};

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_root(const struct hash_key *key)
{
    return key->words[0] ^ 0x9e3779b97f4a7c15u;
}

// Folds 8 octets at once (RFC 4343 3): ASCII capitals become small letters, all else stays.
static inline uint64_t hash_fold(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t low = word & (0x7f * ones);
    uint64_t from_a = low + (0x80 - 'A') * ones;     // top bit: octet >= 'A'
    uint64_t past_z = low + (0x80 - 'Z' - 1) * ones; // top bit: octet > 'Z'
    uint64_t capital = (from_a ^ past_z) & ~word & (0x80 * ones);
    return word | capital >> 2;
}

// `label` is folded on the way, and read in words of 8 octets with no look beyond its end. Size 1
// to
// 63. It is read where it first stood, not from a folded copy just written: a load that spans
// several young stores waits for all of them, which was a quarter of a whole query's time.
static inline uint64_t hash_label(const struct hash_key *key, uint64_t parent, const uint8_t *label,
                                  size_t size)
{
    uint64_t h = parent ^ (size * 0xa0761d6478bd642fu);
    while (size > 8) {
        uint64_t word;
        memcpy(&word, label, 8);
        h = hash_mix(hash_fold(word) ^ key->words[0], h ^ 0xe7037ed1a0b428dbu);
        label += 8;
        size -= 8;
    }
    uint64_t word = 0;
    if (size >= 4) {
        uint32_t low, high;
        memcpy(&low, label, 4);
        memcpy(&high, label + size - 4, 4);
        word = (uint64_t)high << 32 | low;
    } else {
        word =
            (uint64_t)label[0] | (uint64_t)label[size >> 1] << 8 | (uint64_t)label[size - 1] << 16;
    }
    return hash_mix(hash_fold(word) ^ key->words[1], h ^ 0x8ebc6af09c88c6e3u);
}
