// An RRset as ONE packed, position-independent block: the same shape in zone, cache and answer.
//
//   | size | type | class | ttl | count | signatures |  RDLENGTH rdata  RDLENGTH rdata ... | pad |
//     4      2      2       4     2       2             2        n
//
// Rdata stand in canonical order, each behind its length in network order, just as they go out when
// nothing in them is compressed; after `count` of them stand `signatures` RRSIG rdata in the same
// form. The numbers of the head are the machine's. Blocks are aligned to 4 octets.
#pragma once

#include <assert.h>
#include <stdint.h>

#include "base/bytes.h"

struct rrset {
    uint32_t size; // of the whole block with this head and the padding: a multiple of 4
    uint16_t type;
    uint16_t class;
    uint32_t ttl; // seconds
    uint16_t count;
    uint16_t signatures;
    uint8_t body[];
};

static_assert(sizeof(struct rrset) == 16, "the head is part of the image's format");

// The entry behind this one. Entries: rrset->body is the first.
static inline const uint8_t *rrset_next(const uint8_t *entry)
{
    return entry + 2 + bytes_get16(entry);
}
static inline const uint8_t *rrset_rdata(const uint8_t *entry)
{
    return entry + 2;
}
static inline uint16_t rrset_rdata_size(const uint8_t *entry)
{
    return bytes_get16(entry);
}
static inline const struct rrset *rrset_after(const struct rrset *rrset)
{
    return (const struct rrset *)((const uint8_t *)rrset + rrset->size);
}
