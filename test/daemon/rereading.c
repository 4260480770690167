// The configuration read by a thread: taken, refused, and abandoned while it hangs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/rereading.h"

static char path[64];
static struct loop loop;

static int set_up(void **state)
{
    (void)state;
    char folder[] = "/tmp/onym-rereading-XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.yaml", folder);
    return loop_open(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    loop_close(&loop);
    unlink(path);
    *strrchr(path, '/') = 0;
    return rmdir(path);
}

static void put(const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static struct options *take(struct rereading *reading, struct report *report)
{
    struct options *options = NULL;
    uint64_t end_ms = clock_now_ms() + 10000;
    struct geography *geography;
    while (!rereading_take(reading, &options, &geography, report)) {
        assert_true(clock_now_ms() < end_ms);
        loop_wait(&loop, 100);
    }
    return options;
}

static void test_read(void **state)
{
    (void)state;
    struct report report = {0};
    put("version: 1\nworkers: 3\n");
    struct options *options = take(rereading_begin(path, NULL, &loop), &report);
    assert_non_null(options);
    assert_int_equal(options->workers, 3);
    assert_string_equal(options->path, path);
    assert_int_equal(report.count, 0);
    options_free(options);

    options = take(rereading_begin(NULL, NULL, &loop), &report);
    assert_null(options->path);
    options_free(options);

    put("version: 1\nworkers: many\n");
    assert_null(take(rereading_begin(path, NULL, &loop), &report));
    assert_int_equal(report.errors, 1);
    report_free(&report);
}

// A pipe that nobody writes to hangs whoever reads it, but not us; nor is anything of ours touched
// or lost when it goes on.
static void test_abandoned(void **state)
{
    (void)state;
    struct report report = {0};
    struct options *options;
    assert_int_equal(mkfifo(path, 0600), 0);
    struct geography *geography;
    struct rereading *reading = rereading_begin(path, NULL, &loop);
    usleep(50000);
    assert_false(rereading_take(reading, &options, &geography, &report));
    rereading_abandon(reading);
    put("version: 1\n");
    usleep(100000);
    assert_int_equal(loop_wait(&loop, 0), 0); // nobody was rung

    unlink(path);
    put("version: 1\n");
    reading = rereading_begin(path, NULL, &loop);
    loop_wait(&loop, 10000);
    rereading_abandon(reading); // it is done already
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abandoned, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
