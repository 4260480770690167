// Chunks given out and taken back (notes.h). Chunks that were given back are given out first, the
// last one first: it is still in the cache.
#include "resolve/notes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

struct notes_large {
    struct notes_large *older;
    uint8_t octets[] __attribute__((aligned(8)));
};
static_assert(sizeof(struct notes_chunk) == NOTES_CHUNK, "a chunk is a page");

bool notes_pool_open(struct notes_pool *pool, uint32_t chunks)
{
    *pool = (struct notes_pool){.count = chunks};
    pool->chunks = malloc(chunks * sizeof *pool->chunks); // pages come as they are first used
    return pool->chunks != NULL;
}

void notes_pool_close(struct notes_pool *pool)
{
    assert(pool->used == 0);
    free(pool->chunks);
}

void notes_begin(struct notes *notes, struct notes_pool *pool)
{
    *notes = (struct notes){.pool = pool};
}

static bool add_chunk(struct notes *notes)
{
    struct notes_pool *pool = notes->pool;
    struct notes_chunk *chunk = pool->spare;
    if (chunk)
        pool->spare = chunk->older;
    else if (pool->fresh < pool->count)
        chunk = &pool->chunks[pool->fresh++];
    else
        return false;
    pool->used++;
    chunk->older = notes->newest;
    notes->newest = chunk;
    notes->used = 0;
    return true;
}

static void *get_large(struct notes *notes, size_t size)
{
    struct notes_large *large = malloc(sizeof *large + size);
    if (!large)
        return NULL;
    large->older = notes->large;
    notes->large = large;
    return large->octets;
}

void *notes_get(struct notes *notes, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > TASK_ARENA_OCTETS - (size_t)notes->total)
        return NULL;
    const size_t room = sizeof notes->newest->octets;
    void *piece;
    if (size > room) {
        piece = get_large(notes, size);
    } else {
        if ((!notes->newest || size > room - notes->used) && !add_chunk(notes))
            return NULL;
        piece = notes->newest->octets + notes->used;
        notes->used += (uint32_t)size;
    }
    if (piece)
        notes->total += (uint32_t)size;
    return piece;
}

void *notes_copy(struct notes *notes, const void *octets, size_t size)
{
    void *copy = notes_get(notes, size);
    if (copy)
        memcpy(copy, octets, size);
    return copy;
}

void notes_free(struct notes *notes)
{
    while (notes->newest) {
        struct notes_chunk *chunk = notes->newest;
        notes->newest = chunk->older;
        chunk->older = notes->pool->spare;
        notes->pool->spare = chunk;
        assert(notes->pool->used > 0);
        notes->pool->used--;
    }
    while (notes->large) {
        struct notes_large *large = notes->large;
        notes->large = large->older;
        free(large);
    }
    notes->total = notes->used = 0;
}
