// Lines in front of busy primaries (crowd.h).
#include "transfer/crowd.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

void crowds_free(struct crowds *crowds)
{
    free(crowds->next);
    *crowds = (struct crowds){0};
}

static struct crowd *find_line(struct crowds *crowds, const struct address *primary)
{
    struct crowd *free_line = NULL;
    for (unsigned i = 0; i < CROWDS_MAX; i++) {
        struct crowd *line = &crowds->list[i];
        if (line->first && address_equal(&line->primary, primary))
            return line;
        if (!line->first && !free_line)
            free_line = line;
    }
    if (free_line)
        free_line->primary = *primary;
    return free_line;
}

bool crowds_add(struct crowds *crowds, const struct address *primary, uint32_t zone)
{
    struct crowd *line = find_line(crowds, primary);
    if (!line)
        return false;
    crowds->next = memory_grow(crowds->next, &crowds->room, zone + (size_t)1, sizeof *crowds->next);
    crowds->next[zone] = 0;
    if (line->first)
        crowds->next[line->last - 1] = zone + 1;
    else
        line->first = zone + 1;
    line->last = zone + 1;
    return true;
}

bool crowds_first(const struct crowds *crowds, unsigned line, uint32_t *zone)
{
    *zone = crowds->list[line].first - 1;
    return crowds->list[line].first;
}

void crowds_pass(struct crowds *crowds, unsigned line)
{
    struct crowd *crowd = &crowds->list[line];
    assert(crowd->first);
    crowd->first = crowds->next[crowd->first - 1];
}
