// Words: numbers, periods, escapes.
#include "records.h"

#include <limits.h>

#include "dns/text.h"

static struct token token_of(const char *text)
{
    return (struct token){.text = text, .size = (uint32_t)strlen(text), .line = 1, .column = 1};
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        uint32_t most;
        bool taken;
        uint32_t value;
    } cases[] = {
        {"0", 0, true, 0},
        {"255", 255, true, 255},
        {"256", 255, false, 0},
        {"4294967295", UINT32_MAX, true, UINT32_MAX},
        {"4294967296", UINT32_MAX, false, 0},
        {"99999999999999999999999999", UINT32_MAX, false, 0},
        {"007", 10, true, 7},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"0x1", 10, false, 0},
        {"\\049", 10, false, 0},
        {"1h", 10, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct token token = token_of(cases[i].text);
        uint32_t value = 0;
        assert_int_equal(text_number(&token, cases[i].most, &value), cases[i].taken);
        if (cases[i].taken)
            assert_int_equal(value, cases[i].value);
    }
}

static void test_periods(void **state)
{
    static const struct {
        const char *text;
        bool taken;
        uint32_t seconds;
    } cases[] = {
        {"0", true, 0},
        {"3600", true, 3600},
        {"2147483647", true, INT_MAX},
        {"2147483648", false, 0},
        {"1h", true, 3600},
        {"1H30M", true, 5400},
        {"1w2d3h4m5s", true, 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5},
        {"3550w", true, 3550u * 604800},
        {"3551w", false, 0},
        {"99999999999999999999w", false, 0},
        {"1h30", false, 0}, // half said: 30 of what?
        {"h", false, 0},
        {"1y", false, 0},
        {"1hh", false, 0},
        {"-1h", false, 0},
        {"", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct token token = token_of(cases[i].text);
        uint32_t seconds = 0;
        assert_int_equal(text_period(&token, &seconds), cases[i].taken);
        if (cases[i].taken)
            assert_int_equal(seconds, cases[i].seconds);
    }
}

static void test_escapes(void **state)
{
    static const struct {
        const char *text;
        int size;
        const char *octets;
    } cases[] = {
        {"", 0, ""},
        {"abc", 3, "abc"},
        {"a\\.b", 3, "a.b"},
        {"\\065\\\\\\\"", 3, "A\\\""},
        {"\\000\\255", 2, "\0\377"},
        {"\\0321", 2, " 1"},
        {"a\\", -1, NULL},
        {"\\2", -1, NULL},
        {"\\25", -1, NULL},
        {"\\25x", -1, NULL},
        {"\\2x5", -1, NULL},
        {"\\256", -1, NULL},
        {"\\999", -1, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *copy = exact_copy((const uint8_t *)cases[i].text, strlen(cases[i].text));
        struct token token = {.text = (const char *)copy, .size = (uint32_t)strlen(cases[i].text)};
        uint8_t octets[16];
        assert_int_equal(text_unescape(&token, octets), cases[i].size);
        if (cases[i].size > 0)
            assert_memory_equal(octets, cases[i].octets, (size_t)cases[i].size);
        free(copy);
    }
}

static void test_words_equal(void **state)
{
    struct token token = token_of("rSa");
    (void)state;
    assert_true(text_is(&token, "RSA"));
    assert_true(text_is(&token, "rsa"));
    assert_false(text_is(&token, "RSAMD5"));
    assert_false(text_is(&token, "RS"));
    assert_false(text_is(&token, ""));
    token = token_of("");
    assert_true(text_is(&token, ""));
    token = (struct token){.text = "a\0b", .size = 3};
    assert_false(text_is(&token, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_words_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
