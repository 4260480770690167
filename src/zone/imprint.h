// What a file was when a zone was read from it: enough to say later, mostly without reading it,
// that it still is the same.
//
//   same device, inode, size and both times, and these lay well before the reading   -> the same
//   else                     the same content hash: it was touched, copied, checked out -> the same
//
// A file that changes without its times is noticed only where the times were too young to be
// trusted; every other change moves the time of the inode, which nobody can set back.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/checksum.h"

// Stands in files (pack.h) as it is.
struct imprint {
    uint64_t device, inode, octets;
    int64_t modified_ns, changed_ns; // since 1970
    struct checksum content;
    uint64_t settled; // 1: both times were IMPRINT_SETTLED_S old when the reading began
};

// Times of files count in the ticks of some clock, the coarsest (FAT) in 2 s: a change within one
// tick does not move them.
#define IMPRINT_SETTLED_S 2

// Takes the imprint of the file that `octets` were read from, which began at `began_ns` of the
// system's clock. False: it is no regular file (a pipe, say), or gone.
bool imprint_take(struct imprint *imprint, const char *path, const void *octets, size_t size,
                  int64_t began_ns) __attribute__((nonnull(1, 2), warn_unused_result));
// True: it is the very file, untouched since. One stat.
bool imprint_is_untouched(const struct imprint *imprint, const char *path)
    __attribute__((nonnull, warn_unused_result));
// True: the file at `path` has this content. Reads it only if it must.
bool imprint_holds(const struct imprint *imprint, const char *path)
    __attribute__((nonnull, warn_unused_result));
// The system's clock, as the times of files have it.
int64_t imprint_now_ns(void);
