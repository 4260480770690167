// Names of the neighbourhood (local.h): an index by hash over RRsets that are packed once.
//
// What a hosts file says of a name is all of its addresses: an A where the file has only an AAAA is
// not looked for elsewhere. Its HTTPS and SVCB records neither, since they carry addresses too. Its
// other types (MX, TXT ...) are none of the file's business and are resolved as always.
#include "resolve/local.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "resolve/special.h"

#define LOCAL_TTL_S 60 // the file may change at any time

// One record on its way in: a name, a type and rdata.
struct record {
    uint64_t hash;
    struct name owner; // folded, in the arena
    uint16_t type;
    uint16_t size;
    const uint8_t *rdata;
};

struct entry {
    uint64_t hash;
    struct name owner;
    const struct rrset *rrsets[3]; // A, AAAA, PTR; NULL: none
};

struct local {
    atomic_uint holders;
    struct arena memory;
    struct entry *slots; // open addressing; a free one has no owner
    size_t mask;
    size_t count;
};

static const uint16_t entry_types[3] = {TYPE_A, TYPE_AAAA, TYPE_PTR};

// --- making --------------------------------------------------------------------------------------

struct records {
    struct record *list;
    size_t count, room;
};

static void add(struct local *local, struct records *records, struct name owner,
                const struct hash_key *secret, const struct record *like)
{
    struct name_key key;
    name_key_make(owner, secret, &key);
    records->list =
        memory_grow(records->list, &records->room, records->count + 1, sizeof *records->list);
    struct record *record = &records->list[records->count++];
    *record = *like;
    record->hash = key.hash[key.labels];
    uint8_t *octets = arena_copy(&local->memory, key.folded, key.size);
    record->owner = (struct name){octets, key.size, key.labels};
    record->rdata = arena_copy(&local->memory, like->rdata, like->size);
}

// "1.2.0.192.in-addr.arpa.", or the 32 nibbles of IPv6 (RFC 1035 3.5, RFC 3596 2.5).
static struct name reverse_name(const struct address *address,
                                uint8_t storage[static NAME_OCTETS_MAX])
{
    char text[NAME_TEXT_MAX];
    size_t size = 0;
    if (address->any.sa_family == AF_INET) {
        const uint8_t *octets = (const uint8_t *)&address->v4.sin_addr;
        for (unsigned i = 4; i > 0; i--)
            size += (size_t)sprintf(text + size, "%u.", octets[i - 1]);
        size += (size_t)sprintf(text + size, "in-addr.arpa.");
    } else {
        const uint8_t *octets = address->v6.sin6_addr.s6_addr;
        for (unsigned i = 16; i > 0; i--)
            size += (size_t)sprintf(text + size, "%x.%x.", octets[i - 1] & 15, octets[i - 1] >> 4);
        size += (size_t)sprintf(text + size, "ip6.arpa.");
    }
    struct name name;
    enum name_text_result result = name_parse(text, size, NULL, storage, &name);
    assert(result == NAME_TEXT_OK);
    (void)result;
    return name;
}

static void add_pair(struct local *local, struct records *records, const struct local_name *pair,
                     const struct hash_key *secret)
{
    bool v4 = pair->address.any.sa_family == AF_INET;
    struct record record = {
        .type = v4 ? TYPE_A : TYPE_AAAA,
        .size = v4 ? 4 : 16,
        .rdata =
            v4 ? (const uint8_t *)&pair->address.v4.sin_addr : pair->address.v6.sin6_addr.s6_addr,
    };
    add(local, records, pair->name, secret, &record);
    uint8_t storage[NAME_OCTETS_MAX];
    struct record back = {.type = TYPE_PTR, .size = pair->name.size, .rdata = pair->name.wire};
    add(local, records, reverse_name(&pair->address, storage), secret, &back);
}

static int compare(const void *left, const void *right)
{
    const struct record *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    int order = name_compare(a->owner, b->owner);
    if (order == 0 && a->type != b->type)
        order = a->type < b->type ? -1 : 1;
    if (order == 0)
        order = memcmp(a->rdata, b->rdata, a->size < b->size ? a->size : b->size);
    return order ? order : (int)a->size - (int)b->size;
}

static bool is_same(const struct record *a, const struct record *b)
{
    return a->hash == b->hash && a->type == b->type && name_equal(a->owner, b->owner);
}

static bool is_double(const struct record *a, const struct record *b)
{
    return a->size == b->size && memcmp(a->rdata, b->rdata, a->size) == 0;
}

// The RRset of `count` records, which differ only in their rdata and are sorted by it.
static const struct rrset *pack(struct local *local, const struct record *records, size_t count)
{
    size_t size = sizeof(struct rrset);
    uint16_t different = 0;
    for (size_t i = 0; i < count; i++) {
        if (different == UINT16_MAX || (i && is_double(&records[i - 1], &records[i])))
            continue;
        size += 2u + records[i].size;
        different++;
    }
    size = (size + 3) & ~(size_t)3;
    struct rrset *rrset = arena_get(&local->memory, size);
    memset(rrset, 0, size);
    *rrset = (struct rrset){.ttl = LOCAL_TTL_S,
                            .type = records[0].type,
                            .count = different,
                            .words = rrset_words(size)};
    uint8_t *to = rrset->body;
    for (size_t i = 0, left = different; i < count && left; i++) {
        if (i && is_double(&records[i - 1], &records[i]))
            continue;
        bytes_put16(to, records[i].size);
        memcpy(to + 2, records[i].rdata, records[i].size);
        to += 2 + records[i].size;
        left--;
    }
    return rrset;
}

static struct entry *find_slot(const struct local *local, uint64_t hash, struct name owner)
{
    size_t at = hash & local->mask;
    while (local->slots[at].owner.wire &&
           (local->slots[at].hash != hash || !name_equal(local->slots[at].owner, owner)))
        at = (at + 1) & local->mask;
    return &local->slots[at];
}

static void index_records(struct local *local, struct records *records)
{
    size_t room = 8;
    while (room < records->count * 2)
        room *= 2;
    local->mask = room - 1;
    local->slots = memory_get_zeroed(room, sizeof *local->slots);
    if (records->count)
        qsort(records->list, records->count, sizeof *records->list, compare);
    for (size_t first = 0, end; first < records->count; first = end) {
        const struct record *record = &records->list[first];
        for (end = first + 1; end < records->count && is_same(record, &records->list[end]); end++)
            ;
        struct entry *entry = find_slot(local, record->hash, record->owner);
        if (!entry->owner.wire)
            local->count++;
        entry->hash = record->hash;
        entry->owner = record->owner;
        for (unsigned i = 0; i < 3; i++)
            if (entry_types[i] == record->type)
                entry->rrsets[i] = pack(local, record, end - first);
    }
}

struct local *local_make(const struct local_name *names, size_t count,
                         const struct hash_key *secret)
{
    struct local *local = memory_get_zeroed(1, sizeof *local);
    struct records records = {0};
    atomic_init(&local->holders, 1);
    for (size_t i = 0; i < count; i++)
        add_pair(local, &records, &names[i], secret);
    index_records(local, &records);
    free(records.list);
    return local;
}

struct local *local_hold(struct local *local)
{
    if (local)
        atomic_fetch_add_explicit(&local->holders, 1, memory_order_relaxed);
    return local;
}

void local_release(struct local *local)
{
    if (!local || atomic_fetch_sub_explicit(&local->holders, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&local->memory);
    free(local->slots);
    free(local);
}

// --- answering -----------------------------------------------------------------------------------

// Is it the file's affair what this type says of a name?
static bool is_covered(const struct entry *entry, uint16_t type)
{
    bool is_reverse = entry->rrsets[2];
    if (is_reverse)
        return type == TYPE_PTR;
    return type == TYPE_A || type == TYPE_AAAA || type == TYPE_HTTPS || type == TYPE_SVCB ||
           type == TYPE_ANY;
}

static bool answer_from(const struct local *local, const struct known_question *question,
                        struct answer *answer)
{
    const struct name_key *key = question->key;
    const struct entry *entry =
        find_slot(local, key->hash[key->labels], name_key_suffix(key, key->labels));
    if (!entry->owner.wire || !is_covered(entry, question->type))
        return false;
    answer->authoritative = true;
    answer->reason = REASON_LOCAL;
    for (unsigned i = 0; i < 3; i++) {
        if (!entry->rrsets[i] || (question->type != entry_types[i] && question->type != TYPE_ANY))
            continue;
        (void)answer_add(answer, &(struct answer_rrset){.owner = question->name,
                                                        .rrset = entry->rrsets[i],
                                                        .ttl = entry->rrsets[i]->ttl,
                                                        .section = SECTION_ANSWER,
                                                        .part = PART_DATA,
                                                        .required = true});
    }
    return true;
}

bool local_answer(const struct local *local, const struct rules *rules,
                  const struct known_question *question, struct answer *answer)
{
    if (local && local->count && answer_from(local, question, answer))
        return true;
    return rules->special_names && special_answer(rules, question, answer);
}
