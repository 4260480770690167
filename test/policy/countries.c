// Codes of countries and continents, and what was meant by others.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "policy/countries.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void test_codes(void **state)
{
    unsigned found = 0;
    (void)state;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++) {
            const char code[] = {a, b, 0};
            const struct country *country = countries_find(code);
            if (!country)
                continue;
            found++;
            assert_string_equal(country->code, code);
            assert_non_null(continents_find(country->continent));
            assert_true(strlen(country->name) > 3);
        }
    assert_int_equal(found, 250); // ISO 3166-1 has 249, and there is Kosovo
    assert_string_equal(countries_find("SG")->continent, "AS");
    assert_string_equal(countries_find("CA")->continent, "NA");
    assert_null(countries_find("sg"));
    assert_null(countries_find(""));
    assert_null(countries_find("USA"));
}

static void test_suggestions(void **state)
{
    static const struct {
        const char *text, *hint;
    } cases[] = {
        {"UK", "did you mean 'GB' (United Kingdom)?"},
        {"EL", "did you mean 'GR' (Greece)?"},
        {"sg", "did you mean 'SG' (Singapore)?"},
        {"Canada", "did you mean 'CA' (Canada)?"},
        {"germny", "did you mean 'DE' (Germany)?"},
        {"EU", "for a continent write {continent: EU}"},
        {"QQ", "two capital letters, like SG or CA"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer hint = {0};
        countries_suggest(cases[i].text, &hint);
        assert_string_equal(buffer_text(&hint), cases[i].hint);
        buffer_free(&hint);
    }
}

static void test_continents(void **state)
{
    struct buffer hint = {0};
    (void)state;
    assert_string_equal(continents_find("OC"), "OC");
    assert_null(continents_find("XX"));
    continents_suggest("europe", &hint);
    assert_string_equal(buffer_text(&hint), "did you mean 'EU' (Europe)?");
    buffer_clear(&hint);
    continents_suggest("as", &hint);
    assert_string_equal(buffer_text(&hint), "did you mean 'AS' (Asia)?");
    buffer_clear(&hint);
    continents_suggest("QQ", &hint);
    assert_string_equal(buffer_text(&hint), "one of AF, AN, AS, EU, NA, OC, SA");
    buffer_free(&hint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_continents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
