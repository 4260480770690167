// The cache from one run to the next: read on a thread while workers answer already, written at a
// clean stop. A file that is of no use is a line in the log, never a reason not to serve.
#pragma once

#include "cache/cache.h"

struct keeping;

// Begins to read the file of an earlier run into the cache. `path` is copied. NULL: there is no
// thread for it; the cache begins empty.
struct keeping *keeping_begin(struct cache *cache, const char *path)
    __attribute__((nonnull, warn_unused_result));
// Waits until it is done. NULL is fine. Before the cache is saved or closed.
void keeping_end(struct keeping *keeping);
// Writes it, for the run after this one; the caller is no reader of the epoch.
void keeping_save(const struct cache *cache, const char *path) __attribute__((nonnull));
