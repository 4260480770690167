// What is said at the start, and on SIGUSR1.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "running.h"

static void test_start(void **state)
{
    (void)state;
    struct running running;
    running_prepare(&running, "");
    running_start(&running);
    kill(running.pid, SIGUSR1);
    char wanted[128], *log = NULL;
    for (int tries = 0; tries < 1000; tries++) {
        free(log);
        log = running_log(&running);
        if (strstr(log, "queries"))
            break;
        usleep(5000);
    }
    assert_non_null(strstr(log, "onym " ONYM_VERSION "  1 worker, "));
    snprintf(wanted, sizeof wanted, "  dns        udp+tcp 127.0.0.1:%u\n", running.port);
    assert_non_null(strstr(log, wanted));
    assert_non_null(strstr(log, "  zones      1 served, 0 broken   4 records\n"));
    assert_non_null(strstr(log, "  resolve    none\nready in "));
    snprintf(wanted, sizeof wanted, "query www.example.test. @127.0.0.1 -p %u\n", running.port);
    assert_non_null(strstr(log, wanted));
    assert_non_null(strstr(log, "1 served, 0 broken   4 records   0 queries, 0 connections open"));
    free(log);
    assert_int_equal(running_stop(&running, SIGTERM), 0);
    running_remove(&running);
}

static void check_resolve(const char *extra, const char *line)
{
    struct running running;
    running_prepare(&running, extra);
    running_start(&running);
    char *log = running_log(&running);
    if (!strstr(log, line))
        print_message("%s\n%s", line, log);
    assert_non_null(strstr(log, line));
    free(log);
    assert_int_equal(running_stop(&running, SIGTERM), 0);
    running_remove(&running);
}

// Nobody is asked anything here: no name but ours is asked for.
static void test_resolve(void **state)
{
    (void)state;
    check_resolve("resolve: {hints: {a.test: 127.0.0.1}}\ncache: {size: 2MiB}\n",
                  "  resolve    recursive (root hints: configuration), no DNSSEC validation yet   "
                  "cache 2MiB   for localhost, private\n");
    check_resolve(
        "resolve: {default: {forward: [\"127.0.0.1:1\", 127.0.0.2]}, zones: {b.test: {ask: "
        "127.0.0.3}}}\ncache: {size: 1MiB}\naccess: {recurse: []}\n",
        "  resolve    forwards to 127.0.0.1:1, 127.0.0.2, 1 zone by others, no DNSSEC "
        "validation yet   cache 1MiB   for nobody\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_start),
                                       cmocka_unit_test(test_resolve)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
