// The zones of the configuration: those in `zones` and those that lie in `zone_folders`, as one
// sorted list without doubles.
#pragma once

#include <stddef.h>

#include "base/report.h"
#include "conf/options.h"
#include "conf/value.h"

// Fills options->zones. `folders`: paths of folders, made ready for opening, each with the item of
// the file that named it; those of a count of 0 are not looked at. Views have zones of their own,
// and one name may be in each of them.
//
// A zone that `zones` has twice, or that two files of folders are, is an error; one that both have
// is the one of `zones`, with a warning unless it is the same file. A file that two folders have is
// verified if one of them asks for it. O(n log n).
struct zone_folder {
    const char *path;
    const struct value *item;
    bool zonemd;                         // verify the digest of each of its zones
    const struct remotes_option *notify; // of each; NULL: nobody
};
struct zones_of_view {
    const struct value *zones; // the merged value of a key `zones`, NULL: none
    uint8_t view;              // whose it is (struct zone_option)
};
struct zones_wanted {
    const struct zones_of_view *lists;
    size_t list_count;
    const struct zone_folder *folders; // everybody's
    size_t folder_count;
};
// Puts more zones among them: in canonical order, then by view, and none that is there already.
// What they look at is in options->memory.
void zones_join(struct options *options, const struct zone_option *list, size_t count)
    __attribute__((nonnull(1)));
void zones_fill(struct options *options, const struct zones_wanted *wanted, struct report *report)
    __attribute__((nonnull));
