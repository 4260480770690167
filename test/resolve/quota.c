// Walks at one zone: counted, bounded where its servers are silent, given free where they answer.
#include "bare.h"

#include "base/limits.h"
#include "resolve/quota.h"

// A task whose delegation is this zone.
static struct task *task_at(const char *name, unsigned labels)
{
    struct task *task = task_of(name, TYPE_A);
    assert_non_null(task);
    task->goal = task->name;
    task->goal_key = task->key;
    delegation_begin(&task->delegation, name_suffix(task->goal, labels));
    return task;
}

static void give_back(struct task *task)
{
    quota_leave(resolver, task);
    tasks_free(resolver, task);
}

// Of an ask that was sent after the last one timed out.
static void time_out(struct task *task)
{
    struct address server = address_of("192.0.2.1");
    resolver->now_us += 1000;
    servers_timed_out(resolver->options.servers, &server, resolver->now_us, resolver->now_us + 1);
    resolver->now_us++;
    quota_timed_out(resolver, task, &server);
}

static void reply(struct task *task)
{
    struct address server = address_of("192.0.2.1");
    servers_replied(resolver->options.servers, &server, 20000, resolver->now_us);
    quota_replied(resolver, task);
}

static uint16_t bound_of(const struct task *task)
{
    return resolver->zones[task->zone_counter - 1].bound;
}

static void test_a_walk_is_counted_once(void **state)
{
    (void)state;
    struct task *task = task_at("www.example.test.", 2);
    assert_true(quota_enter(resolver, task));
    assert_true(quota_enter(resolver, task));
    assert_int_equal(resolver->counts.walking, 1);
    assert_int_equal(resolver->zones[task->zone_counter - 1].walks, 1);
    quota_leave(resolver, task);
    quota_leave(resolver, task);
    assert_int_equal(resolver->counts.walking, 0);
    give_back(task);
}

// In the words of quota.h: a hundred time-outs, and forty replies.
static void test_silence_shrinks_and_replies_grow(void **state)
{
    (void)state;
    struct task *task = task_at("www.example.test.", 2);
    unsigned silent = 0, replies = 0;
    assert_true(quota_enter(resolver, task));
    assert_int_equal(bound_of(task), ZONE_WALKS_MAX);
    quota_replied(resolver, task);
    assert_int_equal(bound_of(task), ZONE_WALKS_MAX);
    for (; bound_of(task) > ZONE_WALKS_MIN; silent++)
        time_out(task);
    assert_in_range(silent, 30, 100);
    time_out(task);
    assert_int_equal(bound_of(task), ZONE_WALKS_MIN);
    for (; bound_of(task) < ZONE_WALKS_MAX; replies++)
        quota_replied(resolver, task);
    assert_in_range(replies, 20, 40);
    give_back(task);
}

// One of two servers is dead: its time-outs count, and the replies of the other count more.
static void test_half_of_it_silent_is_no_silence(void **state)
{
    (void)state;
    struct task *task = task_at("www.example.test.", 2);
    assert_true(quota_enter(resolver, task));
    for (unsigned i = 0; i < 1000; i++) {
        time_out(task);
        quota_replied(resolver, task);
    }
    assert_in_range(bound_of(task), ZONE_WALKS_MAX * 9 / 10, ZONE_WALKS_MAX);
    give_back(task);
}

// Asks that were sent at once to a server that is only farther away than we thought.
static void test_the_first_silence_is_none(void **state)
{
    (void)state;
    struct task *task = task_at("www.example.test.", 2);
    struct address server = address_of("192.0.2.1");
    assert_true(quota_enter(resolver, task));
    for (unsigned i = 0; i < 300; i++) {
        servers_timed_out(resolver->options.servers, &server, resolver->now_us - 400000,
                          resolver->now_us + i);
        quota_timed_out(resolver, task, &server);
    }
    assert_int_equal(bound_of(task), ZONE_WALKS_MAX);
    for (unsigned i = 0; i < 100; i++) { // packets that are lost, now and then
        time_out(task);
        reply(task);
        time_out(task);
        assert_int_equal(bound_of(task), ZONE_WALKS_MAX);
        reply(task);
    }
    give_back(task);
}

static void test_the_bound_holds_for_its_zone_alone(void **state)
{
    (void)state;
    struct task *tasks[ZONE_WALKS_MIN];
    for (unsigned i = 0; i < ZONE_WALKS_MIN; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.silent.test.", i);
        tasks[i] = task_at(name, 2);
        assert_true(quota_enter(resolver, tasks[i]));
    }
    for (unsigned i = 0; i < 200; i++)
        time_out(tasks[0]);
    struct task *late = task_at("late.silent.test.", 2), *other = task_at("late.silent.test.", 1);
    assert_false(quota_enter(resolver, late));
    assert_int_equal(late->zone_counter, 0);
    assert_true(quota_enter(resolver, other)); // the zone above
    late->delegation.source = 1;               // another view's servers
    assert_true(quota_enter(resolver, late));
    quota_leave(resolver, late);
    late->delegation.source = 0;
    late->delegation.recursive = true; // a forwarder is not to blame for what is behind it
    assert_true(quota_enter(resolver, late));
    assert_int_equal(late->zone_counter, 0);
    time_out(late);
    late->delegation.recursive = false;
    give_back(tasks[0]);
    assert_true(quota_enter(resolver, late));
    give_back(late);
    give_back(other);
    for (unsigned i = 1; i < ZONE_WALKS_MIN; i++)
        give_back(tasks[i]);
    assert_int_equal(resolver->counts.walking, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bare(test_a_walk_is_counted_once),
        bare(test_silence_shrinks_and_replies_grow),
        bare(test_the_first_silence_is_none),
        bare(test_half_of_it_silent_is_no_silence),
        bare(test_the_bound_holds_for_its_zone_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
