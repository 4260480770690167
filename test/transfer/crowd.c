// Lines in front of busy primaries.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "transfer/crowd.h"

static struct address primary(unsigned number)
{
    char text[32];
    struct address address;
    snprintf(text, sizeof text, "192.0.2.%u", number);
    assert_true(address_parse(text, 53, &address));
    return address;
}

static void lines(void **state)
{
    (void)state;
    struct crowds crowds = {0};
    struct address one = primary(1), other = primary(2);
    uint32_t zone;
    assert_false(crowds_first(&crowds, 0, &zone));
    assert_true(crowds_add(&crowds, &one, 7));
    assert_true(crowds_add(&crowds, &other, 3));
    assert_true(crowds_add(&crowds, &one, 0));
    assert_true(crowds_add(&crowds, &one, 100000));
    static const uint32_t wanted[] = {7, 0, 100000};
    for (unsigned i = 0; i < 3; i++) {
        assert_true(crowds_first(&crowds, 0, &zone));
        assert_int_equal(zone, wanted[i]);
        crowds_pass(&crowds, 0);
    }
    assert_false(crowds_first(&crowds, 0, &zone));
    assert_true(crowds_first(&crowds, 1, &zone));
    assert_int_equal(zone, 3);
    assert_true(crowds_add(&crowds, &one, 5)); // the line is there again
    assert_true(crowds_add(&crowds, &one, 7));
    assert_true(crowds_first(&crowds, 0, &zone));
    assert_int_equal(zone, 5);
    crowds_pass(&crowds, 0);
    assert_true(crowds_first(&crowds, 0, &zone));
    assert_int_equal(zone, 7);
    crowds_free(&crowds);
}

static void as_many_as_there_can_be(void **state)
{
    (void)state;
    struct crowds crowds = {0};
    struct address address;
    for (unsigned i = 0; i < CROWDS_MAX; i++) {
        address = primary(i);
        assert_true(crowds_add(&crowds, &address, i));
    }
    address = primary(CROWDS_MAX);
    assert_false(crowds_add(&crowds, &address, 99));
    address = primary(3);
    assert_true(crowds_add(&crowds, &address, 99)); // a line that there is
    crowds_pass(&crowds, 8);
    address = primary(CROWDS_MAX);
    assert_true(crowds_add(&crowds, &address, 8));
    crowds_free(&crowds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(as_many_as_there_can_be),
    };
    return cmocka_run_group_tests_name("transfer/crowd", tests, NULL, NULL);
}
