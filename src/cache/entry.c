// Entries (entry.h): packed and read back.
#include "cache/entry.h"

#include <string.h>

#include "base/bytes.h"

#define AGEING 10 // a refresh is due in the last tenth of its time

static size_t round_up(size_t size, size_t to)
{
    return (size + to - 1) & ~(to - 1);
}

static bool has_payload(enum cache_kind kind)
{
    return kind == CACHE_FAILURE || kind == CACHE_DELEGATION;
}

// Where the SOA's owner is found again.
static uint8_t place_soa(const struct cache_put *put)
{
    if (put->kind == CACHE_RRSET || has_payload(put->kind) || !put->rrset)
        return ENTRY_SOA_NONE;
    struct name soa = put->soa_owner;
    if (soa.labels > put->owner.labels)
        return ENTRY_SOA_STORED;
    struct name suffix = name_suffix(put->owner, soa.labels);
    if (suffix.size != soa.size || memcmp(suffix.wire, soa.wire, soa.size) != 0)
        return ENTRY_SOA_STORED; // or in another case of letters
    return soa.labels;
}

static size_t names_size(const struct cache_put *put, uint8_t soa)
{
    return round_up(put->owner.size + (soa == ENTRY_SOA_STORED ? put->soa_owner.size : 0u), 4);
}

size_t entry_measure(const struct cache_put *put)
{
    size_t size = sizeof(struct entry) + names_size(put, place_soa(put));
    if (has_payload(put->kind))
        size += 4 + put->payload_size;
    else if (put->rrset)
        size += rrset_size(put->rrset);
    return round_up(size, ENTRY_UNIT);
}

void entry_write(struct entry *entry, size_t size, const struct entry_place *place,
                 const struct cache_put *put)
{
    assert(size % ENTRY_UNIT == 0 && size <= CACHE_ENTRY_MAX);
    assert(put->kind != CACHE_RRSET || put->rrset);
    uint8_t soa = place_soa(put);
    *entry = (struct entry){
        .expires_s = place->expires_s,
        .ttl_s = place->ttl_s,
        .hash = place->hash,
        .type = place->type,
        .source = place->source,
        .tag = put->tag,
        .units = (uint16_t)(size / ENTRY_UNIT),
        .nature = (uint8_t)(put->kind | put->rank << 3 | put->security << 6),
        .soa = soa,
        .name_size = put->owner.size,
        .labels = put->owner.labels,
    };
    memcpy(entry->octets, put->owner.wire, put->owner.size);
    if (soa == ENTRY_SOA_STORED)
        memcpy(entry->octets + put->owner.size, put->soa_owner.wire, put->soa_owner.size);
    uint8_t *block = entry->octets + names_size(put, soa);
    if (has_payload(put->kind)) {
        memcpy(block, &put->payload_size, 4);
        if (put->payload_size)
            memcpy(block + 4, put->payload, put->payload_size);
    } else if (put->rrset) {
        memcpy(block, put->rrset, rrset_size(put->rrset));
    }
}

void entry_copy(struct entry *to, const struct entry *from)
{
    // The mark may be set by a reader at this very moment.
    memcpy(to, from, offsetof(struct entry, labels));
    atomic_init(&to->labels, entry_name(from).labels);
    memcpy(to->octets, from->octets, entry_size(from) - sizeof *from);
}

static void read_block(const struct entry *entry, struct cache_found *found)
{
    size_t at = entry->name_size;
    if (entry->soa == ENTRY_SOA_STORED) {
        found->soa_owner = name_trust(entry->octets + at);
        at += found->soa_owner.size;
    } else if (entry->soa != ENTRY_SOA_NONE) {
        found->soa_owner = name_suffix(found->owner, entry->soa);
    }
    const uint8_t *block = entry->octets + round_up(at, 4);
    if (has_payload(found->kind)) {
        memcpy(&found->payload_size, block, 4);
        found->payload = block + 4;
    } else if (found->kind == CACHE_RRSET || entry->soa != ENTRY_SOA_NONE) {
        found->rrset = (const struct rrset *)block;
    }
}

void entry_read(const struct entry *entry, uint32_t now_s, struct cache_found *found)
{
    int32_t left_s = entry_left_s(entry, now_s);
    *found = (struct cache_found){
        .kind = entry_kind(entry),
        .rank = entry_rank(entry),
        .security = entry_security(entry),
        .tag = entry->tag,
        .given_s = entry->ttl_s,
        .owner = entry_name(entry),
    };
    if (left_s <= 0) {
        found->stale = true;
        found->expired_s = (uint32_t) - (int64_t)left_s;
    } else {
        // A reader whose clock is behind the writer's must not see more than there was.
        found->ttl_s = (uint32_t)left_s < entry->ttl_s ? (uint32_t)left_s : entry->ttl_s;
        found->ageing = found->ttl_s < entry->ttl_s / AGEING && entry_is_used(entry);
    }
    read_block(entry, found);
}

const char *cache_kind_word(enum cache_kind kind)
{
    switch (kind) {
    case CACHE_RRSET: return "rrset";
    case CACHE_NODATA: return "nodata";
    case CACHE_NXDOMAIN: return "nxdomain";
    case CACHE_FAILURE: return "failure";
    case CACHE_DELEGATION: return "delegation";
    }
    return "";
}
