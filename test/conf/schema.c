// The table of keys: its rules, and the ways into it.
#include "told.h"

#include <strings.h>

#include "conf/describe.h"
#include "conf/schema.h"
#include "conf/syntax.h"
#include "conf/validate.h"

static void test_rows(void **state)
{
    (void)state;
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++) {
        const struct schema_row *row = schema_row(key);
        assert_non_null(row->path);
        assert_non_null(row->help);
        size_t size = strlen(row->help);
        assert_true(size > 0 && row->help[size - 1] == '.');
        assert_true(key == KEY_ROOT || row->example);
        assert_true(!row->brief || (row->shape == SHAPE_LIST && row->type == SCHEMA_MAP &&
                                    schema_is_child(key, row->brief)));
        assert_true(row->type == SCHEMA_MAP || (row->type == SCHEMA_WORD) == (row->words != NULL));
        assert_true(row->type == SCHEMA_MAP || !row->one_key);
        assert_false(row->words && row->brief); // one way to be brief
        assert_true(row->least <= row->most);
        for (enum schema_key other = KEY_ROOT; other < key; other++)
            assert_string_not_equal(row->path, schema_row(other)->path);
    }
}

// Each key but the root has one parent, which stands before it.
static void test_parents(void **state)
{
    (void)state;
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        unsigned parents = 0;
        for (enum schema_key parent = KEY_ROOT; parent < KEY_COUNT; parent++) {
            if (!schema_is_child(parent, key))
                continue;
            enum schema_key found;
            parents++;
            assert_true(parent < key);
            assert_int_equal(schema_row(parent)->type, SCHEMA_MAP);
            assert_true(schema_child(parent, schema_name(key), &found));
            assert_int_equal(found, key);
        }
        assert_int_equal(parents, 1);
    }
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++)
        assert_false(schema_is_child(key, KEY_ROOT));
}

// YAML 1.1 tools turn these into booleans and nothing.
static void test_reserved(void **state)
{
    static const char *const reserved[] = {"on", "off",  "yes",   "no",  "y",
                                           "n",  "true", "false", "null"};
    (void)state;
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        const char *const *words = schema_row(key)->words;
        for (size_t i = 0; i < COUNT(reserved); i++) {
            assert_int_not_equal(strcasecmp(schema_name(key), reserved[i]), 0);
            for (size_t k = 0; words && words[k]; k++)
                assert_int_not_equal(strcasecmp(words[k], reserved[i]), 0);
        }
    }
}

static void check_yaml(enum schema_key key, const char *text)
{
    struct source source = {.path = "row", .text = text, .size = strlen(text)};
    struct arena arena = {0};
    struct report report = {0};
    struct value value;
    assert_true(syntax_read(&source, &arena, &report, &value));
    validate_value(key, &value, &report);
    told_expect(&report, "", text);
    arena_free(&arena);
}

static void test_values(void **state)
{
    (void)state;
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        if (schema_row(key)->fallback)
            check_yaml(key, schema_row(key)->fallback);
        check_yaml(key, schema_row(key)->example);
    }
}

static void test_child(void **state)
{
    enum schema_key key;
    (void)state;
    assert_true(schema_child(KEY_ROOT, "log", &key));
    assert_int_equal(key, KEY_LOG);
    assert_true(schema_child(KEY_LISTEN, "port", &key));
    assert_int_equal(key, KEY_LISTEN_PORT);
    assert_true(schema_child(KEY_ZONES, "file", &key));
    assert_int_equal(key, KEY_ZONES_FILE);
    assert_false(schema_child(KEY_ROOT, "", &key));
    assert_false(schema_child(KEY_ROOT, "level", &key));
    assert_false(schema_child(KEY_ROOT, "log.level", &key));
    assert_false(schema_child(KEY_ROOT, "Log", &key));
    assert_false(schema_child(KEY_LOG, "", &key));
    assert_false(schema_child(KEY_LOG, "log", &key));
    assert_false(schema_child(KEY_LOG_LEVEL, "info", &key));
}

static void test_describe(void **state)
{
    static const struct {
        enum schema_key key;
        const char *text;
    } cases[] = {
        {KEY_VERSION, "the number 1"},
        {KEY_USER, "a text of 1 to 255 octets"},
        {KEY_IDENTITY_NAME, "a text of at most 255 octets"},
        {KEY_LISTEN_PORT, "a number from 1 to 65535"},
        {KEY_LISTEN_KINDS, "one of udp, tcp"},
        {KEY_LOG_QUERIES, "true or false"},
        {KEY_LOG, "a map"},
        {KEY_ZONE_FOLDERS, "a path or a map"},
        {KEY_RESOLVE_DEFAULT, "one of recursive, none or a map"},
        {KEY_HOSTS_NAMES, "an address without a port"},
        {KEY_CACHE_SIZE, "a size like 256MiB, from 1MiB to 32GiB, or a share like 25%"},
        {KEY_CACHE_MAX_TTL, "a duration like 1h 30m, from 1s to 1w"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer text = {0};
        schema_describe(cases[i].key, &text);
        assert_string_equal(buffer_text(&text), cases[i].text);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_parents),
        cmocka_unit_test(test_reserved), cmocka_unit_test(test_values),
        cmocka_unit_test(test_child),    cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
