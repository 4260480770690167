// Records in columns.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "cli/listing.h"
#include "cli/response.h"

static struct response_record record(const char *owner, uint16_t type, uint32_t ttl,
                                     const char *rdata, size_t size)
{
    static uint8_t wires[8][NAME_OCTETS_MAX];
    static unsigned used;
    struct response_record made = {.type = type,
                                   .class = CLASS_IN,
                                   .ttl = ttl,
                                   .rdata = (const uint8_t *)rdata,
                                   .rdata_size = size};
    enum name_text_result result =
        name_parse(owner, strlen(owner), &NAME_ROOT, wires[used++ % 8], &made.owner);
    assert_int_equal(result, NAME_TEXT_OK);
    return made;
}

static void test_columns(void **state)
{
    (void)state;
    struct listing listing = {0};
    struct response_record records[] = {
        record("example.test.", TYPE_NS, 86400, "\2ns\0", 4),
        record("a.", TYPE_AAAA, 60, "\x20\1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16),
        record("xn--mnchen-3ya.test.", TYPE_A, 1, "\300\0\2\1", 4),
    };
    for (size_t i = 0; i < 3; i++)
        listing_add(&listing, &records[i]);
    struct buffer text = {0};
    listing_print(&listing, 0, 3, &text);
    assert_string_equal(buffer_text(&text), "example.test.        86400 IN NS   ns.\n"
                                            "a.                      60 IN AAAA 2001:db8::1\n"
                                            "xn--mnchen-3ya.test.     1 IN A    192.0.2.1\n");
    buffer_clear(&text);
    listing_print(&listing, 1, 1, &text);
    assert_string_equal(buffer_text(&text), "a.                      60 IN AAAA 2001:db8::1\n");
    buffer_free(&text);
    listing_free(&listing);
}

static void test_unicode(void **state)
{
    (void)state;
    struct listing listing = {.unicode = true};
    struct response_record made = record("xn--mnchen-3ya.test.", TYPE_A, 1, "\300\0\2\1", 4);
    listing_add(&listing, &made);
    struct buffer text = {0};
    listing_print(&listing, 0, 1, &text);
    assert_string_equal(buffer_text(&text),
                        "xn--mnchen-3ya.test. 1 IN A 192.0.2.1 ; m\xc3\xbcnchen.test.\n");
    buffer_free(&text);
    listing_free(&listing);
}

static void test_new(void **state)
{
    (void)state;
    struct listing listing = {0};
    struct response_record records[] = {
        record("a.test.", TYPE_A, 60, "\300\0\2\1", 4),
        record("A.TEST.", TYPE_A, 30, "\300\0\2\1", 4),
        record("a.test.", TYPE_A, 60, "\300\0\2\2", 4),
        record("b.test.", TYPE_A, 60, "\300\0\2\1", 4),
    };
    for (size_t i = 0; i < 4; i++)
        listing_add_new(&listing, &records[i]);
    assert_int_equal(listing.count, 3);
    listing_free(&listing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_unicode), cmocka_unit_test(test_new)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
