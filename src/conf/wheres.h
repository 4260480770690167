// The conditions of routes: `where: {country: [CA, US], nets: [192.0.2.0/24]}`.
//
// Each thing that is asked about a place becomes a fact with a number (policy/places.h), the same
// fact of two rules the same number. A condition is a list of numbers for each key: the client's
// place must have one of each list.
#pragma once

#include "conf/filler.h"
#include "zone/route.h"

// Reads the map into `condition`; the facts go into options->places. Every problem is told. False:
// there were some.
bool wheres_read(struct filler *filler, const struct value *map, struct route_condition *condition)
    __attribute__((nonnull));
// Can nothing come to `later` that `earlier` has not taken? Only what is sure: each key of
// `earlier` is one of `later`, and takes all that it takes.
bool wheres_cover(const struct route_condition *earlier, const struct route_condition *later,
                  const struct options *options) __attribute__((nonnull));
