// Reading a reply (heard.h).
//
// Owners are kept as a place in the message and a keyed hash; a comparison reads the name anew only
// when the hashes agree. So a table of two thousand records is 64 kB, and what a stranger sends is
// compared at the price of a number.
#include "resolve/heard.h"

#include <assert.h>

#include "base/bytes.h"
#include "dns/type.h"

static bool take_opt(struct heard *heard, const struct message_record *record)
{
    // RFC 6891 6.1.1: one, at the root, in the additional section.
    if (record->section != SECTION_ADDITIONAL || heard->edns.present || record->owner.size != 1)
        return false;
    heard->rcode = (uint16_t)(heard->rcode | record->ttl >> 24 << 4);
    return edns_read(record->class, record->ttl, heard->octets + record->rdata_at,
                     record->rdata_size, &heard->edns) == EDNS_OK;
}

static bool take(struct heard *heard, const struct message_record *record, size_t owner_at)
{
    if (record->section == SECTION_QUESTION)
        return true;
    if (record->type == TYPE_OPT)
        return take_opt(heard, record);
    if (heard->count == HEARD_RECORDS_MAX)
        return false;
    heard->records[heard->count++] = (struct heard_record){
        .hash = heard_hash(heard, record->owner),
        .ttl = record->ttl >> 31 ? 0 : record->ttl,
        .owner_at = (uint16_t)owner_at,
        .rdata_at = (uint16_t)record->rdata_at,
        .rdata_size = record->rdata_size,
        .type = record->type,
        .class = record->class,
        .section = (uint8_t)record->section,
    };
    if (record->type == TYPE_DNAME && record->section == SECTION_ANSWER)
        heard->has_dname = true;
    return true;
}

bool heard_read(struct heard *heard, const uint8_t *octets, size_t size,
                const struct hash_key *secret)
{
    struct message message;
    struct message_record record;
    if (size > MESSAGE_MAX || !message_open(&message, octets, size) ||
        message.counts[SECTION_QUESTION] > 1)
        return false;
    heard->octets = octets;
    heard->size = size;
    heard->secret = secret;
    heard->flags = message.flags;
    heard->rcode = message.flags & 15;
    heard->has_dname = false;
    heard->edns.present = heard->edns.dnssec_ok = false;
    heard->edns.version = heard->edns.cookie_size = 0;
    heard->edns.has_subnet = true; // we told none, so whatever a server says of one is passed over
    heard->count = 0;
    size_t at = message.at;
    while (message_next(&message, &record)) {
        if (!take(heard, &record, at))
            return false;
        at = message.at;
    }
    return !message.malformed;
}

uint64_t heard_hash(const struct heard *heard, struct name name)
{
    return hash_label(heard->secret, hash_root(heard->secret), name.wire, name.size);
}

struct name heard_owner(const struct heard *heard, const struct heard_record *record,
                        uint8_t storage[static NAME_OCTETS_MAX])
{
    size_t at = record->owner_at;
    struct name name = NAME_ROOT;
    bool good = message_name(heard->octets, heard->size, &at, storage, &name);
    assert(good); // it was read before
    (void)good;
    return name;
}

bool heard_is(const struct heard *heard, const struct heard_record *record,
              const struct heard_wanted *wanted)
{
    if (record->hash != wanted->hash || record->section != wanted->section ||
        record->class != CLASS_IN || (wanted->type != TYPE_ANY && record->type != wanted->type))
        return false;
    uint8_t storage[NAME_OCTETS_MAX];
    return name_equal(heard_owner(heard, record, storage), wanted->owner);
}

const struct heard_record *heard_find(const struct heard *heard, const struct heard_record *after,
                                      const struct heard_wanted *wanted)
{
    const struct heard_record *end = heard->records + heard->count;
    for (const struct heard_record *at = after ? after + 1 : heard->records; at < end; at++)
        if (heard_is(heard, at, wanted))
            return at;
    return NULL;
}
