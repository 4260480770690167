// Who waits: order, limits, who left.
#include "bare.h"

#include "resolve/waiters.h"

static void test_told_in_order(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    for (uint64_t token = 1; token <= 3; token++)
        assert_non_null(waiters_add(resolver, task, &(struct want){.token = token}));
    assert_int_equal(resolver->counts.waiters, 3);
    waiters_resolve(resolver, task->first->next, FATE_STALE);
    waiters_resolve(resolver, task->first, FATE_ANSWER);
    assert_int_equal(task->telling, 2);
    assert_int_equal(task->first->token, 3);
    assert_ptr_equal(task->first, task->last);
    struct waiter *waiter = waiters_next_resolved(resolver);
    assert_int_equal(waiter->token, 2);
    assert_int_equal(waiter->fate, FATE_STALE);
    waiters_free(resolver, waiter);
    assert_ptr_equal(waiters_forget(resolver, 1), task); // resolved, and not yet told
    assert_null(waiters_next_resolved(resolver));
    assert_ptr_equal(waiters_forget(resolver, 3), task);
    assert_null(waiters_forget(resolver, 3));
    assert_null(task->first);
    assert_int_equal(resolver->counts.waiters, 0);
    task->telling = 0;
    tasks_free(resolver, task);
}

// An IPv6 client is its /64.
static void test_clients_have_their_share(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    char text[64];
    for (unsigned i = 0; i < CLIENT_WAITERS_MAX; i++) {
        snprintf(text, sizeof text, "2001:db8::%x", i + 1);
        struct address client = address_of(text);
        assert_non_null(waiters_add(resolver, task, &(struct want){.token = i, .client = &client}));
    }
    struct address same = address_of("2001:db8::ffff"), other = address_of("2001:db8:0:1::1");
    assert_null(waiters_add(resolver, task, &(struct want){.token = 1000, .client = &same}));
    assert_non_null(waiters_add(resolver, task, &(struct want){.token = 1001, .client = &other}));
    waiters_forget(resolver, 5);
    assert_non_null(waiters_add(resolver, task, &(struct want){.token = 1002, .client = &same}));
    while (task->first)
        waiters_forget(resolver, task->first->token);
    tasks_free(resolver, task);
}

static void test_slots_are_limited(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    for (unsigned i = 0; i < WAITERS_MAX; i++)
        assert_non_null(waiters_add(resolver, task, &(struct want){.token = i}));
    assert_null(waiters_add(resolver, task, &(struct want){.token = WAITERS_MAX}));
    assert_false(waiters_drop(resolver, &(struct want){.token = WAITERS_MAX}));
    while (task->first)
        waiters_forget(resolver, task->first->token);
    assert_true(waiters_drop(resolver, &(struct want){.token = 7}));
    struct waiter *waiter = waiters_next_resolved(resolver);
    assert_int_equal(waiter->fate, FATE_DROP);
    assert_null(waiter->task);
    waiters_free(resolver, waiter);
    tasks_free(resolver, task);
}

// A trace lives no longer than its want.
static void test_trace_ends_with_its_want(void **state)
{
    (void)state;
    struct trace trace;
    trace_begin(&trace, 0);
    struct task *task = task_of("www.x.", TYPE_A);
    task->trace = &trace;
    waiters_add(resolver, task, &(struct want){.token = 1, .trace = &trace});
    waiters_forget(resolver, 1);
    assert_null(task->trace);
    tasks_free(resolver, task);
    trace_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bare(test_told_in_order),
        bare(test_clients_have_their_share),
        bare(test_slots_are_limited),
        bare(test_trace_ends_with_its_want),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
