// The keys `resolve`, `hosts` and `cache` into options.
#pragma once

#include "conf/filler.h"

// After the zones, since a zone of ours that is resolved elsewhere as well is worth a warning.
void resolving_fill(struct filler *filler, const struct value *root) __attribute__((nonnull));
// What a view resolves by: what `map` does not say is as everybody's, which is filled already.
void resolving_fill_view(struct filler *filler, const struct value *root, const struct value *map,
                         struct resolve_options *resolve) __attribute__((nonnull));
