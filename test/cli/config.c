// `onym config show|explain|schema`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static const json_t *walk(const json_t *object, const char *path)
{
    char copy[128];
    strcpy(copy, path);
    for (char *key = strtok(copy, "/"); key; key = strtok(NULL, "/"))
        object = json_object_get(object, key);
    return object;
}

static void test_show(void **state)
{
    (void)state;
    files_begin();
    files_put("c.yaml", "version: 1\nworkers: 3\nanswers: {minimal: false}\n"
                        "listen: [{addr: 192.0.2.1, port: 5300}]\n"
                        "identity: {name: \"7\"}\n"
                        "zones: {\"a.test\": {file: a.zone}}\n");
    struct spoken yaml = speak("config show -c c.yaml --origin");
    assert_int_equal(yaml.code, EXIT_OK);
    assert_non_null(strstr(yaml.out, "workers: 3"));
    assert_non_null(strstr(yaml.out, "c.yaml:2"));
    assert_null(strstr(yaml.out, "rotate"));
    struct spoken spoken = speak("config show -c c.yaml --all --origin --json");
    json_t *object = json_loads(spoken.out, 0, NULL);
    assert_int_equal(json_integer_value(walk(object, "v")), 1);
    assert_int_equal(json_integer_value(walk(object, "config/workers")), 3);
    assert_true(json_is_false(walk(object, "config/answers/minimal")));
    assert_true(json_is_true(walk(object, "config/answers/rotate")));
    assert_string_equal(json_string_value(walk(object, "config/identity/name")), "7");
    assert_non_null(walk(object, "config/zones/a.test.") ? walk(object, "config/zones/a.test.")
                                                         : walk(object, "config/zones/a.test"));
    assert_string_equal(json_string_value(walk(object, "origins/workers")), "c.yaml:2");
    assert_string_equal(json_string_value(walk(object, "origins/answers.rotate")), "default");
    const json_t *listen = json_array_get(walk(object, "config/listen"), 0);
    assert_int_equal(json_integer_value(json_object_get(listen, "port")), 5300);
    json_decref(object);
    hush(&yaml);
    hush(&spoken);
    files_end();
}

static void test_show_bad(void **state)
{
    (void)state;
    files_begin();
    files_put("c.yaml", "version: 1\nworker: 3\n");
    struct spoken spoken = speak("config show -c c.yaml");
    assert_int_equal(spoken.code, EXIT_USAGE);
    assert_string_equal(spoken.out, "");
    assert_non_null(strstr(spoken.err, "did you mean 'workers'?"));
    hush(&spoken);
    files_end();
}

static void test_explain(void **state)
{
    (void)state;
    struct spoken one = speak("config explain answers.minimal"), all = speak("config explain");
    assert_int_equal(one.code, EXIT_OK);
    assert_true(strncmp(one.out, "answers.minimal\n", 16) == 0);
    assert_int_equal(all.code, EXIT_OK);
    assert_non_null(strstr(all.out, "zone_folders"));
    struct spoken json = speak("config explain log.level --json");
    json_t *object = json_loads(json.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "key")), "log.level");
    assert_string_equal(json_string_value(json_object_get(object, "default")), "info");
    json_decref(object);
    struct spoken unknown = speak("config explain lisen");
    assert_int_equal(unknown.code, EXIT_NOT_FOUND);
    assert_string_equal(unknown.out, "");
    assert_non_null(strstr(unknown.err, "did you mean 'listen'?"));
    struct spoken root = speak("config explain --json");
    object = json_loads(root.out, 0, NULL);
    assert_true(json_array_size(json_object_get(object, "keys")) > 8);
    json_decref(object);
    hush(&one);
    hush(&all);
    hush(&json);
    hush(&unknown);
    hush(&root);
}

static void test_schema(void **state)
{
    (void)state;
    struct spoken spoken = speak("config schema");
    json_t *object = json_loads(spoken.out, 0, NULL);
    assert_non_null(walk(object, "properties/listen"));
    json_decref(object);
    hush(&spoken);
    spoken = speak("config schema --json");
    object = json_loads(spoken.out, 0, NULL);
    assert_int_equal(json_integer_value(walk(object, "v")), 1);
    assert_non_null(walk(object, "schema/properties/listen"));
    json_decref(object);
    hush(&spoken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_show),
        cmocka_unit_test(test_show_bad),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
