// What a house knows of places: the table of policy/places.h, and what it was made from, so that it
// can be made again when a database was replaced.
//
// Immutable and shared by count: houses with the same databases and the same questions share one,
// and a reload that changes neither costs a look at the files' times. It outlives the options that
// it was made from.
#pragma once

#include <stdint.h>

#include "base/report.h"
#include "conf/options.h"
#include "policy/places.h"

struct geography;

// Of what the routes of these options ask. `old` is taken again if it is that already; NULL: none.
// NULL: there were errors, all in `report`. Takes as long as reading the databases does.
struct geography *geography_make(const struct options *options, struct geography *old,
                                 struct report *report)
    __attribute__((nonnull(1, 3), warn_unused_result));
// The same again from the files as they are now. NULL: there were errors.
struct geography *geography_remake(const struct geography *old, struct report *report)
    __attribute__((nonnull, warn_unused_result));
struct geography *geography_hold(struct geography *geography)
    __attribute__((nonnull, returns_nonnull));
void geography_release(struct geography *geography); // NULL is fine

// 0: the files are as they were when it was made. Else a number for how they are now, another one
// when they change again.
uint64_t geography_look(const struct geography *geography) __attribute__((nonnull));
// Its table; lives as long as it.
struct places *geography_places(const struct geography *geography) __attribute__((nonnull));
