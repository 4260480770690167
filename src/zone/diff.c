// Differences between versions (diff.h).
#include "zone/diff.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/rdata.h"
#include "dns/type.h"

#define SAME_OWNER 0x80

void diff_begin(struct diff *diff, struct name origin)
{
    diff->serial_from = diff->serial_to = 0;
    records_begin(&diff->removed, origin);
    records_begin(&diff->added, origin);
}

void diff_free(struct diff *diff)
{
    records_free(&diff->removed);
    records_free(&diff->added);
}

static bool has_owner(const struct record *record, const struct record *other)
{
    return record->owner == other->owner ||
           (record->owner_size == other->owner_size &&
            memcmp(record->owner, other->owner, record->owner_size) == 0);
}

void diff_add(struct records *records, const struct record *record)
{
    const struct record *last = records->count ? &records->list[records->count - 1] : NULL;
    const uint8_t *owner = last && has_owner(record, last)
                               ? last->owner
                               : arena_copy(&records->arena, record->owner, record->owner_size);
    const uint8_t *rdata = arena_copy(&records->arena, record->rdata, record->rdata_size);
    struct record *copy = records_add(records);
    *copy = *record;
    copy->owner = owner;
    copy->rdata = rdata;
    copy->line = copy->file = 0;
}

bool diff_same(const struct record *a, const struct record *b)
{
    return a->type == b->type && name_equal(record_owner(a), record_owner(b)) &&
           rdata_compare(a->type, a->rdata, a->rdata_size, b->rdata, b->rdata_size) == 0;
}

uint32_t diff_serial(const struct record *soa)
{
    assert(soa->type == TYPE_SOA && soa->rdata_size >= 22);
    return bytes_get32(soa->rdata + soa->rdata_size - 20);
}

// The order of records_sort, which puts RRSIG behind all others of their owner, by the type that
// they cover.
static int compare(const struct record *a, const struct record *b)
{
    int order = name_compare(record_owner(a), record_owner(b));
    if (order)
        return order;
    bool a_signs = a->type == TYPE_RRSIG, b_signs = b->type == TYPE_RRSIG;
    if (a_signs != b_signs)
        return a_signs - b_signs;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return rdata_compare(a->type, a->rdata, a->rdata_size, b->rdata, b->rdata_size);
}

// With another TTL it is another record.
static int compare_all(const struct record *a, const struct record *b)
{
    int order = compare(a, b);
    return order ? order : (a->ttl > b->ttl) - (a->ttl < b->ttl);
}

// Both are sorted: what they share goes, one for one.
static void cancel(struct records *a, struct records *b)
{
    size_t a_kept = 0, b_kept = 0, i = 0, j = 0;
    while (i < a->count && j < b->count) {
        int order = compare_all(&a->list[i], &b->list[j]);
        if (order == 0) {
            i++;
            j++;
        } else if (order < 0) {
            a->list[a_kept++] = a->list[i++];
        } else {
            b->list[b_kept++] = b->list[j++];
        }
    }
    while (i < a->count)
        a->list[a_kept++] = a->list[i++];
    while (j < b->count)
        b->list[b_kept++] = b->list[j++];
    a->count = a_kept;
    b->count = b_kept;
}

// RFC 1995 4: the SOA of the version stands before all else of its side.
static void put_soa_first(struct records *records, uint32_t *serial)
{
    for (size_t i = 0; i < records->count; i++) {
        if (records->list[i].type != TYPE_SOA)
            continue;
        struct record soa = records->list[i];
        memmove(records->list + 1, records->list, i * sizeof *records->list);
        records->list[0] = soa;
        *serial = diff_serial(&soa);
        return;
    }
}

void diff_settle(struct diff *diff)
{
    records_sort(&diff->removed);
    records_sort(&diff->added);
    cancel(&diff->removed, &diff->added);
    put_soa_first(&diff->removed, &diff->serial_from);
    put_soa_first(&diff->added, &diff->serial_to);
}

bool diff_is_empty(const struct diff *diff)
{
    for (size_t i = 0; i < diff->removed.count; i++)
        if (diff->removed.list[i].type != TYPE_SOA)
            return false;
    for (size_t i = 0; i < diff->added.count; i++)
        if (diff->added.list[i].type != TYPE_SOA)
            return false;
    return true;
}

void diff_make(struct diff *diff, const struct records *before, const struct records *after)
{
    size_t i = 0, j = 0;
    diff_begin(diff, after->origin);
    while (i < before->count || j < after->count) {
        int order = i == before->count  ? 1
                    : j == after->count ? -1
                                        : compare(&before->list[i], &after->list[j]);
        bool same = order == 0 && before->list[i].ttl == after->list[j].ttl;
        if (order <= 0 && !same)
            diff_add(&diff->removed, &before->list[i]);
        if (order >= 0 && !same)
            diff_add(&diff->added, &after->list[j]);
        i += order <= 0;
        j += order >= 0;
    }
    put_soa_first(&diff->removed, &diff->serial_from);
    put_soa_first(&diff->added, &diff->serial_to);
}

// --- packed --------------------------------------------------------------------------------------

static void put_record(const struct record *record, const struct record *before, struct buffer *to)
{
    uint8_t fixed[8];
    if (before && has_owner(record, before))
        buffer_add_char(to, (char)SAME_OWNER);
    else
        buffer_add(to, record->owner, record->owner_size);
    bytes_put16(fixed, record->type);
    bytes_put32(fixed + 2, record->ttl);
    bytes_put16(fixed + 6, record->rdata_size);
    buffer_add(to, fixed, sizeof fixed);
    buffer_add(to, record->rdata, record->rdata_size);
}

void records_pack(const struct records *records, struct buffer *to)
{
    uint8_t count[4];
    assert(records->count <= UINT32_MAX);
    bytes_put32(count, (uint32_t)records->count);
    buffer_add(to, count, sizeof count);
    for (size_t i = 0; i < records->count; i++)
        put_record(&records->list[i], i ? &records->list[i - 1] : NULL, to);
}

// One record at *at. False: it is none.
static bool take_record(const uint8_t *octets, size_t size, size_t *at, struct name *owner,
                        struct records *records)
{
    if (*at >= size)
        return false;
    if (octets[*at] == SAME_OWNER) {
        if (!owner->wire)
            return false;
        ++*at;
    } else if (name_view(octets + *at, size - *at, owner)) {
        *at += owner->size;
        owner->wire = arena_copy(&records->arena, owner->wire, owner->size);
    } else {
        return false;
    }
    if (size - *at < 8)
        return false;
    const uint8_t *fixed = octets + *at;
    struct record record = {.owner = owner->wire,
                            .owner_size = owner->size,
                            .owner_labels = owner->labels,
                            .type = bytes_get16(fixed),
                            .ttl = bytes_get32(fixed + 2),
                            .rdata_size = bytes_get16(fixed + 6)};
    *at += 8;
    if (size - *at < record.rdata_size || type_is_meta(record.type) ||
        !name_is_within(*owner, records->origin) ||
        rdata_check(record.type, octets + *at, record.rdata_size))
        return false;
    record.rdata = arena_copy(&records->arena, octets + *at, record.rdata_size);
    *at += record.rdata_size;
    *records_add(records) = record;
    return true;
}

bool records_unpack(const uint8_t *octets, size_t size, struct records *records, size_t *used)
{
    struct name owner = {0};
    if (size < 4)
        return false;
    uint32_t count = bytes_get32(octets);
    *used = 4;
    while (count-- > 0)
        if (!take_record(octets, size, used, &owner, records))
            return false;
    return true;
}

void diff_pack(const struct diff *diff, struct buffer *to)
{
    records_pack(&diff->removed, to);
    records_pack(&diff->added, to);
}

bool diff_unpack(const uint8_t *octets, size_t size, struct name origin, struct diff *diff)
{
    size_t used, rest;
    diff_begin(diff, origin);
    bool good = records_unpack(octets, size, &diff->removed, &used) &&
                records_unpack(octets + used, size - used, &diff->added, &rest) &&
                used + rest == size;
    if (good && diff->removed.count && diff->removed.list[0].type == TYPE_SOA)
        diff->serial_from = diff_serial(&diff->removed.list[0]);
    if (good && diff->added.count && diff->added.list[0].type == TYPE_SOA)
        diff->serial_to = diff_serial(&diff->added.list[0]);
    if (!good)
        diff_free(diff);
    return good;
}

void packed_begin(struct packed_reader *reader, const uint8_t *octets, size_t size)
{
    *reader = (struct packed_reader){.at = octets, .end = octets + size};
}

bool packed_next(struct packed_reader *reader, struct packed_record *record)
{
    while (reader->left == 0) {
        if (reader->at == reader->end)
            return false;
        reader->left = bytes_get32(reader->at);
        reader->at += 4;
    }
    if (*reader->at == SAME_OWNER) {
        reader->at++;
    } else {
        reader->owner = name_trust(reader->at);
        reader->at += reader->owner.size;
    }
    *record = (struct packed_record){.owner = reader->owner,
                                     .type = bytes_get16(reader->at),
                                     .ttl = bytes_get32(reader->at + 2),
                                     .entry = reader->at + 6};
    reader->at += 8 + bytes_get16(reader->at + 6);
    reader->left--;
    return true;
}
