// Start, check and stop, by exit codes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "running.h"

static int check(const char *path)
{
    struct daemon_arguments arguments = {.path = path, .check = true};
    return daemon_run(&arguments);
}

static void test_check(void **state)
{
    (void)state;
    struct running running;
    running_prepare(&running, "");
    assert_int_equal(check(running.config), 0);
    running_write(&running, "a.zone", "@ A 192.0.2.300\n");
    assert_int_equal(check(running.config), 2);
    running_write(&running, "onym.yaml", "version: 1\nnonsense: 1\n");
    assert_int_equal(check(running.config), 2);
    assert_int_equal(check("/nonexistent/onym.yaml"), 2);
    running_remove(&running);
}

static void test_start_and_stop(void **state)
{
    (void)state;
    static const int numbers[] = {SIGTERM, SIGINT};
    struct running running;
    running_prepare(&running, "");
    for (size_t i = 0; i < 2; i++) {
        running_start(&running);
        assert_int_equal(running_stop(&running, numbers[i]), 0);
    }
    running_remove(&running);
}

static void test_refused_starts(void **state)
{
    (void)state;
    struct running running, second;
    running_prepare(&running, "");
    running_start(&running);
    // Another one with the same folder, and one with the same port.
    for (int same_port = 0; same_port < 2; same_port++) {
        second = running;
        snprintf(second.config, sizeof second.config, "%s/second.yaml", running.folder);
        char text[512];
        snprintf(text, sizeof text,
                 "version: 1\nstate: %s/%s\nlisten: [{addr: 127.0.0.1, port: %u}]\n",
                 running.folder, same_port ? "other" : "state",
                 same_port ? running.port : running_free_port());
        running_write(&running, "second.yaml", text);
        second.pid = fork();
        if (second.pid == 0) {
            struct daemon_arguments arguments = {.path = second.config};
            _exit(daemon_run(&arguments));
        }
        assert_int_equal(running_stop(&second, 0), 4);
    }
    assert_int_equal(running_stop(&running, SIGTERM), 0);
    running_remove(&running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_start_and_stop),
        cmocka_unit_test(test_refused_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
