// `checks`: how addresses of routes are looked after.
#pragma once

#include "conf/filler.h"

// Fills options->checks. Before the routes, which name them.
void checks_fill(struct filler *filler, const struct value *root) __attribute__((nonnull(1)));
