// `keys`: the secrets that TSIG signs with.
#pragma once

#include "conf/filler.h"

// Before all lists that may name a key (access.h). In the canonical order of their names, in
// options.memory. Secrets that stand elsewhere are read, unless the text is read alone.
void keys_fill(struct filler *filler, const struct value *root) __attribute__((nonnull));

// The key with this name. NULL: there is none.
const struct key_option *keys_find(const struct options *options, const char *name)
    __attribute__((nonnull, warn_unused_result));

// The same, by its index in options.keys. False: told, at `item`.
bool keys_refer(const struct options *options, const struct value *item, const char *name,
                size_t *index, struct report *report) __attribute__((nonnull, warn_unused_result));

// What is most like this name, as a hint to whoever wrote it; or which there are.
void keys_suggest(const struct options *options, const char *name, struct buffer *hint)
    __attribute__((nonnull));
