// Incoming transfers: what primaries send in all the forms that RFC 5936 and RFC 1995 have, and
// what no honest one sends.
#include "../dns/packet.h"
#include "../zone/from_text.h"

#include "base/limits.h"
#include "crypto/mac.h"
#include "dns/rdata.h"
#include "transfer/incoming.h"

#define DATE_S 1700000000

static struct query_packet message;
static struct incoming incoming;
static uint8_t request[INCOMING_REQUEST_MAX];
static const struct tsig_key *key;
static const struct zone *ours; // what a whole zone is held against

static void begin(enum incoming_kind kind, uint32_t serial)
{
    struct incoming_options options = {.kind = kind,
                                       .zone = name_of("JAIN.AD.JP."),
                                       .has_serial = kind != INCOMING_AXFR,
                                       .serial = serial,
                                       .id = 0x1234,
                                       .key = key,
                                       .image = ours ? &ours->image : NULL,
                                       .secret = &test_secret};
    size_t size = incoming_begin(&incoming, &options, request, DATE_S);
    assert_in_range(size, HEADER_SIZE, sizeof request);
}

// Records as "soa N", "OWNER N" (an A record that ends in N), "other N" (out of the zone).
static void put_record(const char *word, unsigned number)
{
    char owner[64];
    if (strcmp(word, "soa") == 0) {
        uint8_t rdata[22] = {0};
        bytes_put32(rdata + 2, number);
        packet_record(&message, &(struct packet_record){SECTION_ANSWER, "jain.ad.jp.", TYPE_SOA,
                                                        CLASS_IN, 600, rdata, sizeof rdata});
        return;
    }
    uint8_t rdata[4] = {192, 0, 2, (uint8_t)number};
    snprintf(owner, sizeof owner, "%s%s", word, strcmp(word, "other") ? ".Jain.AD.JP." : ".test.");
    packet_record(&message, &(struct packet_record){SECTION_ANSWER, owner, TYPE_A, CLASS_IN, 600,
                                                    rdata, sizeof rdata});
}

static void begin_message(bool question)
{
    static const uint16_t types[] = {TYPE_SOA, TYPE_IXFR, TYPE_AXFR};
    packet_begin(&message, 0x1234, FLAG_QR | FLAG_AA);
    if (question)
        packet_question(&message, "Jain.Ad.Jp.", types[incoming.kind], CLASS_IN);
}

static enum incoming_result take(void)
{
    return incoming_take(&incoming, message.octets, message.size, DATE_S);
}

// `text`: records separated by commas, messages by semicolons.
static enum incoming_result feed(const char *text)
{
    enum incoming_result result = INCOMING_MORE;
    char copy[512], *rest = copy, *records;
    bool first = true;
    snprintf(copy, sizeof copy, "%s", text);
    while ((records = strsep(&rest, ";"))) {
        char *record;
        begin_message(first);
        first = false;
        while ((record = strsep(&records, ","))) {
            char word[32];
            unsigned number;
            assert_int_equal(sscanf(record, " %31s %u", word, &number), 2);
            put_record(word, number);
        }
        result = take();
        if (result != INCOMING_MORE && rest)
            return take(); // and one message more
    }
    return result;
}

static void write_list(struct buffer *to, char sign, const struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        char name[NAME_TEXT_MAX];
        name_print(record_owner(record), name);
        name[strcspn(name, ".")] = 0;
        if (record->type == TYPE_SOA)
            buffer_format(to, "%csoa%u", sign, diff_serial(record));
        else
            buffer_format(to, "%c%s%u", sign, name, record->rdata[3]);
    }
}

static void check(enum incoming_kind kind, const char *text, enum incoming_result result,
                  const char *expected)
{
    struct buffer seen = {0};
    begin(kind, 1);
    assert_int_equal(feed(text), result);
    if (result == INCOMING_WRONG)
        buffer_add_text(&seen, incoming.problem);
    if (result == INCOMING_WHOLE)
        write_list(&seen, ' ', &incoming.records);
    for (size_t i = 0; i < incoming.diff_count && result == INCOMING_DIFFS; i++) {
        buffer_format(&seen, i ? " %u-%u " : "%u-%u ", incoming.diffs[i].serial_from,
                      incoming.diffs[i].serial_to);
        write_list(&seen, '-', &incoming.diffs[i].removed);
        write_list(&seen, '+', &incoming.diffs[i].added);
    }
    assert_string_equal(buffer_text(&seen), expected);
    buffer_free(&seen);
    incoming_free(&incoming);
}

static void whole_zones(void **state)
{
    (void)state;
    for (enum incoming_kind kind = INCOMING_IXFR; kind <= INCOMING_AXFR; kind++) {
        check(kind, "soa 3, ns 1, ezaki 2, soa 3", INCOMING_WHOLE, " soa3 ns1 ezaki2");
        check(kind, "soa 3; ns 1; ezaki 2; soa 3", INCOMING_WHOLE, " soa3 ns1 ezaki2");
        check(kind, "soa 3, soa 3", INCOMING_WHOLE, " soa3"); // of a zone that is only that
        check(kind, "soa 3, ns 1", INCOMING_MORE, "");
    }
    check(INCOMING_AXFR, "soa 1, ns 1, soa 1", INCOMING_WHOLE, " soa1 ns1"); // the same serial
}

// Of a whole zone beside a version of ours only what differs is kept. (jain4: the NS record.)
static void against_ours(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text(
        "jain.ad.jp.",
        "@ 600 SOA . . 1 0 0 0 0\n@ 600 NS ns\nns 600 A 192.0.2.1\n"
        "nezu 600 A 192.0.2.5\nb 600 A 192.0.2.4\nb 600 A 192.0.2.3\nc 60 A 192.0.2.1\n");
    ours = zone;
    for (enum incoming_kind kind = INCOMING_IXFR; kind <= INCOMING_AXFR; kind++) {
        check(kind, "soa 2, ns 1, nezu 5; b 9, b 3, B 9, soa 2", INCOMING_DIFFS,
              "1-2 -soa1-jain4-b4-c1+soa2+b9");
        // What has another TTL concerns its RRset: the whole, as if there were no version.
        check(kind, "soa 2, ns 1, nezu 5; c 1, b 9, soa 2", INCOMING_WHOLE,
              " soa2 nezu5 ns1 c1 b9");
        check(kind, "soa 2, ns 1, soa 3", INCOMING_WRONG,
              "the zone ends with another SOA than it begins with");
        check(kind, "soa 2, ns 1, ns 2", INCOMING_MORE, "");
    }
    check(INCOMING_AXFR, "soa 1, ns 1, nezu 5, b 3, b 4, new 1, soa 1", INCOMING_DIFFS,
          "1-1 -jain4-c1+new1"); // the same serial, the same SOA
    check(INCOMING_AXFR, "soa 0, soa 0", INCOMING_DIFFS,
          "1-0 -soa1-jain4-b3-b4-c1-nezu5-ns1+soa0"); // whether that is a zone is for others to say
    check(INCOMING_IXFR, "soa 3, soa 1, nezu 5, soa 3, nezu 6, soa 3", INCOMING_DIFFS,
          "1-3 -soa1-nezu5+soa3+nezu6"); // differences are what they are
    ours = NULL;
    zone_release(zone);
}

// RFC 1995 7, with addresses that end in the numbers of those there.
static void the_example(void **state)
{
    (void)state;
    check(INCOMING_IXFR,
          "soa 3, soa 1, nezu 5, soa 2, jain-bb 4, jain-bb 2, soa 2, jain-bb 4, soa 3, jain-bb 3, "
          "soa 3",
          INCOMING_DIFFS,
          "1-2 -soa1-nezu5+soa2+jain-bb4+jain-bb2 2-3 -soa2-jain-bb4+soa3+jain-bb3");
    check(INCOMING_IXFR, "soa 3, soa 1, nezu 5, soa 3, jain-bb 3, jain-bb 2, soa 3", INCOMING_DIFFS,
          "1-3 -soa1-nezu5+soa3+jain-bb3+jain-bb2"); // condensed
    check(INCOMING_IXFR, "soa 3; soa 1; nezu 5, soa 3; jain-bb 3; soa 3", INCOMING_DIFFS,
          "1-3 -soa1-nezu5+soa3+jain-bb3");
}

static void nothing_new(void **state)
{
    (void)state;
    check(INCOMING_IXFR, "soa 1", INCOMING_CURRENT, "");
    check(INCOMING_IXFR, "soa 0", INCOMING_CURRENT, ""); // an older one is no news either
    check(INCOMING_SOA, "soa 1", INCOMING_CURRENT, "");
    check(INCOMING_SOA, "soa 2", INCOMING_NEWER, "");
    check(INCOMING_SOA, "ns 2", INCOMING_WRONG, "the first record is not the zone's SOA");
}

static void hostile(void **state)
{
    (void)state;
    check(INCOMING_AXFR, "ns 1, soa 3", INCOMING_WRONG, "the first record is not the zone's SOA");
    check(INCOMING_AXFR, "soa 3, other 1, soa 3", INCOMING_WRONG, "a record is not of the zone");
    check(INCOMING_AXFR, "soa 3, ns 1, soa 4", INCOMING_WRONG,
          "the zone ends with another SOA than it begins with");
    check(INCOMING_AXFR, "soa 3, ns 1, soa 3, ns 2", INCOMING_WRONG,
          "records follow the end of the zone");
    check(INCOMING_AXFR, "soa 3, ns 1, soa 3; ns 2", INCOMING_WRONG,
          "messages follow the end of the zone");
    check(INCOMING_IXFR, "soa 3, soa 2, soa 3, soa 3", INCOMING_WRONG,
          "the differences do not follow one another"); // we have 1
    check(INCOMING_IXFR, "soa 3, soa 1, soa 2, soa 3, soa 3", INCOMING_WRONG,
          "the differences do not follow one another");
}

static void put_odd(unsigned type, unsigned class, const char *owner, const char *rdata,
                    size_t size)
{
    begin(INCOMING_AXFR, 0);
    begin_message(true);
    put_record("soa", 3);
    packet_record(&message,
                  &(struct packet_record){SECTION_ANSWER, owner, type, class, 1, rdata, size});
}

static void check_wrong(const char *problem)
{
    assert_int_equal(take(), INCOMING_WRONG);
    assert_string_equal(incoming.problem, problem);
    incoming_free(&incoming);
}

static void records_that_no_zone_has(void **state)
{
    (void)state;
    put_odd(TYPE_A, CLASS_CH, "a.jain.ad.jp.", "\1\2\3\4", 4);
    check_wrong("a record is of a kind that no zone has");
    put_odd(TYPE_TSIG, CLASS_IN, "a.jain.ad.jp.", "\1\2\3\4", 4);
    check_wrong("a record is of a kind that no zone has");
    put_odd(TYPE_A, CLASS_IN, "a.jain.ad.jp.", "\1\2\3", 3);
    check_wrong("a record is malformed");
    put_odd(TYPE_SOA, CLASS_IN, "a.jain.ad.jp.", "\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            22);
    check_wrong("a SOA stands below the zone's name");
    put_odd(TYPE_A, CLASS_IN, "a.jain.ad.jp.", "\1\2\3\4", 4);
    message.size--;
    check_wrong("a message is malformed");
}

static void messages_that_are_no_answers(void **state)
{
    (void)state;
    static const struct {
        unsigned id, flags;
        const char *problem;
    } cases[] = {
        {0x1235, FLAG_QR, "a message is no answer to what was asked"},
        {0x1234, 0, "a message is no answer to what was asked"},
        {0x1234, FLAG_QR | OPCODE_NOTIFY << 11, "a message is no answer to what was asked"},
        {0x1234, FLAG_QR | FLAG_TC, "the answer is cut short"},
        {0x1234, FLAG_QR | RCODE_NOTAUTH, "the primary refuses"},
        {0x1234, FLAG_QR, "a message has no records"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(INCOMING_AXFR, 0);
        packet_begin(&message, cases[i].id, cases[i].flags);
        packet_question(&message, "jain.ad.jp.", TYPE_AXFR, CLASS_IN);
        check_wrong(cases[i].problem);
    }
    begin(INCOMING_AXFR, 0);
    packet_begin(&message, 0x1234, FLAG_QR);
    packet_question(&message, "ad.jp.", TYPE_AXFR, CLASS_IN);
    put_record("soa", 3);
    check_wrong("a message answers another question");
    begin(INCOMING_AXFR, 0);
    packet_begin(&message, 0x1234, FLAG_QR);
    packet_question(&message, "jain.ad.jp.", TYPE_IXFR, CLASS_IN);
    put_record("soa", 3);
    check_wrong("a message answers another question");
    begin(INCOMING_AXFR, 0);
    message.size = 5;
    check_wrong("a message is malformed");
}

// What we ask can be read, and has our serial.
static void the_request(void **state)
{
    struct message read;
    struct message_record record;
    (void)state;
    begin(INCOMING_IXFR, 77);
    assert_true(message_open(&read, request, sizeof request));
    assert_true(message_next(&read, &record));
    assert_int_equal(record.type, TYPE_IXFR);
    assert_true(message_next(&read, &record));
    assert_int_equal(record.section, SECTION_AUTHORITY);
    assert_true(name_equal(record.owner, name_of("jain.ad.jp.")));
    assert_int_equal(record.type, TYPE_SOA);
    assert_int_equal(bytes_get32(request + record.rdata_at + 2), 77);
    assert_true(message_next(&read, &record));
    assert_int_equal(record.type, TYPE_OPT);
    assert_int_equal(record.rdata_size, 4);
    assert_memory_equal(request + record.rdata_at, "\0\x09\0\0", 4); // EXPIRE (RFC 7314 2)
    assert_false(message_next(&read, &record));
    assert_false(read.malformed);
    incoming_free(&incoming);
}

// What a primary says of its own copy; options that are cut or odd say nothing.
static void what_is_told_of_expiry(void **state)
{
    static const struct {
        const char *options;
        size_t size;
        uint32_t told;
    } rows[] = {
        {"", 0, INCOMING_NOT_TOLD},
        {"\0\x09\0\4\0\0\1\2", 8, 258},
        {"\0\3\0\1x\0\x09\0\4\0\0\0\0", 13, 0},
        {"\0\x09\0\3\0\0\1", 7, INCOMING_NOT_TOLD},
        {"\0\x09\0\5\0\0\1\2", 8, INCOMING_NOT_TOLD},
        {"\0\x09\0", 3, INCOMING_NOT_TOLD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(INCOMING_SOA, 3);
        begin_message(true);
        put_record("soa", 3);
        packet_record(&message,
                      &(struct packet_record){SECTION_ADDITIONAL, ".", TYPE_OPT, 1232, 0,
                                              (const uint8_t *)rows[i].options, rows[i].size});
        assert_int_equal(take(), INCOMING_CURRENT);
        assert_int_equal(incoming.expire_s, rows[i].told);
        incoming_free(&incoming);
    }
}

// The key, of which there is one, signs what is asked from then on.
static struct tsig_keys *make_key(void)
{
    struct tsig_keys *keys = tsig_keys_make(1);
    keys->list[0].name = name_fold(name_of("k."), keys->list[0].wire);
    keys->list[0].kind = MAC_SHA256;
    keys->list[0].mac_least = 32;
    keys->list[0].mac = mac_key_make(MAC_SHA256, (const uint8_t *)"secret", 6);
    key = &keys->list[0];
    return keys;
}

// A signed AXFR is asked for; the primary has heard it.
static void ask_signed(struct tsig *tsig, const struct tsig_keys *keys)
{
    size_t at = HEADER_SIZE + name_of("jain.ad.jp.").size + 4 + 15; // behind the OPT
    struct incoming_options options = {
        .kind = INCOMING_AXFR, .zone = name_of("jain.ad.jp."), .id = 0x1234, .key = key};
    size_t size = incoming_begin(&incoming, &options, request, DATE_S);
    assert_int_equal(tsig_receive(tsig, keys, request, size, at, DATE_S), TSIG_GOOD);
}

// Each message must be signed by the key.
static void signed_messages(void **state)
{
    struct tsig_keys *keys = make_key();
    struct tsig tsig;
    (void)state;
    for (unsigned spoil = 0; spoil < 4; spoil++) {
        ask_signed(&tsig, keys);
        begin_message(true);
        put_record("soa", 3);
        put_record("ns", 1);
        message.size = tsig_append(&tsig, message.octets, message.size, DATE_S);
        assert_int_equal(take(), INCOMING_MORE);
        begin_message(false);
        put_record("soa", 3);
        if (spoil != 1)
            message.size = tsig_append(&tsig, message.octets, message.size, DATE_S);
        if (spoil == 2)
            message.octets[HEADER_SIZE + 14]++; // a letter of an owner
        if (spoil == 0) {
            assert_int_equal(take(), INCOMING_WHOLE);
            incoming_free(&incoming);
        } else if (spoil == 3) {
            assert_int_equal(incoming_take(&incoming, message.octets, message.size, DATE_S + 900),
                             INCOMING_WRONG); // too late
            incoming_free(&incoming);
        } else {
            check_wrong("it is not signed by the key that we share with the primary");
        }
    }
    key = NULL;
    tsig_keys_release(keys);
}

// Messages without a signature between two that have one (RFC 8945 5.3.1).
static void some_are_signed(void **state)
{
    struct tsig_keys *keys = make_key();
    struct tsig tsig;
    (void)state;
    static const struct {
        unsigned count; // of unsigned ones
        bool spoiled, first, last;
        bool good;
    } rows[] = {{1, false, true, true, true},
                {TSIG_PASSED_MAX, false, true, true, true},
                {TSIG_PASSED_MAX + 1, false, true, true, false},
                {3, true, true, true, false},
                {3, false, false, true, false},
                {3, false, true, false, false}};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        ask_signed(&tsig, keys);
        begin_message(true);
        put_record("soa", 3);
        put_record("ns", 1);
        if (rows[row].first)
            message.size = tsig_append(&tsig, message.octets, message.size, DATE_S);
        enum incoming_result result = take();
        for (unsigned i = 0; i < rows[row].count && result == INCOMING_MORE; i++) {
            begin_message(false);
            put_record("a", i);
            if (i < TSIG_PASSED_MAX)
                assert_true(tsig_pass(&tsig, message.octets, message.size));
            if (rows[row].spoiled && i == 1)
                message.octets[message.size - 1] ^= 1; // of an address
            result = take();
        }
        begin_message(false);
        put_record("soa", 3);
        if (rows[row].last)
            message.size = tsig_append(&tsig, message.octets, message.size, DATE_S);
        if (result == INCOMING_MORE)
            result = take();
        assert_int_equal(result, rows[row].good ? INCOMING_WHOLE : INCOMING_WRONG);
        if (!rows[row].good)
            assert_string_equal(incoming.problem,
                                "it is not signed by the key that we share with the primary");
        tsig_abandon(&tsig);
        incoming_free(&incoming);
    }
    key = NULL;
    tsig_keys_release(keys);
}

// Differences 1-2, 2-3 ... in as many messages as they need, until one is not wanted any more.
static unsigned feed_differences(unsigned most)
{
    unsigned count = 0;
    enum incoming_result result = INCOMING_MORE;
    begin(INCOMING_IXFR, 1);
    begin_message(true);
    put_record("soa", most + 1);
    while (result == INCOMING_MORE && count < most) {
        for (unsigned i = 0; i < 200 && count < most; i++) {
            count++;
            put_record("soa", count);
            put_record("soa", count + 1);
        }
        result = take();
        begin_message(false);
    }
    if (result == INCOMING_MORE) {
        put_record("soa", most + 1);
        result = take();
    }
    unsigned kept = result == INCOMING_DIFFS ? (unsigned)incoming.diff_count : 0;
    if (result == INCOMING_WRONG)
        assert_string_equal(incoming.problem, "there are too many differences");
    incoming_free(&incoming);
    return kept;
}

static void too_much(void **state)
{
    (void)state;
    assert_int_equal(feed_differences(INCOMING_DIFFS_MAX), INCOMING_DIFFS_MAX);
    assert_int_equal(feed_differences(INCOMING_DIFFS_MAX + 1), 0);
    // Eight gigabytes of which all but the last messages have come.
    begin(INCOMING_AXFR, 0);
    begin_message(true);
    put_record("soa", 1);
    incoming.octets = INCOMING_OCTETS_MAX - message.size;
    assert_int_equal(take(), INCOMING_MORE);
    begin_message(false);
    put_record("ns", 1);
    assert_int_equal(take(), INCOMING_WRONG);
    assert_string_equal(incoming.problem, "it is larger than any zone");
    incoming_free(&incoming);
}

static void given_away(void **state)
{
    struct records records;
    size_t count;
    (void)state;
    begin(INCOMING_AXFR, 0);
    assert_int_equal(feed("soa 3, ns 1, soa 3"), INCOMING_WHOLE);
    incoming_give_records(&incoming, &records);
    incoming_free(&incoming);
    assert_int_equal(records.count, 2);
    records_sort(&records); // by its own name
    records_free(&records);
    begin(INCOMING_IXFR, 1);
    assert_int_equal(feed("soa 3, soa 1, soa 2, soa 2, soa 3, soa 3"), INCOMING_DIFFS);
    struct diff *diffs = incoming_give_diffs(&incoming, &count);
    incoming_free(&incoming);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        diff_settle(&diffs[i]);
        diff_free(&diffs[i]);
    }
    free(diffs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_zones),
        cmocka_unit_test(against_ours),
        cmocka_unit_test(the_example),
        cmocka_unit_test(nothing_new),
        cmocka_unit_test(hostile),
        cmocka_unit_test(records_that_no_zone_has),
        cmocka_unit_test(messages_that_are_no_answers),
        cmocka_unit_test(the_request),
        cmocka_unit_test(what_is_told_of_expiry),
        cmocka_unit_test(signed_messages),
        cmocka_unit_test(some_are_signed),
        cmocka_unit_test(too_much),
        cmocka_unit_test(given_away),
    };
    return cmocka_run_group_tests_name("transfer/incoming", tests, NULL, NULL);
}
