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

#include <stddef.h>
#include <stdint.h>

#define SHA1_BLOCK     64
#define SHA1_SHORT_MAX 55 // octets of a message: its end mark and its size take nine
#define SHA1_SIZE      20

// The block has `size` octets of message and zeros behind them; what it has afterwards is of no
// use. `out` may lie in it.
typedef void (*sha1_short)(uint8_t block[static SHA1_BLOCK], size_t size,
                           uint8_t out[static SHA1_SIZE]);

// What runs on this CPU; NULL: nothing does, and digest.h is what there is.
sha1_short sha1_short_here(void);

// One for each file; sha1_short_here tells whether it may be called.
void sha1_short_ni(uint8_t block[static SHA1_BLOCK], size_t size, uint8_t out[static SHA1_SIZE]);
