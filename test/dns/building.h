// Messages under construction, for tests of the builder: a question to begin with, and records read
// back.
#pragma once

#include "rrsets.h"

#include "base/bytes.h"
#include "dns/builder.h"
#include "dns/message.h"

static uint8_t octets[MESSAGE_MAX + 64];
static struct name_key question;

// A message with this question (NULL: none) and a builder behind it.
static inline void begin(struct builder *builder, const char *name, uint32_t limit)
{
    memset(octets, 0, HEADER_SIZE);
    memset(octets + HEADER_SIZE, 0xa5, sizeof octets - HEADER_SIZE);
    uint32_t size = HEADER_SIZE;
    if (name) {
        struct name asked = name_of(name);
        memcpy(octets + size, asked.wire, asked.size);
        bytes_put32(octets + size + asked.size, TYPE_A << 16 | CLASS_IN);
        octets[5] = 1;
        size += asked.size + 4u;
        name_key_make(asked, &test_secret, &question);
    }
    builder_begin(builder, &(struct builder_start){.octets = octets,
                                                   .size = size,
                                                   .limit = limit,
                                                   .class = CLASS_IN,
                                                   .question = name ? &question : NULL,
                                                   .secret = &test_secret});
}

// Reads the message back and compares its record number `index` of all.
static inline void assert_record(struct message *message, const struct builder_rrset *put,
                                 uint16_t type, const uint8_t *entry)
{
    static uint8_t rdata[RDATA_MAX], wanted[RDATA_MAX];
    struct message_record record;
    size_t size;
    assert_true(message_next(message, &record));
    assert_true(name_equal(record.owner, put->owner));
    assert_int_equal(record.type, type);
    assert_int_equal(record.class, CLASS_IN);
    assert_int_equal(record.ttl, put->ttl);
    assert_true(rdata_expand(type, message->octets, message->size, record.rdata_at,
                             record.rdata_size, rdata, &size));
    assert_int_equal(size, rrset_rdata_size(entry));
    rdata_fold(type, rdata, size, rdata);
    rdata_fold(type, rrset_rdata(entry), size, wanted);
    assert_memory_equal(rdata, wanted, size);
}

// All records of one RRset, from `start` on and round, then its signatures.
static inline void assert_rrset(struct message *message, const struct builder_rrset *put)
{
    const struct rrset *rrset = put->rrset;
    const uint8_t *entries[256], *entry = rrset->body;
    for (unsigned i = 0; i < (unsigned)rrset->count + rrset->signatures; i++) {
        entries[i] = entry;
        entry = rrset_next(entry);
    }
    for (unsigned i = 0; put->data && i < rrset->count; i++)
        assert_record(message, put, rrset->type, entries[(put->start + i) % rrset->count]);
    for (unsigned i = 0; put->signatures && i < rrset->signatures; i++)
        assert_record(message, put, TYPE_RRSIG, entries[rrset->count + i]);
}

static inline void read_back(struct message *message, uint32_t size, unsigned answers)
{
    struct message_record record;
    bytes_put16(octets + 6, (uint16_t)answers);
    assert_true(message_open(message, octets, size));
    for (unsigned i = 0; i < message->counts[SECTION_QUESTION]; i++)
        assert_true(message_next(message, &record));
}
