// Asks: queue, numbers, limits.
#include "bare.h"

#include "resolve/asks.h"

static struct ask_slot *put(struct task *task, const char *server)
{
    struct address address = address_of(server);
    struct ask_slot *ask = asks_make(resolver, task, &address);
    if (ask)
        asks_send(resolver, ask);
    return ask;
}

static void test_life_of_an_ask(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    struct ask_slot *first = put(task, "192.0.2.1"), *second = put(task, "192.0.2.2");
    struct ask ask;
    assert_null(asks_find(resolver, first->number)); // not sent yet
    assert_true(asks_next_out(resolver, &ask));
    assert_int_equal(ask.kind, ASK_UDP);
    uint32_t number = ask.number;
    assert_ptr_equal(asks_find(resolver, number), first);
    asks_cancel(resolver, second); // nobody has heard of it
    assert_false(asks_next_out(resolver, &ask));
    asks_cancel(resolver, first);
    assert_null(asks_find(resolver, number));
    assert_true(asks_next_out(resolver, &ask));
    assert_int_equal(ask.kind, ASK_CANCEL);
    assert_int_equal(ask.number, number);
    // The slot is used anew, the number is not.
    struct ask_slot *third = put(task, "192.0.2.1");
    assert_true(asks_next_out(resolver, &ask));
    assert_int_not_equal(ask.number, number);
    assert_null(asks_find(resolver, number));
    asks_end(resolver, third);
    assert_null(task->asks);
    assert_int_equal(resolver->counts.asks, 0);
    assert_false(asks_next_out(resolver, &ask));
    tasks_free(resolver, task);
}

static void test_oldest_makes_room(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    struct ask ask;
    for (unsigned i = 0; i < TASK_ASKS_MAX + 1; i++) {
        put(task, "192.0.2.1");
        if (i < TASK_ASKS_MAX)
            assert_true(asks_next_out(resolver, &ask));
    }
    assert_int_equal(task->ask_count, TASK_ASKS_MAX);
    assert_true(asks_next_out(resolver, &ask));
    assert_int_equal(ask.kind, ASK_CANCEL);
    assert_int_equal(ask.number, 0);
    asks_cancel_all(resolver, task);
    assert_int_equal(resolver->counts.asks, 0);
    tasks_free(resolver, task);
}

// An ask that had its usual time when another one's reply ended it was silent: or a dead server
// among near ones would be asked for ever.
static void test_late_ones_are_silent(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    struct server_known known;
    struct ask ask;
    static const struct {
        const char *server;
        uint64_t late_us;
        unsigned timeouts;
    } rows[] = {{"192.0.2.1", 0, 1}, {"192.0.2.2", 1, 0}, {"192.0.2.3", UINT64_MAX / 2, 0}};
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct ask_slot *slot = put(task, rows[i].server);
        slot->late_us = resolver->now_us + rows[i].late_us;
        assert_true(asks_next_out(resolver, &ask));
        asks_cancel(resolver, slot);
        assert_true(asks_next_out(resolver, &ask));
        servers_get(resolver->options.servers, &ask.server, resolver->now_us, &known);
        assert_int_equal(known.timeouts, rows[i].timeouts);
    }
    tasks_free(resolver, task);
}

static void test_one_server_has_its_share(void **state)
{
    (void)state;
    enum { TASKS = SERVER_ASKS_MAX / TASK_ASKS_MAX };
    struct task *tasks[TASKS];
    struct address server = address_of("2001:db8::1"), other = address_of("2001:db8::2");
    for (unsigned i = 0; i < SERVER_ASKS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u.x.", i / TASK_ASKS_MAX);
        if (i % TASK_ASKS_MAX == 0)
            tasks[i / TASK_ASKS_MAX] = task_of(name, TYPE_A);
        assert_true(asks_has_room(resolver, &server));
        put(tasks[i / TASK_ASKS_MAX], "2001:db8::1");
    }
    assert_false(asks_has_room(resolver, &server));
    assert_true(asks_has_room(resolver, &other));
    for (unsigned i = 0; i < TASKS; i++) {
        asks_cancel_all(resolver, tasks[i]);
        tasks_free(resolver, tasks[i]);
    }
    assert_true(asks_has_room(resolver, &server));
}

static void test_slots_are_limited(void **state)
{
    (void)state;
    static struct task *tasks[ASKS_MAX / TASK_ASKS_MAX];
    for (unsigned i = 0; i < ASKS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u.x.", i / TASK_ASKS_MAX);
        if (i % TASK_ASKS_MAX == 0)
            tasks[i / TASK_ASKS_MAX] = task_of(name, TYPE_A);
        assert_non_null(put(tasks[i / TASK_ASKS_MAX], "192.0.2.1"));
    }
    struct task *more = task_of("more.x.", TYPE_A);
    assert_null(put(more, "192.0.2.1"));
    tasks_free(resolver, more);
    for (unsigned i = 0; i < COUNT(tasks); i++) {
        asks_cancel_all(resolver, tasks[i]);
        tasks_free(resolver, tasks[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bare(test_life_of_an_ask),       bare(test_oldest_makes_room),
        bare(test_late_ones_are_silent), bare(test_one_server_has_its_share),
        bare(test_slots_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
