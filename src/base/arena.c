// The arena of arena.h: a list of chunks, of which the first one is being filled.
//
//   chunks -> [ header | given out | free      ]     next, end: the free part of this one
//             [ header | given out             ]     full, or a large piece with a chunk of its own
//             [ header | given out             ]
//
// Chunks double from 4 kB to 8 MB: an arena of a small zone stays small (there may be a million of
// them), that of a large one asks malloc seldom and lies on huge pages. A piece above a quarter of
// the next chunk gets a chunk of its own and the chunk being filled stays so; what is left over at
// the end of a chunk is therefore always less than a quarter.
#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define CHUNK_MIN ((size_t)4096)
#define CHUNK_MAX ((size_t)8 * 1024 * 1024)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size_next; // how large the chunk after this one is to be
    uint8_t octets[];
};
static_assert(sizeof(struct arena_chunk) % ARENA_ALIGNMENT == 0, "the first piece is aligned");

static struct arena_chunk *open_chunk(struct arena_chunk *older, size_t size)
{
    struct arena_chunk *chunk = memory_get_large(sizeof *chunk + size);
    chunk->older = older;
    chunk->size_next = older ? older->size_next : CHUNK_MIN;
    return chunk;
}

// Behind the chunk that is being filled, if there is one.
static void *get_large(struct arena *arena, size_t size)
{
    struct arena_chunk **place = arena->chunks ? &arena->chunks->older : &arena->chunks;
    struct arena_chunk *chunk = open_chunk(*place, size);
    *place = chunk;
    return chunk->octets;
}

static void start_chunk(struct arena *arena)
{
    size_t size = arena->chunks ? arena->chunks->size_next : CHUNK_MIN;
    struct arena_chunk *chunk = open_chunk(arena->chunks, size);
    chunk->size_next = size < CHUNK_MAX ? size * 2 : CHUNK_MAX;
    arena->chunks = chunk;
    arena->next = chunk->octets;
    arena->end = chunk->octets + size;
}

void *arena_get_slowly(struct arena *arena, size_t size)
{
    assert(size <= SIZE_MAX / 2);
    size_t whole = arena_whole(size);
    size_t size_next = arena->chunks ? arena->chunks->size_next : CHUNK_MIN;
    if (whole > size_next / 4) {
        arena->total += whole;
        return get_large(arena, whole);
    }
    start_chunk(arena);
    assert((uintptr_t)arena->next % ARENA_ALIGNMENT == 0);
    return arena_get(arena, size);
}

void *arena_copy(struct arena *arena, const void *octets, size_t size)
{
    void *piece = arena_get(arena, size);
    if (size)
        memcpy(piece, octets, size);
    return piece;
}

// The chunk of `to` that is being filled stays in front.
void arena_join(struct arena *to, struct arena *from)
{
    assert(to != from);
    if (!to->chunks) {
        *to = *from;
    } else if (from->chunks) {
        struct arena_chunk *oldest = from->chunks;
        while (oldest->older)
            oldest = oldest->older;
        oldest->older = to->chunks->older;
        to->chunks->older = from->chunks;
        to->total += from->total;
    }
    *from = (struct arena){0};
}

void arena_free(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks; chunk;) {
        struct arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    *arena = (struct arena){0};
}
