// Segments (segment.h).
#include "cache/segment.h"

#include <assert.h>

#include "base/epoch.h"

// What is open, of every class and twice, is half empty on average; few classes are enough.
static const uint32_t class_ends_s[SEGMENT_CLASSES] = {300, 3600, 24 * 3600, UINT32_MAX};

// A thirty-second of the cache is kept free, for the grace periods: 2 MB of 64 are 20 000 entries,
// more than are learned in one, which takes some 20 ms.
#define SPARE_PART  32
#define SPARE_LEAST 6

void segments_open(struct segments *segments, struct segment *list, uint32_t count, uint8_t *memory,
                   size_t size)
{
    *segments = (struct segments){
        .memory = memory,
        .size = size,
        .list = list,
        .count = count,
        .free_count = count,
        .spare = count / SPARE_PART > SPARE_LEAST ? count / SPARE_PART : SPARE_LEAST,
    };
    assert(count > 2 * SEGMENT_CLASSES + 2 * SPARE_LEAST);
    pthread_mutex_init(&segments->lock, NULL);
}

void segments_close(struct segments *segments)
{
    epoch_drain();
    assert(segments->retiring == 0);
    pthread_mutex_destroy(&segments->lock);
}

// --- reserving -----------------------------------------------------------------------------------

// Under the lock. What was used before comes first: its pages are there.
static struct segment *take_free(struct segments *segments)
{
    struct segment *segment = segments->free;
    if (segment)
        segments->free = segment->next_free;
    else
        segment = &segments->list[segments->touched++];
    segments->free_count--;
    segment->all = segments;
    segment->sequence = ++segments->sequence;
    segment->used = 0;
    segment->state = SEGMENT_OPEN;
    return segment;
}

static bool reserve(struct segments *segments, size_t size, unsigned class, uint32_t expires_s,
                    struct reservation *reservation)
{
    bool survivor = class >= SEGMENT_CLASSES;
    struct segment *segment = segments->open[class];
    if (segment && segments->size - segment->used < size) {
        segment->state = SEGMENT_SEALED;
        segment = segments->open[class] = NULL;
    }
    if (!segment) {
        // The last one is for survivors: with it a victim can be emptied and becomes free.
        if (segments->free_count <= (survivor ? 0 : 1))
            return false;
        segment = segments->open[class] = take_free(segments);
        segment->expires_s = expires_s;
    }
    reservation->segment = segment;
    reservation->entry = (struct entry *)(segment_octets(segment) + segment->used);
    segment->used += (uint32_t)size;
    if ((int32_t)(expires_s - segment->expires_s) > 0)
        segment->expires_s = expires_s;
    atomic_fetch_add_explicit(&segment->pending, 1, memory_order_relaxed);
    return true;
}

static unsigned class_of(uint32_t left_s)
{
    unsigned class = 0;
    while (left_s > class_ends_s[class])
        class ++;
    return class;
}

static bool reserve_locked(struct segments *segments, size_t size, unsigned class,
                           uint32_t expires_s, struct reservation *reservation)
{
    assert(size <= segments->size && size % ENTRY_UNIT == 0);
    pthread_mutex_lock(&segments->lock);
    bool there_is = reserve(segments, size, class, expires_s, reservation);
    pthread_mutex_unlock(&segments->lock);
    return there_is;
}

bool segments_reserve(struct segments *segments, size_t size, uint32_t now_s, uint32_t left_s,
                      struct reservation *reservation)
{
    return reserve_locked(segments, size, class_of(left_s), now_s + left_s, reservation);
}

bool segments_reserve_survivor(struct segments *segments, size_t size, uint32_t now_s,
                               uint32_t left_s, struct reservation *reservation)
{
    return reserve_locked(segments, size, SEGMENT_CLASSES + class_of(left_s), now_s + left_s,
                          reservation);
}

// --- ending --------------------------------------------------------------------------------------

bool segments_are_short(struct segments *segments)
{
    pthread_mutex_lock(&segments->lock);
    bool are_short = segments->free_count + segments->retiring < segments->spare;
    pthread_mutex_unlock(&segments->lock);
    return are_short;
}

static bool is_better(const struct segment *a, bool a_over, const struct segment *b, bool b_over)
{
    return a_over != b_over ? a_over : a->sequence < b->sequence;
}

struct segment *segments_choose(struct segments *segments, uint32_t now_s, uint32_t stale_s)
{
    struct segment *chosen = NULL;
    bool chosen_over = false;
    pthread_mutex_lock(&segments->lock);
    for (uint32_t i = 0; i < segments->touched; i++) {
        struct segment *segment = &segments->list[i];
        if (segment->state != SEGMENT_SEALED ||
            atomic_load_explicit(&segment->pending, memory_order_acquire) > 0)
            continue;
        bool over = (int64_t)(int32_t)(segment->expires_s - now_s) + stale_s <= 0;
        if (!chosen || is_better(segment, over, chosen, chosen_over)) {
            chosen = segment;
            chosen_over = over;
        }
    }
    if (chosen)
        chosen->state = SEGMENT_VICTIM;
    pthread_mutex_unlock(&segments->lock);
    return chosen;
}

static void release(void *what)
{
    struct segment *segment = what;
    struct segments *segments = segment->all;
    pthread_mutex_lock(&segments->lock);
    segment->state = SEGMENT_FREE;
    segment->next_free = segments->free;
    segments->free = segment;
    segments->retiring--;
    segments->free_count++;
    pthread_mutex_unlock(&segments->lock);
}

void segments_retire(struct segment *segment)
{
    struct segments *segments = segment->all;
    pthread_mutex_lock(&segments->lock);
    assert(segment->state == SEGMENT_VICTIM);
    segment->state = SEGMENT_RETIRING;
    segments->retiring++;
    pthread_mutex_unlock(&segments->lock);
    epoch_retire(release, segment);
}

size_t segments_held(struct segments *segments)
{
    pthread_mutex_lock(&segments->lock);
    size_t held = segments->touched * segments->size;
    pthread_mutex_unlock(&segments->lock);
    return held;
}
