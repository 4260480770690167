// Changes of the network, in a network namespace of our own: links that come and go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/routes.h"

#define KIND 3

static struct loop loop;
static struct routes_watch watch;

static void set_loopback(bool up)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

// Takes what the kernel has said of it, if it comes within a second.
static bool hear(uint64_t now_ms, int patience_ms)
{
    uint32_t ready;
    if (loop_wait(&loop, patience_ms) == 0)
        return false;
    assert_int_equal(loop_event(&loop, 0, &ready).kind, KIND);
    routes_take(&watch, now_ms);
    return true;
}

static int set_up(void **state)
{
    (void)state;
    return loop_open(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    loop_close(&loop);
    return 0;
}

static void test_changes_are_told_once_a_second(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
        print_message("skipped: no network namespace here: %s\n", strerror(errno));
        skip();
    }
    assert_int_equal(routes_watch(&watch, &loop, KIND), 0);
    assert_int_equal(routes_rest(&watch, 5000), -1);
    assert_false(routes_have_changed(&watch, 5000));
    set_loopback(true);
    assert_true(hear(5000, 1000));
    assert_int_equal(routes_rest(&watch, 5000), 0);
    assert_true(routes_have_changed(&watch, 5000));
    assert_false(routes_have_changed(&watch, 5000));
    while (hear(5000, 100) && routes_have_changed(&watch, 5000)) // nothing of it comes late
        fail();
    set_loopback(false);
    assert_true(hear(5100, 1000));
    assert_false(routes_have_changed(&watch, 5100));
    assert_int_equal(routes_rest(&watch, 5100), ROUTES_EVERY_MS - 100);
    assert_false(routes_have_changed(&watch, 5000 + ROUTES_EVERY_MS - 1));
    assert_true(routes_have_changed(&watch, 5000 + ROUTES_EVERY_MS));
    routes_unwatch(&watch);
    set_loopback(true);
    assert_int_equal(loop_wait(&loop, 100), 0);
}

// More of them than the socket holds: what was lost counts as a change.
static void test_queue_that_runs_over(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) < 0) {
        print_message("skipped: no network namespace here: %s\n", strerror(errno));
        skip();
    }
    assert_int_equal(routes_watch(&watch, &loop, KIND), 0);
    int little = 1;
    assert_int_equal(setsockopt(watch.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    for (int i = 0; i < 50; i++)
        set_loopback(i & 1);
    assert_true(hear(5000, 1000));
    assert_true(routes_have_changed(&watch, 5000));
    assert_false(hear(5000, 0)); // all was taken
    routes_unwatch(&watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes_are_told_once_a_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_queue_that_runs_over, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
