// Counting clients: the limit, what counts as one client, and that neighbours do not matter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "net/census.h"

#define MOST 128

static struct address address(const char *text)
{
    struct address parsed;
    assert_true(address_parse(text, 1, &parsed));
    return parsed;
}

static unsigned enter_until_refused(struct census *census, const char *text)
{
    struct address client = address(text);
    unsigned count = 0;
    while (count < 2 * MOST && census_enter(census, &client))
        count++;
    return count;
}

static void test_limit(void **state)
{
    (void)state;
    struct census *census = census_make(MOST);
    struct address client = address("192.0.2.1");
    assert_int_equal(enter_until_refused(census, "192.0.2.1"), MOST);
    assert_false(census_enter(census, &client)); // a refusal counts nothing
    census_leave(census, &client);
    assert_true(census_enter(census, &client));
    assert_false(census_enter(census, &client));
    assert_int_equal(enter_until_refused(census, "192.0.2.2"), MOST);
    free(census);
}

static void test_who_is_one_client(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        bool one;
    } rows[] = {
        {"2001:db8::1", "2001:db8::ffff:1", true}, // a /64
        {"2001:db8::1", "2001:db8:0:1::1", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true}, // over a dual-stack socket
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        {"fe80::1%1", "fe80::2%1", false}, // the /64 of everybody on the link
        {"192.0.2.1", "192.0.2.129", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct census *census = census_make(MOST);
        assert_int_equal(enter_until_refused(census, rows[i].first), MOST);
        assert_int_equal(enter_until_refused(census, rows[i].second), rows[i].one ? 0 : MOST);
        free(census);
    }
}

// Many crowds at once: hardly anybody is kept out by chance.
static void test_neighbours(void **state)
{
    (void)state;
    struct census *census = census_make(MOST);
    for (unsigned i = 0; i < 200; i++) {
        char text[32];
        snprintf(text, sizeof text, "198.51.100.%u", i);
        enter_until_refused(census, text);
    }
    unsigned refused = 0;
    for (unsigned i = 0; i < 60000; i++) {
        char text[32];
        snprintf(text, sizeof text, "10.0.%u.%u", i / 256, i % 256);
        struct address client = address(text);
        if (census_enter(census, &client))
            census_leave(census, &client);
        else
            refused++;
    }
    assert_true(refused < 20); // (200 / 65536)^2 of 60000 is 0.6
    free(census);
}

static void *come_and_go(void *argument)
{
    struct census *census = argument;
    struct address client = address("192.0.2.1");
    for (int i = 0; i < 100000; i++)
        if (census_enter(census, &client))
            census_leave(census, &client);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct census *census = census_make(2);
    pthread_t threads[4];
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, census), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(enter_until_refused(census, "192.0.2.1"), 2);
    free(census);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_who_is_one_client),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
