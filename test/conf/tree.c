// Maps beyond the schema's table: each reader's errors, and a tree as YAML that reads as the same.
#include "told.h"

#include "conf/syntax.h"
#include "conf/tree.h"

static struct arena arena;

static const struct value *parse(const char *text)
{
    static struct source source;
    static struct value value;
    struct report report = {0};
    source = (struct source){.path = "t", .text = text, .size = strlen(text)};
    assert_true(syntax_read(&source, &arena, &report, &value));
    told_expect(&report, "", text);
    return &value;
}

static void test_scalars(void **state)
{
    static const char *const words[] = {"next", "all", NULL};
    struct report report = {0};
    uint64_t number;
    uint32_t seconds;
    unsigned word;
    bool truth;
    (void)state;
    assert_true(tree_number(parse("7"), "a count", (struct tree_range){1, 9}, &report, &number));
    assert_int_equal(number, 7);
    assert_false(tree_number(parse("10"), "a count", (struct tree_range){1, 9}, &report, &number));
    assert_false(tree_number(parse("[1]"), "a count", (struct tree_range){1, 9}, &report, &number));
    assert_true(tree_bool(parse("false"), "it", &report, &truth));
    assert_false(truth);
    assert_false(tree_bool(parse("maybe"), "it", &report, &truth));
    assert_true(tree_word(parse("all"), "a way", words, &report, &word));
    assert_int_equal(word, 1);
    assert_false(tree_word(parse("nxt"), "a way", words, &report, &word));
    assert_false(tree_word(parse("other"), "a way", words, &report, &word));
    assert_true(tree_seconds(parse("90"), "a time", 3600, &report, &seconds));
    assert_int_equal(seconds, 90);
    assert_true(tree_seconds(parse("1m 30s"), "a time", 3600, &report, &seconds));
    assert_int_equal(seconds, 90);
    assert_false(tree_seconds(parse("2h"), "a time", 3600, &report, &seconds));
    assert_false(tree_seconds(parse("1500ms"), "a time", 3600, &report, &seconds));
    told_expect(&report,
                "t:1:1+2 error: '10' is not a count: a number from 1 to 9\n"
                "t:1:1+3 error: a count must be a text, not a list\n"
                "t:1:1+5 error: 'maybe' is not true or false = write true or false\n"
                "t:1:1+3 error: 'nxt' is not a way = did you mean 'next'?\n"
                "t:1:1+5 error: 'other' is not a way = it is one of next, all\n"
                "t:1:1+2 error: '2h' is not a time = like 30s, 5m, or a number of seconds\n"
                "t:1:1+6 error: '1500ms' is not a time = like 30s, 5m, or a number of seconds\n",
                "scalars");
}

static void test_maps(void **state)
{
    static const char *const keys[] = {"give", "where", NULL};
    struct report report = {0};
    (void)state;
    const struct value *map = parse("{give: 1, were: 2, zz: 3}");
    assert_string_equal(tree_find(map, "give")->text, "1");
    assert_null(tree_find(map, "where"));
    assert_false(tree_has_only(map, keys, &report));
    assert_false(tree_is_map(parse("x"), "a rule", "{give: 1}", &report));
    assert_null(tree_find(parse("x"), "give"));
    told_expect(&report,
                "t:1:11+4 error: unknown key 'were' = did you mean 'where'?\n"
                "t:1:20+2 error: unknown key 'zz' = the keys here are give, where\n"
                "t:1:1+1 error: a rule must be a map, not a text = like this: {give: 1}\n",
                "maps");
}

static void test_lists(void **state)
{
    (void)state;
    assert_int_equal(tree_count(parse("[a, b]")), 2);
    assert_int_equal(tree_count(parse("a")), 1);
    assert_string_equal(tree_item(parse("a"), 0)->text, "a");
    assert_string_equal(tree_item(parse("[a, b]"), 1)->text, "b");
    assert_int_equal(tree_count(parse("[]")), 0);
}

static void test_print(void **state)
{
    static const char *const texts[] = {
        "{www: {A: [{where: {country: [CA, US]}, give: [\"192.0.2.1\"]}]}}",
        "[\"a\\\"b\\\\c\", \"\", \"true that\", [], {}]",
        "{\"*.x\": \"1 . alpn=h2\", y: \"\\xC3\\xA4\"}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buffer once = {0}, again = {0};
        tree_print(parse(texts[i]), &once);
        tree_print(parse(buffer_text(&once)), &again);
        assert_string_equal(buffer_text(&once), buffer_text(&again));
        if (i == 0)
            assert_string_equal(buffer_text(&once), texts[0]);
        buffer_free(&once);
        buffer_free(&again);
    }
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
