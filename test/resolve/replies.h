// Replies of servers from text, for tests.
#pragma once

#include "../dns/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "dns/rdata_parse.h"
#include "dns/rrset.h"
#include "dns/type.h"
#include "resolve/heard.h"

// Writes one record: "an www.x. A 192.0.2.9", "au60 x. NS ns.x.", "ad ns.x. A 192.0.2.2"; the TTL
// is 3600, or stands behind the section.
static inline size_t reply_put_record(const char *text, uint8_t *to, unsigned *section)
{
    char copy[2048], none[] = "", *words[24] = {none, none, none};
    unsigned count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *save, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        words[count++] = word;
    assert_in_range(count, 4, COUNT(words));
    *section = !strncmp(words[0], "an", 2)   ? SECTION_ANSWER
               : !strncmp(words[0], "au", 2) ? SECTION_AUTHORITY
                                             : SECTION_ADDITIONAL;
    uint32_t ttl = words[0][2] ? (uint32_t)strtoul(words[0] + 2, NULL, 10) : 3600;
    struct name owner = name_of(words[1]);
    uint16_t type;
    static uint8_t rdata[RDATA_MAX];
    size_t size;
    struct token tokens[24];
    struct rdata_problem problem = {0};
    assert_true(type_parse(words[2], strlen(words[2]), &type));
    for (unsigned i = 3; i < count; i++)
        tokens[i - 3] = (struct token){.text = words[i], .size = (uint32_t)strlen(words[i])};
    if (!rdata_parse(type, tokens, count - 3, &NAME_ROOT, rdata, &size, &problem))
        fail_msg("%s: %s", text, problem.message);
    memcpy(to, owner.wire, owner.size);
    uint8_t *at = to + owner.size;
    bytes_put16(at, type);
    bytes_put16(at + 2, CLASS_IN);
    bytes_put32(at + 4, ttl);
    bytes_put16(at + 8, (uint16_t)size);
    memcpy(at + 10, rdata, size);
    return (size_t)(at + 10 + size - to);
}

struct reply_text {
    unsigned flags;
    const char *name;
    uint16_t type;
    const char *records[16]; // in order of sections
};

static inline size_t reply_write(const struct reply_text *text, uint8_t reply[static MESSAGE_MAX])
{
    struct name name = name_of(text->name);
    memset(reply, 0, HEADER_SIZE);
    bytes_put16(reply + 2, (uint16_t)(FLAG_QR | text->flags));
    reply[5] = 1;
    memcpy(reply + HEADER_SIZE, name.wire, name.size);
    size_t size = HEADER_SIZE + name.size;
    bytes_put16(reply + size, text->type);
    bytes_put16(reply + size + 2, CLASS_IN);
    size += 4;
    for (unsigned i = 0; i < COUNT(text->records) && text->records[i]; i++) {
        unsigned section;
        size += reply_put_record(text->records[i], reply + size, &section);
        reply[5 + 2 * section]++;
    }
    return size;
}

// A reply, read. What it points to lives until the next one.
static inline const struct heard *reply_of(const struct reply_text *text)
{
    static uint8_t reply[MESSAGE_MAX];
    static struct heard heard;
    size_t size = reply_write(text, reply);
    assert_true(heard_read(&heard, reply, size, &test_secret));
    return &heard;
}

// "A 192.0.2.1|A 192.0.2.2": the records of an RRset as text.
static inline void rrset_print(const struct rrset *rrset, char *to, size_t room)
{
    const uint8_t *at = rrset->body;
    size_t used = 0;
    *to = 0;
    for (unsigned i = 0; i < rrset->count; i++, at = rrset_next(at)) {
        struct buffer text = {0};
        rdata_print(rrset->type, rrset_rdata(at), rrset_rdata_size(at), &text);
        used += (size_t)snprintf(to + used, room - used, "%s%s", i ? "|" : "", buffer_text(&text));
        assert_true(used < room);
        buffer_free(&text);
    }
}
