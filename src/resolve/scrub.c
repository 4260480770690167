// Keeping what counts (scrub.h).
//
// An RRset is put together in three steps: the rdata of its records are expanded into `loose`, put
// in canonical order with equal ones once (RFC 2181 5), and copied behind a head as rrset.h has it,
// RRSIGs last. TTLs that differ are lowered to the smallest (RFC 2181 5.2).
#include "resolve/scrub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/rdata.h"
#include "dns/type.h"

static void *get(struct scrub *scrub, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > SCRUB_OCTETS - (size_t)scrub->used)
        return NULL;
    void *piece = scrub->octets + scrub->used;
    scrub->used += (uint32_t)size;
    return piece;
}

static bool copy_name(struct scrub *scrub, struct name name, struct name *copy)
{
    uint8_t *wire = get(scrub, name.size);
    if (!wire)
        return false;
    memcpy(wire, name.wire, name.size);
    *copy = (struct name){wire, name.size, name.labels};
    return true;
}

// --- one RRset -----------------------------------------------------------------------------------

struct gathered {
    unsigned count, signatures; // of entries: records first
    uint32_t loose;             // octets used
    uint32_t ttl;
};

// Expands one record's rdata to the end of `loose`.
static bool gather(const struct heard *heard, const struct heard_record *record,
                   struct scrub *scrub, struct gathered *gathered)
{
    size_t size;
    if (SCRUB_LOOSE - gathered->loose < RDATA_MAX ||
        !rdata_expand(record->type, heard->octets, heard->size, record->rdata_at,
                      record->rdata_size, scrub->loose + gathered->loose, &size))
        return false;
    unsigned index = gathered->count + gathered->signatures;
    scrub->entries[index] = (struct scrub_entry){gathered->loose, (uint32_t)size};
    gathered->loose += (uint32_t)size;
    if (record->ttl < gathered->ttl)
        gathered->ttl = record->ttl;
    return true;
}

struct order {
    uint16_t type;
    const uint8_t *loose;
};

static int compare(const void *a, const void *b, void *argument)
{
    const struct scrub_entry *left = a, *right = b;
    const struct order *order = argument;
    return rdata_compare(order->type, order->loose + left->at, left->size, order->loose + right->at,
                         right->size);
}

// Sorts `count` entries and takes equal ones out. Returns how many are left.
static unsigned arrange(struct scrub *scrub, struct scrub_entry *entries, unsigned count,
                        uint16_t type)
{
    struct order order = {type, scrub->loose};
    if (count < 2)
        return count;
    qsort_r(entries, count, sizeof *entries, compare, &order);
    unsigned left = 1;
    for (unsigned i = 1; i < count; i++)
        if (compare(&entries[i], &entries[left - 1], &order) != 0)
            entries[left++] = entries[i];
    return left;
}

static uint8_t *put_entries(const struct scrub *scrub, const struct scrub_entry *entries,
                            unsigned count, uint8_t *to)
{
    for (unsigned i = 0; i < count; i++) {
        bytes_put16(to, (uint16_t)entries[i].size);
        memcpy(to + 2, scrub->loose + entries[i].at, entries[i].size);
        to += 2 + entries[i].size;
    }
    return to;
}

static const struct rrset *pack(struct scrub *scrub, const struct gathered *gathered, uint16_t type)
{
    struct scrub_entry *signatures = scrub->entries + gathered->count;
    unsigned count = arrange(scrub, scrub->entries, gathered->count, type);
    unsigned signature_count = arrange(scrub, signatures, gathered->signatures, TYPE_RRSIG);
    size_t size = sizeof(struct rrset);
    for (unsigned i = 0; i < count; i++)
        size += 2 + scrub->entries[i].size;
    for (unsigned i = 0; i < signature_count; i++)
        size += 2 + signatures[i].size;
    size_t whole = (size + 3) & ~(size_t)3;
    struct rrset *rrset = get(scrub, whole);
    if (!rrset)
        return NULL;
    *rrset = (struct rrset){.ttl = gathered->ttl,
                            .type = type,
                            .count = (uint16_t)count,
                            .signatures = (uint16_t)signature_count,
                            .words = rrset_words(whole)};
    uint8_t *end = put_entries(scrub, scrub->entries, count, rrset->body);
    end = put_entries(scrub, signatures, signature_count, end);
    memset(end, 0, whole - size);
    return rrset;
}

// The RRset of this owner, type and section, with the RRSIGs that cover it. NULL: there is none, or
// one of its records is malformed.
static const struct rrset *make_rrset(const struct heard *heard, const struct heard_wanted *wanted,
                                      struct scrub *scrub)
{
    struct gathered gathered = {.ttl = UINT32_MAX};
    const struct heard_record *record = NULL;
    while ((record = heard_find(heard, record, wanted))) {
        if (!gather(heard, record, scrub, &gathered))
            return NULL;
        gathered.count++;
    }
    if (gathered.count == 0)
        return NULL;
    struct heard_wanted signature = *wanted;
    signature.type = TYPE_RRSIG;
    record = NULL;
    while ((record = heard_find(heard, record, &signature))) {
        if (record->rdata_size < 2 || bytes_get16(heard->octets + record->rdata_at) != wanted->type)
            continue;
        if (!gather(heard, record, scrub, &gathered))
            return NULL;
        gathered.signatures++;
    }
    return pack(scrub, &gathered, wanted->type);
}

// --- what an answer brings -----------------------------------------------------------------------

static enum cache_rank rank_of_answer(const struct heard *heard, bool recursive)
{
    return heard->flags & FLAG_AA && !recursive ? RANK_AUTHORITATIVE : RANK_ANSWER;
}

static void keep_rrset(const struct heard *heard, struct name owner, uint16_t type,
                       enum cache_rank rank, struct scrub *scrub)
{
    struct heard_wanted wanted = {owner, heard_hash(heard, owner), type, SECTION_ANSWER};
    struct kept kept = {.kind = CACHE_RRSET, .rank = rank, .type = type};
    kept.rrset = scrub->count < SCRUBBED_MAX ? make_rrset(heard, &wanted, scrub) : NULL;
    if (!kept.rrset || !copy_name(scrub, owner, &kept.owner)) {
        scrub->overflow = true;
        return;
    }
    kept.ttl_s = kept.rrset->ttl;
    scrub->kept[scrub->count++] = kept;
}

static bool has_kept(const struct scrub *scrub, struct name owner, uint16_t type)
{
    for (unsigned i = 0; i < scrub->count; i++)
        if (scrub->kept[i].type == type && name_equal(scrub->kept[i].owner, owner))
            return true;
    return false;
}

// Every type that stands at the chain's end (RFC 8482 4: what this one server wants to say).
static void keep_any(const struct heard *heard, struct name owner, enum cache_rank rank,
                     struct scrub *scrub)
{
    struct heard_wanted wanted = {owner, heard_hash(heard, owner), TYPE_ANY, SECTION_ANSWER};
    const struct heard_record *record = NULL;
    while ((record = heard_find(heard, record, &wanted)) && scrub->count < SCRUBBED_MAX)
        if (record->type != TYPE_RRSIG && !type_is_meta(record->type) &&
            !has_kept(scrub, owner, record->type))
            keep_rrset(heard, owner, record->type, rank, scrub);
}

// RFC 2308 5: as long as the SOA's TTL and its MINIMUM both say.
static uint32_t negative_ttl(const struct rrset *soa)
{
    const uint8_t *end = rrset_next(soa->body);
    uint32_t minimum = bytes_get32(end - 4);
    return minimum >> 31 ? 0 : minimum < soa->ttl ? minimum : soa->ttl;
}

// The SOA that may speak for the name: the deepest within the zone that was asked, at or above it.
static const struct rrset *find_soa(const struct heard *heard,
                                    const struct classify_question *question, struct name name,
                                    struct scrub *scrub, struct name *owner)
{
    for (unsigned labels = name.labels + 1u; labels-- > question->chain.zone.labels;) {
        struct name suffix = name_suffix(name, labels);
        struct heard_wanted wanted = {suffix, heard_hash(heard, suffix), TYPE_SOA,
                                      SECTION_AUTHORITY};
        const struct rrset *soa = make_rrset(heard, &wanted, scrub);
        if (soa && copy_name(scrub, suffix, owner))
            return soa;
    }
    return NULL;
}

static void keep_denial(const struct heard *heard, const struct classify_question *question,
                        const struct classified *classified, struct scrub *scrub)
{
    if (scrub->count == SCRUBBED_MAX) {
        scrub->overflow = true;
        return;
    }
    struct kept kept = {
        .kind = classified->kind == KIND_NXDOMAIN ? CACHE_NXDOMAIN : CACHE_NODATA,
        .rank = heard->flags & FLAG_AA && !question->recursive ? RANK_AUTHORITY : RANK_ANSWER,
        .type = question->chain.type,
    };
    if (!copy_name(scrub, classified->chain.last, &kept.owner)) {
        scrub->overflow = true;
        return;
    }
    if (classified->has_soa)
        kept.rrset = find_soa(heard, question, kept.owner, scrub, &kept.soa_owner);
    // RFC 2308 5: without an SOA it is not to be kept: good for this walk, and no longer.
    kept.ttl_s = kept.rrset ? negative_ttl(kept.rrset) : 0;
    scrub->kept[scrub->count++] = kept;
}

void scrub_answer(const struct heard *heard, const struct classify_question *question,
                  const struct classified *classified, struct scrub *scrub)
{
    scrub->count = scrub->used = 0;
    scrub->overflow = false;
    const struct chain *chain = &classified->chain;
    enum cache_rank rank = rank_of_answer(heard, question->recursive);
    for (unsigned i = 0; i < chain->count; i++)
        keep_rrset(heard, chain->steps[i].owner, chain->steps[i].type, rank, scrub);
    if (classified->kind == KIND_NODATA || classified->kind == KIND_NXDOMAIN)
        keep_denial(heard, question, classified, scrub);
    else if (chain->found && question->chain.type == TYPE_ANY)
        keep_any(heard, chain->last, rank, scrub);
    else if (chain->found)
        keep_rrset(heard, chain->last, question->chain.type, rank, scrub);
}

// --- delegations ---------------------------------------------------------------------------------

// The hashes of the hosts' names, so that each address record is compared by numbers first.
struct hosts {
    const struct heard *heard;
    struct scrub *scrub;
    struct delegation *delegation;
    uint64_t hashes[DELEGATION_HOSTS_MAX];
};

static bool add_hosts(struct hosts *hosts, struct name cut, enum section section)
{
    const struct heard *heard = hosts->heard;
    struct heard_wanted wanted = {cut, heard_hash(heard, cut), TYPE_NS, section};
    const struct heard_record *record = NULL;
    uint32_t ttl = UINT32_MAX;
    while ((record = heard_find(heard, record, &wanted))) {
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        size_t at = record->rdata_at;
        if (hosts->delegation->host_count == DELEGATION_HOSTS_MAX)
            break; // the others are as good as these: a cap against NXNSAttack and NRDelegation
        if (!message_name(heard->octets, heard->size, &at, storage, &name) ||
            !copy_name(hosts->scrub, name, &name))
            continue;
        int index = delegation_add_host(hosts->delegation, name);
        if (index >= 0)
            hosts->hashes[index] = heard_hash(heard, name);
        if (record->ttl < ttl)
            ttl = record->ttl;
    }
    hosts->delegation->ttl_s = ttl;
    return hosts->delegation->host_count > 0;
}

static void set_address(const uint8_t *octets, uint16_t type, struct address *address)
{
    *address = (struct address){0};
    if (type == TYPE_A) {
        address->v4.sin_family = AF_INET;
        memcpy(&address->v4.sin_addr, octets, 4);
        address->size = sizeof address->v4;
    } else {
        address->v6.sin6_family = AF_INET6;
        memcpy(&address->v6.sin6_addr, octets, 16);
        address->size = sizeof address->v6;
    }
}

// Glue: addresses of these hosts whose names are within the zone that was asked. Those of others
// are somebody else's to tell, and are looked up there.
static void add_glue(struct hosts *hosts, struct name zone)
{
    const struct heard *heard = hosts->heard;
    for (unsigned i = 0; i < heard->count; i++) {
        const struct heard_record *record = &heard->records[i];
        bool sized = (record->type == TYPE_A && record->rdata_size == 4) ||
                     (record->type == TYPE_AAAA && record->rdata_size == 16);
        if (record->section != SECTION_ADDITIONAL || !sized)
            continue;
        for (unsigned host = 0; host < hosts->delegation->host_count; host++) {
            struct name name = hosts->delegation->hosts[host].name;
            struct heard_wanted wanted = {name, hosts->hashes[host], record->type,
                                          SECTION_ADDITIONAL};
            struct address address;
            if (!heard_is(heard, record, &wanted) || !name_is_within(name, zone))
                continue;
            set_address(heard->octets + record->rdata_at, record->type, &address);
            delegation_add_address(hosts->delegation, &address, (uint8_t)host);
        }
    }
}

bool scrub_referral(const struct heard *heard, struct name zone, struct name cut,
                    struct scrub *scrub, struct delegation *delegation)
{
    scrub->used = 0;
    struct hosts hosts = {.heard = heard, .scrub = scrub, .delegation = delegation};
    struct name copy;
    if (!copy_name(scrub, cut, &copy))
        return false;
    delegation_begin(delegation, copy);
    if (!add_hosts(&hosts, copy, SECTION_AUTHORITY))
        return false;
    add_glue(&hosts, zone);
    return true;
}

bool scrub_priming(const struct heard *heard, struct scrub *scrub, struct delegation *delegation)
{
    scrub->used = 0;
    struct hosts hosts = {.heard = heard, .scrub = scrub, .delegation = delegation};
    delegation_begin(delegation, NAME_ROOT);
    if (!add_hosts(&hosts, NAME_ROOT, SECTION_ANSWER))
        return false;
    add_glue(&hosts, NAME_ROOT);
    return delegation->address_count > 0;
}
