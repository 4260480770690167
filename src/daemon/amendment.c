// Wishes to change a zone (amendment.h).
#include "daemon/amendment.h"

#include <stdlib.h>

#include "base/memory.h"

struct amendment *amendment_make(enum amendment_kind kind, struct zone *zone, const char *view,
                                 const char *who)
{
    struct amendment *amendment = memory_get_zeroed(1, sizeof *amendment);
    amendment->kind = kind;
    amendment->expire_s = UINT32_MAX;
    amendment->zone = zone_hold(zone);
    amendment->view = memory_copy_text(view);
    amendment->who = memory_copy_text(who);
    return amendment;
}

void amendment_free(struct amendment *amendment)
{
    zone_release(amendment->zone);
    zone_release(amendment->after);
    update_policy_release(amendment->policy);
    for (size_t i = 0; i < amendment->diff_count; i++)
        diff_free(&amendment->diffs[i]);
    free(amendment->diffs);
    records_free(&amendment->records);
    records_free(&amendment->edit.removed);
    records_free(&amendment->edit.replaced);
    records_free(&amendment->edit.added);
    report_free(&amendment->report);
    buffer_free(&amendment->changed);
    free(amendment->octets);
    free(amendment->view);
    free(amendment->who);
    free(amendment->problem);
    free(amendment->context);
    free(amendment);
}
