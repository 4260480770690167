// Runs of addresses (runs.h).
#include "policy/runs.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void runs_add(struct runs *runs, runs_address start, uint32_t value)
{
    assert(runs->count ? start > runs->list[runs->count - 1].start : start == 0);
    if (runs->count && runs->list[runs->count - 1].value == value)
        return;
    runs->list = memory_grow(runs->list, &runs->room, runs->count + 1, sizeof *runs->list);
    runs->list[runs->count++] = (struct run){start, value};
}

void runs_merge(const struct runs *a, const struct runs *b, runs_join *join, void *maker,
                struct runs *merged)
{
    size_t i = 0, j = 0;
    runs_address start = 0;
    *merged = (struct runs){0};
    assert(a->count && b->count);
    for (;;) {
        runs_add(merged, start, join(maker, a->list[i].value, b->list[j].value));
        const struct run *next_a = i + 1 < a->count ? &a->list[i + 1] : NULL;
        const struct run *next_b = j + 1 < b->count ? &b->list[j + 1] : NULL;
        if (!next_a && !next_b)
            return;
        start =
            !next_b || (next_a && next_a->start < next_b->start) ? next_a->start : next_b->start;
        i += next_a && next_a->start == start;
        j += next_b && next_b->start == start;
    }
}

void runs_free(struct runs *runs)
{
    free(runs->list);
    *runs = (struct runs){0};
}
