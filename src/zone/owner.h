// Whether two records have one owner: asked for every pair of neighbours of a zone, several times.
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "zone/records.h"

static inline bool owner_is_shared(const struct record *a, const struct record *b)
{
    if (a->owner == b->owner)
        return true;
    // Names in a row mostly differ in how long they or their first labels are, or in the last octet
    // of that label (host1, host2). For the root this compares its zero with itself.
    if (a->owner_size != b->owner_size || a->owner[0] != b->owner[0] ||
        byte_fold(a->owner[a->owner[0]]) != byte_fold(b->owner[b->owner[0]]))
        return false;
    return name_equal(record_owner(a), record_owner(b));
}
