// Octets in network order, read and written one value at a time. No bounds are checked here: the
// caller has done that, and says so with an assertion where it is not plain to see.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t bytes_get16(const uint8_t *from)
{
    return (uint16_t)(from[0] << 8 | from[1]);
}

static inline uint32_t bytes_get32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return __builtin_bswap32(value);
}

static inline uint64_t bytes_get48(const uint8_t *from)
{
    return (uint64_t)bytes_get16(from) << 32 | bytes_get32(from + 2);
}

static inline void bytes_put16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static inline void bytes_put32(uint8_t *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, sizeof value);
}

static inline void bytes_put48(uint8_t *to, uint64_t value)
{
    bytes_put16(to, (uint16_t)(value >> 32));
    bytes_put32(to + 2, (uint32_t)value);
}

// Ones in the first `count` octets (1 to 8) of a word as it lies in memory.
static inline uint64_t bytes_first(unsigned count)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ~0ull >> (64 - 8 * count)
                                                     : ~0ull << (64 - 8 * count);
}

// A word as it lies in memory as a number whose order is that of its octets.
static inline uint64_t bytes_order(uint64_t word)
{
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(word) : word;
}

// A copy of what is mostly short, as names and rdata are: without the call of memcpy, and without
// the string instruction that the compiler may put in its place, which takes its time to begin. The
// last piece overlaps the one before.
static inline void bytes_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t size)
{
    if (size >= 16) {
        for (size_t at = 0; at < size - 16; at += 16)
            memcpy(to + at, from + at, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    } else {
        for (size_t at = 0; at < size; at++)
            to[at] = from[at];
    }
}

// True if they are the same: as above, for what is mostly short, and mostly the same.
static inline bool bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    uint64_t one, two, last_one, last_two;
    if (size < 8) {
        for (size_t at = 0; at < size; at++)
            if (a[at] != b[at])
                return false;
        return true;
    }
    for (size_t at = 0; at < size - 8; at += 8) {
        memcpy(&one, a + at, 8);
        memcpy(&two, b + at, 8);
        if (one != two)
            return false;
    }
    memcpy(&last_one, a + size - 8, 8);
    memcpy(&last_two, b + size - 8, 8);
    return last_one == last_two;
}

// ASCII letters folded to lower case, every other octet as it is (RFC 4343 3). Never the locale's.
static inline uint8_t byte_fold(uint8_t octet)
{
    return (uint8_t)(octet - 'A') < 26 ? (uint8_t)(octet | 0x20) : octet;
}
