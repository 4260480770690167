// `onym serve`: what it says before it serves. (That it serves is test/system's.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static void test_usage(void **state)
{
    (void)state;
    struct spoken json = speak("serve --json");
    assert_int_equal(json.code, EXIT_USAGE);
    assert_non_null(strstr(json.err, "serve has no --json"));
    hush(&json);
}

static void test_check(void **state)
{
    (void)state;
    files_begin();
    files_put("bad.yaml", "version: 1\nlisen: []\n");
    struct spoken text = speak("serve -c bad.yaml --check");
    assert_int_equal(text.code, EXIT_USAGE);
    assert_non_null(strstr(text.err, "did you mean 'listen'?"));
    struct spoken json = speak("serve -c bad.yaml --check --json");
    assert_int_equal(json.code, EXIT_USAGE);
    assert_true(strncmp(json.out, "{\"v\":1,\"good\":false,", 20) == 0);
    hush(&text);
    hush(&json);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_usage), cmocka_unit_test(test_check)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
