// The memory of a task: what it learned on its way, in chunks of a pool that belongs to the worker.
//
// All of it is given back at once when the task is over. Pieces never move. A task may hold
// TASK_ARENA_OCTETS; the pool as a whole is fixed when it is opened, so that a flood of questions
// ends in SERVFAIL and not in the machine's memory. What is larger than a chunk can only have come
// over TCP; it is taken from malloc, within the same limit, for next to the stream that brought it
// that costs nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTES_CHUNK 4096

struct notes_chunk {
    struct notes_chunk *older;
    uint8_t octets[NOTES_CHUNK - sizeof(struct notes_chunk *)] __attribute__((aligned(8)));
};

struct notes_pool {
    struct notes_chunk *chunks; // all of them
    uint32_t count, fresh;      // chunks from `fresh` on were never given out
    struct notes_chunk *spare;  // given back
    uint32_t used;
};

struct notes_large;
struct notes {
    struct notes_pool *pool;
    struct notes_chunk *newest; // the one that is being filled
    struct notes_large *large;
    uint32_t used; // octets of the newest
    uint32_t total;
};

// False: no memory.
bool notes_pool_open(struct notes_pool *pool, uint32_t chunks)
    __attribute__((nonnull, warn_unused_result));
void notes_pool_close(struct notes_pool *pool) __attribute__((nonnull));

void notes_begin(struct notes *notes, struct notes_pool *pool) __attribute__((nonnull));
// Aligned to 8; NULL: the task or the pool has no more.
void *notes_get(struct notes *notes, size_t size) __attribute__((nonnull, warn_unused_result));
void *notes_copy(struct notes *notes, const void *octets, size_t size)
    __attribute__((nonnull, warn_unused_result));
void notes_free(struct notes *notes) __attribute__((nonnull));
