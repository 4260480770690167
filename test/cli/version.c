// `onym version`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "spoken.h"

static void test_version(void **state)
{
    (void)state;
    struct spoken plain = speak("version"), flag = speak("--version");
    assert_string_equal(plain.out, "onym " ONYM_VERSION "\n");
    assert_string_equal(flag.out, plain.out);
    struct spoken features = speak("version --features");
    assert_non_null(strstr(features.out, "libyaml "));
    assert_non_null(strstr(features.out, "root keys  20326, 38696\n"));
    struct spoken json = speak("version --features --json");
    json_t *object = json_loads(json.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
    assert_string_equal(json_string_value(json_object_get(object, "version")), ONYM_VERSION);
    assert_true(json_object_size(json_object_get(object, "features")) >= 5);
    json_decref(object);
    hush(&plain);
    hush(&flag);
    hush(&features);
    hush(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
