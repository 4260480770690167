// Journals (journal.h).
#include "zone/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

static struct journal_step *copy_step(const struct journal_step *like, const uint8_t *octets)
{
    struct journal_step *step = memory_get(sizeof *step + like->size);
    step->serial_from = like->serial_from;
    step->serial_to = like->serial_to;
    step->size = like->size;
    memcpy(step->octets, octets, like->size);
    atomic_init(&step->holders, 1);
    return step;
}

static void release_step(struct journal_step *step)
{
    if (atomic_fetch_sub_explicit(&step->holders, 1, memory_order_acq_rel) == 1)
        free(step);
}

// How many of the newest steps stay beside a new one.
static size_t count_kept(const struct journal *before, const struct journal_step *step,
                         size_t octets_max)
{
    size_t kept = 0, octets = step->size;
    if (!before || before->steps[before->count - 1]->serial_to != step->serial_from)
        return 0;
    while (kept < before->count && kept + 1 < JOURNAL_STEPS_MAX) {
        octets += before->steps[before->count - 1 - kept]->size;
        if (octets > octets_max)
            break;
        kept++;
    }
    return kept;
}

struct journal *journal_follow(const struct journal *before, const struct journal_step *step,
                               const uint8_t *octets, size_t octets_max)
{
    if (step->size > octets_max)
        return NULL;
    size_t kept = count_kept(before, step, octets_max);
    struct journal *journal = memory_get(sizeof *journal + (kept + 1) * sizeof(void *));
    atomic_init(&journal->holders, 1);
    journal->count = kept + 1;
    journal->octets = step->size;
    for (size_t i = 0; i < kept; i++) {
        journal->steps[i] = before->steps[before->count - kept + i];
        atomic_fetch_add_explicit(&journal->steps[i]->holders, 1, memory_order_relaxed);
        journal->octets += journal->steps[i]->size;
    }
    journal->steps[kept] = copy_step(step, octets);
    return journal;
}

struct journal *journal_hold(struct journal *journal)
{
    if (journal)
        atomic_fetch_add_explicit(&journal->holders, 1, memory_order_relaxed);
    return journal;
}

void journal_release(struct journal *journal)
{
    if (!journal || atomic_fetch_sub_explicit(&journal->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < journal->count; i++)
        release_step(journal->steps[i]);
    free(journal);
}

bool journal_find(const struct journal *journal, uint32_t serial, size_t *first)
{
    for (size_t i = journal ? journal->count : 0; i-- > 0;) {
        *first = i;
        if (journal->steps[i]->serial_from == serial)
            return true;
    }
    return false;
}
