// An RRset as ONE packed, position-independent block: the same shape in zone, cache and answer.
//
//   | ttl | type | count | signatures | words |  RDLENGTH rdata  RDLENGTH rdata ... | pad |
//     4     2      2       2            2        2             n
//
// Rdata stand in canonical order, each behind its length in network order, just as they go out when
// nothing in them is compressed; after `count` of them stand `signatures` RRSIG rdata in the same
// form. The numbers of the head are the machine's. Blocks are aligned to 4 octets. The class is
// that of the answer that it is in: IN, as good as always.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct rrset {
    uint32_t ttl; // seconds
    uint16_t type;
    uint16_t count;
    uint16_t signatures;
    uint16_t words; // size of the whole block in units of 4 octets; 0: larger than fits here
    uint8_t body[];
};

static_assert(sizeof(struct rrset) == 12, "the head is part of the image's format");

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
// What `words` says of a block of `size` octets, which is a multiple of 4.
static inline uint16_t rrset_words(size_t size)
{
    return size / 4 <= UINT16_MAX ? (uint16_t)(size / 4) : 0;
}
// Octets of the whole block with its head and padding. Of one over 256 kB they are counted.
static inline size_t rrset_size(const struct rrset *rrset)
{
    if (rrset->words)
        return (size_t)rrset->words * 4;
    const uint8_t *entry = rrset->body;
    for (uint32_t left = (uint32_t)rrset->count + rrset->signatures; left > 0; left--)
        entry = rrset_next(entry);
    return ((size_t)(entry - (const uint8_t *)rrset) + 3) & ~(size_t)3;
}
static inline const struct rrset *rrset_after(const struct rrset *rrset)
{
    return (const struct rrset *)((const uint8_t *)rrset + rrset_size(rrset));
}
