// Budgets are taken from, and never refilled.
#include "../dns/names.h"

#include "base/limits.h"
#include "resolve/budget.h"

static void test_packets(void **state)
{
    (void)state;
    struct budget budget;
    budget_begin(&budget, 2);
    assert_true(budget_take_packet(&budget));
    assert_true(budget_take_packet(&budget));
    assert_null(budget.spent);
    assert_false(budget_take_packet(&budget));
    assert_non_null(strstr(budget.spent, "packets"));
    assert_false(budget_take_packet(&budget));
}

static void test_octets(void **state)
{
    (void)state;
    struct budget budget;
    budget_begin(&budget, 1);
    assert_true(budget_take_octets(&budget, BUDGET_OCTETS));
    assert_false(budget_take_octets(&budget, 1));
    assert_non_null(strstr(budget.spent, "octets"));
}

static void test_restarts(void **state)
{
    (void)state;
    struct budget budget;
    budget_begin(&budget, 1);
    for (unsigned i = 0; i < BUDGET_RESTARTS; i++)
        assert_true(budget_take_restart(&budget));
    assert_false(budget_take_restart(&budget));
    assert_non_null(strstr(budget.spent, "steps"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
