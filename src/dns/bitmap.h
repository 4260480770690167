// Type bitmaps of NSEC, NSEC3 and CSYNC (RFC 4034 4.1.2, RFC 5155 3.2.1, RFC 7477 2.1.1.2): windows
// of 256 types, each with its number, a length (1 to 32) and as many octets of bits.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct words;

// The set of types while it is gathered. Only the windows in use are ever touched: a whole set of
// 65536 bits would cost more to clear than a record does to parse.
struct bitmap {
    uint64_t used[4];      // which windows
    uint8_t bits[256][32]; // of those windows
};

#define BITMAP_OCTETS_MAX (256 * 34)

static inline void bitmap_begin(struct bitmap *bitmap)
{
    bitmap->used[0] = bitmap->used[1] = bitmap->used[2] = bitmap->used[3] = 0;
}
void bitmap_add(struct bitmap *bitmap, uint16_t type) __attribute__((nonnull));
// The wire form; returns its length.
size_t bitmap_write(const struct bitmap *bitmap, uint8_t to[static BITMAP_OCTETS_MAX])
    __attribute__((nonnull));

// NULL: sound; else what is wrong.
const char *bitmap_check(const uint8_t *octets, size_t size) __attribute__((nonnull));
// True when the type's bit is set in a sound bitmap.
bool bitmap_holds(const uint8_t *octets, size_t size, uint16_t type) __attribute__((nonnull));

// All words left are types.
bool bitmap_parse(struct words *words) __attribute__((nonnull, warn_unused_result));
void bitmap_print(const uint8_t *octets, size_t size, struct buffer *to) __attribute__((nonnull));
