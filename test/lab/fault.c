// Faults: chances, dice, and what each does to a reply.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/type.h"
#include "lab/fault.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void test_table(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAULT_ROWS; i++) {
        assert_non_null(fault_table()[i].word);
        assert_non_null(fault_table()[i].help);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(fault_table()[i].word, fault_table()[k].word);
    }
}

static void test_chances(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t chance;
    } rows[] = {
        {"true", true, CHANCE_ALWAYS},
        {"false", true, 0},
        {"100%", true, CHANCE_ALWAYS},
        {"0%", true, 0},
        {"50%", true, CHANCE_ALWAYS / 2},
        {"0.5%", true, CHANCE_ALWAYS / 200},
        {"12.5%", true, CHANCE_ALWAYS / 8},
        {"0.000001%", true, 42},
        {"100.1%", false, 0},
        {"101%", false, 0},
        {"2", false, 0},
        {"", false, 0},
        {"%", false, 0},
        {".5%", false, 0},
        {"-1%", false, 0},
        {"5 %", false, 0},
        {"yes", false, 0},
        {"99999999999%", false, 0},
        {"1.0000000%", false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t chance = 1;
        assert_int_equal(fault_parse_chance(rows[i].text, &chance), rows[i].good);
        if (rows[i].good)
            assert_int_equal(chance, rows[i].chance);
    }
}

// A query for www.Ab. A, with or without OPT.
static uint32_t put_query(uint8_t *to, bool edns)
{
    static const uint8_t query[] = "\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
                                   "\3www\2Ab\0\0\1\0\1"
                                   "\0\0\x29\x04\xd0\0\0\0\0\0\0";
    memcpy(to, query, sizeof query - 1);
    to[11] = edns;
    return edns ? sizeof query - 1 : sizeof query - 1 - 11;
}
#define QUESTION_END (12 + 8 + 4)

static void test_read(void **state)
{
    (void)state;
    uint8_t octets[512];
    struct fault_query query;
    uint32_t size = put_query(octets, true);
    fault_read(octets, size, false, &query);
    assert_int_equal(query.question_end, QUESTION_END);
    assert_true(query.edns);
    // However it is cut: no look beyond its end (under a sanitizer).
    for (uint32_t cut = 0; cut < size; cut++) {
        uint8_t copy[64];
        memcpy(copy + 64 - cut, octets, cut);
        fault_read(copy + 64 - cut, cut, true, &query);
        assert_int_equal(query.question_end, cut >= QUESTION_END ? QUESTION_END : 0);
        assert_int_equal(query.edns, cut >= QUESTION_END + 3);
        assert_true(query.stream);
    }
    size = put_query(octets, false);
    fault_read(octets, size, false, &query);
    assert_false(query.edns);
    octets[5] = 2;
    fault_read(octets, size, false, &query);
    assert_int_equal(query.question_end, 0);
}

static struct fate draw(enum fault fault, const struct fault_query *query)
{
    struct dice dice = dice_seed(1);
    struct faults faults = {0};
    struct fate fate;
    faults.chances[fault] = CHANCE_ALWAYS;
    fault_draw(&faults, &dice, query, &fate);
    return fate;
}

// Which faults are for which queries.
static void test_who(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FAULTS; i++) {
        bool udp_only =
            i == FAULT_LOSS || i == FAULT_TRUNCATE || i == FAULT_WRONG_SOURCE || i == FAULT_SPOOF;
        bool edns_only = i == FAULT_EDNS_DROP || i == FAULT_EDNS_FORMERR || i == FAULT_EDNS_IGNORE;
        bool never = i == FAULT_NO_TCP;
        for (unsigned kind = 0; kind < 4; kind++) {
            struct fault_query query = {QUESTION_END, kind & 1, kind & 2};
            struct fate fate = draw(i, &query);
            bool strikes = !never && !(udp_only && query.stream) && !(edns_only && !query.edns);
            assert_int_equal(fate.strikes, strikes ? 1u << i : 0);
        }
    }
}

static void test_dice(void **state)
{
    (void)state;
    struct faults faults = {.delay_ms = 20, .jitter_ms = 5};
    faults.chances[FAULT_LOSS] = CHANCE_ALWAYS / 50;
    faults.chances[FAULT_SERVFAIL] = CHANCE_ALWAYS / 2;
    faults.chances[FAULT_LAME] = CHANCE_ALWAYS;
    struct fault_query query = {QUESTION_END, false, false};
    struct dice first = dice_seed(7), second = dice_seed(7), other = dice_seed(8);
    unsigned lost = 0, failed = 0, lame = 0, differ = 0, delays[26] = {0};
    for (unsigned i = 0; i < 100000; i++) {
        struct fate fate, same, different;
        fault_draw(&faults, &first, &query, &fate);
        fault_draw(&faults, &second, &query, &same);
        fault_draw(&faults, &other, &query, &different);
        assert_int_equal(fate.strikes, same.strikes);
        assert_int_equal(fate.delay_ms, same.delay_ms);
        differ += fate.strikes != different.strikes;
        lost += fate_is_silence(&fate);
        failed += fate_has(&fate, FAULT_SERVFAIL);
        lame += fate_has(&fate, FAULT_LAME);
        // One word for each: lost, or failed, or else lame.
        assert_int_equal(__builtin_popcount(fate.strikes), 1);
        assert_in_range(fate.delay_ms, 20, 25);
        delays[fate.delay_ms]++;
    }
    assert_in_range(lost, 1850, 2150);
    assert_in_range(failed, 48000, 50000);
    assert_int_equal(lost + failed + lame, 100000);
    assert_true(differ > 1000);
    for (unsigned i = 20; i <= 25; i++)
        assert_in_range(delays[i], 16000, 17400);
}

static void test_merge(void **state)
{
    (void)state;
    struct faults to = {.delay_ms = 5}, from = {.delay_ms = 9, .jitter_ms = 3};
    assert_true(faults_any(&to));
    to.chances[FAULT_LAME] = 1;
    from.chances[FAULT_LOSS] = 2;
    faults_merge(&to, &from, 1u << FAULT_LOSS | 1u << FAULT_LAME);
    assert_int_equal(to.delay_ms, 5);
    assert_int_equal(to.jitter_ms, 0);
    assert_int_equal(to.chances[FAULT_LAME], 0);
    assert_int_equal(to.chances[FAULT_LOSS], 2);
    faults_merge(&to, &from, (uint64_t)1 << FAULT_ROW_DELAY | (uint64_t)1 << FAULT_ROW_JITTER);
    assert_int_equal(to.delay_ms, 9);
    assert_int_equal(to.jitter_ms, 3);
    assert_false(faults_any(&(struct faults){0}));
}

static void test_refuses_stream(void **state)
{
    (void)state;
    struct faults faults = {0};
    struct dice dice = dice_seed(1);
    assert_false(fault_refuses_stream(&faults, &dice));
    faults.chances[FAULT_NO_TCP] = CHANCE_ALWAYS;
    assert_true(fault_refuses_stream(&faults, &dice));
}

// The true reply: AA, one address, an OPT record.
static uint32_t put_reply(uint8_t *to)
{
    uint32_t size = put_query(to, false);
    static const uint8_t rest[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
                                  "\0\0\x29\x04\xd0\0\0\0\0\0\0";
    memcpy(to + size, rest, sizeof rest - 1);
    bytes_put16(to + 2, FLAG_QR | FLAG_AA | FLAG_RD);
    to[7] = 1;
    to[11] = 1;
    return size + sizeof rest - 1;
}

// Every record in words: "answer www.Ab. A, ..." with the header's.
static void describe_message(const uint8_t *octets, size_t size, char *to)
{
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, octets, size));
    to += sprintf(to, "%u%s%s", message.flags & 15, message.flags & FLAG_AA ? " AA" : "",
                  message.flags & FLAG_TC ? " TC" : "");
    while (message_next(&message, &record)) {
        static const char *const words[] = {"?", "answer", "authority", "additional"};
        char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
        name_print(record.owner, name);
        type_print(record.type, type);
        to += sprintf(to, "; %s %s %s", words[record.section], name, type);
        if (record.type == TYPE_NS) {
            size_t at = record.rdata_at;
            uint8_t storage[NAME_OCTETS_MAX];
            struct name host;
            assert_true(message_name(octets, size, &at, storage, &host));
            name_print(host, name);
            to += sprintf(to, " %s", name);
        }
    }
    assert_false(message.malformed);
    assert_int_equal(message.at, size);
}

static void test_changes(void **state)
{
    (void)state;
    static const struct {
        enum fault fault;
        const char *words;
    } rows[] = {
        {FAULT_SERVFAIL, "2; ? www.Ab. A; additional . OPT"},
        {FAULT_REFUSED, "5; ? www.Ab. A; additional . OPT"},
        {FAULT_FORMERR, "1; ? www.Ab. A; additional . OPT"},
        {FAULT_NOTIMP, "4; ? www.Ab. A; additional . OPT"},
        {FAULT_EDNS_FORMERR, "1; ? www.Ab. A"},
        {FAULT_LAME, "0; ? www.Ab. A; additional . OPT"},
        {FAULT_TRUNCATE, "0 TC; ? www.Ab. A; additional . OPT"},
        {FAULT_REFERRAL_UP, "0; ? www.Ab. A; authority . NS a.root.; additional . OPT"},
        {FAULT_REFERRAL_SELF, "0; ? www.Ab. A; authority ab. NS ns.ab.; additional . OPT"},
        {FAULT_REFERRAL_ASIDE,
         "0; ? www.Ab. A; authority elsewhere.invalid. NS ns.elsewhere.invalid.; "
         "additional ns.elsewhere.invalid. A; additional . OPT"},
        {FAULT_WRONG_QUESTION, "0 AA; ? vww.Ab. A; answer vww.Ab. A; additional . OPT"},
        {FAULT_FOLD_CASE, "0 AA; ? www.ab. A; answer www.ab. A; additional . OPT"},
        {FAULT_POISON, "0 AA; ? www.Ab. A; answer www.Ab. A; additional . OPT; "
                       "additional a.root. A"},
        {FAULT_WRONG_ID, "0 AA; ? www.Ab. A; answer www.Ab. A; additional . OPT"},
    };
    struct fault_sense sense = {(const uint8_t *)"\1a\4root", (const uint8_t *)"\2ab",
                                (const uint8_t *)"\2ns\2ab"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t octets[1232];
        char words[2000];
        struct fault_query query = {QUESTION_END, true, false};
        struct fault_message reply = {octets, put_reply(octets), sizeof octets};
        struct fate fate = draw(rows[i].fault, &query);
        fault_change(&fate, &sense, &reply);
        describe_message(octets, reply.size, words);
        assert_string_equal(words, rows[i].words);
        assert_int_equal(bytes_get16(octets) != 0x1234, rows[i].fault == FAULT_WRONG_ID);
    }
}

// A message full to the last octet takes no more; one without a question stays whole.
static void test_no_room(void **state)
{
    (void)state;
    struct fault_sense sense = {(const uint8_t *)"", NULL, NULL};
    for (unsigned i = FAULT_EDNS_FORMERR; i < FAULTS; i++) {
        uint8_t octets[64];
        struct fault_query query = {QUESTION_END, true, false};
        struct fault_message reply = {octets, put_reply(octets), 0};
        struct fate fate = draw(i, &query);
        reply.room = reply.size;
        fault_change(&fate, &sense, &reply);
        assert_true(reply.size <= reply.room);

        uint8_t bare[HEADER_SIZE] = {0x12, 0x34, 0x80, 0x01};
        query.question_end = 0;
        reply = (struct fault_message){bare, sizeof bare, sizeof bare};
        fate = draw(i, &query);
        fault_change(&fate, &sense, &reply);
        assert_int_equal(reply.size, sizeof bare);
    }
}

// A FORMERR without the question that the query had: nothing is read behind its end.
static void test_short_reply(void **state)
{
    (void)state;
    uint8_t room[512], query_octets[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0\xff\xf6\0\1\0\1";
    struct fault_sense sense = {(const uint8_t *)"", NULL, NULL};
    struct fault_query query;
    // A compressed name is none in a question.
    fault_read(query_octets, sizeof query_octets - 1, false, &query);
    assert_int_equal(query.question_end, 0);
    query.question_end = QUESTION_END;
    for (unsigned i = FAULT_EDNS_FORMERR; i < FAULTS; i++) {
        uint8_t *octets = test_malloc(HEADER_SIZE); // ends where it is short
        memcpy(octets, "\x12\x34\x80\1\0\0\0\0\0\0\0\0", HEADER_SIZE);
        struct fault_message reply = {octets, HEADER_SIZE, HEADER_SIZE};
        struct fault_message forged = {.octets = room, .room = sizeof room};
        struct fate fate = draw(i, &query);
        fault_forge(&fate, &reply, &forged);
        assert_int_equal(forged.size, 0);
        fault_change(&fate, &sense, &reply);
        assert_int_equal(reply.size, HEADER_SIZE);
        test_free(octets);
    }
}

static void test_blind(void **state)
{
    (void)state;
    uint8_t octets[512];
    char words[500];
    struct fault_query query;
    struct fault_message message = {octets, put_query(octets, true), sizeof octets};
    fault_read(octets, message.size, false, &query);
    struct fate fate = draw(FAULT_EDNS_IGNORE, &query);
    fault_blind(&fate, &message);
    describe_message(octets, message.size, words);
    assert_string_equal(words, "0; ? www.Ab. A");
}

static void test_forge(void **state)
{
    (void)state;
    uint8_t octets[512], room[512];
    char words[500];
    struct fault_query query = {QUESTION_END, true, false};
    struct fault_message reply = {octets, put_reply(octets), sizeof octets};
    struct fault_message forged = {.octets = room, .room = sizeof room};
    struct fate fate = draw(FAULT_SPOOF, &query);
    fault_forge(&fate, &reply, &forged);
    describe_message(room, forged.size, words);
    assert_string_equal(words, "0 AA; ? www.Ab. A; answer www.Ab. A");
    assert_int_not_equal(bytes_get16(room), 0x1234);
    assert_memory_equal(room + forged.size - 4, "\xcb\x00\x71\x42", 4);
    forged.room = forged.size;
    fault_forge(&fate, &reply, &forged);
    assert_int_equal(forged.size, forged.room);
    forged.room--;
    fault_forge(&fate, &reply, &forged);
    assert_int_equal(forged.size, 0);
    forged.room = sizeof room;
    fate.query.question_end = 0;
    fault_forge(&fate, &reply, &forged);
    assert_int_equal(forged.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),          cmocka_unit_test(test_chances),
        cmocka_unit_test(test_read),           cmocka_unit_test(test_who),
        cmocka_unit_test(test_dice),           cmocka_unit_test(test_merge),
        cmocka_unit_test(test_changes),        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_blind),          cmocka_unit_test(test_forge),
        cmocka_unit_test(test_refuses_stream), cmocka_unit_test(test_short_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
