// Outgoing transfers: all records once, the SOA at both ends, in messages that can be read, however
// large an RRset is.
#include "../zone/from_text.h"
#include "../zone/hashed.h"

#include "../dns/packet.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "transfer/outgoing.h"
#include "zone/walk.h"

#define DATE_S 1700000000

static uint8_t octets[MESSAGE_MAX];

// One record as text, for comparing sets of them.
struct lines {
    char **list;
    size_t count, room;
};

static void lines_add(struct lines *lines, struct name owner, uint16_t type, uint32_t ttl,
                      const uint8_t *rdata, size_t size)
{
    struct buffer text = {0};
    char name[NAME_TEXT_MAX], word[TYPE_TEXT_MAX];
    name_print(owner, name);
    type_print(type, word);
    buffer_format(&text, "%s %u %s ", name, ttl, word);
    rdata_print(type, rdata, size, &text);
    lines->list = memory_grow(lines->list, &lines->room, lines->count + 1, sizeof(char *));
    lines->list[lines->count++] = text.text;
}

static void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->list[i]);
    free(lines->list);
    *lines = (struct lines){0};
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// All records that the zone was read from.
static void lines_of_zone(struct lines *lines, const char *origin, const char *text)
{
    struct records records;
    records_from_text(&records, origin, text);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = &records.list[i];
        lines_add(lines, record_owner(record), record->type, record->ttl, record->rdata,
                  record->rdata_size);
    }
    records_free(&records);
}

static const char *options = ""; // of the query's OPT record
static size_t options_size;
static uint32_t expire_s; // that the first message says; 0: it does not

static struct outgoing *begin(struct zone *zone, const char *name, bool edns)
{
    static struct query_packet packet;
    static struct query query;
    packet_begin(&packet, 0x1234, FLAG_RD);
    packet_question(&packet, name, TYPE_AXFR, CLASS_IN);
    if (edns)
        packet_opt(&packet, 1232, EDNS_FLAG_DO, options, options_size);
    query.over_stream = true;
    assert_int_equal(query_decode(packet.octets, packet.size, &test_secret, &query), QUERY_OK);
    struct outgoing *outgoing = outgoing_open(&(struct outgoing_options){
        .zone = zone, .query = &query, .packet = packet.octets, .secret = &test_secret});
    memset(packet.octets, 0xa5, packet.size); // it keeps nothing of the packet
    return outgoing;
}

// Reads one message; its records go to `lines`.
static void read_message(uint32_t size, const char *question, struct lines *lines, bool opt)
{
    static uint8_t rdata[RDATA_MAX];
    struct message message;
    struct message_record record;
    size_t rdata_size;
    assert_true(message_open(&message, octets, size));
    assert_int_equal(message.id, 0x1234);
    assert_int_equal(message.flags, FLAG_QR | FLAG_AA | FLAG_RD);
    assert_int_equal(message.counts[SECTION_QUESTION], 1);
    assert_int_equal(message.counts[SECTION_AUTHORITY], 0);
    assert_int_equal(message.counts[SECTION_ADDITIONAL], opt);
    while (message_next(&message, &record)) {
        if (record.section == SECTION_QUESTION) {
            assert_true(name_equal(record.owner, name_of(question)));
            continue;
        }
        if (record.section == SECTION_ADDITIONAL) {
            assert_int_equal(record.type, TYPE_OPT);
            assert_int_equal(record.ttl, EDNS_FLAG_DO);
            assert_int_equal(record.rdata_size, expire_s ? 8 : 0);
            if (expire_s) {
                assert_memory_equal(octets + record.rdata_at, "\0\11\0\4", 4);
                assert_int_equal(bytes_get32(octets + record.rdata_at + 4), expire_s);
            }
            continue;
        }
        assert_true(rdata_expand(record.type, octets, size, record.rdata_at, record.rdata_size,
                                 rdata, &rdata_size));
        lines_add(lines, record.owner, record.type, record.ttl, rdata, rdata_size);
    }
    assert_false(message.malformed);
    assert_int_equal(message.at, size);
}

// Returns how many messages there were.
static unsigned check(const char *origin, const char *text, bool edns)
{
    struct lines wanted = {0}, sent = {0};
    struct zone *zone = zone_from_text(origin, text);
    struct outgoing *outgoing = begin(zone, origin, edns);
    unsigned messages = 0;
    zone_release(zone); // the transfer has it
    while (outgoing_is_under_way(outgoing)) {
        memset(octets, 0xa5, sizeof octets);
        uint32_t size = outgoing_next(outgoing, octets, DATE_S);
        assert_true(size > 0);
        read_message(size, origin, &sent, edns && messages == 0);
        messages++;
    }
    lines_of_zone(&wanted, origin, text);
    assert_true(strstr(sent.list[0], " SOA ") != NULL);
    assert_string_equal(sent.list[0], sent.list[sent.count - 1]);
    struct outgoing_sum sum = outgoing_sum(outgoing);
    assert_int_equal(sum.records, sent.count);
    assert_int_equal(sum.messages, messages);
    assert_int_equal(sum.serial, 7);
    free(sent.list[--sent.count]);
    qsort(sent.list, sent.count, sizeof *sent.list, compare_lines);
    qsort(wanted.list, wanted.count, sizeof *wanted.list, compare_lines);
    assert_int_equal(sent.count, wanted.count);
    for (size_t i = 0; i < sent.count; i++)
        assert_string_equal(sent.list[i], wanted.list[i]);
    lines_free(&sent);
    lines_free(&wanted);
    outgoing_close(outgoing);
    return messages;
}

static void small_zones_are_one_message(void **state)
{
    (void)state;
    assert_int_equal(check("example.", RFC4592, false), 1);
    assert_int_equal(check("example.", RFC4592, true), 1);
    assert_int_equal(check(".", APEX, true), 1);
    // Glue, what is hidden below a cut or DNAME, sets of servers that are shared.
    assert_int_equal(check("example.test.",
                           APEX "a NS ns.a\nns.a A 192.0.2.1\nb NS ns.a\nx.b A 192.0.2.2\n"
                                "d DNAME a.\nx.d A 192.0.2.3\nE.f.g A 192.0.2.4\n",
                           false),
                     1);
}

// RFC 7314, in the first message, however full it is.
static void expire_goes_along(void **state)
{
    struct buffer text = {0};
    (void)state;
    options = "\0\11\0\0";
    options_size = 4;
    expire_s = 1209600;
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 3000; i++)
        buffer_format(&text, "h-%u A 192.0.2.%u\n", i, i % 256);
    assert_int_equal(check("example.", APEX, true), 1);
    assert_int_equal(check("example.", APEX, false), 1); // without EDNS there is no option
    assert_true(check("example.", buffer_text(&text), true) > 1);
    buffer_free(&text);
    options = "";
    options_size = 0;
    expire_s = 0;
}

static void signatures_and_nsec3_go_along(void **state)
{
    static const char text[] =
        APEX "@ RRSIG SOA 13 1 3600 20300101000000 20200101000000 1 example. AAAA\n"
             "@ RRSIG NS 13 1 3600 20300101000000 20200101000000 1 example. AAAA\n"
             "@ NSEC3PARAM 1 0 0 -\n"
             "a A 192.0.2.1\n"
             "a RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. AAAA\n"
             "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
             "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom RRSIG NSEC3 13 2 300 20300101000000 "
             "20200101000000 1 example. AAAA\n";
    (void)state;
    assert_int_equal(check("example.", text, true), 1);
}

// Many messages, each of them full but the last.
static void large_zones_are_many(void **state)
{
    struct buffer text = {0};
    (void)state;
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 20000; i++)
        buffer_format(&text, "host-%u.Site-%u A 192.0.2.%u\n", i, i % 100, i % 256);
    unsigned messages = check("example.test.", buffer_text(&text), true);
    assert_true(messages >= 15 && messages < 40);
    buffer_free(&text);
}

// An RRset that no message holds is cut between its records; a record that no small message holds
// gets a large one.
static void large_rrsets_are_cut(void **state)
{
    char filling[251];
    struct buffer text = {0};
    (void)state;
    memset(filling, 'x', 250);
    filling[250] = 0;
    buffer_add_text(&text, APEX "a A 192.0.2.1\n");
    for (unsigned i = 0; i < 700; i++)
        buffer_format(&text, "big TXT \"%u\" \"%s\"\n", i, filling);
    buffer_add_text(&text, "huge TXT");
    for (unsigned i = 0; i < 200; i++)
        buffer_format(&text, " \"%s\"", filling);
    buffer_add_text(&text, "\nz A 192.0.2.1\n");
    unsigned messages = check("example.test.", buffer_text(&text), false);
    assert_true(messages >= 8 && messages < 12);
    buffer_free(&text);
}

// A record that fits no message beside what else must stand there.
static void what_no_message_holds_ends_it(void **state)
{
    struct buffer text = {0};
    (void)state;
    buffer_add_text(&text, APEX "a A 192.0.2.1\nhuge TYPE1000 \\# 65520 ");
    for (unsigned i = 0; i < 65520; i++)
        buffer_add_text(&text, "00");
    buffer_add_text(&text, "\n");
    struct zone *zone = zone_from_text("example.test.", buffer_text(&text));
    struct outgoing *outgoing = begin(zone, "example.test.", false);
    assert_true(outgoing_next(outgoing, octets, DATE_S) > 0);
    assert_int_equal(outgoing_next(outgoing, octets, DATE_S), 0);
    assert_false(outgoing_is_under_way(outgoing));
    outgoing_close(outgoing);
    zone_release(zone);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_zones_are_one_message),
        cmocka_unit_test(expire_goes_along),
        cmocka_unit_test(signatures_and_nsec3_go_along),
        cmocka_unit_test(large_zones_are_many),
        cmocka_unit_test(large_rrsets_are_cut),
        cmocka_unit_test(what_no_message_holds_ends_it),
    };
    return cmocka_run_group_tests_name("transfer/outgoing", tests, NULL, NULL);
}
