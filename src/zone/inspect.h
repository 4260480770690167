// Is this an image? A walk over octets that claim to be one (image.h), before anything is answered
// from them.
//
// What passes can be asked anything: no look-up leaves the image or goes round in it, no assertion
// of whoever reads it fails, and every name and rdata in it is sound on the wire. It need not be
// what was once pressed: that is the checksum's affair (store.h). The fuzzer drives this without
// one.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "dns/name.h"

enum inspect_result {
    INSPECT_SOUND,
    INSPECT_HEAD,   // of another format, or parts of it are not inside
    INSPECT_ORIGIN, // of another zone
    INSPECT_NODE,   // a node's name, its place in the order, its flags, the node above it
    INSPECT_RRSET,  // an RRset's entries, rdata or type
    INSPECT_SHARED, // a reference to an NS RRset that is none
    INSPECT_HASHED, // a reference to an NSEC3 node that is none
    INSPECT_BUCKET, // a node that would not be found, or a bucket that holds something else
    INSPECT_ORDER,  // a reference of the order to something else
    INSPECT_APEX,   // not one SOA, or no NS
    INSPECT_CHAIN,  // the index of the chain
};

// The image that fills the `size` octets at `base`, which is aligned to 64. Its names must have
// been hashed with `key`, and its origin be `origin`, octet by octet. One pass in the order of
// memory, and one look at a bucket for each node; memory of its own only for zones with cuts or
// NSEC3.
enum inspect_result inspect_image(const uint8_t *base, size_t size, struct name origin,
                                  const struct hash_key *key)
    __attribute__((nonnull, warn_unused_result));
// What is wrong with it, for people.
const char *inspect_word(enum inspect_result result);
