// Databases of places made of a few lines, in MaxMind's format (its specification 2.0): both
// layouts, all sizes of tree records, aliases, and whatever a damaged one may have.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/file.h"

#define TINY_NODES   4096
#define TINY_NOTHING UINT32_MAX
#define TINY_DATA    0x80000000u // with it: an offset in the data section

struct tiny {
    unsigned version, record_size;
    uint32_t nodes[TINY_NODES][2];
    uint32_t node_count;
    struct buffer content;
};

static inline void tiny_open(struct tiny *tiny, unsigned version, unsigned record_size)
{
    memset(tiny, 0, sizeof *tiny);
    tiny->version = version;
    tiny->record_size = record_size;
    tiny->node_count = 1;
    tiny->nodes[0][0] = tiny->nodes[0][1] = TINY_NOTHING;
}

static inline void tiny_close(struct tiny *tiny)
{
    buffer_free(&tiny->content);
}

// --- values

static inline void tiny_head(struct buffer *to, unsigned type, unsigned size)
{
    assert_true(size < 29);
    buffer_add_char(to, (char)((type <= 7 ? type << 5 : 0) | size));
    if (type > 7)
        buffer_add_char(to, (char)(type - 7));
}

static inline void tiny_text(struct buffer *to, const char *text)
{
    tiny_head(to, 2, (unsigned)strlen(text));
    buffer_add_text(to, text);
}

static inline void tiny_number(struct buffer *to, unsigned type, uint64_t number, unsigned octets)
{
    tiny_head(to, type, octets);
    while (octets--)
        buffer_add_char(to, (char)(number >> 8 * octets));
}

static inline void tiny_double(struct buffer *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tiny_number(to, 3, bits, 8);
}

static inline void tiny_float(struct buffer *to, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    tiny_number(to, 15, bits, 4);
}

struct tiny_place {
    const char *country, *continent, *state; // NULL: not said
    uint32_t asn;
    double latitude, longitude; // both 0: not said
};

static inline uint32_t tiny_flat(struct tiny *tiny, const struct tiny_place *place)
{
    struct buffer *to = &tiny->content;
    uint32_t at = (uint32_t)to->size;
    bool point = place->latitude != 0 || place->longitude != 0;
    tiny_head(to, 7,
              (place->country != NULL) + (place->continent != NULL) + (place->state != NULL) +
                  (place->asn != 0) + 2 * point);
    if (place->asn) {
        tiny_text(to, "autonomous_system_number");
        tiny_number(to, 6, place->asn, 4);
    }
    if (place->continent) {
        tiny_text(to, "continent_code");
        tiny_text(to, place->continent);
    }
    if (place->country) {
        tiny_text(to, "country_code");
        tiny_text(to, place->country);
    }
    if (place->state) {
        tiny_text(to, "state1");
        tiny_text(to, place->state);
    }
    if (point) {
        tiny_text(to, "latitude");
        tiny_float(to, (float)place->latitude);
        tiny_text(to, "longitude");
        tiny_float(to, (float)place->longitude);
    }
    return at | TINY_DATA;
}

static inline void tiny_member(struct buffer *to, const char *map, const char *key,
                               const char *value)
{
    tiny_text(to, map);
    tiny_head(to, 7, 1);
    tiny_text(to, key);
    tiny_text(to, value);
}

static inline uint32_t tiny_nested(struct tiny *tiny, const struct tiny_place *place)
{
    struct buffer *to = &tiny->content;
    uint32_t at = (uint32_t)to->size;
    bool point = place->latitude != 0 || place->longitude != 0;
    tiny_head(to, 7,
              (place->country != NULL) + (place->continent != NULL) + (place->state != NULL) +
                  (place->asn != 0) + point);
    if (place->country)
        tiny_member(to, "country", "iso_code", place->country);
    if (place->continent)
        tiny_member(to, "continent", "code", place->continent);
    if (place->state) {
        tiny_text(to, "subdivisions");
        tiny_head(to, 11, 1);
        tiny_head(to, 7, 1);
        tiny_text(to, "iso_code");
        tiny_text(to, place->state);
    }
    if (place->asn) {
        tiny_text(to, "autonomous_system_number");
        tiny_number(to, 6, place->asn, 4);
    }
    if (point) {
        tiny_text(to, "location");
        tiny_head(to, 7, 2);
        tiny_text(to, "latitude");
        tiny_double(to, place->latitude);
        tiny_text(to, "longitude");
        tiny_double(to, place->longitude);
    }
    return at | TINY_DATA;
}

// --- the tree

static inline unsigned tiny_bit(const struct prefix *prefix, unsigned at)
{
    return prefix->octets[at / 8] >> (7 - at % 8) & 1;
}

// `value`: of a record, a node's number, or TINY_NOTHING. In a database of IPv6 a prefix of IPv4
// lies below ::/96.
static inline void tiny_put(struct tiny *tiny, const char *text, uint32_t value)
{
    struct prefix prefix;
    assert_true(prefix_parse(text, &prefix));
    if (prefix.family == AF_INET && tiny->version == 6) {
        memmove(prefix.octets + 12, prefix.octets, 4);
        memset(prefix.octets, 0, 12);
        prefix.bits = (uint8_t)(prefix.bits + 96);
    }
    uint32_t node = 0;
    for (unsigned bit = 0;; bit++) {
        uint32_t *side = &tiny->nodes[node][tiny_bit(&prefix, bit)];
        if (bit + 1 == prefix.bits) {
            *side = value;
            return;
        }
        if (*side >= TINY_DATA) {
            assert_true(tiny->node_count < TINY_NODES);
            tiny->nodes[tiny->node_count][0] = tiny->nodes[tiny->node_count][1] = *side;
            *side = tiny->node_count++;
        }
        node = *side;
    }
}

// The node where the prefix's tree begins, for aliases.
static inline uint32_t tiny_node(const struct tiny *tiny, const char *text)
{
    struct prefix prefix;
    uint32_t node = 0;
    assert_true(prefix_parse(text, &prefix));
    for (unsigned bit = 0; bit < prefix.bits; bit++)
        node = tiny->nodes[node][tiny_bit(&prefix, bit)];
    return node;
}

static inline uint32_t tiny_record(const struct tiny *tiny, uint32_t side)
{
    if (side == TINY_NOTHING)
        return tiny->node_count;
    return side & TINY_DATA ? tiny->node_count + 16 + (side & ~TINY_DATA) : side;
}

static inline void tiny_put_node(const struct tiny *tiny, const uint32_t sides[static 2],
                                 struct buffer *to)
{
    uint32_t left = tiny_record(tiny, sides[0]), right = tiny_record(tiny, sides[1]);
    unsigned octets = tiny->record_size == 32 ? 4 : 3;
    for (unsigned i = octets; i-- > 0;)
        buffer_add_char(to, (char)(left >> 8 * i));
    if (tiny->record_size == 28)
        buffer_add_char(to, (char)(left >> 24 << 4 | right >> 24));
    for (unsigned i = octets; i-- > 0;)
        buffer_add_char(to, (char)(right >> 8 * i));
}

static inline void tiny_print(const struct tiny *tiny, struct buffer *to)
{
    for (uint32_t i = 0; i < tiny->node_count; i++)
        tiny_put_node(tiny, tiny->nodes[i], to);
    for (unsigned i = 0; i < 16; i++)
        buffer_add_char(to, 0);
    if (tiny->content.size)
        buffer_add(to, tiny->content.text, tiny->content.size);
    buffer_add_text(to, "\xab\xcd\xefMaxMind.com");
    tiny_head(to, 7, 9);
    tiny_text(to, "binary_format_major_version");
    tiny_number(to, 5, 2, 2);
    tiny_text(to, "binary_format_minor_version");
    tiny_number(to, 5, 0, 2);
    tiny_text(to, "build_epoch");
    tiny_number(to, 9, 1700000000, 8);
    tiny_text(to, "database_type");
    tiny_text(to, "tiny");
    tiny_text(to, "description");
    tiny_head(to, 7, 0);
    tiny_text(to, "ip_version");
    tiny_number(to, 5, tiny->version, 2);
    tiny_text(to, "languages");
    tiny_head(to, 11, 0);
    tiny_text(to, "node_count");
    tiny_number(to, 6, tiny->node_count, 4);
    tiny_text(to, "record_size");
    tiny_number(to, 5, tiny->record_size, 2);
}

static inline void tiny_write(const struct tiny *tiny, const char *path)
{
    struct buffer octets = {0};
    tiny_print(tiny, &octets);
    assert_int_equal(file_write(path, octets.text, octets.size, 0644), 0);
    buffer_free(&octets);
}

// A fresh folder, which becomes the current one.
static inline void tiny_enter_folder(char folder[static 64])
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, 64, "%.40s/onym-tiny-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
}

static inline void tiny_leave_folder(const char *folder)
{
    char command[80];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(command), 0);
}
