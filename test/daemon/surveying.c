// The thread that sees that a database was replaced: once at rest, and never a broken one.
#include "placed.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/surveying.h"

#define PATIENCE_MS 15000

static char folder[64];
static struct loop loop;

static struct geography *wait_for(struct surveying *surveying, uint64_t patience_ms)
{
    uint64_t end_ms = clock_now_ms() + patience_ms;
    struct geography *newer = NULL;
    while (!(newer = surveying_take(surveying)) && clock_now_ms() < end_ms)
        loop_wait(&loop, 100);
    return newer;
}

static void test_replaced(void **state)
{
    struct report report = {0};
    struct options *options = placed_options("SG");
    (void)state;
    placed_write("country.mmdb", "SG");
    struct geography *one = geography_make(options, NULL, &report);
    struct surveying *surveying = surveying_begin(&loop);
    assert_non_null(surveying);
    surveying_watch(surveying, one);
    assert_null(wait_for(surveying, 1500)); // nothing has changed
    assert_int_equal(file_write("country.mmdb", "broken", 6, 0644), 0);
    assert_null(wait_for(surveying, 3500)); // what was read before stays
    placed_write("country.mmdb", "CA");
    struct geography *newer = wait_for(surveying, PATIENCE_MS);
    assert_non_null(newer);
    assert_int_equal(placed_set(geography_places(newer)), 0);
    surveying_watch(surveying, newer);
    placed_write("country.mmdb", "SG");
    struct geography *third = wait_for(surveying, PATIENCE_MS);
    assert_non_null(third);
    assert_int_not_equal(placed_set(geography_places(third)), 0);
    surveying_watch(surveying, NULL);
    surveying_end(surveying);
    surveying_end(NULL);
    geography_release(third);
    geography_release(newer);
    geography_release(one);
    options_free(options);
}

static int enter(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_ERROR);
    tiny_enter_folder(folder);
    return loop_open(&loop);
}

static int leave(void **state)
{
    (void)state;
    loop_close(&loop);
    tiny_leave_folder(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replaced)};
    return cmocka_run_group_tests(tests, enter, leave);
}
