// SHA-1 of messages that fit into one block, where the CPU has instructions for it.
//
//     block   | message | 80 | 00 ... 00 | size in bits, 2 of its 8 octets |      FIPS 180-4 5.1.1
//
// What NSEC3 hashes is that short, mostly: a name and a salt of up to 55 octets together. Most of
// what the library takes for such a message is not the hash: it keeps a state that could take more
// and wipes it. Nothing here is secret. And as there is no call in it, nor a branch, a core works
// on the next message before it is done with this one.
//
// Each variant is a file of its own, compiled for its CPU (meson.build has the list). It gives what
// libcrypto gives; test/crypto/sha1_short.c compares them.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SHA1_BLOCK     64
#define SHA1_SHORT_MAX 55 // octets of a message: its end mark and its size take nine
#define SHA1_SIZE      20

// Ends the message of `size` octets in a block that has zeros behind it. The block is read in large
// pieces: what was written just before, in smaller ones, has to leave the core first, so whoever
// has several messages ends all of them and then hashes all of them.
static inline void sha1_short_end(uint8_t block[static SHA1_BLOCK], size_t size)
{
    assert(size <= SHA1_SHORT_MAX);
    block[size] = 0x80;
    bytes_put16(block + SHA1_BLOCK - 2, (uint16_t)(8 * size));
}

// Of a block that was ended. `out` may lie in it.
typedef void (*sha1_short)(const uint8_t block[static SHA1_BLOCK], uint8_t out[static SHA1_SIZE]);

// What runs on this CPU; NULL: nothing does, and digest.h is what there is.
sha1_short sha1_short_here(void);

// One for each file; sha1_short_here tells whether it may be called.
void sha1_short_ni(const uint8_t block[static SHA1_BLOCK], uint8_t out[static SHA1_SIZE]);
