// Files beside the zones, read by a thread: what is found, when it is read again, and copies of the
// root that are good, broken, too old or as they were.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "built.h"
#include "daemon/nearby.h"
#include "dns/type.h"

#define ROOT                                                                                       \
    ". 86400 SOA a.root. host. 7 1800 900 604800 86400\n. NS a.root.\na.root. A 192.0.2.1\n"

static char folder[64];
static struct loop loop;
static struct nearby nearby;
static struct options *options;

static char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    assert_int_equal(file_write(path_of(name), text, strlen(text), 0644), 0);
}

// With a hosts file, and a copy of the root if `copy`.
static void configure(bool copy)
{
    char *text = memory_format("hosts: {files: [%s/hosts]}\nresolve: {special_names: true%s%s%s}\n",
                               folder, copy ? ", root_copy_zonemd: false, root_copy: " : "",
                               copy ? folder : "", copy ? "/copy" : "");
    options_free(options);
    options = built_options(text);
    free(text);
}

// Waits for the thread.
static struct nearby_found wait(uint64_t now_ms)
{
    struct nearby_found found = {0};
    for (unsigned i = 0; !nearby_take(&nearby, &found, now_ms); i++) {
        assert_true(i < 100);
        (void)!loop_wait(&loop, 100);
    }
    return found;
}

static void drop(struct nearby_found *found)
{
    local_release(found->local);
    zone_release(found->root_copy);
    report_free(&found->report);
}

static struct nearby_found begin(struct zone *copy)
{
    nearby_begin(&nearby, options, copy, 5000);
    assert_true(nearby_reads(&nearby));
    return wait(5000);
}

static void test_names(void **state)
{
    (void)state;
    put("hosts", "192.0.2.1 a.test\n");
    configure(false);
    struct nearby_found found = begin(NULL);
    assert_non_null(found.local);
    assert_null(found.root_copy);
    assert_false(found.root_copy_bad);
    drop(&found);
    assert_int_equal(nearby_rest(&nearby, 5000), -1);
    // Once a second at most, counted from the last time that they were read.
    put("hosts", "192.0.2.2 a.test\n");
    assert_true(loop_wait(&loop, 2000) > 0);
    nearby_event(&nearby, 5100);
    assert_int_equal(nearby_rest(&nearby, 5100), HOSTS_EVERY_MS - 100);
    nearby_look(&nearby, NULL, 5100);
    assert_false(nearby_reads(&nearby));
    nearby_look(&nearby, NULL, 5000 + HOSTS_EVERY_MS);
    assert_true(nearby_reads(&nearby));
    found = wait(5000 + HOSTS_EVERY_MS);
    drop(&found);
    // Without files there are the names of the configuration.
    struct local *names = nearby_names(&nearby);
    assert_non_null(names);
    local_release(names);
}

static void set_age(time_t age_s)
{
    struct timespec times[2] = {{.tv_sec = (time_t)clock_date_s() - age_s}};
    times[1] = times[0];
    assert_int_equal(utimensat(0, path_of("copy"), times, 0), 0);
}

static void test_root_copy(void **state)
{
    (void)state;
    configure(true);
    put("copy", ROOT);
    set_age(604700); // a hundred seconds left
    usleep(1100000); // a file that changes while it is read may look as if it had not
    struct nearby_found found = begin(NULL);
    assert_non_null(found.root_copy);
    assert_int_equal(found.root_copy->image.serial, 7);
    uint64_t left_us = found.root_copy_end_us - clock_now_us();
    assert_true(left_us > 90000000 && left_us <= 100000000);
    int rest_ms = nearby_rest(&nearby, 5000);
    assert_true(rest_ms > 90000 && rest_ms <= 100000);
    // As it was: not read again, but the same.
    struct zone *copy = found.root_copy;
    found.root_copy = NULL;
    drop(&found);
    found = begin(copy);
    assert_ptr_equal(found.root_copy, copy);
    drop(&found);
    // Too old.
    set_age(604800);
    found = begin(NULL);
    assert_null(found.root_copy);
    assert_false(found.root_copy_bad);
    assert_non_null(strstr(found.report.problems[0].message, "expires after 604800 s"));
    drop(&found);
    // Broken, and not there.
    put("copy", ". SOA\n");
    found = begin(NULL);
    assert_null(found.root_copy);
    assert_true(found.root_copy_bad);
    assert_true(found.report.errors > 0);
    drop(&found);
    assert_int_equal(unlink(path_of("copy")), 0);
    found = begin(NULL);
    assert_true(found.root_copy_bad);
    drop(&found);
    zone_release(copy);
}

// Nothing is wanted, or no more: a thread on its way is left alone.
static void test_nothing(void **state)
{
    (void)state;
    options_free(options);
    options = built_options("resolve: {default: none}\n");
    nearby_begin(&nearby, options, NULL, 5000);
    assert_false(nearby_reads(&nearby));
    assert_null(nearby_names(&nearby));
    configure(true);
    put("copy", ROOT);
    for (unsigned i = 0; i < 20; i++)
        nearby_begin(&nearby, options, NULL, 5000);
    struct nearby_found found = wait(5000);
    assert_non_null(found.root_copy);
    drop(&found);
    nearby_begin(&nearby, options, NULL, 5000);
}

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-nearby-XXXXXX");
    if (!mkdtemp(folder) || loop_open(&loop) != 0)
        return -1;
    nearby_open(&nearby, &loop, 1, &built_secret);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    nearby_close(&nearby);
    loop_close(&loop);
    options_free(options);
    options = NULL;
    usleep(300000); // threads that were left alone end
    (void)unlink(path_of("hosts"));
    (void)unlink(path_of("copy"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, enter, leave),
        cmocka_unit_test_setup_teardown(test_root_copy, enter, leave),
        cmocka_unit_test_setup_teardown(test_nothing, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
