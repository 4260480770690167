// Do the routes of the configuration fit the zones that they are for?
#pragma once

#include "conf/options.h"
#include "zone/zone.h"

// Holds the routes of one zone against its contents: a route beside a CNAME or below a cut is an
// error, one in the place of records a warning.
// `index`: which of options->zones it is. `secret` is that of its image.
void fitting_check(const struct options *options, size_t index, const struct zone *zone,
                   const struct hash_key *secret, struct report *report) __attribute__((nonnull));
