// Replies taken apart: what is read, and what is called malformed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "cli/response.h"
#include "dns/type.h"
#include "messages.h"

static void test_records(void **state)
{
    (void)state;
    struct reply reply;
    struct response response;
    reply_begin(&reply, 0x8580, TYPE_MX);
    reply_add(&reply, 1, TYPE_MX, "\0\12\xc0\x0e", 4); // 10 test.
    reply_add(&reply, 2, TYPE_SOA, SOA_RDATA);
    reply_add(&reply, 3, 65280, "\1\2\3", 3);
    assert_true(response_read(&response, reply.octets, reply.size));
    assert_int_equal(response.id, 9);
    assert_int_equal(response.rcode, RCODE_NOERROR);
    assert_int_equal(response.question.type, TYPE_MX);
    assert_int_equal(response.count, 3);
    assert_int_equal(response.records[0].section, SECTION_ANSWER);
    assert_int_equal(response.records[0].ttl, 60);
    assert_int_equal(response.records[0].rdata_size, 8);
    assert_memory_equal(response.records[0].rdata, "\0\12\4test", 8);
    assert_int_equal(response.records[1].rdata_size, 8 + 8 + 20);
    assert_int_equal(response.records[2].type, 65280);
    assert_memory_equal(response.records[2].rdata, "\1\2\3", 3);
    assert_false(response.edns);
    assert_int_equal(response.left_over, 0);
    response_free(&response);
}

static void test_edns(void **state)
{
    static const char options[] = "\0\3\0\3ns1"                // NSID
                                  "\0\12\0\20cookie78server78" // COOKIE
                                  "\0\17\0\6\0\24sorry"        // EDE 20, cut below to "sorr"
        ;
    (void)state;
    struct reply reply;
    struct response response;
    reply_begin(&reply, 0x8187, TYPE_A); // 7 + 1 * 16 = 23
    reply_add_opt(&reply, 1, options, sizeof options - 2);
    assert_true(response_read(&response, reply.octets, reply.size));
    assert_true(response.edns && response.dnssec_ok);
    assert_int_equal(response.payload, 1400);
    assert_int_equal(response.rcode, RCODE_BADCOOKIE);
    assert_int_equal(response.count, 0);
    assert_int_equal(response.nsid.size, 3);
    assert_memory_equal(response.nsid.octets, "ns1", 3);
    assert_int_equal(response.cookie.size, 16);
    assert_int_equal(response.ede_count, 1);
    assert_int_equal(response.edes[0].code, 20);
    assert_int_equal(response.edes[0].text.size, 4);
    assert_memory_equal(response.edes[0].text.octets, "sorr", 4);
    response_free(&response);
}

static void test_malformed_edns(void **state)
{
    static const struct {
        const char *options;
        size_t size;
    } cases[] = {
        {"\0\3\0\4abc", 7},          // runs past the end
        {"\0\3\0", 3},               // cut in its head
        {"\0\12\0\11123456789", 13}, // a cookie of 9
        {"\0\17\0\1x", 5},           // an EDE without a code
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply;
        struct response response;
        reply_begin(&reply, 0x8180, TYPE_A);
        reply_add_opt(&reply, 0, cases[i].options, cases[i].size);
        assert_false(response_read(&response, reply.octets, reply.size));
        assert_non_null(response.problem);
        response_free(&response);
    }
    struct reply twice;
    struct response response;
    reply_begin(&twice, 0x8180, TYPE_A);
    reply_add_opt(&twice, 0, "", 0);
    reply_add_opt(&twice, 0, "", 0);
    assert_false(response_read(&response, twice.octets, twice.size));
    assert_string_equal(response.problem, "it has more than one OPT record");
    response_free(&response);
}

// Cut anywhere, a reply is malformed, but for what stood before.
static void test_cut(void **state)
{
    (void)state;
    struct reply reply;
    reply_begin(&reply, 0x8580, TYPE_MX);
    reply_add(&reply, 1, TYPE_MX, "\0\12\xc0\x0e", 4);
    reply_add(&reply, 2, TYPE_SOA, SOA_RDATA);
    reply_add_opt(&reply, 0, "\0\3\0\3ns1", 7);
    for (size_t size = 0; size < reply.size; size++) {
        uint8_t *exact = malloc(size ? size : 1); // so that ASan sees a look behind the end
        struct response response;
        assert_non_null(exact);
        memcpy(exact, reply.octets, size);
        assert_false(response_read(&response, exact, size));
        assert_non_null(response.problem);
        response_free(&response);
        free(exact);
    }
    struct response response;
    reply.octets[reply.size] = 0;
    assert_true(response_read(&response, reply.octets, reply.size + 1));
    assert_int_equal(response.left_over, 1);
    response_free(&response);
}

// A good reply with a few octets changed: read or refused, and ASan has nothing to say.
static void test_changed(void **state)
{
    (void)state;
    struct reply reply;
    reply_begin(&reply, 0x8580, TYPE_MX);
    reply_add(&reply, 1, TYPE_MX, "\0\12\xc0\x0e", 4);
    reply_add(&reply, 1, TYPE_HTTPS, "\0\1\0\0\1\0\3\2h2", 10);
    reply_add(&reply, 2, TYPE_SOA, SOA_RDATA);
    reply_add_opt(&reply, 0, "\0\12\0\10cookie78\0\17\0\4\0\6no", 20);
    uint8_t *octets = malloc(reply.size);
    assert_non_null(octets);
    uint32_t dice = 1;
    for (unsigned i = 0; i < 20000; i++) {
        memcpy(octets, reply.octets, reply.size);
        for (unsigned k = 0; k <= i % 3; k++) {
            dice = dice * 1664525 + 1013904223;
            octets[(dice >> 8) % reply.size] = (uint8_t)(dice >> 24);
        }
        struct response response;
        bool good = response_read(&response, octets, reply.size);
        assert_true(good == !response.problem);
        response_free(&response);
    }
    free(octets);
}

static void test_bad_rdata(void **state)
{
    (void)state;
    struct reply reply;
    struct response response;
    reply_begin(&reply, 0x8580, TYPE_A);
    reply_add(&reply, 1, TYPE_A, "\1\2\3", 3);
    assert_false(response_read(&response, reply.octets, reply.size));
    assert_string_equal(response.problem, "the rdata of a record in it is malformed");
    response_free(&response);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(response_ede_words(0), "Other Error");
    assert_string_equal(response_ede_words(6), "DNSSEC Bogus");
    assert_string_equal(response_ede_words(14), "Not Ready");
    assert_string_equal(response_ede_words(20), "Not Authoritative");
    assert_string_equal(response_ede_words(30), "Invalid Query Type");
    assert_null(response_ede_words(49152));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),        cmocka_unit_test(test_edns),
        cmocka_unit_test(test_malformed_edns), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_changed),        cmocka_unit_test(test_bad_rdata),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
