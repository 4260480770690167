// A zone's file that has changed, where others have changed the zone too: what is new in the file
// comes to what there is.
#pragma once

#include "base/buffer.h"
#include "base/hash.h"
#include "base/report.h"
#include "zone/draft.h"
#include "zone/zone.h"

// `old`: the file as it was read before, packed; `file`: as it is now. What both the file and
// somebody else have changed is told as a warning, and both changes count. The serial becomes the
// file's, if that is newer.
void merging_apply(struct draft *draft, const struct buffer *old, const struct zone *file,
                   const struct hash_key *secret, struct report *report) __attribute__((nonnull));
