// `onym lab`: what it says before it runs. (That it runs is test/system's.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static void test_print_config(void **state)
{
    (void)state;
    struct spoken spoken = speak("lab --print-config --port 53");
    assert_int_equal(spoken.code, EXIT_OK);
    assert_non_null(strstr(spoken.out, "  port: 53\n"));
    assert_non_null(strstr(spoken.out, "\"a.root-servers.net.\": [\"127.53.0.1\"]\n"));
    assert_string_equal(spoken.err, "");
    hush(&spoken);
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int code;
        const char *err;
    } rows[] = {
        {"lab bad.yaml", EXIT_USAGE, "bad.yaml:1:1: error: the file has no key 'zone'"},
        {"lab bad.yaml", EXIT_USAGE, "did you mean 'zones'?"},
        {"lab clash.yaml", EXIT_USAGE, "CNAME"},
        {"lab nowhere.yaml", EXIT_NOT_FOUND, "cannot read nowhere.yaml"},
        {"lab --port 0", EXIT_USAGE, "--port"},
        {"lab --port 65536", EXIT_USAGE, "--port"},
        {"lab --seed x", EXIT_USAGE, "--seed"},
        {"lab strange.yaml", EXIT_PERMISSION, "cannot listen on 192.0.2.1:5380"},
    };
    files_begin();
    files_put("bad.yaml", "zone: {}\n");
    files_put("clash.yaml", "zones: {'.': {servers: {a: 127.0.0.1}, records: [x A 192.0.2.1, "
                            "x CNAME y]}}");
    files_put("strange.yaml", "zones: {'.': {servers: {a: 192.0.2.1}}}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct spoken spoken = speak(rows[i].line);
        assert_int_equal(spoken.code, rows[i].code);
        assert_non_null(strstr(spoken.err, rows[i].err));
        assert_string_equal(spoken.out, "");
        hush(&spoken);
    }
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print_config),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
