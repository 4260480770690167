// Messages as received: what is read, and what is refused.
#include "names.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/random.h"
#include "dns/message.h"
#include "dns/type.h"

// A copy of exactly these octets, so that a look past the end is seen.
static uint8_t *copy(const void *octets, size_t size)
{
    uint8_t *exact = malloc(size + (size == 0));
    assert_non_null(exact);
    memcpy(exact, octets, size);
    return exact;
}

// --- names ---------------------------------------------------------------------------------------

// RFC 1035 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
static void write_rfc1035(uint8_t octets[static 93])
{
    memset(octets, 0, 93);
    memcpy(octets + 20, "\1F\3ISI\4ARPA", 12);
    memcpy(octets + 40, "\3FOO\300\24", 6);
    memcpy(octets + 64, "\300\32", 2);
}

static void test_rfc1035_names(void **state)
{
    static const struct {
        size_t at, behind;
        const char *text;
    } cases[] = {
        {20, 32, "F.ISI.ARPA."}, {40, 46, "FOO.F.ISI.ARPA."}, {64, 66, "ARPA."},
        {92, 93, "."},           {26, 32, "ARPA."},           {0, 1, "."},
    };
    (void)state;
    uint8_t rfc1035[93];
    write_rfc1035(rfc1035);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        size_t at = cases[i].at, skipped = cases[i].at;
        assert_true(message_name(rfc1035, sizeof rfc1035, &at, storage, &name));
        assert_int_equal(at, cases[i].behind);
        assert_name(name, cases[i].text);
        assert_int_equal(name.size, name_trust(storage).size);
        assert_int_equal(name.labels, name_trust(storage).labels);
        assert_true(message_skip_name(rfc1035, sizeof rfc1035, &skipped));
        assert_int_equal(skipped, cases[i].behind);
    }
}

static void test_bad_names(void **state)
{
    static const struct {
        const char *octets;
        size_t size, at;
        bool skips; // its end can be found without following pointers
    } cases[] = {
        {"", 0, 0, false},
        {"\1", 1, 0, false},
        {"\1a", 2, 0, false},
        {"\3ab", 3, 0, false},
        {"\0\300", 2, 1, false},        // half a pointer
        {"\300\0", 2, 0, true},         // to itself
        {"\1a\300\0", 4, 0, true},      // to its own beginning
        {"\1a\300\2", 4, 0, true},      // to itself, behind a label
        {"\300\2\0", 3, 0, true},       // forwards
        {"\0\300\3\300\1", 5, 3, true}, // backwards, and from there forwards
        {"\0\377\377", 3, 1, true},     // past the end
        {"\100a", 2, 0, false},         // label types 01 and 10
        {"\200a", 2, 0, false},
        {"\1a\100", 3, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *octets = copy(cases[i].octets, cases[i].size);
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        size_t at = cases[i].at, skipped = cases[i].at;
        if (message_name(octets, cases[i].size, &at, storage, &name))
            fail_msg("row %zu is read", i);
        assert_int_equal(message_skip_name(octets, cases[i].size, &skipped), cases[i].skips);
        free(octets);
    }
}

// Label types 01 and 10 are refused though all the octets are there that they might mean; the
// longest label of type 00 is not.
static void test_label_types(void **state)
{
    (void)state;
    for (unsigned length = 0; length < 0xc0; length++) {
        uint8_t octets[256] = {(uint8_t)length};
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        size_t at = 0, skipped = 0;
        bool good = length <= LABEL_OCTETS_MAX;
        assert_int_equal(message_name(octets, sizeof octets, &at, storage, &name), good);
        assert_int_equal(message_skip_name(octets, sizeof octets, &skipped), good);
        if (good)
            assert_int_equal(at, length ? length + 2 : 1);
        assert_int_equal(skipped, at);
    }
}

// Names whose last octet is that of the message.
static void test_name_at_the_end(void **state)
{
    static const char *const octets[] = {"\1a\0\300\0", "\1a\0\1b\300\0", "\1a\0\1b\0"};
    static const size_t sizes[] = {5, 7, 6};
    (void)state;
    for (size_t i = 0; i < COUNT(octets); i++) {
        uint8_t *exact = copy(octets[i], sizes[i]);
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        size_t at = 3, skipped = 3;
        assert_true(message_name(exact, sizes[i], &at, storage, &name));
        assert_int_equal(at, sizes[i]);
        assert_true(message_skip_name(exact, sizes[i], &skipped));
        assert_int_equal(skipped, sizes[i]);
        free(exact);
    }
}

// Labels of one octet, each followed by a pointer to the one before: every pointer adds a label, so
// that POINTERS_MAX of them give the longest name.
static void test_most_pointers(void **state)
{
    (void)state;
    uint8_t octets[1 + 4 * 128] = {0};
    for (unsigned i = 0; i < 128; i++) {
        uint8_t *label = octets + 1 + 4 * i;
        label[0] = 1;
        label[1] = 'a';
        bytes_put16(label + 2, (uint16_t)(0xc000 | (i ? 1 + 4 * (i - 1) : 0)));
    }
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    size_t at = 1 + 4 * (POINTERS_MAX - 1);
    assert_true(message_name(octets, sizeof octets, &at, storage, &name));
    assert_int_equal(name.labels, NAME_LABELS_MAX);
    assert_int_equal(name.size, NAME_OCTETS_MAX);
    at = 1 + 4 * POINTERS_MAX;
    assert_false(message_name(octets, sizeof octets, &at, storage, &name));
}

// Pointers to pointers: they add nothing to the name, yet no more of them are followed.
static void test_chain_of_pointers(void **state)
{
    (void)state;
    uint8_t octets[1 + 2 * (POINTERS_MAX + 1)] = {0};
    for (unsigned i = 0; i <= POINTERS_MAX; i++)
        bytes_put16(octets + 1 + 2 * i, (uint16_t)(0xc000 | (i ? 1 + 2 * (i - 1) : 0)));
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    size_t at = 1 + 2 * (POINTERS_MAX - 1);
    assert_true(message_name(octets, sizeof octets, &at, storage, &name));
    assert_name(name, ".");
    assert_int_equal(at, 1 + 2 * POINTERS_MAX);
    assert_false(message_name(octets, sizeof octets, &at, storage, &name));
}

static void test_name_limit(void **state)
{
    (void)state;
    uint8_t octets[512] = {0};
    for (unsigned i = 0; i < 3; i++)
        octets[i * 64] = 63;
    octets[192] = 61;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    size_t at = 0;
    assert_true(message_name(octets, sizeof octets, &at, storage, &name));
    assert_int_equal(name.size, NAME_OCTETS_MAX);
    assert_int_equal(at, NAME_OCTETS_MAX);
    // One label more in front, by a pointer.
    memcpy(octets + 300, "\0\300\0", 3);
    memcpy(octets + 310, "\1a\300\0", 4);
    at = 310;
    assert_false(message_name(octets, sizeof octets, &at, storage, &name));
    // An octet more in the last label.
    octets[192] = 62;
    at = 0;
    assert_false(message_name(octets, sizeof octets, &at, storage, &name));
}

// --- records -------------------------------------------------------------------------------------

// A question, an answer with a compressed owner, an OPT.
static const char reply[] = "\x12\x34\x85\0\0\1\0\1\0\0\0\1"
                            "\3www\7example\0\0\1\0\1"
                            "\300\14\0\1\0\1\0\0\x0e\x10\0\4\300\0\2\1"
                            "\0\0\51\4\xd0\0\0\x80\0\0\4\0\3\0";
#define REPLY_SIZE (sizeof reply) // its last octet is the string's own NUL

static void test_records(void **state)
{
    (void)state;
    struct message message;
    struct message_record record;
    uint8_t *octets = copy(reply, REPLY_SIZE);
    assert_true(message_open(&message, octets, REPLY_SIZE));
    assert_int_equal(message.id, 0x1234);
    assert_int_equal(message.flags, FLAG_QR | FLAG_AA | FLAG_RD);
    assert_int_equal(message_opcode(message.flags), OPCODE_QUERY);

    assert_true(message_next(&message, &record));
    assert_int_equal(record.section, SECTION_QUESTION);
    assert_name(record.owner, "www.example.");
    assert_int_equal(record.type, TYPE_A);
    assert_int_equal(record.class, CLASS_IN);
    assert_int_equal(record.ttl, 0);
    assert_int_equal(record.rdata_size, 0);

    assert_true(message_next(&message, &record));
    assert_int_equal(record.section, SECTION_ANSWER);
    assert_name(record.owner, "www.example.");
    assert_int_equal(record.ttl, 3600);
    assert_int_equal(record.rdata_size, 4);
    assert_memory_equal(octets + record.rdata_at, "\300\0\2\1", 4);

    assert_true(message_next(&message, &record));
    assert_int_equal(record.section, SECTION_ADDITIONAL);
    assert_name(record.owner, ".");
    assert_int_equal(record.type, TYPE_OPT);
    assert_int_equal(record.class, 1232);
    assert_int_equal(record.ttl, 0x8000);
    assert_int_equal(record.rdata_size, 4);

    assert_false(message_next(&message, &record));
    assert_false(message.malformed);
    assert_int_equal(message.at, message.size);
    assert_false(message_next(&message, &record)); // and again
    free(octets);
}

// Every cut of it is malformed, and stays so.
static void test_cut_short(void **state)
{
    (void)state;
    for (size_t size = 0; size < REPLY_SIZE; size++) {
        uint8_t *octets = copy(reply, size);
        struct message message;
        struct message_record record;
        bool opened = message_open(&message, octets, size);
        assert_int_equal(opened, size >= HEADER_SIZE);
        if (opened) {
            while (message_next(&message, &record))
                ;
            assert_true(message.malformed);
            assert_false(message_next(&message, &record));
            assert_true(message.malformed);
        }
        free(octets);
    }
}

// Counts promise more, or the sections are empty.
static void test_counts(void **state)
{
    (void)state;
    static const uint8_t empty[HEADER_SIZE] = {0}, full[HEADER_SIZE] = {[4] = 255, [11] = 255};
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, empty, sizeof empty));
    assert_false(message_next(&message, &record));
    assert_false(message.malformed);
    assert_true(message_open(&message, full, sizeof full));
    assert_false(message_next(&message, &record));
    assert_true(message.malformed);
}

// A question, and a record without rdata, that end with the message.
static void test_ends_exactly(void **state)
{
    (void)state;
    struct message message;
    struct message_record record;
    uint8_t octets[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    for (unsigned section = SECTION_QUESTION; section <= SECTION_ADDITIONAL; section++) {
        size_t size = HEADER_SIZE + (section == SECTION_QUESTION ? 5 : 11);
        memset(octets + 4, 0, 8);
        octets[5 + 2 * section] = 1;
        uint8_t *exact = copy(octets, size);
        assert_true(message_open(&message, exact, size));
        assert_true(message_next(&message, &record));
        assert_int_equal(record.section, section);
        assert_int_equal(record.rdata_at, size);
        assert_int_equal(message.at, size);
        assert_false(message_next(&message, &record));
        assert_false(message.malformed);
        free(exact);
    }
}

static void test_opcode(void **state)
{
    (void)state;
    for (unsigned opcode = 0; opcode < 16; opcode++)
        assert_int_equal(message_opcode((uint16_t)(0x87ff | opcode << 11)), opcode);
}

// --- the largest, and by chance ------------------------------------------------------------------

// A record of RDATA_MAX octets does not fit into a message of MESSAGE_MAX; one that fills it does.
static void test_largest(void **state)
{
    (void)state;
    uint8_t *octets = calloc(1, MESSAGE_MAX);
    assert_non_null(octets);
    octets[7] = 1;
    bytes_put16(octets + 13, TYPE_TXT);
    bytes_put16(octets + 15, CLASS_IN);
    size_t room = MESSAGE_MAX - HEADER_SIZE - 11;
    struct message message;
    struct message_record record;
    bytes_put16(octets + 21, (uint16_t)room);
    assert_true(message_open(&message, octets, MESSAGE_MAX));
    assert_true(message_next(&message, &record));
    assert_int_equal(record.rdata_size, room);
    assert_int_equal(message.at, MESSAGE_MAX);
    assert_false(message_next(&message, &record));
    assert_false(message.malformed);
    bytes_put16(octets + 21, RDATA_MAX);
    assert_true(message_open(&message, octets, MESSAGE_MAX));
    assert_false(message_next(&message, &record));
    assert_true(message.malformed);
    free(octets);
}

static void test_random(void **state)
{
    (void)state;
    struct dice dice = dice_seed(3);
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = dice_roll(&dice) % (2 * REPLY_SIZE);
        uint8_t *octets = malloc(size + 1);
        assert_non_null(octets);
        for (size_t j = 0; j < size; j++)
            octets[j] = j < REPLY_SIZE ? (uint8_t)reply[j] : (uint8_t)(dice_roll(&dice) % 16);
        for (unsigned j = 0; size && j < 6; j++)
            octets[dice_roll(&dice) % size] = (uint8_t)dice_roll(&dice);
        octets = realloc(octets, size + (size == 0));
        struct message message;
        struct message_record record;
        unsigned count = 0;
        if (message_open(&message, octets, size))
            while (message_next(&message, &record)) {
                assert_in_range(record.rdata_at + record.rdata_size, HEADER_SIZE, size);
                assert_int_equal(name_trust(record.owner_wire).size, record.owner.size);
                count++;
            }
        assert_true(count <= size / 5 + 1); // a question takes five octets at least
        free(octets);
    }
}

// --- truncation ----------------------------------------------------------------------------------

// "a. A": header (counts to be filled in), question; then records by turns.
#define QUERY_A    "\1a\0\0\1\0\1"
#define RECORD_A   "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1"
#define RECORD_OPT "\0\0\51\4\320\0\0\0\0\0\4\0\3\0\0"
#define SIGNATURE  "\1k\0\0\372\0\377\0\0\0\0\0\1x"
#define HEAD(answers, authorities, additionals)                                                    \
    "\7\10\204\3\0\1\0" answers "\0" authorities "\0" additionals

static void test_truncation(void **state)
{
    static const struct {
        const char *octets;
        size_t size;
        const char *left; // NULL: it stays as it is
        size_t left_size;
    } rows[] = {
#define ROW(whole, cut) {whole, sizeof whole - 1, cut, sizeof cut - 1}
        ROW(HEAD("\2", "\0", "\0") QUERY_A RECORD_A RECORD_A,
            "\7\10\206\3\0\1\0\0\0\0\0\0" QUERY_A),
        ROW(HEAD("\1", "\1", "\1") QUERY_A RECORD_A RECORD_A RECORD_OPT,
            "\7\10\206\3\0\1\0\0\0\0\0\1" QUERY_A RECORD_OPT),
        // OPT in the middle of its section (RFC 6891 6.1.1: anywhere in it).
        ROW(HEAD("\0", "\0", "\3") QUERY_A RECORD_A RECORD_OPT RECORD_A,
            "\7\10\206\3\0\1\0\0\0\0\0\1" QUERY_A RECORD_OPT),
        ROW("\7\10\204\3\0\0\0\1\0\0\0\0"
            "\0\0\1\0\1\0\0\0\0\0\0",
            "\7\10\206\3\0\0\0\0\0\0\0\0"),
#undef ROW
#define ROW(whole) {whole, sizeof whole - 1, NULL, 0}
        ROW(HEAD("\0", "\0", "\0") QUERY_A),                               // nothing to leave out
        ROW(HEAD("\0", "\0", "\1") QUERY_A RECORD_OPT),                    // nor here
        ROW(HEAD("\1", "\0", "\2") QUERY_A RECORD_A RECORD_OPT SIGNATURE), // signed
        ROW(HEAD("\2", "\0", "\0") QUERY_A RECORD_A),                      // a record is missing
        ROW("\7\10\204\3\0\1\0\1\0\0\0"),                                  // no header
        ROW(""),
#undef ROW
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t *octets = copy(rows[i].octets, rows[i].size);
        assert_int_equal(message_truncate(octets, rows[i].size), rows[i].left_size);
        assert_memory_equal(octets, rows[i].left ? rows[i].left : rows[i].octets,
                            rows[i].left ? rows[i].left_size : rows[i].size);
        free(octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc1035_names), cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_label_types),   cmocka_unit_test(test_name_at_the_end),
        cmocka_unit_test(test_most_pointers), cmocka_unit_test(test_chain_of_pointers),
        cmocka_unit_test(test_name_limit),    cmocka_unit_test(test_records),
        cmocka_unit_test(test_cut_short),     cmocka_unit_test(test_counts),
        cmocka_unit_test(test_ends_exactly),  cmocka_unit_test(test_opcode),
        cmocka_unit_test(test_largest),       cmocka_unit_test(test_random),
        cmocka_unit_test(test_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
