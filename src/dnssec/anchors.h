// What the root zone's keys are trusted by: the digests of its key-signing keys, as IANA publishes
// them (RFC 7958, root-anchors.xml). They are part of the program: whoever can change a file of
// this machine could change the program, too.
//
//     20326   since 2017, in use
//     38696   since 2024, to take over in 2026
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ANCHOR_DIGEST_SIZE 32 // SHA-256

// A DS record of the root (RFC 4034 5.1): digest type 2 (RFC 4509).
struct anchor {
    uint16_t key_tag;
    uint8_t algorithm; // 8: RSA/SHA-256
    uint8_t digest_type;
    uint8_t digest[ANCHOR_DIGEST_SIZE];
};

// All of them, in the order of their key tags.
const struct anchor *anchors_root(size_t *count) __attribute__((nonnull, returns_nonnull));
