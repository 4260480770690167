// An arena: memory that is given out piece by piece and taken back all at once.
//
// Grows by whole chunks; pieces are aligned to 8 octets and never move. For load and check; a piece
// larger than a chunk gets a chunk of its own.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    uint8_t *next;
    uint8_t *end;
    size_t total; // octets given out
};

// What does not fit into the chunk that is being filled.
void *arena_get_slowly(struct arena *arena, size_t size)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#define ARENA_ALIGNMENT ((size_t)8)

// The octets that a piece of `size` takes.
static inline size_t arena_whole(size_t size)
{
    return size ? (size + ARENA_ALIGNMENT - 1) & ~(ARENA_ALIGNMENT - 1) : ARENA_ALIGNMENT;
}

static inline void *arena_get(struct arena *arena, size_t size)
{
    size_t whole = arena_whole(size);
    if (whole < size || whole > (size_t)(arena->end - arena->next))
        return arena_get_slowly(arena, size);
    void *piece = arena->next;
    arena->next += whole;
    arena->total += whole;
    return piece;
}

void *arena_copy(struct arena *arena, const void *octets, size_t size)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));
// Puts all pieces of `from` into `to`, without moving them, and leaves `from` empty.
void arena_join(struct arena *to, struct arena *from) __attribute__((nonnull));
void arena_free(struct arena *arena) __attribute__((nonnull));
