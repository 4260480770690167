// Two workers' resolvers over one cache: one of them walks, both answer.
#include "plot.h"

// `tree` is the first worker's; this one shares its cache and rules, and has a resolver of its own.
static struct tree *second;
static struct flights *flights;

static void join(struct tree *of, unsigned worker)
{
    struct resolver_options options = {.cache = of->cache,
                                       .servers = of->servers,
                                       .secret = &test_secret,
                                       .flights = flights,
                                       .worker = worker};
    options.luck = (struct luck){.seeded = true, .dice = dice_seed(worker + 1)};
    of->resolver = resolver_open(&options);
}

static int set_up_pair(void **state, uint32_t stale_s)
{
    set_up_with(state, stale_s);
    flights = flights_make(2);
    resolver_close(tree->resolver);
    second = calloc(1, sizeof *second);
    *second = *tree;
    join(tree, 0);
    join(second, 1);
    return 0;
}

static int set_up_both(void **state)
{
    return set_up_pair(state, 0);
}

static int set_up_stale(void **state)
{
    return set_up_pair(state, 86400);
}

static int tear_down_both(void **state)
{
    if (second->resolver)
        resolver_close(second->resolver);
    free(second);
    tear_down(state);
    flights_free(flights);
    return 0;
}

// Both go on until this time, letters included.
static void run_both(uint64_t end_us)
{
    struct tree *both[] = {tree, second};
    unsigned worker;
    for (uint64_t now_us = tree->now_us; now_us <= end_us; now_us += 1000)
        for (unsigned i = 0; i < 2; i++) {
            if (!both[i]->resolver)
                continue;
            resolver_take_letters(both[i]->resolver, now_us);
            tree_run_until(both[i], now_us);
            while (resolver_next_bell(both[i]->resolver, &worker))
                assert_int_equal(worker, 1 - i);
        }
}

static void ask_both(const char *name, uint16_t type)
{
    assert_int_equal(tree_want(tree, name, type, 1), RESOLVE_WAITING);
    assert_int_equal(tree_want(second, name, type, 2), RESOLVE_WAITING);
}

static void assert_idle(const struct tree *of)
{
    struct resolver_counts counts;
    resolver_count(of->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
    assert_int_equal(counts.waiters, 0);
    assert_int_equal(counts.asks, 0);
}

static void test_one_walk_for_two_workers(void **state)
{
    (void)state;
    ask_both("www.example.test.", TYPE_A);
    assert_int_equal(tree_want(second, "WWW.example.test.", TYPE_A, 3), RESOLVE_WAITING);
    run_both(tree->now_us + 100000);
    assert_int_equal(tree->packets, 3);
    assert_int_equal(second->packets, 0);
    assert_int_equal(tree->resolved_count, 1);
    assert_int_equal(second->resolved_count, 2);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_answer(second, "www.example.test. A 198.51.100.1");
    struct resolver_counts counts;
    resolver_count(second->resolver, &counts);
    assert_int_equal(counts.shared, 1);
    assert_idle(tree);
    assert_idle(second);
}

// Neither is in the cache for anybody to find.
static void test_ttl_of_zero_and_failures_come_by_letter(void **state)
{
    (void)state;
    ROW("192.0.2.3", "zero.example.test.", TYPE_A, TREE_ANSWERS,
        {"an0 zero.example.test. A 198.51.100.9"});
    ROW("192.0.2.3", "bad.example.test.", TYPE_A, TREE_FAILS);
    ask_both("zero.example.test.", TYPE_A);
    run_both(tree->now_us + 100000);
    assert_answer(second, "zero.example.test. A 198.51.100.9");
    ask_both("bad.example.test.", TYPE_A);
    run_both(tree->now_us + 10000000);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_int_equal(second->last.rcode, RCODE_SERVFAIL);
    assert_int_equal(second->last.ede, tree->last.ede);
    assert_string_equal(second->last.text, tree->last.text);
    assert_int_equal(second->packets, 0);
    assert_idle(tree);
    assert_idle(second);
}

// The first client's time is over, the second's is not: the walk goes on for it.
static void test_late_joiner_has_its_own_time(void **state)
{
    (void)state;
    tree_resolve(tree, "www.example.test.", TYPE_A);
    uint64_t began_us = second->now_us = tree->now_us;
    tree->rules->time_max_ms = 300;
    ROW("192.0.2.3", "slow.example.test.", TYPE_A, TREE_ANSWERS,
        {"an slow.example.test. A 198.51.100.9"}, .delay_us = 450000);
    assert_int_equal(tree_want(tree, "slow.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    run_both(began_us + 200000);
    assert_int_equal(tree_want(second, "slow.example.test.", TYPE_A, 2), RESOLVE_WAITING);
    run_both(began_us + 310000);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_int_equal(second->resolved_count, 0);
    run_both(began_us + 490000);
    assert_int_equal(second->resolved_count, 1);
    assert_answer(second, "slow.example.test. A 198.51.100.9");
    assert_int_equal(second->packets, 0);
    run_both(began_us + 1000000);
    assert_idle(tree);
}

// No letter comes: whoever waits tells its client itself.
static void test_waiter_ends_in_its_own_time(void **state)
{
    (void)state;
    uint64_t began_us = tree->now_us;
    ask_both("www.example.test.", TYPE_A);
    for (uint64_t at_us = began_us; at_us < began_us + 8000000; at_us += 100000)
        tree_run_until(second, at_us); // the first worker stands still
    assert_int_equal(second->resolved_count, 1);
    assert_int_equal(second->last.rcode, RCODE_SERVFAIL);
    assert_idle(second);
    run_both(second->now_us + 100000); // and is told nothing when the first one is done
    assert_int_equal(tree->resolved_count, 1);
    assert_int_equal(second->resolved_count, 1);
}

// RFC 8767 5: whoever waits elsewhere has the stale answer after 1.8 s, too.
static void test_stale_answer_of_a_seat(void **state)
{
    (void)state;
    tree_resolve(tree, "www.example.test.", TYPE_A);
    for (unsigned i = 0; i < tree->row_count; i++)
        tree->rows[i].manner = TREE_SILENT;
    uint64_t began_us = tree->now_us = second->now_us = tree->now_us + 3700000000;
    ask_both("www.example.test.", TYPE_A);
    run_both(began_us + 1750000);
    assert_int_equal(second->resolved_count, 0);
    run_both(began_us + 1850000);
    assert_int_equal(second->resolved_count, 1);
    assert_int_equal(second->last.reason, REASON_STALE);
    assert_answer(second, "www.example.test. A 198.51.100.1");
    assert_int_equal(second->packets, 0);
    run_both(began_us + 20000000);
    assert_idle(tree);
    assert_idle(second);
}

static void test_worker_that_ends_hands_over(void **state)
{
    (void)state;
    ask_both("www.example.test.", TYPE_A);
    resolver_hand_over(tree->resolver);
    run_both(tree->now_us + 100000);
    assert_int_equal(second->packets + tree->packets, 6);
    assert_answer(second, "www.example.test. A 198.51.100.1");
    assert_idle(tree);
    assert_idle(second);
}

static void test_closed_resolver_sends_them_home(void **state)
{
    (void)state;
    assert_int_equal(tree_want(second, "www.example.test.", TYPE_A, 2), RESOLVE_WAITING);
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    resolver_close(second->resolver);
    second->resolver = NULL;
    run_both(tree->now_us + 100000);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree->packets, 3);
    assert_idle(tree);
}

// What a walk needs is not waited for elsewhere: two walks could wait for each other.
static void test_needed_task_comes_home(void **state)
{
    (void)state;
    ROW("192.0.2.2", "glueless.test.", 0, TREE_REFERS, {"au glueless.test. NS ns.other.test."});
    ROW("192.0.2.4", "ns.other.test.", TYPE_A, TREE_ANSWERS, {"an ns.other.test. A 192.0.2.7"});
    ROW("192.0.2.7", "www.glueless.test.", TYPE_A, TREE_ANSWERS,
        {"an www.glueless.test. A 198.51.100.7"});
    memcpy(second->rows, tree->rows, sizeof tree->rows);
    second->row_count = tree->row_count;
    // The first worker never gets on.
    assert_int_equal(tree_want(tree, "ns.other.test.", TYPE_A, 1), RESOLVE_WAITING);
    assert_int_equal(tree_want(second, "ns.other.test.", TYPE_A, 2), RESOLVE_WAITING);
    assert_int_equal(tree_want(second, "www.glueless.test.", TYPE_A, 3), RESOLVE_WAITING);
    tree_run_until(second, second->now_us + 1000000);
    assert_int_equal(second->resolved_count, 2);
    run_both(second->now_us + 100000);
    assert_idle(tree);
    assert_idle(second);
}

static void test_trace_comes_home(void **state)
{
    (void)state;
    struct trace trace;
    trace_begin(&trace, second->now_us);
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .token = 3, .trace = &trace};
    ask_both("www.example.test.", TYPE_A);
    assert_int_equal(
        resolver_want(second->resolver, second->rules, &want, second->now_us, &second->answer),
        RESOLVE_WAITING);
    run_both(second->now_us + 100000);
    assert_int_equal(second->resolved_count, 2);
    unsigned asks = 0;
    for (const struct trace_step *step = trace.first; step; step = step->next)
        asks += step->step == STEP_ASK;
    assert_int_equal(asks, 3);
    trace_free(&trace);
}

#define both(test) cmocka_unit_test_setup_teardown(test, set_up_both, tear_down_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(test_one_walk_for_two_workers),
        both(test_ttl_of_zero_and_failures_come_by_letter),
        both(test_late_joiner_has_its_own_time),
        both(test_waiter_ends_in_its_own_time),
        cmocka_unit_test_setup_teardown(test_stale_answer_of_a_seat, set_up_stale, tear_down_both),
        both(test_worker_that_ends_hands_over),
        both(test_closed_resolver_sends_them_home),
        both(test_needed_task_comes_home),
        both(test_trace_comes_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
