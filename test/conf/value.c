// Values: places, problems, texts for sentences.
#include "told.h"

static const struct source source = {.path = "a.yaml", .text = "ab: cd\nef: gh\n", .size = 14};

static void test_place(void **state)
{
    struct value value = {.source = &source, .line = 2, .column = 5, .width = 2, .offset = 11};
    struct place place = value_place(&value);
    (void)state;
    assert_string_equal(place.file, "a.yaml");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 5);
    assert_int_equal(place.width, 2);
    assert_ptr_equal(place.source, source.text + 7);
    assert_int_equal(place.source_size, 7);

    struct value variable = {.source = &source};
    place = value_place(&variable);
    assert_int_equal(place.line, 0);
    assert_null(place.source);
}

// Of long lines a piece is shown, and of very long ones nothing, as it would have to be found
// first.
static void test_long_line(void **state)
{
    size_t size = 1000000;
    char *text = memory_get(size);
    memset(text, 'x', size);
    struct source line = {.path = "a.yaml", .text = text, .size = size};
    struct value value = {.source = &line, .line = 1, .column = 501, .width = 1, .offset = 500};
    struct place place = value_place(&value);
    (void)state;
    assert_ptr_equal(place.source, text);
    assert_int_equal(place.source_size, 900);
    value.column = 500001;
    value.offset = 500000;
    place = value_place(&value);
    assert_null(place.source);
    assert_int_equal(place.column, 500001);
    free(text);
}

static void test_problems(void **state)
{
    struct report report = {0};
    struct value value = {.source = &source, .line = 1, .column = 5, .width = 2, .offset = 4};
    (void)state;
    value_report(&report, SEVERITY_WARNING, &value, "a hint", "number %d", 7);
    assert_false(value.bad);
    value_refuse(&report, &value, NULL, "%s is wrong", value_quote("cd").text);
    assert_true(value.bad);
    assert_int_equal(report.errors, 1);
    assert_int_equal(report.warnings, 1);
    told_expect(&report,
                "a.yaml:1:5+2 warning: number 7 = a hint\n"
                "a.yaml:1:5+2 error: 'cd' is wrong\n",
                "problems");
}

static void test_find(void **state)
{
    struct pair pairs[] = {
        {{.source = &source, .kind = VALUE_TEXT, .text = "a", .bad = true}, {.source = &source}},
        {{.source = &source, .kind = VALUE_TEXT, .text = "a"}, {.source = &source}},
        {{.source = &source, .kind = VALUE_TEXT, .text = "b"}, {.source = &source}},
    };
    struct value map = {.source = &source, .kind = VALUE_MAP, .count = 3, .pairs = pairs};
    struct value text = {.source = &source, .kind = VALUE_TEXT, .text = "a"};
    (void)state;
    assert_ptr_equal(value_find(&map, "a"), &pairs[1]); // what is bad is not there
    assert_ptr_equal(value_find(&map, "b"), &pairs[2]);
    assert_null(value_find(&map, "c"));
    assert_null(value_find(&text, "a"));
}

static void test_quote(void **state)
{
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"", "''"},
        {"a", "'a'"},
        {"012345678901234567890123456789012345678901234567890123456789012345",
         "'012345678901234567890123456789012345678901234567890123456789012345'"},
        {"0123456789012345678901234567890123456789012345678901234567890123456",
         "'012345678901234567890123456789012345678901234567890123456789012345...'"},
        {"0123456789012345678901234567890123456789012345678901234567890123\xc3\xa4",
         "'0123456789012345678901234567890123456789012345678901234567890123\xc3\xa4'"},
        {"01234567890123456789012345678901234567890123456789012345678901234\xc3\xa4",
         "'01234567890123456789012345678901234567890123456789012345678901234...'"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(value_quote(cases[i].text).text, cases[i].quoted);
}

static void test_spot(void **state)
{
    char path[300];
    struct source long_path = {.path = path, .text = "", .size = 0};
    struct value value = {.source = &source, .line = 12, .column = 1, .width = 1};
    (void)state;
    assert_string_equal(value_spot(&value).text, "a.yaml:12");
    value.line = 0;
    assert_string_equal(value_spot(&value).text, "a.yaml");
    memset(path, 'x', sizeof path);
    memcpy(path + 292, "/a.yaml", 8);
    value.source = &long_path;
    value.line = UINT32_MAX;
    const char *spot = value_spot(&value).text;
    assert_int_equal(strlen(spot), 159);
    assert_memory_equal(spot, "...xxx", 6);
    assert_string_equal(spot + strlen(spot) - 17, "/a.yaml:4294967295" + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),    cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_problems), cmocka_unit_test(test_find),
        cmocka_unit_test(test_quote),    cmocka_unit_test(test_spot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
