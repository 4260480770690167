// A checksum that tells damaged octets from whole ones: XXH3-128 of libxxhash.
//
// It is no signature. It finds what disks, crashes and other programs do to a file, not what
// somebody does on purpose who may write there: see docs/decisions/0005-images-on-disk.md.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checksum {
    uint64_t low, high;
};

// Octets may be NULL when there are none.
struct checksum checksum_of(const void *octets, size_t size) __attribute__((warn_unused_result));

static inline bool checksum_equal(struct checksum a, struct checksum b)
{
    return a.low == b.low && a.high == b.high;
}
