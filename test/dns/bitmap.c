// Type bitmaps: RFC 4034 4.3's example, every type alone, and what is malformed.
#include "records.h"

#include "dns/bitmap.h"

static void test_rfc_4034_example(void **state)
{
    uint8_t octets[BITMAP_OCTETS_MAX];
    struct bitmap bitmap;
    struct buffer text = {0};
    (void)state;
    bitmap_begin(&bitmap);
    bitmap_add(&bitmap, 1234);
    bitmap_add(&bitmap, TYPE_A);
    bitmap_add(&bitmap, TYPE_NSEC);
    bitmap_add(&bitmap, TYPE_MX);
    bitmap_add(&bitmap, TYPE_RRSIG);
    bitmap_add(&bitmap, TYPE_A);
    size_t size = bitmap_write(&bitmap, octets);
    assert_octets(octets, size,
                  "0006 400100000003 041B 000000000000000000000000000000000000000000000000000020");
    assert_null(bitmap_check(octets, size));
    bitmap_print(octets, size, &text);
    assert_string_equal(buffer_text(&text), "A MX RRSIG NSEC TYPE1234");
    buffer_free(&text);
}

static void test_every_type(void **state)
{
    uint8_t octets[BITMAP_OCTETS_MAX];
    struct bitmap bitmap;
    (void)state;
    for (unsigned type = 0; type < 65536; type++) {
        bitmap_begin(&bitmap);
        bitmap_add(&bitmap, (uint16_t)type);
        size_t size = bitmap_write(&bitmap, octets);
        assert_int_equal(size, 2 + type % 256 / 8 + 1);
        assert_null(bitmap_check(octets, size));
        assert_true(bitmap_holds(octets, size, (uint16_t)type));
        assert_false(bitmap_holds(octets, size, (uint16_t)(type + 1)));
        assert_false(bitmap_holds(octets, size, (uint16_t)(type - 1)));
        assert_false(bitmap_holds(octets, size, (uint16_t)(type + 256)));
    }
    bitmap_begin(&bitmap);
    for (unsigned type = 0; type < 65536; type++)
        bitmap_add(&bitmap, (uint16_t)type);
    size_t size = bitmap_write(&bitmap, octets);
    assert_int_equal(size, BITMAP_OCTETS_MAX);
    assert_null(bitmap_check(octets, size));
    bitmap_begin(&bitmap);
    assert_int_equal(bitmap_write(&bitmap, octets), 0);
    assert_null(bitmap_check(octets, 0));
    assert_false(bitmap_holds(octets, 0, 1));
}

static void test_malformed(void **state)
{
    static const struct {
        const char *hex, *fault;
    } cases[] = {
        {"00", "type bitmap ends within a window"},
        {"0002 40", "type bitmap ends within a window"},
        {"0001 40 01", "type bitmap ends within a window"},
        {"0000", "type bitmap window not 1 to 32 octets long"},
        {"0001 40 0000", "type bitmap windows out of order"},
        {"0001 40 0001 40", "type bitmap windows out of order"},
        {"0101 40 0001 40", "type bitmap windows out of order"},
        {"0002 4000", "type bitmap window with a zero octet at its end"},
        {"0021 404040404040404040404040404040404040404040404040404040404040404040",
         "type bitmap window not 1 to 32 octets long"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        assert_string_equal(bitmap_check(copy, size), cases[i].fault);
        free(copy);
    }
}

static void test_unknown_word(void **state)
{
    uint8_t rdata[RDATA_MAX];
    uint16_t type;
    size_t size;
    struct rdata_problem problem;
    (void)state;
    assert_false(parse_record("NSEC . A BOGUS", &type, rdata, &size, &problem));
    assert_string_equal(problem.message, "'BOGUS' is not an RR type");
    assert_false(parse_record("NSEC . A TYPE65536", &type, rdata, &size, &problem));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_4034_example),
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_unknown_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
