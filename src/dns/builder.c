// Writing messages (builder.h).
#include "dns/builder.h"

#include <assert.h>
#include <string.h>

#include "dns/type.h"

#define RECORD_MIN  11u    // a root owner, type, class, TTL and RDLENGTH
#define POINTER_MAX 0x3fff // RFC 1035 4.1.4: a pointer has 14 bits

void builder_begin(struct builder *builder, const struct builder_start *start)
{
    assert(start->size <= start->limit);
    builder->octets = start->octets;
    builder->size = start->size;
    builder->limit = start->limit;
    builder->overflow = false;
    builder->begun = false;
    builder->class = start->class;
    builder->suffixes = 0;
    builder->question = start->question;
    builder->multiplier = start->secret->words[1] | 1;
    builder->known = 0;
}

void builder_roll_back(struct builder *builder, struct builder_mark mark)
{
    builder->size = mark.size;
    builder->overflow = false;
    builder->known = mark.known;
    // Entries were put at the head of their lists, so they come off in the reverse order.
    while (builder->suffixes > mark.suffixes) {
        struct builder_suffix *entry = &builder->table[--builder->suffixes];
        builder->heads[entry->head] = entry->next;
    }
}

void builder_put_octets(struct builder *builder, const void *octets, size_t size)
{
    if (builder->overflow || builder->limit - builder->size < size) {
        builder->overflow = true;
        return;
    }
    bytes_copy(builder->octets + builder->size, octets, size);
    builder->size += (uint32_t)size;
}

void builder_put_name_plain(struct builder *builder, struct name name)
{
    builder_put_octets(builder, name.wire, name.size);
}

// Puts a suffix into the table. Returns its index + 1, 0: not remembered, nor will be what is in
// front of it.
static uint16_t remember(struct builder *builder, unsigned head, uint32_t offset, uint16_t parent)
{
    if (builder->suffixes == COMPRESSION_SLOTS || offset > POINTER_MAX)
        return 0;
    builder->table[builder->suffixes++] = (struct builder_suffix){.offset = (uint16_t)offset,
                                                                  .parent = parent,
                                                                  .next = builder->heads[head],
                                                                  .head = (uint8_t)head};
    return builder->heads[head] = builder->suffixes;
}

// True if the name is the suffix of this depth.
static bool is_suffix(const struct name_key *question, unsigned depth, struct name name)
{
    struct name asked = name_key_suffix(question, depth);
    // The first letter tells most of them apart: "ns1" from "www".
    return name.size == asked.size && (name.wire[1] | 0x20) == (asked.wire[1] | 0x20) &&
           name_equal_folded(name, asked);
}

// The depth of the longest suffix that the name shares with the question, 0: none but the root.
static unsigned shared_depth(const struct builder *builder, struct name name,
                             const uint8_t starts[static NAME_LABELS_MAX + 1])
{
    const struct name_key *question = builder->question;
    if (!question)
        return 0;
    unsigned depth = name.labels < question->labels ? name.labels : question->labels;
    for (; depth > 0; depth--) {
        unsigned at = starts[name.labels - depth];
        struct name suffix = {name.wire + at, (uint8_t)(name.size - at), (uint8_t)depth};
        if (is_suffix(question, depth, suffix))
            break;
    }
    return depth;
}

static bool same_label(const uint8_t *a, const uint8_t *b)
{
    if (*a != *b)
        return false;
    for (unsigned i = 1; i <= *a; i++)
        if (a[i] != b[i] && byte_fold(a[i]) != byte_fold(b[i]))
            return false;
    return true;
}

// Which list a label in front of `parent` is in: one multiplication of what tells labels apart, up
// to four octets of both ends. Setting the bit of the case makes letters equal, and some other
// octets too, which costs nothing but a comparison.
static unsigned head_of(const struct builder *builder, const uint8_t *label, uint16_t parent)
{
    unsigned size = *label;
    uint64_t octets;
    if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, label + 1, 4);
        memcpy(&last, label + size - 3, 4);
        octets = (uint64_t)last << 32 | first;
    } else {
        octets = label[1] | (unsigned)label[1 + size / 2] << 8 | (unsigned)label[size] << 16;
    }
    octets = (octets | 0x2020202020202020u) ^ ((uint64_t)parent << 40 | (uint64_t)size << 17);
    return (unsigned)(octets * builder->multiplier >> (64 - BUILDER_HEAD_BITS));
}

// The suffix that is `label` in front of `parent`: index + 1, 0: it does not stand anywhere.
static uint16_t look_up(const struct builder *builder, unsigned head, const uint8_t *label,
                        uint16_t parent)
{
    unsigned i = builder->heads[head];
    for (; i; i = builder->table[i - 1].next) {
        const struct builder_suffix *entry = &builder->table[i - 1];
        if (entry->parent == parent && same_label(builder->octets + entry->offset, label))
            break;
    }
    return (uint16_t)i;
}

// What a name's pointer points to: a suffix of the question, or one in the table.
static uint16_t pointer_to(const struct builder *builder, uint16_t found)
{
    unsigned offset = found & BUILDER_QUESTION
                          ? HEADER_SIZE + name_key_offset(builder->question, found & 0xff)
                          : builder->table[found - 1].offset;
    return (uint16_t)(0xc000 | offset);
}

// What of a name stands in the message already.
struct place {
    unsigned left;  // labels in front of that
    uint16_t found; // index + 1, one of the question's with its depth, or 0: nothing but the root
    unsigned head;  // of the last label in front of it
};

// From the root outwards: what the question has, then labels as long as they stand somewhere.
static struct place find_place(const struct builder *builder, struct name name,
                               const uint8_t starts[static NAME_LABELS_MAX + 1])
{
    unsigned shared = shared_depth(builder, name, starts);
    struct place place = {.left = name.labels - shared};
    place.found = shared ? (uint16_t)(BUILDER_QUESTION | shared) : 0;
    for (; place.left > 0; place.left--) {
        const uint8_t *label = name.wire + starts[place.left - 1];
        place.head = head_of(builder, label, place.found);
        uint16_t next = look_up(builder, place.head, label, place.found);
        if (!next)
            break;
        place.found = next;
    }
    return place;
}

// Writes what is in front of what was found, and a pointer or the root. Returns false: no room.
static inline bool put_front(struct builder *builder, const uint8_t *wire, unsigned size,
                             uint16_t pointer)
{
    unsigned end = pointer ? 2 : 1;
    if (builder->overflow || builder->limit - builder->size < size + end) {
        builder->overflow = true;
        return false;
    }
    uint8_t *to = builder->octets + builder->size;
    bytes_copy(to, wire, size);
    if (pointer)
        bytes_put16(to + size, pointer);
    else
        to[size] = 0;
    builder->size += size + end;
    return true;
}

// The general way: any number of labels in front of anything.
static void put_labels(struct builder *builder, struct name name)
{
    uint8_t starts[NAME_LABELS_MAX + 1];
    unsigned at = 0;
    for (unsigned i = 0; i <= name.labels; at += 1u + name.wire[at])
        starts[i++] = (uint8_t)at;
    struct place place = find_place(builder, name, starts);
    uint32_t begin = builder->size;
    uint16_t pointer = place.found ? pointer_to(builder, place.found) : 0;
    if (!put_front(builder, name.wire, starts[place.left], pointer))
        return;
    for (unsigned left = place.left; left > 0;) { // `head` is that of the first label in front
        place.found = remember(builder, place.head, begin + starts[left - 1], place.found);
        if (!place.found || --left == 0)
            return;
        place.head = head_of(builder, name.wire + starts[left - 1], place.found);
    }
}

// The depth of the question's suffix that has these very octets, 0: none but the root has. Where
// the case differs, it takes the general way.
static unsigned same_suffix(const struct name_key *question, const uint8_t *wire, unsigned size)
{
    if (size > question->size)
        return 0;
    unsigned at = question->size - size, i = 0;
    while (question->start[i] < at)
        i++;
    if (question->start[i] != at || !bytes_equal(question->folded + at, wire, size))
        return 0;
    return question->labels - i;
}

// The usual way: one label in front of a suffix of the question, as "ns1" is in front of the cut's
// or the zone's name. Comes to the same as the general way. Returns false: it is no such name.
static bool put_label(struct builder *builder, struct name name)
{
    const struct name_key *question = builder->question;
    if (!question || name.labels < 2)
        return false;
    unsigned front = 1u + name.wire[0];
    unsigned depth = same_suffix(question, name.wire + front, name.size - front);
    if (depth == 0)
        return false;
    uint16_t found = 0, parent = (uint16_t)(BUILDER_QUESTION | depth);
    if (depth < question->labels && is_suffix(question, depth + 1, name))
        found = (uint16_t)(parent + 1);
    unsigned head = 0;
    if (!found) {
        head = head_of(builder, name.wire, parent);
        found = look_up(builder, head, name.wire, parent);
    }
    uint32_t begin = builder->size;
    if (found)
        put_front(builder, name.wire, 0, pointer_to(builder, found));
    else if (put_front(builder, name.wire, front, pointer_to(builder, parent)))
        remember(builder, head, begin, parent);
    return true;
}

// Writes a name, and remembers what of it is new.
void builder_put_name(struct builder *builder, struct name name)
{
    if (!builder->begun) {
        memset(builder->heads, 0, sizeof builder->heads);
        builder->begun = true;
    }
    if (!put_label(builder, name))
        put_labels(builder, name);
}

// Keeps in mind where a name was written just now, from `begin` on. Returns a pointer to it, 0:
// there can be none (it is too far off; and one to the root would be longer than the root).
static uint16_t know(struct builder *builder, const uint8_t *wire, uint32_t begin)
{
    uint8_t first = builder->octets[begin];
    uint16_t pointer = 0;
    if (first >= 0xc0)
        pointer = bytes_get16(builder->octets + begin);
    else if (first != 0 && begin <= POINTER_MAX)
        pointer = (uint16_t)(0xc000 | begin);
    if (pointer && builder->known < BUILDER_KNOWN)
        builder->names[builder->known++] = (struct builder_known){wire, pointer};
    return pointer;
}

// A pointer to the owner if it was written before, as a host of an NS record or as the owner of
// another RRset, or if it is the question's name or a suffix of it; else 0.
static uint16_t known_pointer(const struct builder *builder, struct name owner)
{
    for (unsigned i = 0; i < builder->known; i++)
        if (builder->names[i].wire == owner.wire)
            return builder->names[i].pointer;
    const struct name_key *question = builder->question;
    if (!question || owner.labels == 0 || owner.labels > question->labels)
        return 0;
    unsigned at = name_key_offset(question, owner.labels);
    if (owner.wire != builder->octets + HEADER_SIZE + at &&
        !name_equal_folded(owner, name_key_suffix(question, owner.labels)))
        return 0;
    return (uint16_t)(0xc000 | (HEADER_SIZE + at));
}

// Rdata with names that may be compressed: the fixed octets, the names, the rest.
static void put_rdata_compressed(struct builder *builder, const struct type_row *row,
                                 const uint8_t *rdata, unsigned size)
{
    uint32_t length_at = builder->size;
    builder_put16(builder, 0);
    const uint8_t *end = rdata + size;
    if (row->names_at)
        builder_put_octets(builder, rdata, row->names_at);
    rdata += row->names_at;
    for (unsigned i = 0; i < row->names; i++) {
        struct name name = name_trust(rdata);
        uint32_t begin = builder->size;
        builder_put_name(builder, name);
        if (row->code == TYPE_NS && !builder->overflow)
            know(builder, name.wire, begin);
        rdata += name.size;
    }
    if (rdata != end)
        builder_put_octets(builder, rdata, (size_t)(end - rdata));
    if (!builder->overflow)
        bytes_put16(builder->octets + length_at, (uint16_t)(builder->size - length_at - 2));
}

// What all records of one RRset have in common.
struct record_head {
    struct name owner;
    uint16_t owner_pointer; // once the owner stands somewhere: a pointer to it; 0: not yet
    uint16_t type, class;
    uint32_t ttl;
    const struct type_row *compressed; // NULL: the rdata goes out as it is
};

static void put_head(struct builder *builder, struct record_head *head)
{
    uint32_t begin = builder->size;
    if (head->owner_pointer) {
        builder_put16(builder, head->owner_pointer);
    } else {
        builder_put_name(builder, head->owner);
        if (builder->overflow)
            return;
        head->owner_pointer = know(builder, head->owner.wire, begin);
    }
    if (builder->overflow || builder->limit - builder->size < 8) {
        builder->overflow = true;
        return;
    }
    uint8_t *to = builder->octets + builder->size;
    bytes_put16(to, head->type);
    bytes_put16(to + 2, head->class);
    bytes_put32(to + 4, head->ttl);
    builder->size += 8;
}

static void put_record(struct builder *builder, struct record_head *head, const uint8_t *entry)
{
    put_head(builder, head);
    if (head->compressed)
        put_rdata_compressed(builder, head->compressed, rrset_rdata(entry),
                             rrset_rdata_size(entry));
    else
        builder_put_octets(builder, entry, 2u + rrset_rdata_size(entry));
}

// Returns the entry behind the data: the first signature.
static const uint8_t *put_data(struct builder *builder, const struct builder_rrset *rrset,
                               struct record_head *head, bool write)
{
    unsigned count = rrset->rrset->count;
    unsigned start = count > 1 ? rrset->start % count : 0;
    const uint8_t *entry = rrset->rrset->body;
    for (unsigned i = 0; i < start; i++)
        entry = rrset_next(entry);
    for (unsigned i = start; i < count; i++, entry = rrset_next(entry))
        if (write)
            put_record(builder, head, entry);
    const uint8_t *behind = entry;
    entry = rrset->rrset->body;
    for (unsigned i = 0; write && i < start; i++, entry = rrset_next(entry))
        put_record(builder, head, entry);
    return behind;
}

// Records that are sure to fit, the usual case: what each begins with is put together once, and
// where nothing in the rdata is compressed, nothing is checked.
struct quick {
    uint8_t record[10]; // pointer to the owner, type, class, TTL
    bool named;         // the owner of the next one stands there already
};

static inline uint8_t *put_beginning(struct quick *quick, uint8_t *to)
{
    if (quick->named) {
        quick->named = false;
        memcpy(to, quick->record + 2, 8);
        return to + 8;
    }
    memcpy(to, quick->record, 10);
    return to + 10;
}

static const uint8_t *put_entries(struct builder *builder, struct quick *quick,
                                  const uint8_t *entry, unsigned count)
{
    uint8_t *to = builder->octets + builder->size;
    for (; count > 0; count--) {
        to = put_beginning(quick, to);
        unsigned size = 2u + rrset_rdata_size(entry);
        bytes_copy(to, entry, size);
        to += size;
        entry += size;
    }
    builder->size = (uint32_t)(to - builder->octets);
    return entry;
}

static const uint8_t *put_compressed(struct builder *builder, struct quick *quick,
                                     const struct type_row *row, const uint8_t *entry,
                                     unsigned count)
{
    for (; count > 0; count--) {
        uint8_t *to = put_beginning(quick, builder->octets + builder->size);
        builder->size = (uint32_t)(to - builder->octets);
        unsigned size = rrset_rdata_size(entry);
        put_rdata_compressed(builder, row, rrset_rdata(entry), size);
        entry += 2u + size;
    }
    return entry;
}

static const uint8_t *skip_entries(const uint8_t *entry, unsigned count)
{
    for (; count > 0; count--)
        entry = rrset_next(entry);
    return entry;
}

// The records from `start` on, and round. Returns the entry behind all of them.
static const uint8_t *put_quick_data(struct builder *builder, const struct builder_rrset *rrset,
                                     const struct record_head *head, struct quick *quick)
{
    const struct rrset *set = rrset->rrset;
    unsigned start = set->count > 1 ? rrset->start % set->count : 0;
    const uint8_t *entry = skip_entries(set->body, start), *end;
    const struct type_row *row = head->compressed;
    if (row) {
        end = put_compressed(builder, quick, row, entry, set->count - start);
        if (start > 0)
            put_compressed(builder, quick, row, set->body, start);
    } else {
        end = put_entries(builder, quick, entry, set->count - start);
        if (start > 0)
            put_entries(builder, quick, set->body, start);
    }
    return end;
}

static void put_quickly(struct builder *builder, const struct builder_rrset *rrset,
                        const struct record_head *head, bool named)
{
    const struct rrset *set = rrset->rrset;
    struct quick quick = {.named = named};
    bytes_put16(quick.record, head->owner_pointer);
    bytes_put16(quick.record + 2, head->type);
    bytes_put16(quick.record + 4, head->class);
    bytes_put32(quick.record + 6, head->ttl);
    const uint8_t *end = rrset->data ? put_quick_data(builder, rrset, head, &quick)
                                     : skip_entries(set->body, set->count);
    if (rrset->signatures && set->signatures) {
        bytes_put16(quick.record + 2, TYPE_RRSIG);
        put_entries(builder, &quick, end, set->signatures);
    }
}

// The owner of an NSEC3 is a hash in front of the zone's name, which the question mostly ends with.
// No other name has that label: it is neither looked for nor remembered. Returns false: the zone's
// name is not at hand, or no pointer would reach the owner.
static bool put_hashed_owner(struct builder *builder, struct record_head *head)
{
    const struct name_key *question = builder->question;
    const uint8_t *wire = head->owner.wire;
    uint32_t begin = builder->size;
    if (!question || head->owner.labels < 2 || begin > POINTER_MAX)
        return false;
    unsigned front = 1u + *wire;
    unsigned depth = same_suffix(question, wire + front, head->owner.size - front);
    if (depth == 0)
        return false;
    put_front(builder, wire, front, pointer_to(builder, (uint16_t)(BUILDER_QUESTION | depth)));
    head->owner_pointer = (uint16_t)(0xc000 | begin);
    return true;
}

// Writes the owner of the first record if there is no pointer to it yet. Returns false if there can
// be none either.
static bool put_owner(struct builder *builder, struct record_head *head, bool *named)
{
    *named = false;
    if (head->owner_pointer)
        return true;
    if (head->type == TYPE_NSEC3 && put_hashed_owner(builder, head)) {
        *named = true;
        return true;
    }
    uint32_t begin = builder->size;
    struct builder_mark mark = builder_mark(builder);
    builder_put_name(builder, head->owner);
    head->owner_pointer = know(builder, head->owner.wire, begin);
    *named = head->owner_pointer;
    if (!*named)
        builder_roll_back(builder, mark);
    return *named;
}

// The row of a type whose names are compressed. RFC 3597 4: only those of RFC 1035 are, whose
// numbers are small; so most types are not even looked for.
static const struct type_row *compressed_row(uint16_t type)
{
    if (type > TYPE_COMPRESSED_MAX || type == TYPE_A)
        return NULL;
    const struct type_row *row = type_find(type);
    return row && row->compress && row->names ? row : NULL;
}

unsigned builder_put_rrset(struct builder *builder, const struct builder_rrset *rrset)
{
    const struct rrset *set = rrset->rrset;
    bool signatures = rrset->signatures && set->signatures;
    unsigned records = (rrset->data ? set->count : 0u) + (signatures ? set->signatures : 0u);
    // What is sure not to fit is not even begun: a huge set costs no more than a large one.
    if (builder->overflow || builder->limit - builder->size < RECORD_MIN * records) {
        builder->overflow = true;
        return 0;
    }
    struct record_head head = {.owner = rrset->owner,
                               .owner_pointer = known_pointer(builder, rrset->owner),
                               .type = set->type,
                               .class = builder->class,
                               .ttl = rrset->ttl,
                               .compressed = compressed_row(set->type)};
    bool named;
    if (records > 0 &&
        builder->limit - builder->size >= NAME_OCTETS_MAX + 10u * records + rrset_size(set) &&
        put_owner(builder, &head, &named)) {
        put_quickly(builder, rrset, &head, named);
        return records;
    }
    const uint8_t *signature = NULL;
    if (rrset->data || signatures)
        signature = put_data(builder, rrset, &head, rrset->data);
    if (signatures) {
        head.type = TYPE_RRSIG;
        head.compressed = NULL;
        for (unsigned i = 0; i < set->signatures; i++, signature = rrset_next(signature))
            put_record(builder, &head, signature);
    }
    return builder->overflow ? 0 : records;
}

void builder_put_record(struct builder *builder, const struct builder_record *record)
{
    struct record_head head = {.owner = record->owner,
                               .owner_pointer = known_pointer(builder, record->owner),
                               .type = record->type,
                               .class = builder->class,
                               .ttl = record->ttl,
                               .compressed = compressed_row(record->type)};
    put_record(builder, &head, record->entry);
}
