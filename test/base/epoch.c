// Nothing is released while a reader may still look at it, and everything is in the end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "base/epoch.h"

static atomic_int released;

static void release(void *what)
{
    atomic_fetch_add(&released, *(int *)what);
}

static void nap(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void test_without_readers(void **state)
{
    (void)state;
    int one = 1;
    atomic_store(&released, 0);
    for (int i = 0; i < 100; i++)
        epoch_retire(release, &one);
    epoch_drain();
    assert_int_equal(atomic_load(&released), 100);
}

enum { READING, QUIET, OFFLINE, ONLINE_AGAIN, GONE };

struct reader {
    pthread_t thread;
    atomic_int wanted, reached;
};

static void *read_along(void *argument)
{
    struct reader *reader = argument;
    epoch_join();
    for (int reached = READING; reached != GONE;) {
        int wanted = atomic_load(&reader->wanted);
        if (wanted == reached) {
            nap(1);
            continue;
        }
        if (wanted == QUIET)
            epoch_quiet();
        else if (wanted == OFFLINE)
            epoch_offline();
        else if (wanted == ONLINE_AGAIN)
            epoch_online();
        else if (wanted == GONE)
            epoch_leave();
        reached = wanted;
        atomic_store(&reader->reached, reached);
    }
    return NULL;
}

static void start(struct reader *reader)
{
    *reader = (struct reader){.wanted = READING, .reached = READING};
    assert_int_equal(pthread_create(&reader->thread, NULL, read_along, reader), 0);
    nap(20);
}

static void go_on(struct reader *reader, int to)
{
    atomic_store(&reader->wanted, to);
    while (atomic_load(&reader->reached) != to)
        nap(1);
}

static bool is_released_soon(int count)
{
    for (int i = 0; i < 2000 && atomic_load(&released) != count; i++)
        nap(1);
    return atomic_load(&released) == count;
}

static void test_reader_holds_it(void **state)
{
    (void)state;
    int one = 1;
    struct reader reader;
    atomic_store(&released, 0);
    start(&reader);
    epoch_retire(release, &one);
    nap(100);
    assert_int_equal(atomic_load(&released), 0);
    go_on(&reader, QUIET);
    assert_true(is_released_soon(1));
    go_on(&reader, GONE);
    pthread_join(reader.thread, NULL);
}

static void test_sleeper_holds_nothing(void **state)
{
    (void)state;
    int one = 1;
    struct reader reader;
    atomic_store(&released, 0);
    start(&reader);
    go_on(&reader, OFFLINE);
    epoch_retire(release, &one);
    assert_true(is_released_soon(1));
    go_on(&reader, ONLINE_AGAIN);
    epoch_retire(release, &one);
    nap(100);
    assert_int_equal(atomic_load(&released), 1);
    go_on(&reader, GONE);
    assert_true(is_released_soon(2));
    pthread_join(reader.thread, NULL);
}

// A reader may retire something itself, in any part that it plays.
static void test_retired_by_a_reader(void **state)
{
    (void)state;
    int one = 1;
    atomic_store(&released, 0);
    epoch_join();
    epoch_retire(release, &one);
    epoch_quiet();
    epoch_offline();
    epoch_retire(release, &one);
    epoch_drain();
    assert_int_equal(atomic_load(&released), 2);
    epoch_online();
    epoch_leave();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_readers),
        cmocka_unit_test(test_reader_holds_it),
        cmocka_unit_test(test_sleeper_holds_nothing),
        cmocka_unit_test(test_retired_by_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
