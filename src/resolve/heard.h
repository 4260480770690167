// What another server said: its message read once, record by record, into a table.
//
// Nothing is judged here but form. A message that is malformed anywhere is no message: who forges
// one must not end our waiting with it, so it is passed over and the wait goes on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/edns.h"
#include "dns/message.h"
#include "dns/name.h"

// Records of one reply. A message of 64 kB of the smallest records has some 5000; those that mean
// something have a hundredth of that, and every further record is work that a stranger gave us.
#define HEARD_RECORDS_MAX 2048

struct heard_record {
    uint64_t hash; // of the owner, letters folded
    uint32_t ttl;  // with its top bit set it is 0 (RFC 2181 8)
    uint16_t owner_at, rdata_at, rdata_size;
    uint16_t type, class;
    uint8_t section; // enum section
};

struct heard {
    const uint8_t *octets;
    size_t size;
    const struct hash_key *secret;
    uint16_t flags;
    uint16_t rcode; // with EDNS's upper bits
    bool has_dname; // in the answer section
    struct edns edns;
    unsigned count;
    struct heard_record records[HEARD_RECORDS_MAX]; // without OPT
};

// Reads a whole message. False: malformed, or over HEARD_RECORDS_MAX.
bool heard_read(struct heard *heard, const uint8_t *octets, size_t size,
                const struct hash_key *secret) __attribute__((nonnull, warn_unused_result));

// The hash that owners are compared by first.
uint64_t heard_hash(const struct heard *heard, struct name name) __attribute__((nonnull));
// The owner of a record, into `storage`.
struct name heard_owner(const struct heard *heard, const struct heard_record *record,
                        uint8_t storage[static NAME_OCTETS_MAX]) __attribute__((nonnull));
// Is it of this owner, in this section, of class IN and of this type (TYPE_ANY: of any)?
struct heard_wanted {
    struct name owner;
    uint64_t hash;
    uint16_t type;
    enum section section;
};
bool heard_is(const struct heard *heard, const struct heard_record *record,
              const struct heard_wanted *wanted) __attribute__((nonnull));
// The first such record behind `after` (NULL: from the start), or NULL.
const struct heard_record *heard_find(const struct heard *heard, const struct heard_record *after,
                                      const struct heard_wanted *wanted)
    __attribute__((nonnull(1, 3)));
