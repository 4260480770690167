// What the history forgets (pruning.h).
#include "daemon/pruning.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/amending.h"
#include "daemon/amendment.h"

#define PRUNE_EVERY_S (24 * 3600)

// A tenth less than may be, so that not every change is followed by another look.
static void shrink(struct amending *amending)
{
    uint64_t most = atomic_load_explicit(&amending->size_max, memory_order_relaxed);
    uint64_t octets = most ? history_octets(amending->history) : 0;
    size_t count;
    if (octets <= most || octets <= amending->size_tried)
        return;
    if (history_shrink(amending->history, most / 10 * 9, &count) != HISTORY_DONE)
        return;
    amending->size_tried = count ? 0 : octets + most / 10;
    if (count)
        log_info("history: it was larger than it may be, and the %zu oldest changes are forgotten",
                 count);
}

void pruning_run(struct amending *amending, struct amendment *amendment)
{
    uint64_t date_s = clock_date_s(), keep_s = amendment->keep_s;
    enum history_result result = HISTORY_DONE;
    if (amendment->prunes) // what has a date in the future (a clock was wrong) goes with the rest
        result = history_prune(amending->history,
                               keep_s == 0       ? INT64_MAX
                               : keep_s < date_s ? (date_s - keep_s) * 1000000
                                                 : 0,
                               &amendment->forgotten);
    if (result == HISTORY_DONE)
        result = history_count(amending->history, &amendment->stock);
    amendment->verdict = result == HISTORY_DONE ? CHANGING_DONE : CHANGING_FAILED;
    if (result == HISTORY_DONE)
        return;
    char problem[HISTORY_PROBLEM_MAX];
    history_problem(amending->history, problem);
    amendment->problem = memory_copy_text(problem);
}

// What is old counts from the newest change that there is, if that is older than now: a clock that
// has jumped into the future must not have everything forgotten.
void pruning_step(struct amending *amending)
{
    uint64_t date_s = clock_date_s();
    size_t count;
    if (!amending->history)
        return;
    shrink(amending);
    if (date_s - amending->pruned_s < PRUNE_EVERY_S)
        return;
    amending->pruned_s = date_s;
    uint64_t newest_s = history_newest_us(amending->history) / 1000000;
    newest_s = newest_s < date_s ? newest_s : date_s;
    uint64_t keep_s = atomic_load_explicit(&amending->keep_s, memory_order_relaxed);
    keep_s = keep_s ? keep_s : HISTORY_KEEP_S;
    if (newest_s > keep_s &&
        history_prune(amending->history, (newest_s - keep_s) * 1000000, &count) == HISTORY_DONE &&
        count > 0)
        log_info("history: %zu changes older than %d days are forgotten", count,
                 (int)(keep_s / 86400));
}
