// Notifications, heard by a manager of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/notify.h"

static void expect(int fd, const char *start)
{
    char text[1200];
    ssize_t size = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    assert_true(size >= 0);
    text[size] = 0;
    assert_int_equal(strncmp(text, start, strlen(start)), 0);
}

static void hear(const char *name, int fd)
{
    struct notify notify;
    setenv("NOTIFY_SOCKET", name, 1);
    notify_open(&notify);
    assert_true(notify.fd >= 0);
    notify_send(&notify, "READY=1\nSTATUS=%d zones", 7);
    expect(fd, "READY=1\nSTATUS=7 zones");
    notify_reloading(&notify);
    expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
    char large[2000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    notify_send(&notify, "STATUS=%s", large);
    expect(fd, "STATUS=xxx");
    notify_close(&notify);
    notify_send(&notify, "READY=1"); // nobody listens: nothing happens
    assert_int_equal(recv(fd, large, sizeof large, MSG_DONTWAIT), -1);
    close(fd);
    unsetenv("NOTIFY_SOCKET");
}

static void test_path(void **state)
{
    (void)state;
    char folder[] = "/tmp/onym-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/notify", folder);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    hear(path, fd);
    unlink(path);
    rmdir(folder);
}

static void test_abstract(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@onym-test-%d", (int)getpid());
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    hear(name, fd);
}

static void test_nobody(void **state)
{
    (void)state;
    static const char *const names[] = {"", "/", "relative", "@"};
    struct notify notify;
    unsetenv("NOTIFY_SOCKET");
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        notify_open(&notify);
        assert_int_equal(notify.fd, -1);
    }
    char large[300];
    memset(large, '/', sizeof large - 1);
    large[sizeof large - 1] = 0;
    setenv("NOTIFY_SOCKET", large, 1);
    notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    unsetenv("NOTIFY_SOCKET");
}

static void test_watchdog(void **state)
{
    (void)state;
    static const struct {
        const char *interval, *pid;
        uint64_t wanted_ms;
    } rows[] = {{"10000000", NULL, 5000},
                {"10000000", "", 5000},
                {"10000000", "1", 0},
                {NULL, NULL, 0},
                {"0", NULL, 0}};
    char name[64], pid[16];
    snprintf(name, sizeof name, "@onym-test-%d", (int)getpid());
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        if (rows[i].interval)
            setenv("WATCHDOG_USEC", rows[i].interval, 1);
        if (rows[i].pid)
            setenv("WATCHDOG_PID", rows[i].pid[0] ? rows[i].pid : pid, 1);
        struct notify notify;
        notify_open(&notify);
        assert_int_equal(notify.watchdog_ms, rows[i].wanted_ms);
        notify_close(&notify);
    }
    unsetenv("NOTIFY_SOCKET");
}

// A manager that does not read holds us up once, for a moment.
static void test_deaf(void **state)
{
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@onym-test-%d", (int)getpid());
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    struct notify notify;
    notify_open(&notify);
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < 2000; i++)
        notify_send(&notify, "STATUS=%d", i);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    assert_true(notify.deaf);
    assert_in_range(ended.tv_sec - began.tv_sec, 0, 10);
    char text[64];
    while (recv(fd, text, sizeof text, MSG_DONTWAIT) > 0)
        ;
    notify_send(&notify, "READY=1");
    assert_false(notify.deaf);
    expect(fd, "READY=1");
    notify_close(&notify);
    close(fd);
    unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path),   cmocka_unit_test(test_abstract),
        cmocka_unit_test(test_nobody), cmocka_unit_test(test_watchdog),
        cmocka_unit_test(test_deaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
