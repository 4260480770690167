// Loads: done beside us, in order, and never in the way of each other for long.
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
#include "base/file.h"
#include "base/limits.h"
#include "daemon/loader.h"

#define GOOD "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns.elsewhere.invalid.\n"

static const struct hash_key secret = {{1, 2}};
static char folder[64];
static struct loop loop;

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return loop_open(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    loop_close(&loop);
    return system(command);
}

static struct load *add(struct loader *loader, const char *file, size_t index)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    struct zone_option zone = {
        .wire = (const uint8_t *)"\7example\4test", .size = 14, .labels = 2, .file = path};
    return loader_add(loader, &zone, index, false);
}

static void write_zone(const char *file, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}

static void make_pipe(const char *file)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_int_equal(mkfifo(path, 0600), 0);
}

// Lets a load that hangs in a pipe go on.
static void fill_pipe(const char *file, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    int fd = open(path, O_WRONLY);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static struct load *take(struct loader *loader, unsigned patience_ms)
{
    uint64_t end_ms = clock_now_ms() + patience_ms;
    for (;;) {
        struct load *load = loader_take(loader);
        uint64_t now_ms = clock_now_ms();
        if (load || now_ms >= end_ms)
            return load;
        loader_count_slow(loader, now_ms);
        loop_wait(&loop, 50);
    }
}

static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    bool seen[COUNT] = {false};
    struct loader *loader = loader_make(3, &loop, &secret, NULL);
    assert_null(loader_take(loader));
    write_zone("good", GOOD);
    write_zone("bad", "@ A nonsense\n");
    for (size_t i = 0; i < COUNT; i++)
        add(loader, i % 2 ? "good" : "bad", i);
    for (size_t i = 0; i < COUNT; i++) {
        struct load *load = take(loader, 10000);
        assert_non_null(load);
        assert_false(seen[load->index]);
        seen[load->index] = true;
        assert_int_equal(load->zone->state, load->index % 2 ? ZONE_SERVED : ZONE_BROKEN);
        assert_int_equal(load->report.errors != 0, load->index % 2 == 0);
        loader_drop(loader, load);
    }
    struct loader_progress progress = loader_measure(loader);
    assert_int_equal(progress.queued + progress.running, 0);
    loader_end(loader);
}

// The digest is verified for whom it was asked, the second time too.
static void test_zonemd(void **state)
{
    (void)state;
    struct loader *loader = loader_make(1, &loop, &secret, NULL);
    char path[96];
    snprintf(path, sizeof path, "%s/zone", folder);
    write_zone("zone", GOOD); // has no ZONEMD
    struct zone_option zone = {
        .wire = (const uint8_t *)"\7example\4test", .size = 14, .labels = 2, .file = path};
    for (unsigned asked = 0; asked < 2; asked++) {
        zone.zonemd = asked;
        struct load *load = loader_add(loader, &zone, 0, false);
        assert_ptr_equal(take(loader, 10000), load);
        assert_int_equal(load->zone->state, asked ? ZONE_BROKEN : ZONE_SERVED);
        zone_release(load->zone);
        load->zone = NULL;
        report_free(&load->report);
        load->report = (struct report){0};
        loader_again(loader, load);
        assert_ptr_equal(take(loader, 10000), load);
        assert_int_equal(load->zone->state, asked ? ZONE_BROKEN : ZONE_SERVED);
        loader_drop(loader, load);
    }
    loader_end(loader);
}

static void test_again(void **state)
{
    (void)state;
    struct loader *loader = loader_make(1, &loop, &secret, NULL);
    write_zone("zone", "nonsense\n");
    add(loader, "zone", 7)->inherited = true;
    struct load *load = take(loader, 10000);
    assert_int_equal(load->zone->state, ZONE_BROKEN);
    zone_release(load->zone);
    load->zone = NULL;
    report_free(&load->report);
    load->report = (struct report){0};
    write_zone("zone", GOOD);
    loader_again(loader, load);
    load = take(loader, 10000);
    assert_int_equal(load->zone->state, ZONE_SERVED);
    assert_int_equal(load->index, 7);
    assert_false(load->inherited);
    loader_drop(loader, load);
    loader_end(loader);
}

// Three files that hang and one behind them that does not, with one thread: after the patience with
// the first there are threads in its place.
static void test_slow(void **state)
{
    (void)state;
    static const char *const pipes[] = {"p0", "p1", "p2"};
    struct loader *loader = loader_make(1, &loop, &secret, NULL);
    for (size_t i = 0; i < 3; i++) {
        make_pipe(pipes[i]);
        add(loader, pipes[i], i);
    }
    write_zone("good", GOOD);
    add(loader, "good", 3);
    assert_int_equal(loader_count_slow(loader, clock_now_ms()), 0);
    struct loader_progress progress = loader_measure(loader);
    assert_int_equal(progress.queued + progress.running, 4);

    uint64_t began_ms = clock_now_ms();
    struct load *load = take(loader, 3 * ZONE_PATIENCE_MS + 2000);
    assert_non_null(load);
    assert_int_equal(load->index, 3);
    assert_true(clock_now_ms() - began_ms >= ZONE_PATIENCE_MS);
    loader_drop(loader, load);
    usleep(100000);
    assert_in_range(loader_count_slow(loader, clock_now_ms() + ZONE_PATIENCE_MS), 3, 3);
    for (size_t i = 0; i < 3; i++)
        fill_pipe(pipes[i], GOOD);
    for (size_t i = 0; i < 3; i++) {
        load = take(loader, 10000);
        assert_non_null(load);
        assert_int_equal(load->zone->state, ZONE_SERVED);
        loader_drop(loader, load);
    }
    loader_end(loader);
}

// More of them than there may be threads: what waits behind them counts as slow too.
static void test_all_places_held(void **state)
{
    (void)state;
    enum { COUNT = 1 + LOADERS_SLOW_MAX + 4 };
    struct loader *loader = loader_make(1, &loop, &secret, NULL);
    for (size_t i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%zu", i);
        make_pipe(name);
        add(loader, name, i);
    }
    // A clock that runs ahead: each look is a patience later.
    uint64_t now_ms = clock_now_ms();
    for (int looks = 0; looks < 100 && loader_measure(loader).running < COUNT - 4; looks++) {
        now_ms += 2 * ZONE_PATIENCE_MS;
        loader_count_slow(loader, now_ms);
        usleep(10000);
    }
    assert_int_equal(loader_measure(loader).running, COUNT - 4);
    assert_int_equal(loader_measure(loader).queued, 4);
    assert_int_equal(loader_count_slow(loader, now_ms + 2 * ZONE_PATIENCE_MS), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%zu", i);
        fill_pipe(name, GOOD);
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct load *load = take(loader, 10000);
        assert_non_null(load);
        loader_drop(loader, load);
    }
    loader_end(loader);
}

// Nobody waits for what hangs, and what comes back finds nothing of ours gone.
static void test_end_while_reading(void **state)
{
    (void)state;
    struct loader *loader = loader_make(1, &loop, &secret, NULL);
    make_pipe("pipe");
    add(loader, "pipe", 0);
    add(loader, "never", 1);
    while (loader_measure(loader).running == 0)
        usleep(1000);
    loader_end(loader);
    fill_pipe("pipe", GOOD);
    usleep(100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_zonemd, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_places_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_end_while_reading, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
