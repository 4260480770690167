// What the history forgets (pruning.h).
#include "daemon/pruning.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/amending.h"

#define PRUNE_EVERY_S (24 * 3600)

// What is old counts from the newest change that there is, if that is older than now: a clock that
// has jumped into the future must not have everything forgotten.
void pruning_step(struct amending *amending)
{
    uint64_t date_s = clock_date_s();
    size_t count;
    if (!amending->history || date_s - amending->pruned_s < PRUNE_EVERY_S)
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
