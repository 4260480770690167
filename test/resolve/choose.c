// Which server is next.
#include "../dns/names.h"

#include "resolve/choose.h"

struct row {
    struct choose_server servers[4];
    unsigned count;
    const char *chosen; // digits of those that luck may pick
};

static const struct row rows[] = {
    {{{0}}, 0, ""},
    {{{.wait_us = 10000}}, 1, "0"},
    {{{.excluded = true}}, 1, ""},
    {{{.tries = CHOOSE_TRIES_MAX}}, 1, ""},
    {{{.doubtful = true, .tries = 1}}, 1, ""}, // one try, and no more
    {{{.doubtful = true}}, 1, "0"},
    // Not before its time is over.
    {{{.waits = true}}, 1, ""},
    {{{.waits = true, .wait_us = 1000}, {.tries = 3, .wait_us = 900000}}, 2, "1"},
    // Within one and a half times the best and 20 ms.
    {{{.wait_us = 100000}, {.wait_us = 170000}, {.wait_us = 170001}}, 3, "01"},
    {{{.wait_us = 1000}, {.wait_us = 21500}, {.wait_us = 21501}}, 3, "01"},
    // What is not known is worth finding out.
    {{{.wait_us = 1000}, {.wait_us = 0}, {.wait_us = 400000}}, 3, "01"},
    // Doubtful ones last, those asked already after those that were not.
    {{{.wait_us = 1000, .doubtful = true}, {.wait_us = 900000}}, 2, "1"},
    {{{.wait_us = 1000, .tries = 1}, {.wait_us = 900000}}, 2, "1"},
    {{{.doubtful = true}, {.wait_us = 900000, .tries = 3}}, 2, "1"},
    {{{.doubtful = true}, {.wait_us = 900000, .tries = 4}}, 2, "0"},
    {{{.excluded = true}, {.excluded = true}, {.doubtful = true}}, 3, "2"},
};

static void test_choices(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        bool seen[4] = {false};
        char chosen[8] = "";
        for (uint32_t luck = 0; luck < 2000; luck++) {
            if (luck % CHOOSE_EXPLORE == 0)
                continue;
            int index = choose_server(rows[i].servers, rows[i].count, luck);
            if (index >= 0)
                seen[index] = true;
        }
        for (unsigned n = 0; n < 4; n++)
            if (seen[n])
                chosen[strlen(chosen)] = (char)('0' + n);
        assert_string_equal(chosen, rows[i].chosen);
    }
}

// One in twenty goes to any: a server that was slow once is not slow forever.
static void test_explores(void **state)
{
    (void)state;
    const struct choose_server servers[] = {{.wait_us = 1000}, {.wait_us = 900000}};
    unsigned slow = 0;
    for (uint32_t luck = 0; luck < 4000; luck++)
        slow += choose_server(servers, 2, luck) == 1;
    assert_in_range(slow, 4000 / CHOOSE_EXPLORE / 2 - 10, 4000 / CHOOSE_EXPLORE / 2 + 10);
}

// When all had their tries, it goes on with those that were asked least, and not with those that
// said no or have time left.
static void test_again(void **state)
{
    (void)state;
    struct choose_server servers[] = {{.tries = 9},
                                      {.tries = 1, .doubtful = true},
                                      {.tries = 1, .doubtful = true, .waits = true},
                                      {.tries = 0, .excluded = true}};
    assert_int_equal(choose_server(servers, 4, 1), -1);
    choose_again(servers, 4);
    for (uint32_t luck = 0; luck < 100; luck++)
        assert_int_equal(choose_server(servers, 4, luck), 1);
    servers[1].waits = true;
    assert_int_equal(choose_server(servers, 4, 1), 0);
    servers[0].waits = true;
    assert_int_equal(choose_server(servers, 4, 1), -1);
}

static void test_patience_is_that_of_the_best(void **state)
{
    (void)state;
    const struct choose_server servers[] = {
        {.wait_us = 900000}, {.wait_us = 50000}, {.wait_us = 20000, .doubtful = true}, {0}};
    assert_int_equal(choose_patience(servers, 4, 0), 50000);
    assert_int_equal(choose_patience(servers, 4, 3), 50000);
    assert_int_equal(choose_patience(servers, 1, 0), 900000);
    assert_int_equal(choose_patience(servers + 3, 1, 0), UINT32_MAX);
}

// One whose usual time is known has that, and not the floor of the whole time; a slow one has no
// more than the best.
static void test_patience_is_the_usual_time(void **state)
{
    (void)state;
    const struct choose_server servers[] = {{.wait_us = 50000, .usual_us = 15000},
                                            {.wait_us = 50000, .usual_us = 45000},
                                            {.wait_us = 300000, .usual_us = 300000},
                                            {.wait_us = 100000}}; // it was silent
    assert_int_equal(choose_patience(servers, 4, 0), 15000);
    assert_int_equal(choose_patience(servers, 4, 1), 45000);
    assert_int_equal(choose_patience(servers, 4, 2), 50000);
    assert_int_equal(choose_patience(servers, 4, 3), 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_explores),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_patience_is_that_of_the_best),
        cmocka_unit_test(test_patience_is_the_usual_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
