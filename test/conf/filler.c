// Where a value is looked for: the environment, the file, the default.
#include "told.h"

#include "conf/filler.h"
#include "conf/syntax.h"

static void read_map(struct gathered *gathered, const char *text, struct source *source)
{
    struct report report = {0};
    *source = (struct source){.path = "etc/a.yaml", .text = text, .size = strlen(text)};
    assert_true(syntax_read(source, &gathered->trees, &report, &gathered->root));
    told_expect(&report, "", text);
}

static void test_places(void **state)
{
    struct options options = {.origins = (struct option_place[KEY_COUNT]){{0}}};
    struct gathered gathered = {.lasting = &options.memory};
    struct report report = {0};
    struct source source, environment = {.path = "ONYM_CACHE__KEEP", .text = ""};
    struct filler filler = {.options = &options, .gathered = &gathered, .report = &report};
    struct value variable = {.source = &environment, .kind = VALUE_TEXT, .count = 5};
    (void)state;
    read_map(&gathered, "keep: true\nprefetch: ~\nstale: 2h\n", &source);
    variable.text = "false";
    assert_true(filler_take_bool(&filler, &gathered.root, KEY_CACHE_KEEP));
    assert_int_equal(options.origins[KEY_CACHE_KEEP].line, 1);
    gathered.variables[KEY_CACHE_KEEP] = &variable;
    assert_false(filler_take_bool(&filler, &gathered.root, KEY_CACHE_KEEP));
    assert_string_equal(options.origins[KEY_CACHE_KEEP].file, "ONYM_CACHE__KEEP");
    variable.bad = true; // told already; the next place counts
    assert_true(filler_take_bool(&filler, &gathered.root, KEY_CACHE_KEEP));

    assert_int_equal(filler_take_duration(&filler, &gathered.root, KEY_CACHE_STALE), 7200000);
    assert_int_equal(filler_take_duration(&filler, NULL, KEY_CACHE_STALE), 86400000);
    assert_int_equal(filler_take_number(&filler, NULL, KEY_RESOLVE_PORT), 53);
    const struct value *value = filler_take(&filler, &gathered.root, KEY_CACHE_PREFETCH);
    assert_true(filler_is_default(&filler, KEY_CACHE_PREFETCH, value)); // ~ is nothing
    assert_null(options.origins[KEY_CACHE_PREFETCH].file);
    assert_null(filler_take_text(&filler, NULL, KEY_IDENTITY_NAME));
    arena_free(&gathered.trees);
    arena_free(&options.memory);
}

static void test_lists(void **state)
{
    struct options options = {0};
    struct gathered gathered = {.lasting = &options.memory};
    struct source source;
    (void)state;
    assert_int_equal(filler_count(NULL), 0);
    read_map(&gathered, "[a, ~, b]\n", &source);
    assert_int_equal(filler_count(&gathered.root), 3);
    assert_string_equal(filler_item(&gathered.root, 2)->text, "b");
    assert_null(filler_item(&gathered.root, 1));
    read_map(&gathered, "alone\n", &source);
    assert_int_equal(filler_count(&gathered.root), 1);
    assert_string_equal(filler_item(&gathered.root, 0)->text, "alone");
    arena_free(&gathered.trees);
}

// Of the file: seen from its folder. Of the environment and of the table: from where we are.
static void test_paths(void **state)
{
    struct options options = {.origins = (struct option_place[KEY_COUNT]){{0}}};
    struct gathered gathered = {.lasting = &options.memory};
    struct report report = {0};
    struct source source;
    struct filler filler = {.options = &options, .gathered = &gathered, .report = &report};
    (void)state;
    read_map(&gathered, "state: s\n", &source);
    const struct value *value = filler_look(&filler, &gathered.root, KEY_STATE);
    assert_string_equal(filler_path(&filler, value), "etc/s");
    value = filler_look(&filler, NULL, KEY_STATE);
    assert_string_equal(filler_path(&filler, value), "/var/lib/onym");
    arena_free(&gathered.trees);
    arena_free(&options.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
