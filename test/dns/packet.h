// Queries as octets, for tests: what a client sends, and what no client should.
#pragma once

#include "names.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "dns/message.h"
#include "dns/type.h"

struct query_packet {
    size_t size;
    uint8_t octets[MESSAGE_MAX];
};

static inline void packet_put16(struct query_packet *packet, unsigned value)
{
    bytes_put16(packet->octets + packet->size, (uint16_t)value);
    packet->size += 2;
}

static inline void packet_put(struct query_packet *packet, const void *octets, size_t size)
{
    memcpy(packet->octets + packet->size, octets, size);
    packet->size += size;
}

// Adds one to the count of a section.
static inline void packet_count(struct query_packet *packet, enum section section)
{
    uint8_t *count = packet->octets + 4 + 2 * section;
    bytes_put16(count, (uint16_t)(bytes_get16(count) + 1));
}

static inline void packet_begin(struct query_packet *packet, unsigned id, unsigned flags)
{
    memset(packet->octets, 0, HEADER_SIZE);
    packet->size = 0;
    packet_put16(packet, id);
    packet_put16(packet, flags);
    packet->size = HEADER_SIZE;
}

static inline void packet_question(struct query_packet *packet, const char *name, unsigned type,
                                   unsigned class)
{
    struct name owner = name_of(name);
    packet_put(packet, owner.wire, owner.size);
    packet_put16(packet, type);
    packet_put16(packet, class);
    packet_count(packet, SECTION_QUESTION);
}

struct packet_record {
    enum section section;
    const char *owner;
    unsigned type, class;
    uint32_t ttl;
    const void *rdata;
    size_t size;
};

static inline void packet_record(struct query_packet *packet, const struct packet_record *record)
{
    struct name owner = name_of(record->owner);
    packet_put(packet, owner.wire, owner.size);
    packet_put16(packet, record->type);
    packet_put16(packet, record->class);
    packet_put16(packet, record->ttl >> 16);
    packet_put16(packet, record->ttl & 0xffff);
    packet_put16(packet, (unsigned)record->size);
    packet_put(packet, record->rdata, record->size);
    packet_count(packet, record->section);
}

static inline void packet_opt(struct query_packet *packet, unsigned payload, uint32_t ttl,
                              const void *options, size_t options_size)
{
    packet_record(packet, &(struct packet_record){.section = SECTION_ADDITIONAL,
                                                  .owner = ".",
                                                  .type = TYPE_OPT,
                                                  .class = payload,
                                                  .ttl = ttl,
                                                  .rdata = options,
                                                  .size = options_size});
}
