// Where a name stands in a zone: RFC 1034 4.3.2 step 3 as one enum.
#pragma once

#include "zone/image.h"

enum found {
    FOUND_NODE,     // the name itself exists and is ours: `node`
    FOUND_CUT,      // at or below a delegation: `node` is the cut (RFC 1034 4.3.2 3b)
    FOUND_DNAME,    // below a DNAME: `node` owns it (RFC 6672 3.2)
    FOUND_WILDCARD, // does not exist; `node` is the "*" of its closest encloser (RFC 4592 3.3.1)
    FOUND_NOTHING,  // does not exist, and no wildcard either: `node` is the closest encloser
};

struct finding {
    enum found found;
    const struct node *node;
    const struct node *encloser; // with FOUND_WILDCARD and FOUND_NOTHING: the closest encloser
};

// `key` must be at or below the image's apex. A name that is itself a cut is FOUND_CUT; who wants
// what the parent side has there (DS) reads it from the cut's node. A name that is itself the owner
// of a DNAME is FOUND_NODE (RFC 6672 2.3: it does not redirect itself).
struct finding find_name(const struct image *image, const struct hash_key *secret,
                         const struct name_key *key) __attribute__((nonnull));
