// Values in words: each type of the table says what it takes.
#include "told.h"

#include "conf/describe.h"

static void test_words(void **state)
{
    static const struct {
        enum schema_key key;
        const char *words;
    } cases[] = {
        {KEY_VERSION, "the number 1"},
        {KEY_LISTEN_PORT, "a number from 1 to 65535"},
        {KEY_LISTEN_KINDS, "one of udp, tcp"},
        {KEY_LOG_QUERIES, "true or false"},
        {KEY_STATE, "a path"},
        {KEY_CACHE_STALE, "a duration like 1h 30m, from 0s to 4w 2d"},
        {KEY_CACHE_SIZE, "a size like 256MiB, from 1MiB to 32GiB, or a share like 25%"},
        {KEY_ACCESS_RECURSE, "localhost, private, any, none, an address, a prefix or key:NAME"},
        {KEY_RESOLVE_DEFAULT, "one of recursive, none or a map"},
        {KEY_ZONE_FOLDERS, "a path or a map"},
        {KEY_ZONES_ROUTES, "a map"},
        {KEY_HOSTS_NAMES, "an address without a port"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer text = {0};
        schema_describe(cases[i].key, &text);
        assert_string_equal(buffer_text(&text), cases[i].words);
        buffer_free(&text);
    }
}

// Every key can be told of.
static void test_all(void **state)
{
    (void)state;
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++) {
        struct buffer text = {0};
        schema_describe(key, &text);
        assert_true(text.size > 0);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
