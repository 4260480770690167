// Records (record.h).
#include "cache/record.h"

#include <string.h>

#include "dns/delegation.h"
#include "dns/rdata.h"
#include "dns/type.h"

static size_t round_up(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

// --- writing -------------------------------------------------------------------------------------

bool record_is_kept(const struct cache_visited *visited)
{
    return visited->found.kind != CACHE_FAILURE && visited->source == 0 &&
           visited->found.security != SECURITY_BOGUS;
}

static uint8_t *put(uint8_t *to, const void *octets, size_t size)
{
    if (size)
        memcpy(to, octets, size);
    return to + size;
}

static uint8_t *put_pad(uint8_t *to, const uint8_t *start)
{
    size_t size = (size_t)(to - start), pad = round_up(size) - size;
    memset(to, 0, pad);
    return to + pad;
}

size_t record_write(uint8_t to[static RECORD_OCTETS_MAX], const struct cache_visited *visited)
{
    const struct cache_found *found = &visited->found;
    const void *block =
        found->kind == CACHE_DELEGATION ? found->payload : (const void *)found->rrset;
    struct record record = {
        .given_s = found->given_s,
        .left_s = found->stale ? -(int32_t)found->expired_s : (int32_t)found->ttl_s,
        .type = visited->type,
        .tag = found->tag,
        .kind = (uint8_t)found->kind,
        .rank = (uint8_t)found->rank,
        .security = (uint8_t)found->security,
        .name_size = found->owner.size,
        .soa_size = found->soa_owner.size,
    };
    if (found->kind == CACHE_DELEGATION)
        record.block_octets = found->payload_size;
    else if (found->rrset)
        record.block_octets = (uint32_t)rrset_size(found->rrset);
    uint8_t *at = put(to + sizeof record, found->owner.wire, found->owner.size);
    at = put(at, found->soa_owner.wire, found->soa_owner.size);
    at = put(put_pad(at, to), block, record.block_octets);
    record.octets = (uint32_t)(put_pad(at, to) - to);
    assert(record.octets <= RECORD_OCTETS_MAX);
    memcpy(to, &record, sizeof record);
    return record.octets;
}

// --- reading -------------------------------------------------------------------------------------

static bool read_name(const uint8_t *octets, size_t size, struct name *name)
{
    return name_view(octets, size, name) && name->size == size;
}

// `count` rdata of a type from *entry on. False: they do not end before `end`, or are not sound.
static bool check_rdata(uint16_t type, unsigned count, const uint8_t **entry, const uint8_t *end)
{
    for (; count > 0; count--) {
        size_t left = (size_t)(end - *entry);
        if (left < 2 || left - 2 < rrset_rdata_size(*entry) ||
            rdata_check(type, rrset_rdata(*entry), rrset_rdata_size(*entry)))
            return false;
        *entry = rrset_next(*entry);
    }
    return true;
}

static const struct rrset *read_rrset(const uint8_t *block, size_t size, uint16_t type)
{
    const struct rrset *rrset = (const struct rrset *)block;
    if (size < sizeof *rrset || size % 4 != 0 || rrset->type != type || type_is_meta(type) ||
        rrset->count == 0 || rrset->words != rrset_words(size))
        return NULL;
    const uint8_t *entry = rrset->body, *end = block + size;
    if (!check_rdata(type, rrset->count, &entry, end) ||
        !check_rdata(TYPE_RRSIG, rrset->signatures, &entry, end) || end - entry >= 4)
        return NULL;
    return rrset;
}

static bool read_delegation(const uint8_t *block, size_t size, struct cache_put *put)
{
    struct delegation delegation;
    put->payload = block;
    put->payload_size = (uint32_t)size;
    return delegation_unpack(block, size, &delegation) && name_equal(delegation.cut, put->owner);
}

static bool read_block(const struct record *record, const uint8_t *block, struct cache_put *put)
{
    size_t size = record->block_octets;
    bool has_soa = record->soa_size > 0;
    switch (put->kind) {
    case CACHE_RRSET:
        put->rrset = read_rrset(block, size, record->type);
        return put->rrset && !has_soa;
    case CACHE_NXDOMAIN:
    case CACHE_NODATA:
        if (!has_soa)
            return size == 0;
        put->rrset = read_rrset(block, size, TYPE_SOA);
        return put->rrset && put->rrset->count == 1;
    case CACHE_DELEGATION: return !has_soa && read_delegation(block, size, put);
    case CACHE_FAILURE: return false; // never kept
    }
    return false;
}

static bool is_sound(const struct record *record)
{
    bool typed = record->kind == CACHE_RRSET || record->kind == CACHE_NODATA;
    return record->kind <= CACHE_DELEGATION && record->rank <= RANK_AUTHORITATIVE &&
           record->security < SECURITY_BOGUS && (record->type != 0) == typed &&
           record->given_s > 0 && record->given_s <= INT32_MAX &&
           record->left_s <= (int32_t)record->given_s && record->left_s > INT32_MIN;
}

size_t record_read(const uint8_t *octets, size_t size, struct record_entry *entry)
{
    const struct record *record = (const struct record *)octets;
    if (size < sizeof *record || record->octets > size || record->octets > RECORD_OCTETS_MAX ||
        !is_sound(record))
        return 0;
    size_t block_at = round_up(sizeof *record + record->name_size + record->soa_size);
    if (record->octets < block_at || record->block_octets > record->octets - block_at ||
        record->octets != round_up(block_at + record->block_octets))
        return 0;
    struct cache_put *put = &entry->put;
    *put = (struct cache_put){
        .kind = (enum cache_kind)record->kind,
        .rank = (enum cache_rank)record->rank,
        .security = (enum cache_security)record->security,
        .tag = record->tag,
        .ttl_s = record->given_s,
    };
    entry->type = record->type;
    entry->left_s = record->left_s;
    const uint8_t *names = record->body;
    if (!read_name(names, record->name_size, &put->owner) ||
        (record->soa_size > 0 &&
         !read_name(names + record->name_size, record->soa_size, &put->soa_owner)))
        return 0;
    return read_block(record, octets + block_at, put) ? record->octets : 0;
}
