// `views`: what some clients see in the place of what everybody sees.
#pragma once

#include "conf/filler.h"
#include "conf/zones.h"

// Fills options->views, but for what they resolve by, and lists the zones of each in `zones`, which
// has room for VIEWS_MAX. Returns how many lists those are.
size_t views_fill(struct filler *filler, const struct value *root, struct zones_of_view *zones)
    __attribute__((nonnull));
// The rest, once all zones are known.
void views_fill_resolve(struct filler *filler, const struct value *root) __attribute__((nonnull));
