// How long failures are remembered (RFC 9520), and the last ones for people.
#include "../dns/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "resolve/failures.h"

static void test_time_doubles(void **state)
{
    (void)state;
    static const uint32_t wanted[] = {5, 10, 20, 40, 80, 160, 300, 300};
    struct failures *failures = calloc(1, sizeof *failures);
    uint32_t now_s = 100;
    for (unsigned i = 0; i < COUNT(wanted); i++) {
        uint32_t ttl = failures_ttl(failures, 77, now_s);
        assert_int_equal(ttl, wanted[i]);
        now_s += ttl + 1;
    }
    assert_int_equal(failures_ttl(failures, 78, now_s), 5);
    now_s += 2 * 300 + 100; // quiet for long
    assert_int_equal(failures_ttl(failures, 77, now_s), 5);
    free(failures);
}

static void test_ring_keeps_the_last(void **state)
{
    (void)state;
    struct failures *failures = calloc(1, sizeof *failures);
    struct resolver_failure *list = calloc(100, sizeof *list);
    for (unsigned i = 0; i < 100; i++) {
        struct resolver_failure failure = {.name = name_of("www.example."), .when_us = i};
        snprintf(failure.text, sizeof failure.text, "number %u", i);
        failures_note(failures, &failure);
    }
    assert_int_equal(failures_list(failures, list, 100), RESOLVER_FAILURES_MAX);
    assert_int_equal(failures_list(failures, list, 2), 2);
    assert_string_equal(list[0].text, "number 99");
    assert_int_equal(list[1].when_us, 98);
    assert_ptr_equal(list[1].name.wire, list[1].wire);
    assert_name(list[1].name, "www.example.");
    free(list);
    free(failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_doubles),
        cmocka_unit_test(test_ring_keeps_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
