// cache/segment: from free to free again, and never sooner than its readers allow.
#include "made.h"

#include <time.h>

#include "cache/segment.h"

#define NOW   1000u
#define COUNT 32
#define SIZE  1024

static struct segment list[COUNT];
static uint8_t memory[COUNT * SIZE] __attribute__((aligned(8)));
static struct segments segments;

static int set_up(void **state)
{
    (void)state;
    memset(list, 0, sizeof list);
    segments_open(&segments, list, COUNT, memory, SIZE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    segments_close(&segments);
    return 0;
}

static bool reserve(size_t size, uint32_t left_s)
{
    struct reservation reservation;
    if (!segments_reserve(&segments, size, NOW, left_s, &reservation))
        return false;
    segments_done(&reservation);
    return true;
}

static void test_one_behind_the_other(void **state)
{
    (void)state;
    struct reservation a, b, c, d;
    assert_true(segments_reserve(&segments, 400, NOW, 60, &a));
    assert_true(segments_reserve(&segments, 624, NOW, 300, &b));
    assert_ptr_equal(a.segment, b.segment);
    assert_ptr_equal((uint8_t *)a.entry + 400, b.entry);
    assert_true(segments_reserve(&segments, 8, NOW, 60, &c)); // that one is full
    assert_ptr_not_equal(a.segment, c.segment);
    assert_true(segments_reserve(&segments, 8, NOW, 301, &d)); // another class
    assert_ptr_not_equal(c.segment, d.segment);
    struct reservation survivor;
    assert_true(segments_reserve_survivor(&segments, 8, NOW, 60, &survivor));
    assert_ptr_not_equal(c.segment, survivor.segment);
    assert_int_equal(segments_held(&segments), 4 * SIZE);
    assert_int_equal(a.segment->expires_s, NOW + 300);
}

static void test_end_of_memory(void **state)
{
    (void)state;
    struct reservation reservation;
    unsigned count = 0;
    while (reserve(SIZE, 60))
        count++;
    assert_int_equal(count, COUNT - 1); // the last is for survivors
    assert_true(segments_are_short(&segments));
    assert_true(segments_reserve_survivor(&segments, SIZE, NOW, 60, &reservation));
    assert_false(segments_reserve_survivor(&segments, SIZE, NOW, 60, &reservation));
    assert_int_equal(segments_held(&segments), COUNT * SIZE);
}

static void test_who_is_next(void **state)
{
    (void)state;
    struct reservation first, second;
    assert_null(segments_choose(&segments, NOW, 0));
    assert_true(segments_reserve(&segments, SIZE, NOW, 200, &first));
    assert_true(segments_reserve(&segments, SIZE, NOW, 60, &second));
    assert_null(segments_choose(&segments, NOW, 0)); // is still being written
    segments_done(&second);
    assert_true(reserve(SIZE, 100));
    segments_done(&first);
    struct segment *victim = segments_choose(&segments, NOW + 60, 0);
    assert_ptr_equal(victim, second.segment); // all is over in it
    victim = segments_choose(&segments, NOW + 60, 0);
    assert_ptr_equal(victim, first.segment);              // the oldest
    assert_null(segments_choose(&segments, NOW + 60, 0)); // the third is open
}

static void test_stale_counts(void **state)
{
    (void)state;
    struct reservation first;
    assert_true(segments_reserve(&segments, SIZE, NOW, 200, &first));
    segments_done(&first);
    assert_true(reserve(SIZE, 60));
    assert_true(reserve(SIZE, 60));
    assert_ptr_equal(segments_choose(&segments, NOW + 70, 100), first.segment);
}

static void test_readers_hold_it(void **state)
{
    (void)state;
    epoch_join();
    while (reserve(SIZE, 60))
        ;
    struct segment *victim = segments_choose(&segments, NOW, 0);
    uint8_t *octets = segment_octets(victim);
    uint32_t before = segments.free_count;
    segments_retire(victim);
    assert_false(reserve(SIZE, 60));
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    assert_false(reserve(SIZE, 60)); // we might still read it
    epoch_offline();
    epoch_drain();
    epoch_online();
    assert_int_equal(segments.free_count, before + 1);
    struct reservation again;
    assert_true(segments_reserve(&segments, SIZE, NOW, 60, &again));
    assert_ptr_equal(again.entry, octets);
    epoch_leave();
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(test_one_behind_the_other), UNIT(test_end_of_memory),   UNIT(test_who_is_next),
        UNIT(test_stale_counts),         UNIT(test_readers_hold_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
