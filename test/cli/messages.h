// Replies for tests, put together from records in hexadecimal or by hand.
#pragma once

#include <assert.h>
#include <stdint.h>
#include <string.h>

struct reply {
    uint8_t octets[4096];
    size_t size;
};

// Header with these flags, and the question "a.test. IN type".
__attribute__((unused)) static void reply_begin(struct reply *reply, unsigned flags, unsigned type)
{
    uint8_t head[] = {0,
                      9,
                      (uint8_t)(flags >> 8),
                      (uint8_t)flags,
                      0,
                      1,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      1,
                      'a',
                      4,
                      't',
                      'e',
                      's',
                      't',
                      0,
                      (uint8_t)(type >> 8),
                      (uint8_t)type,
                      0,
                      1};
    memcpy(reply->octets, head, sizeof head);
    reply->size = sizeof head;
}

// Adds a record of the question's name (TTL 60) and counts it: section 1 to 3.
__attribute__((unused)) static void reply_add(struct reply *reply, unsigned section, unsigned type,
                                              const void *rdata, size_t size)
{
    uint8_t head[] = {0xc0, 12, (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0,
                      0,    60, (uint8_t)(size >> 8), (uint8_t)size};
    assert(reply->size + sizeof head + size <= sizeof reply->octets);
    memcpy(reply->octets + reply->size, head, sizeof head);
    memcpy(reply->octets + reply->size + sizeof head, rdata, size);
    reply->size += sizeof head + size;
    reply->octets[4 + 2 * section + 1]++;
}

// Adds an OPT record: payload 1400, DO, these upper bits of the RCODE, these options.
__attribute__((unused)) static void reply_add_opt(struct reply *reply, unsigned rcode,
                                                  const void *options, size_t size)
{
    uint8_t head[] = {
        0, 0, 41, 0x05, 0x78, (uint8_t)rcode, 0, 0x80, 0, (uint8_t)(size >> 8), (uint8_t)size};
    assert(reply->size + sizeof head + size <= sizeof reply->octets);
    memcpy(reply->octets + reply->size, head, sizeof head);
    memcpy(reply->octets + reply->size + sizeof head, options, size);
    reply->size += sizeof head + size;
    reply->octets[11]++;
}

#define SOA_RDATA "\xc0\x0c\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 24
