// Paths of keys in every form that people write, and names of variables.
#include "told.h"

#include <strings.h>

#include "conf/describe.h"
#include "conf/schema_path.h"
#include "conf/syntax.h"
#include "conf/validate.h"

static void test_find(void **state)
{
    static const struct {
        const char *path;
        enum schema_key key; // KEY_COUNT: none
    } cases[] = {
        {"", KEY_ROOT},
        {"log", KEY_LOG},
        {"log.level", KEY_LOG_LEVEL},
        {"listen", KEY_LISTEN},
        {"listen[]", KEY_LISTEN},
        {"listen[].port", KEY_LISTEN_PORT},
        {"listen[0].port", KEY_LISTEN_PORT},
        {"listen.port", KEY_LISTEN_PORT},
        {"zones", KEY_ZONES},
        {"zones.*", KEY_ZONES},
        {"zones.*.file", KEY_ZONES_FILE},
        {"zones.example.test", KEY_ZONES},
        {"zones.example.test.file", KEY_ZONES_FILE},
        {"zones.*.fiel", KEY_COUNT},
        {"zones.a.example.update[].names", KEY_ZONES_UPDATE_NAMES},
        {"zones.*.update[].nmes", KEY_COUNT},
        {"resolve.default.forward", KEY_RESOLVE_DEFAULT_FORWARD},
        {"resolve.zones.corp.example.ask", KEY_RESOLVE_ZONES_ASK},
        {"resolve.hints.a.example", KEY_RESOLVE_HINTS},
        {"hosts.names.nas", KEY_HOSTS_NAMES},
        {"lgo", KEY_COUNT},
        {"log.", KEY_LOG},
        {"log.lvl", KEY_COUNT},
        {"log.level.x", KEY_COUNT},
        {".", KEY_COUNT},
        {"0123456789012345678901234567890123456789012345678901234567890123456789", KEY_COUNT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum schema_key key;
        bool found = schema_find(cases[i].path, &key);
        if (found != (cases[i].key != KEY_COUNT) || (found && key != cases[i].key))
            fail_msg("'%s'", cases[i].path);
    }
    for (enum schema_key i = KEY_ROOT; i < KEY_COUNT; i++) {
        enum schema_key key;
        assert_true(schema_find(schema_row(i)->path, &key));
        assert_int_equal(key, i);
    }
}

static void test_variables(void **state)
{
    static const enum schema_key single[] = {
        KEY_USER,
        KEY_WORKERS,
        KEY_STATE,
        KEY_CONTROL,
        KEY_IDENTITY_NAME,
        KEY_IDENTITY_VERSION,
        KEY_IDENTITY_NSID,
        KEY_ANSWERS_MINIMAL,
        KEY_ANSWERS_ROTATE,
        KEY_RESOLVE_DEFAULT,
        KEY_RESOLVE_HINTS_FILE,
        KEY_RESOLVE_ROOT_COPY,
        KEY_RESOLVE_ROOT_COPY_ZONEMD,
        KEY_RESOLVE_MINIMISE,
        KEY_RESOLVE_IPV4,
        KEY_RESOLVE_IPV6,
        KEY_RESOLVE_SPECIAL_NAMES,
        KEY_RESOLVE_QUIET,
        KEY_RESOLVE_PORT,
        KEY_RESOLVE_BUDGET_PACKETS,
        KEY_RESOLVE_BUDGET_TIME,
        KEY_HOSTS_DOMAIN,
        KEY_CACHE_SIZE,
        KEY_CACHE_MIN_TTL,
        KEY_CACHE_MAX_TTL,
        KEY_CACHE_NEGATIVE_TTL,
        KEY_CACHE_STALE,
        KEY_CACHE_PREFETCH,
        KEY_CACHE_KEEP,
        KEY_HISTORY_KEEP,
        KEY_HISTORY_SIZE,
        KEY_LOG_LEVEL,
        KEY_LOG_QUERIES,
    };
    char name[SCHEMA_VARIABLE_MAX];
    size_t count = 0;
    (void)state;
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++) {
        schema_variable(key, name);
        if (schema_is_single(key))
            assert_int_equal(key, single[count++]);
    }
    assert_int_equal(count, COUNT(single));
    schema_variable(KEY_LOG_LEVEL, name);
    assert_string_equal(name, "ONYM_LOG__LEVEL");
    schema_variable(KEY_ZONE_FOLDERS, name);
    assert_string_equal(name, "ONYM_ZONE_FOLDERS");
    schema_variable(KEY_RESOLVE_IPV6, name); // digits too: or it were the same as ipv4
    assert_string_equal(name, "ONYM_RESOLVE__IPV6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
