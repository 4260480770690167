// Queries: the usual ones, the legal odd ones, and everything that must be told apart from them.
#include "packet.h"

#include <stdlib.h>

#include "base/random.h"
#include "dns/query.h"

static struct query_packet packet;

// Decodes from memory of exactly the packet's size; the copy lives until the next call.
static enum query_result decode(struct query *query)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(packet.size + (packet.size == 0));
    assert_non_null(copy);
    memcpy(copy, packet.octets, packet.size);
    memset(query, 0xa5, sizeof *query);
    enum query_result result = query_decode(copy, packet.size, &test_secret, query);
    if (result != QUERY_OK) { // nothing looks at it any more
        free(copy);
        copy = NULL;
    }
    return result;
}

static void begin_usual(void)
{
    packet_begin(&packet, 0x1234, FLAG_RD);
    packet_question(&packet, "www.Example.", TYPE_AAAA, CLASS_IN);
}

static void test_usual(void **state)
{
    (void)state;
    struct query query;
    begin_usual();
    size_t question_end = packet.size;
    for (unsigned opt = 0; opt < 2; opt++) {
        if (opt)
            packet_opt(&packet, 4096, EDNS_FLAG_DO, "\0\3\0\0", 4);
        assert_int_equal(decode(&query), QUERY_OK);
        assert_int_equal(query.id, 0x1234);
        assert_int_equal(query.flags, FLAG_RD);
        assert_int_equal(query.type, TYPE_AAAA);
        assert_int_equal(query.class, CLASS_IN);
        assert_int_equal(query.question_end, question_end);
        assert_name(query.name, "www.Example.");
        assert_name(name_key_suffix(&query.key, 2), "www.example.");
        assert_false(query.has_tsig);
        assert_int_equal(query.edns.present, opt);
        if (opt) {
            assert_int_equal(query.edns.payload, 4096);
            assert_true(query.edns.dnssec_ok && query.edns.nsid);
        }
    }
}

static void test_short(void **state)
{
    (void)state;
    struct query query;
    begin_usual();
    packet_opt(&packet, 1232, 0, "\0\3\0\0", 4);
    for (size_t whole = packet.size; packet.size-- > 0;) {
        enum query_result result = decode(&query);
        assert_int_equal(result, packet.size < HEADER_SIZE ? QUERY_DROP : QUERY_FORMERR);
        if (result == QUERY_FORMERR) {
            assert_int_equal(query.id, 0x1234);
            assert_int_equal(query.question_end,
                             packet.size < whole - 15 ? HEADER_SIZE : whole - 15);
        }
        if (packet.size == 0)
            break;
    }
}

// QR=1 is silence, whatever else there is.
static void test_response_is_dropped(void **state)
{
    (void)state;
    struct query query;
    for (unsigned flags = 0x8000; flags <= 0xffff; flags += 0x7f) {
        packet_begin(&packet, 1, flags);
        packet_question(&packet, "example.", TYPE_A, CLASS_IN);
        assert_int_equal(decode(&query), QUERY_DROP);
    }
}

static void test_opcodes(void **state)
{
    (void)state;
    struct query query;
    for (unsigned opcode = 0; opcode < 16; opcode++) {
        packet_begin(&packet, 7, opcode << 11);
        packet_question(&packet, "example.", TYPE_A, CLASS_IN);
        bool known = opcode == OPCODE_QUERY || opcode == OPCODE_UPDATE || opcode == OPCODE_NOTIFY;
        assert_int_equal(decode(&query), known ? QUERY_OK : QUERY_NOTIMP);
        assert_int_equal(message_opcode(query.flags), opcode);
        if (known)
            continue;
        assert_int_equal(query.question_end, HEADER_SIZE);
        // RFC 8906 3.1.4: nothing behind the header of an unknown opcode can be a format error.
        packet.size = HEADER_SIZE + 1;
        assert_int_equal(decode(&query), opcode == OPCODE_QUERY ? QUERY_FORMERR : QUERY_NOTIMP);
    }
}

static void test_flags_are_ignored(void **state)
{
    static const unsigned flags[] = {FLAG_AA, FLAG_TC, FLAG_RD, FLAG_RA,
                                     0x40,    FLAG_AD, FLAG_CD, 15};
    (void)state;
    struct query query;
    for (size_t i = 0; i < COUNT(flags); i++) {
        packet_begin(&packet, 1, flags[i]);
        packet_question(&packet, "example.", TYPE_A, CLASS_IN);
        assert_int_equal(decode(&query), QUERY_OK);
        assert_int_equal(query.flags, flags[i]);
    }
}

// RFC 9619: one question; none only for a cookie (RFC 7873 5.4).
static void test_question_counts(void **state)
{
    (void)state;
    struct query query;
    packet_begin(&packet, 1, 0);
    assert_int_equal(decode(&query), QUERY_FORMERR);
    assert_int_equal(query.question_end, HEADER_SIZE);
    assert_int_equal(query.type, 0);
    packet_opt(&packet, 1232, 0, "", 0);
    assert_int_equal(decode(&query), QUERY_FORMERR);
    assert_true(query.edns.present);

    packet_begin(&packet, 1, 0);
    packet_opt(&packet, 1232, 0, "\0\12\0\10abcdefgh", 12);
    assert_int_equal(decode(&query), QUERY_COOKIE);
    assert_int_equal(query.edns.cookie_size, 8);

    for (unsigned count = 2; count <= 65535; count = count * 3 + 1) {
        begin_usual();
        packet_question(&packet, "example.", TYPE_A, CLASS_IN);
        bytes_put16(packet.octets + 4, (uint16_t)count);
        assert_int_equal(decode(&query), QUERY_FORMERR);
        assert_int_equal(query.question_end, HEADER_SIZE);
    }
}

static void test_bad_questions(void **state)
{
    static const struct {
        const char *octets;
        size_t size;
    } cases[] = {
        {"", 0},
        {"\0", 1},
        {"\0\0\1\0", 4},
        {"\300\14\0\1\0\1", 6},       // a pointer to itself
        {"\300\0\0\1\0\1", 6},        // into the header
        {"\3www\300\14\0\1\0\1", 10}, // the same behind a label
        {"\100\0\0\1\0\1", 6},
        {"\77abc\0\0\1\0\1", 9},
    };
    (void)state;
    struct query query;
    for (size_t i = 0; i < COUNT(cases); i++) {
        packet_begin(&packet, 1, 0);
        packet_put(&packet, cases[i].octets, cases[i].size);
        packet_count(&packet, SECTION_QUESTION);
        assert_int_equal(decode(&query), QUERY_FORMERR);
        assert_int_equal(query.question_end, HEADER_SIZE);
        assert_false(query.edns.present);
    }
}

// The longest name that there is, then one octet and one label more.
static void test_name_limits(void **state)
{
    (void)state;
    struct query query;
    for (unsigned more = 0; more < 2; more++) {
        packet_begin(&packet, 1, 0);
        for (unsigned i = 0; i < NAME_LABELS_MAX + more; i++)
            packet_put(&packet, "\1a", 2);
        packet_put(&packet, "\0\0\1\0\1", 5);
        packet_count(&packet, SECTION_QUESTION);
        assert_int_equal(decode(&query), more ? QUERY_FORMERR : QUERY_OK);
        if (!more) {
            assert_int_equal(query.name.labels, NAME_LABELS_MAX);
            assert_int_equal(query.question_end, HEADER_SIZE + NAME_OCTETS_MAX + 4);
        }
    }
}

// OPT stands once, in the additional section, at the root (RFC 6891 6.1.1).
static void test_opt_place(void **state)
{
    static const struct {
        enum section section;
        const char *owner;
        unsigned copies;
        enum query_result result;
    } cases[] = {
        {SECTION_ADDITIONAL, ".", 1, QUERY_OK},
        {SECTION_ADDITIONAL, ".", 2, QUERY_FORMERR},
        {SECTION_ADDITIONAL, "example.", 1, QUERY_FORMERR},
        {SECTION_ANSWER, ".", 1, QUERY_FORMERR},
        {SECTION_AUTHORITY, ".", 1, QUERY_FORMERR},
    };
    (void)state;
    struct query query;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin_usual();
        for (unsigned j = 0; j < cases[i].copies; j++)
            packet_record(&packet, &(struct packet_record){.section = cases[i].section,
                                                           .owner = cases[i].owner,
                                                           .type = TYPE_OPT,
                                                           .class = 1232,
                                                           .rdata = "",
                                                           .size = 0});
        assert_int_equal(decode(&query), cases[i].result);
        // The question can be said again, with the OPT that was good.
        assert_true(query.question_end > HEADER_SIZE);
        assert_int_equal(query.edns.present,
                         cases[i].section == SECTION_ADDITIONAL && cases[i].owner[0] == '.');
    }
}

// A root owner that is a pointer to a root is no root (nobody writes that).
static void test_opt_owner_pointer(void **state)
{
    (void)state;
    struct query query;
    packet_begin(&packet, 1, 0);
    packet_question(&packet, ".", TYPE_NS, CLASS_IN);
    packet_put(&packet, "\300\14\0\51\4\320\0\0\0\0\0\0", 12);
    packet_count(&packet, SECTION_ADDITIONAL);
    assert_int_equal(decode(&query), QUERY_FORMERR);
}

static void test_edns_errors(void **state)
{
    static const struct {
        uint32_t ttl;
        const char *options;
        size_t size;
        enum query_result result;
    } cases[] = {
        {0, "", 0, QUERY_OK},
        {0x7fff, "\377\376\0\1x", 5, QUERY_OK}, // unknown flags and options
        {0, "\0\3\0", 3, QUERY_FORMERR},
        {0, "\0\12\0\7abcdefg", 11, QUERY_FORMERR},
        {0x00010000, "", 0, QUERY_BADVERS},
        {0x00640000, "\0\12\0\7abcdefg", 11, QUERY_BADVERS},
    };
    (void)state;
    struct query query;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin_usual();
        packet_opt(&packet, 1232, cases[i].ttl, cases[i].options, cases[i].size);
        assert_int_equal(decode(&query), cases[i].result);
        assert_true(query.edns.present);
        assert_true(query.question_end > HEADER_SIZE);
    }
    // No question and a version that we don't know: the version comes first.
    packet_begin(&packet, 1, 0);
    packet_opt(&packet, 1232, 0x00010000, "", 0);
    assert_int_equal(decode(&query), QUERY_BADVERS);
}

static void put_tsig(enum section section)
{
    packet_record(&packet, &(struct packet_record){.section = section,
                                                   .owner = "key.",
                                                   .type = TYPE_TSIG,
                                                   .class = CLASS_ANY,
                                                   .rdata = "x",
                                                   .size = 1});
}

// RFC 8945 5.1: TSIG is the last record, in the additional section.
static void test_tsig_place(void **state)
{
    (void)state;
    struct query query;
    begin_usual();
    size_t before = packet.size;
    put_tsig(SECTION_ADDITIONAL);
    assert_int_equal(decode(&query), QUERY_OK);
    assert_true(query.has_tsig);
    assert_int_equal(query.tsig_at, before);
    packet_opt(&packet, 1232, 0, "", 0); // behind it
    assert_int_equal(decode(&query), QUERY_FORMERR);

    begin_usual();
    packet_opt(&packet, 1232, 0, "", 0);
    before = packet.size;
    put_tsig(SECTION_ADDITIONAL);
    assert_int_equal(decode(&query), QUERY_OK);
    assert_true(query.has_tsig && query.edns.present);
    assert_int_equal(query.tsig_at, before);
    put_tsig(SECTION_ADDITIONAL); // two
    assert_int_equal(decode(&query), QUERY_FORMERR);

    begin_usual();
    put_tsig(SECTION_AUTHORITY);
    assert_int_equal(decode(&query), QUERY_FORMERR);
}

// Records that a query may have (IXFR's SOA, KEY, anything): they are passed over, but must be
// records.
static void test_other_records(void **state)
{
    (void)state;
    struct query query;
    begin_usual();
    packet_record(&packet, &(struct packet_record){SECTION_AUTHORITY, "example.", TYPE_SOA,
                                                   CLASS_IN, 0, "not looked at", 13});
    packet_opt(&packet, 1232, EDNS_FLAG_DO, "", 0);
    packet_record(&packet,
                  &(struct packet_record){SECTION_ADDITIONAL, "a.b.", 65280, CLASS_IN, 0, "", 0});
    assert_int_equal(decode(&query), QUERY_OK);
    assert_true(query.edns.dnssec_ok);
    // A count too many, and an octet too many.
    packet_count(&packet, SECTION_ADDITIONAL);
    assert_int_equal(decode(&query), QUERY_FORMERR);
    bytes_put16(packet.octets + 10, 2);
    packet_put(&packet, "", 1);
    assert_int_equal(decode(&query), QUERY_FORMERR);
    // All the records that 16 bits can promise.
    begin_usual();
    memset(packet.octets + 6, 0xff, 6);
    assert_int_equal(decode(&query), QUERY_FORMERR);
}

// The largest message: 65535 octets, full of records and of options.
static void test_largest(void **state)
{
    (void)state;
    struct query query;
    begin_usual();
    while (packet.size + 11 <= MESSAGE_MAX)
        packet_record(&packet,
                      &(struct packet_record){SECTION_ANSWER, ".", 65280, CLASS_IN, 0, "", 0});
    assert_int_equal(decode(&query), QUERY_OK);
    begin_usual();
    static uint8_t options[MESSAGE_MAX];
    size_t room = (MESSAGE_MAX - packet.size - 11) & ~(size_t)3;
    packet_opt(&packet, 1232, 0, options, room);
    assert_int_equal(decode(&query), QUERY_OK);
}

static void test_random(void **state)
{
    (void)state;
    struct dice dice = dice_seed(5);
    for (unsigned i = 0; i < 20000; i++) {
        struct query query;
        begin_usual();
        if (dice_roll(&dice) % 2)
            packet_opt(&packet, 1232, EDNS_FLAG_DO, "\0\12\0\10abcdefgh\0\3\0\0", 16);
        if (dice_roll(&dice) % 4 == 0)
            put_tsig(SECTION_ADDITIONAL);
        for (unsigned j = dice_roll(&dice) % 4; j-- > 0;)
            packet.octets[dice_roll(&dice) % packet.size] = (uint8_t)dice_roll(&dice);
        if (dice_roll(&dice) % 4 == 0)
            packet.size = dice_roll(&dice) % packet.size;
        enum query_result result = decode(&query);
        if (packet.size < HEADER_SIZE || packet.octets[2] & 0x80) {
            assert_int_equal(result, QUERY_DROP);
            continue;
        }
        assert_int_not_equal(result, QUERY_DROP);
        assert_in_range(query.question_end, HEADER_SIZE, packet.size);
        if (result == QUERY_OK)
            assert_int_equal(query.question_end, HEADER_SIZE + query.name.size + 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_response_is_dropped),
        cmocka_unit_test(test_opcodes),
        cmocka_unit_test(test_flags_are_ignored),
        cmocka_unit_test(test_question_counts),
        cmocka_unit_test(test_bad_questions),
        cmocka_unit_test(test_name_limits),
        cmocka_unit_test(test_opt_place),
        cmocka_unit_test(test_opt_owner_pointer),
        cmocka_unit_test(test_edns_errors),
        cmocka_unit_test(test_tsig_place),
        cmocka_unit_test(test_other_records),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
