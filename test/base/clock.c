// The clocks agree with the kernel's and with each other.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static void test_units(void **state)
{
    (void)state;
    uint64_t ms = clock_now_ms(), us = clock_now_us();
    struct timespec boot;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    assert_in_range(us / 1000, ms, ms + 10000);
    assert_in_range((uint64_t)boot.tv_sec, ms / 1000, ms / 1000 + 10);
    assert_in_range(clock_date_s(), (uint64_t)time(NULL) - 1, (uint64_t)time(NULL) + 10);
}

static void test_never_back(void **state)
{
    (void)state;
    uint64_t before = clock_now_us();
    for (int i = 0; i < 100000; i++) {
        uint64_t now = clock_now_us();
        assert_true(now >= before);
        before = now;
    }
}

static void test_goes_on(void **state)
{
    (void)state;
    uint64_t before = clock_now_ms();
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_true(clock_now_ms() >= before + 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_never_back),
        cmocka_unit_test(test_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
