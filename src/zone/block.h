// Memory that images stand in, shared by count.
//
// A large image has pages of its own, huge ones where they help: a look-up in a large zone is
// mostly misses of the TLB. A million small ones cannot: the least that a mapping takes is 4 kB,
// and a process has 65530 of them. They stand side by side on shelves, each in a place of its size.
//
//   struct block *block = block_make(most);     fill block->octets
//   block_trim(block, used);
//   ...
//   uint8_t *octets = block_share(size, &block);    a small one: fill octets
//   ...
//   block_release(block);                           the one like the other
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct block {
    atomic_uint holders; // the last one frees it
    uint32_t next_free;  // the shelf's own, while nobody holds it
    size_t size;         // usable octets
    uint8_t *octets;
    struct shelf *shelf; // NULL: it has pages of its own
};

// Zeroed memory of at least `size` octets, on pages of its own: of 4 MB and more they begin at a
// multiple of 2 MB and are asked to be huge. One holder. NULL: out of memory.
struct block *block_make(size_t size) __attribute__((warn_unused_result));
// Gives back the whole pages behind the first `used` octets. Nothing for one on a shelf.
void block_trim(struct block *block, size_t used) __attribute__((nonnull));

// Room for `size` octets, at most BLOCK_SHARED_MAX, aligned to 64 and not zeroed, beside other
// small images. *block has one holder. NULL: out of memory. From any thread.
uint8_t *block_share(size_t size, struct block **block)
    __attribute__((nonnull, warn_unused_result));

struct block *block_hold(struct block *block) __attribute__((nonnull, returns_nonnull));
void block_release(struct block *block); // from any thread; NULL is fine
