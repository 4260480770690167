// What a task found out itself, for as long as it lives: the cache does not keep what has a TTL of
// 0, and may have to let go of anything at any time.
#pragma once

#include "resolve/notes.h"
#include "resolve/scrub.h"

struct learned {
    struct learned *older;
    struct kept kept;
};

// Copies it in front of the others. False: the notes are full.
bool learned_add(struct learned **learned, struct notes *notes, const struct kept *kept)
    __attribute__((nonnull, warn_unused_result));
// The newest that answers for this name and type: an RRset of the type, NODATA, or NXDOMAIN of the
// name; NULL: none.
const struct kept *learned_find(const struct learned *learned, struct name name, uint16_t type);
