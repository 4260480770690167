// Which of 64 octets end a word: the inner loop of the scanner, in as many variants as there are
// kinds of CPU.
//
//   text   h 1 2   A   1 9 2 . 0 . 2 . 1 \n ...
//   mask   0 0 0 1 0 1 0 0 0 0 0 0 0 0 0 1          bit 0 is the first octet
//
// An octet is special if it is a control character, a blank, a line end, 7f, or one of " ( ) ; \.
// Looking for the end of a word is then one shift and one count of zeros, whatever its length; a
// loop over the octets is wrong about its end once for nearly every word, and a wrong guess costs
// more than the word. Above 7f nothing is special.
//
// Each variant is a file of its own, compiled for its CPU (meson.build has the lists). All give the
// same masks; test/zone/scan_mask.c compares them, and so does fuzz/fuzz_zone.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SCAN_BLOCK 64 // octets of a block, bits of a mask

typedef uint64_t (*scan_mask)(const char block[static SCAN_BLOCK]);

struct scan_variant {
    const char *name;
    scan_mask mask;
};

// The variants that run on this CPU, the fastest first and the portable one last; NULL behind it.
const struct scan_variant *scan_variant_at(size_t index);

// One for each file; scan_variant_at tells which may be called here.
uint64_t scan_mask_portable(const char block[static SCAN_BLOCK]);
uint64_t scan_mask_sse(const char block[static SCAN_BLOCK]);
uint64_t scan_mask_avx2(const char block[static SCAN_BLOCK]);
