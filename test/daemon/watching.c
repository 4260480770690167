// Files watched: replaced, written in place, not there yet, gone; and those that are none of ours.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "daemon/watching.h"

static char folder[64];
static char paths[3][96];

static void put(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}

// What happens within `wait_ms`.
static bool has_changed(const struct watching *watching, int wait_ms)
{
    struct pollfd ready = {.fd = watching->fd, .events = POLLIN};
    bool changed = false;
    while (!changed && poll(&ready, 1, wait_ms) > 0)
        changed = watching_take(watching);
    return changed;
}

static struct watching begin(void)
{
    const char *const watched[] = {paths[0], paths[1]};
    return watching_begin(watched, 2);
}

static void test_changes(void **state)
{
    (void)state;
    put(paths[0], "one");
    struct watching watching = begin();
    assert_true(watching.fd >= 0);
    assert_false(has_changed(&watching, 0));
    put(paths[0], "two"); // renamed over it
    assert_true(has_changed(&watching, 2000));
    while (has_changed(&watching, 0))
        ;
    watching_end(&watching);

    watching = begin();                // the new file is another one
    FILE *file = fopen(paths[0], "a"); // written in place
    assert_true(file && fputs("three", file) >= 0 && fclose(file) == 0);
    assert_true(has_changed(&watching, 2000));
    while (has_changed(&watching, 0))
        ;
    put(paths[1], ""); // it was not there
    assert_true(has_changed(&watching, 2000));
    while (has_changed(&watching, 0))
        ;
    put(paths[2], ""); // none of ours
    assert_false(has_changed(&watching, 200));
    assert_int_equal(unlink(paths[0]), 0);
    assert_true(has_changed(&watching, 2000));
    watching_end(&watching);
    watching_end(&watching);
    assert_int_equal(watching.fd, -1);
}

// A folder that is not there is told in the log, and is no reason to stop.
static void test_nothing_to_watch(void **state)
{
    static const char *const nowhere[] = {"/nowhere/at/all/file"};
    (void)state;
    struct watching watching = watching_begin(nowhere, 1);
    assert_false(watching.fd >= 0 && has_changed(&watching, 0));
    watching_end(&watching);
    watching = watching_begin(nowhere, 0);
    watching_end(&watching);
}

static int enter(void **state)
{
    static const char *const names[] = {"hosts", "later", "other"};
    (void)state;
    strcpy(folder, "/tmp/onym-watching-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    for (unsigned i = 0; i < 3; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        (void)unlink(paths[i]);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_nothing_to_watch),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
