// A server made from text, packets to it, and its replies read back as text: for the tests of
// serve/.
#pragma once

#include "../auth/asking.h"

#include "serve/serve.h"

// Room for the largest reply over TCP, and a margin that nothing may write to.
#define MARGIN 64

struct served {
    struct server server;
    struct serve_worker worker;
    struct address client;
    uint16_t keepalive_ds;
    uint32_t size; // of the last reply, 0: silence
    uint8_t reply[MESSAGE_MAX + MARGIN];
};

#define SERVED_DATE_S 1000000
#define SERVED_NOW_US 5000000000u

static inline void served_open(struct served *served, const struct world_zone *zones, size_t count)
{
    memset(served, 0, sizeof *served);
    zones_open(&served->server.zones, zones, count);
    served->server.secret = test_secret;
    served->server.auth.minimal = true;
    memcpy(served->server.cookies.key, "0123456789abcdef", 16);
    served->keepalive_ds = 100;
    assert_true(address_parse("192.0.2.53:1053", 53, &served->client));
    serve_worker_open(&served->worker, false);
    served->worker.dice = dice_seed(1);
}

static inline void served_of(struct served *served, const char *origin, const char *text)
{
    served_open(served, &(struct world_zone){origin, text, ZONE_SERVED}, 1);
}

static inline void served_close(struct served *served)
{
    serve_worker_close(&served->worker);
    zones_free(&served->server.zones);
}

// Sends octets and keeps the reply. Returns its size.
static inline uint32_t served_send(struct served *served, const struct query_packet *query,
                                   enum transport transport)
{
    uint32_t room = transport == TRANSPORT_UDP ? SLOT_OCTETS : MESSAGE_MAX;
    assert_true(query->size <= room);
    memset(served->reply, 0xa5, room + MARGIN);
    memcpy(served->reply, query->octets, query->size);
    struct packet packet = {.octets = served->reply,
                            .size = (uint32_t)query->size,
                            .room = room,
                            .client = &served->client,
                            .transport = transport,
                            .keepalive_ds = served->keepalive_ds};
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    serve_batch(&served->server, &served->worker, &packet, 1, &now);
    served->size = packet.size;
    assert_true(served->size <= room);
    for (unsigned i = 0; i < MARGIN; i++)
        assert_int_equal(served->reply[room + i], 0xa5);
    return served->size;
}

// --- a reply as text -----------------------------------------------------------------------------

static inline void print_option(unsigned code, const uint8_t *octets, unsigned size,
                                struct buffer *to)
{
    switch (code) {
    case OPTION_NSID: buffer_format(to, " nsid=%.*s", (int)size, (const char *)octets); break;
    case OPTION_COOKIE: buffer_format(to, " cookie=%u", size); break;
    case OPTION_KEEPALIVE:
        assert_int_equal(size, 2);
        buffer_format(to, " keepalive=%u", bytes_get16(octets));
        break;
    case OPTION_SUBNET:
        assert_true(size >= 4);
        assert_int_equal(size, 4 + (octets[2] + 7) / 8);
        buffer_format(to, " subnet=%u/%u/%u", bytes_get16(octets), octets[2], octets[3]);
        break;
    case OPTION_ZONEVERSION:
        assert_int_equal(size, 6);
        buffer_format(to, " version=%u/%u/%u", octets[0], octets[1], bytes_get32(octets + 2));
        break;
    case OPTION_EXPIRE:
        assert_int_equal(size, 4);
        buffer_format(to, " expire=%u", bytes_get32(octets));
        break;
    case OPTION_EDE:
        assert_true(size >= 2);
        buffer_format(to, " ede=%u", bytes_get16(octets));
        break;
    default: buffer_format(to, " option=%u", code);
    }
}

// "opt 1232 do ede=20\n"
static inline void print_opt(const struct message *message, const struct message_record *record,
                             struct buffer *to)
{
    assert_int_equal(record->section, SECTION_ADDITIONAL);
    assert_int_equal(record->owner.labels, 0);
    assert_int_equal(record->ttl >> 16 & 255, 0); // version 0
    assert_int_equal(record->ttl & 0x7fff, 0);    // no flag but DO
    buffer_format(to, "opt %u%s", record->class, record->ttl & EDNS_FLAG_DO ? " do" : "");
    const uint8_t *at = message->octets + record->rdata_at, *end = at + record->rdata_size;
    while (at != end) {
        assert_true(end - at >= 4 && end - at - 4 >= bytes_get16(at + 2));
        print_option(bytes_get16(at), at + 4, bytes_get16(at + 2), to);
        at += 4 + bytes_get16(at + 2);
    }
    buffer_add_char(to, '\n');
}

static inline void print_message_record(const struct message *message,
                                        const struct message_record *record, struct buffer *to)
{
    static const char *const sections[] = {"qd", "an", "au", "ad"};
    static uint8_t entry[2 + RDATA_MAX];
    size_t size;
    assert_true(rdata_expand(record->type, message->octets, message->size, record->rdata_at,
                             record->rdata_size, entry + 2, &size));
    bytes_put16(entry, (uint16_t)size);
    buffer_format(to, "%s ", sections[record->section]);
    if (record->class == CLASS_CH)
        buffer_add_text(to, "CH ");
    print_record(record->owner, record->ttl, record->type, entry, to);
}

static inline void print_flags(uint16_t flags, unsigned rcode, struct buffer *to)
{
    static const struct {
        uint16_t flag;
        const char *word;
    } words[] = {{FLAG_AA, "aa"}, {FLAG_TC, "tc"}, {FLAG_RD, "rd"}, {FLAG_RA, "ra"},
                 {0x40, "z"},     {FLAG_AD, "ad"}, {FLAG_CD, "cd"}};
    assert_non_null(rcode_word(rcode));
    buffer_add_text(to, rcode_word(rcode));
    if (message_opcode(flags) != OPCODE_QUERY)
        buffer_format(to, " opcode=%u", message_opcode(flags));
    for (size_t i = 0; i < COUNT(words); i++)
        if (flags & words[i].flag)
            buffer_format(to, " %s", words[i].word);
    buffer_add_char(to, '\n');
}

// The RCODE with OPT's upper bits.
static inline unsigned reply_rcode(const uint8_t *octets, size_t size)
{
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, octets, size));
    unsigned rcode = message.flags & 15;
    while (message_next(&message, &record))
        if (record.type == TYPE_OPT && record.section == SECTION_ADDITIONAL)
            rcode |= record.ttl >> 24 << 4;
    return rcode;
}

// Flags, questions, records, OPT; a line each. Fails if the reply is not a whole message of its
// counts.
static inline void print_reply(const uint8_t *octets, size_t size, struct buffer *to)
{
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, octets, size));
    assert_true(message.flags & FLAG_QR);
    print_flags(message.flags, reply_rcode(octets, size), to);
    while (message_next(&message, &record)) {
        if (record.section == SECTION_QUESTION) {
            char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
            name_print(record.owner, name);
            type_print(record.type, type);
            buffer_format(to, "qd %s %s\n", name, type);
        } else if (record.type == TYPE_OPT) {
            print_opt(&message, &record, to);
        } else if (record.type == TYPE_TSIG) {
            buffer_add_text(to, "tsig\n");
        } else {
            print_message_record(&message, &record, to);
        }
    }
    assert_false(message.malformed);
    assert_int_equal(message.at, message.size);
}

// Sends a query and compares the whole reply; "" is silence.
static inline void assert_reply(struct served *served, const struct query_packet *query,
                                enum transport transport, const char *expected)
{
    struct buffer text = {0};
    if (served_send(served, query, transport))
        print_reply(served->reply, served->size, &text);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("\n%sis not\n%s", buffer_text(&text), expected);
    buffer_free(&text);
}
