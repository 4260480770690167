// Queries as octets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/request.h"
#include "dns/message.h"
#include "dns/query.h"
#include "dns/type.h"

static struct name name_of(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name;
    enum name_text_result result = name_parse(text, strlen(text), &NAME_ROOT, storage, &name);
    assert_int_equal(result, NAME_TEXT_OK);
    return name;
}

static void test_plain(void **state)
{
    static const uint8_t expected[] = {0x12, 0x34, 1, 0,   0,   1,   0, 0, 0,  0, 0, 0,
                                       1,    'a',  3, 'w', 'w', 'w', 0, 0, 15, 0, 1};
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX], octets[REQUEST_MAX];
    struct request request = {.name = name_of("a.www", wire),
                              .type = TYPE_MX,
                              .class = CLASS_IN,
                              .flags = FLAG_RD,
                              .dnssec_ok = true};
    assert_int_equal(request_build(&request, 0x1234, octets), sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
}

// What our own server reads in it.
static void test_edns(void **state)
{
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX], octets[REQUEST_MAX];
    struct request request = {.name = name_of("example.test.", wire),
                              .type = TYPE_A,
                              .class = CLASS_IN,
                              .edns = true,
                              .dnssec_ok = true,
                              .nsid = true,
                              .payload = 1400,
                              .cookie_size = 16};
    memcpy(request.cookie, "0123456789abcdef", 16);
    size_t size = request_build(&request, 7, octets);
    struct query query;
    struct hash_key secret = {{1, 2}};
    assert_int_equal(query_decode(octets, size, &secret, &query), QUERY_OK);
    assert_int_equal(query.id, 7);
    assert_int_equal(query.flags, 0);
    assert_true(query.edns.present && query.edns.dnssec_ok && query.edns.nsid);
    assert_int_equal(query.edns.payload, 1400);
    assert_int_equal(query.edns.cookie_size, 16);
    assert_memory_equal(query.edns.cookie, "0123456789abcdef", 16);
    request.version = 1;
    size = request_build(&request, 7, octets);
    assert_int_equal(query_decode(octets, size, &secret, &query), QUERY_BADVERS);
}

static void test_longest(void **state)
{
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX], octets[REQUEST_MAX];
    char text[256];
    for (int i = 0; i < 127; i++) {
        text[2 * i] = 'a';
        text[2 * i + 1] = '.';
    }
    text[254] = 0;
    struct request request = {.name = name_of(text, wire),
                              .type = TYPE_A,
                              .class = CLASS_IN,
                              .edns = true,
                              .nsid = true,
                              .cookie_size = 40};
    assert_int_equal(request.name.size, 255);
    assert_int_equal(request_build(&request, 7, octets), REQUEST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_edns),
                                       cmocka_unit_test(test_longest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
