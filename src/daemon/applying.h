// What a wish does to the draft of its zone, and which changes come of it: the part of the writer's
// work (amending.h) that knows what is wanted, and not when or where it is kept.
//
//     amending_run() --> applying_file(), applying_update() ...   draft and pending changes
//                    --> applying_digest()                        when all of a batch are in
//
// A wish that is refused leaves the draft as it was. One thread's.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "daemon/amending.h"
#include "daemon/amendment.h"
#include "zone/draft.h"
#include "zone/history.h"
#include "zone/zone.h"

// A change that is in the draft and not yet in history.
struct pending {
    struct amendment *amendment; // whose it is
    struct history_change change;
    struct buffer packed;
};

struct amending_zone {
    char *view;
    struct zone *newest;              // held
    bool kept;                        // history has a version of it
    size_t base_octets, since_octets; // of that version, and of the changes since
    // Of the batch that is being carried out:
    bool touched, confirmed;
    uint32_t expire_s;    // what a primary has said of a new version; UINT32_MAX: nothing
    uint64_t confirmed_s; // when the version that there is was confirmed; 0: now
    bool forgotten;       // what history had of it before goes
    bool unwritten;       // history has nothing of it, and it is what a primary has sent
    enum zonemd_hash make;
    bool verified; // the digest of what is in the draft
    struct draft draft;
    struct pending *pending;
    size_t count, room;
    struct buffer source; // of a file that was read
    bool has_source;
    struct zone *after; // made, not yet kept
    struct buffer base;
};

static inline struct history_zone history_zone_of(const struct amending_zone *zone)
{
    return (struct history_zone){zone->view, zone->newest->origin};
}

// NULL: there is none.
static inline const struct image *image_of(const struct zone *zone)
{
    return zone->state == ZONE_SERVED ? &zone->image : NULL;
}

// `problem` is copied. An update's client gets SERVFAIL.
void applying_refuse(struct amendment *amendment, enum changing_verdict verdict,
                     const char *problem) __attribute__((nonnull));

void applying_update(struct amending_zone *zone, struct amendment *amendment)
    __attribute__((nonnull));
void applying_whole(struct amending_zone *zone, struct amendment *amendment)
    __attribute__((nonnull));
void applying_diffs(struct amending_zone *zone, struct amendment *amendment)
    __attribute__((nonnull));
void applying_edit(struct amending *amending, struct amending_zone *zone,
                   struct amendment *amendment) __attribute__((nonnull));
void applying_file(struct amending *amending, struct amending_zone *zone,
                   struct amendment *amendment) __attribute__((nonnull));
// From now on its file is not all of it: that is kept beside it.
void applying_keep_source(struct amending *amending, struct amending_zone *zone,
                          const struct zone *file) __attribute__((nonnull));
// The digest of what was made, as a part of the last change that led to it. There is one.
void applying_digest(struct amending_zone *zone) __attribute__((nonnull));
