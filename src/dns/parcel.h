// An answer by value: everything that a struct answer points to, copied into one piece of memory.
//
// An answer lives for a turn of its worker, since it looks into the cache, into zones, into the
// notes of a task. What must last longer, or go to another thread, is put into a parcel. Inside
// stand whole RRset blocks, which know nothing of where they are; only the parcel's own list points
// to them, so a parcel is not moved once it is made.
#pragma once

#include "dns/answer.h"

struct parcel;

// A copy; free() ends it. NULL: there is no memory.
struct parcel *parcel_make(const struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
// Fills the answer; what it points to is in the parcel.
void parcel_open(const struct parcel *parcel, struct answer *answer) __attribute__((nonnull));
