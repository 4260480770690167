// Bells between workers: who sleeps is rung, once; who is awake is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/bells.h"

static void test_only_a_sleeper_is_rung(void **state)
{
    (void)state;
    struct bells *bells = bells_make(2);
    struct loop loop;
    assert_int_equal(loop_open(&loop), 0);
    bells_ring(bells, 1); // not there yet
    bells_hang(bells, 1, &loop);
    bells_ring(bells, 1);
    assert_int_equal(loop_wait(&loop, 0), 0);
    bells_sleep(bells, 1);
    bells_ring(bells, 1);
    assert_int_equal(loop_wait(&loop, 0), 1);
    bells_ring(bells, 1); // it is on its way
    assert_int_equal(loop_wait(&loop, 0), 0);
    bells_sleep(bells, 1);
    bells_wake(bells, 1);
    bells_ring(bells, 1);
    assert_int_equal(loop_wait(&loop, 0), 0);
    bells_ring(bells, 0);
    loop_close(&loop);
    bells_free(bells);
}

enum { LETTERS = 20000 };

struct pair {
    struct bells *bells;
    struct loop loop;
    atomic_uint sent;
};

static void *send_letters(void *argument)
{
    struct pair *pair = argument;
    for (unsigned i = 0; i < LETTERS; i++) {
        atomic_fetch_add(&pair->sent, 1);
        bells_ring(pair->bells, 0);
    }
    return NULL;
}

// Nothing is slept over: every sleep here is without end, so a lost ring would hang.
static void test_no_letter_is_slept_over(void **state)
{
    (void)state;
    struct pair pair = {.bells = bells_make(1)};
    pthread_t sender;
    assert_int_equal(loop_open(&pair.loop), 0);
    bells_hang(pair.bells, 0, &pair.loop);
    assert_int_equal(pthread_create(&sender, NULL, send_letters, &pair), 0);
    for (unsigned taken = 0; taken < LETTERS;) {
        bells_sleep(pair.bells, 0);
        loop_wait(&pair.loop, atomic_load(&pair.sent) > taken ? 0 : -1);
        bells_wake(pair.bells, 0);
        taken = atomic_load(&pair.sent);
    }
    pthread_join(sender, NULL);
    loop_close(&pair.loop);
    bells_free(pair.bells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_sleeper_is_rung),
        cmocka_unit_test(test_no_letter_is_slept_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
