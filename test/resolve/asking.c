// Messages that ask, and which replies are theirs.
#include "../dns/names.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/query.h"
#include "resolve/asking.h"

static struct luck luck = {.seeded = true};

static size_t write(struct asking asking, uint8_t octets[static ASKING_OCTETS_MAX])
{
    static const struct server_known nobody;
    if (!asking.server)
        asking.server = &nobody;
    asking.name = name_of("www.example.test.");
    asking.type = TYPE_MX;
    return asking_write(&asking, &luck, octets);
}

static void test_is_a_query(void **state)
{
    (void)state;
    uint8_t octets[ASKING_OCTETS_MAX];
    static struct query query;
    struct server_known server = {.cookie_size = 16};
    memset(server.cookie, 7, sizeof server.cookie);
    size_t size = write((struct asking){.edns = true,
                                        .dnssec_ok = true,
                                        .recursive = true,
                                        .checking_disabled = true,
                                        .client_cookie = (const uint8_t *)"abcdefgh",
                                        .server = &server},
                        octets);
    assert_int_equal(query_decode(octets, size, &test_secret, &query), QUERY_OK);
    assert_name(query.name, "www.example.test.");
    assert_int_equal(query.type, TYPE_MX);
    assert_int_equal(query.flags, FLAG_RD | FLAG_CD);
    assert_true(query.edns.dnssec_ok);
    assert_int_equal(query.edns.payload, UDP_PAYLOAD_MAX);
    assert_int_equal(query.edns.cookie_size, 24);
    assert_memory_equal(query.edns.cookie, "abcdefgh\7\7\7\7", 12);
    size = write((struct asking){0}, octets);
    assert_int_equal(query_decode(octets, size, &test_secret, &query), QUERY_OK);
    assert_int_equal(query.flags, 0);
    assert_false(query.edns.present);
    size =
        write((struct asking){.edns = true, .client_cookie = (const uint8_t *)"abcdefgh"}, octets);
    assert_int_equal(query_decode(octets, size, &test_secret, &query), QUERY_OK);
    assert_int_equal(query.edns.cookie_size, 8);
    assert_false(query.edns.dnssec_ok);
}

static void test_longest_fits(void **state)
{
    (void)state;
    char text[NAME_TEXT_MAX] = "";
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        strcat(text, "a.");
    struct server_known server = {.cookie_size = 32};
    uint8_t octets[ASKING_OCTETS_MAX];
    struct asking asking = {.name = name_of(text),
                            .edns = true,
                            .mix_case = true,
                            .client_cookie = (const uint8_t *)"abcdefgh",
                            .server = &server};
    assert_int_equal(asking_write(&asking, &luck, octets), ASKING_OCTETS_MAX);
}

// RFC 5452 9.2: every ID is as likely as any other, and each letter's case is a coin.
static void test_ids_and_case_are_even(void **state)
{
    (void)state;
    enum { ASKS = 100000, BINS = 256 };
    unsigned high[BINS] = {0}, low[BINS] = {0}, capitals = 0;
    for (unsigned i = 0; i < ASKS; i++) {
        uint8_t octets[ASKING_OCTETS_MAX];
        write((struct asking){.mix_case = true}, octets);
        high[octets[0]]++;
        low[octets[1]]++;
        capitals += !(octets[HEADER_SIZE + 1] & 0x20);
    }
    double sum = 0, expected = (double)ASKS / BINS;
    for (unsigned i = 0; i < BINS; i++)
        sum += (high[i] - expected) * (high[i] - expected) / expected +
               (low[i] - expected) * (low[i] - expected) / expected;
    assert_true(sum > 380 && sum < 650); // chi-square, 510 degrees: mean 510, deviation 32
    assert_in_range(capitals, ASKS / 2 - 1000, ASKS / 2 + 1000);
}

struct match_row {
    enum asking_match match;
    unsigned at; // an octet that is changed by exclusive or, with ...
    uint8_t change;
    int grow; // octets less or more
};

static void test_which_replies_match(void **state)
{
    (void)state;
    enum { NAME = HEADER_SIZE, TYPE = HEADER_SIZE + 18 };
    static const struct match_row rows[] = {
        {MATCH_YES, 0, 0, 0},
        {MATCH_NOT, 0, 1, 0},
        {MATCH_NOT, 1, 0x80, 0},
        {MATCH_NO_SENSE, 2, 0x80, 0},    // a query
        {MATCH_NO_SENSE, 2, 0x10, 0},    // another opcode
        {MATCH_CASE, NAME + 1, 0x20, 0}, // another case
        {MATCH_NOT, NAME + 1, 1, 0},     // another name
        {MATCH_NOT, TYPE + 1, 1, 0},     // another type
        {MATCH_NOT, TYPE + 3, 2, 0},     // another class
        {MATCH_NOT, TYPE + 1, 0x20, 0},  // no letter
        {MATCH_NO_SENSE, 5, 1, 0},       // no question, no error
        {MATCH_NO_SENSE, 5, 3, 0},       // two of them
        {MATCH_NO_SENSE, 0, 0, -1},      // cut off
        {MATCH_NO_SENSE, 0, 0, -30},     // shorter than a header
        {MATCH_YES, 3, RCODE_REFUSED, 0},
        {MATCH_YES, 0, 0, 20},
    };
    uint8_t sent[ASKING_OCTETS_MAX], reply[ASKING_OCTETS_MAX + 64] = {0};
    size_t sent_size = write((struct asking){.mix_case = true}, sent);
    assert_int_equal(sent_size, TYPE + 4);
    for (unsigned i = 0; i < COUNT(rows); i++) {
        memcpy(reply, sent, sent_size);
        reply[2] |= FLAG_QR >> 8;
        reply[rows[i].at] ^= rows[i].change;
        size_t size = (size_t)((int)sent_size + rows[i].grow);
        uint8_t *exact = malloc(size);
        memcpy(exact, reply, size);
        assert_int_equal(asking_compare(sent, sent_size, exact, size), rows[i].match);
        free(exact);
    }
    // RFC 8906 3.2.2: an error may come without the question.
    memcpy(reply, sent, sent_size);
    reply[2] |= FLAG_QR >> 8;
    reply[3] = RCODE_FORMERR;
    reply[5] = 0;
    assert_int_equal(asking_compare(sent, sent_size, reply, HEADER_SIZE), MATCH_YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_a_query),
        cmocka_unit_test(test_longest_fits),
        cmocka_unit_test(test_ids_and_case_are_even),
        cmocka_unit_test(test_which_replies_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
