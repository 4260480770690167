// The machine's own rules: budgets shared upwards, circles refused, blame, traces.
#include "plot.h"

#include "dns/trace.h"
#include "resolve/machine.h"
#include "resolve/task.h"

static struct task *make(const char *name)
{
    static struct name_key keys[64];
    static unsigned at;
    struct task_question question = {
        .rules = tree->rules, .name = name_of(name), .type = TYPE_A, .key = &keys[at++ % 64]};
    name_key_make(question.name, &test_secret, question.key);
    struct task *task = tasks_make(tree->resolver, &question);
    assert_non_null(task);
    delegation_begin(&task->delegation, name_of("x."));
    return task;
}

// A chain of tasks, each of which needs the next one's name; nothing of it is run.
static void test_budget_is_charged_upwards(void **state)
{
    (void)state;
    struct task *top = make("a.x."), *other = make("b.x.");
    delegation_add_host(&top->delegation, name_of("ns.c.x."));
    delegation_add_host(&other->delegation, name_of("NS.c.x."));
    assert_true(task_need(tree->resolver, top, 0, TYPE_A));
    assert_true(task_need(tree->resolver, other, 0, TYPE_A));
    struct task *child = top->needs[0].child;
    assert_ptr_equal(other->needs[0].child, child); // equal questions are one task
    assert_int_equal(child->depth, 1);
    other->budget.packets = 1;
    assert_true(task_charge(tree->resolver, child, 0));
    assert_int_equal(top->budget.packets, BUDGET_PACKETS - 2); // and one for asking at all
    assert_int_equal(child->budget.packets, BUDGET_PACKETS - 1);
    assert_null(other->budget.spent);
    assert_true(task_charge(tree->resolver, child, 0));
    assert_non_null(other->budget.spent); // and only this one's
    assert_true(other->ready);
    assert_true(task_charge(tree->resolver, child, 1000));
    assert_int_equal(top->budget.octets, BUDGET_OCTETS - 1000);
    top->ours = false;
    task_run_all(tree->resolver); // nobody waits: all of them end
}

static void test_circles_are_refused(void **state)
{
    (void)state;
    struct task *a = make("a.x.");
    a->ours = true;
    delegation_add_host(&a->delegation, name_of("b.x."));
    assert_true(task_need(tree->resolver, a, 0, TYPE_A));
    struct task *b = a->needs[0].child;
    delegation_begin(&b->delegation, name_of("x."));
    delegation_add_host(&b->delegation, name_of("a.x."));
    delegation_add_host(&b->delegation, name_of("b.x."));
    assert_false(task_need(tree->resolver, b, 0, TYPE_A));
    assert_false(task_need(tree->resolver, b, 1, TYPE_A));
}

static void test_depth_is_limited(void **state)
{
    (void)state;
    struct task *task = make("n.x.");
    task->ours = true;
    for (unsigned depth = 0; depth <= TASK_DEPTH_MAX; depth++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.x.", depth);
        delegation_begin(&task->delegation, name_of("x."));
        delegation_add_host(&task->delegation, name_of(name));
        assert_int_equal(task_need(tree->resolver, task, 0, TYPE_A), depth < TASK_DEPTH_MAX);
        if (depth < TASK_DEPTH_MAX)
            task = task->needs[0].child;
    }
}

static void test_blame_names_each_server_once(void **state)
{
    (void)state;
    struct task *task = make("a.x.");
    struct address one = address_of("192.0.2.1"), two = address_of("192.0.2.2");
    task_blame(task, &one, "timed out");
    task_blame(task, &two, "REFUSED");
    task_blame(task, &one, "SERVFAIL");
    assert_int_equal(task->fault_count, 2);
    task->why = "nobody answered";
    task_answer_late(tree->resolver, task);
    assert_string_equal(tree->resolver->answer.ede_text,
                        "nobody answered: 192.0.2.1 SERVFAIL, 192.0.2.2 REFUSED");
}

static void test_trace_tells_the_walk(void **state)
{
    (void)state;
    static const enum step wanted[] = {STEP_QUESTION, STEP_ZONE,     STEP_MINIMISE, STEP_ASK,
                                       STEP_REPLY,    STEP_MINIMISE, STEP_ASK,      STEP_REPLY,
                                       STEP_ASK,      STEP_REPLY,    STEP_KNOWN,    STEP_DONE};
    struct trace trace;
    trace_begin(&trace, tree->now_us);
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .token = 1, .trace = &trace};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(trace.count, COUNT(wanted));
    const struct trace_step *at = trace.first;
    for (unsigned i = 0; i < COUNT(wanted); i++, at = at->next)
        assert_string_equal(trace_word(at->step), trace_word(wanted[i]));
    assert_string_equal(trace.first->next->next->next->next->text, "referral to test.");
    trace_free(&trace);
}

static void look_at(const char *name, uint64_t token, struct trace *trace)
{
    struct want want = {.name = name_of(name), .type = TYPE_A, .token = token, .trace = trace};
    trace_begin(trace, tree->now_us);
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
}

// Who looks at a question that is being walked already is told so, and of all that follows, also
// when the one who looked first goes away.
static void test_second_trace_tells_the_rest(void **state)
{
    (void)state;
    for (unsigned leaves = 0; leaves < 2; leaves++) {
        struct trace first, second;
        const char *name = leaves ? "www.other.test." : "www.glueless.test.";
        ROW("192.0.2.2", "glueless.test.", 0, TREE_REFERS, {"au glueless.test. NS ns.other.test."});
        ROW("192.0.2.4", "ns.other.test.", TYPE_A, TREE_ANSWERS, {"an ns.other.test. A 192.0.2.7"});
        ROW("192.0.2.7", "www.glueless.test.", TYPE_A, TREE_ANSWERS,
            {"an www.glueless.test. A 198.51.100.7"});
        look_at(name, 1, &first);
        look_at(name, 2, &second);
        assert_int_equal(second.count, 2);
        assert_string_equal(second.last->text,
                            "is being walked already; what came before is not told");
        size_t before = first.count;
        if (leaves)
            resolver_forget(tree->resolver, 1);
        tree_run_until(tree, UINT64_MAX);
        assert_int_equal(second.last->step, STEP_DONE);
        assert_true(second.count > 2);
        if (leaves)
            assert_int_equal(first.count, before);
        else
            assert_int_equal(second.count - 2, first.count - before);
        trace_free(&first);
        trace_free(&second);
    }
}

// What is known needs no task; whoever looks is told so.
static void test_trace_of_what_is_known(void **state)
{
    (void)state;
    struct trace trace;
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 3);
    trace_begin(&trace, tree->now_us);
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .token = 1, .trace = &trace};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_ANSWERED);
    assert_int_equal(trace.count, 2);
    assert_int_equal(trace.first->step, STEP_QUESTION);
    assert_int_equal(trace.first->type, TYPE_A);
    assert_int_equal(trace.last->step, STEP_KNOWN);
    assert_int_equal(trace.last->rcode, RCODE_NOERROR);
    assert_true(trace.last->ttl_s > 0);
    trace_free(&trace);
}

static void test_each_state_has_its_word(void **state)
{
    (void)state;
    for (unsigned a = TASK_LOOKUP; a <= TASK_DONE; a++)
        for (unsigned b = TASK_LOOKUP; b < a; b++)
            assert_string_not_equal(task_state_word((enum task_state)a),
                                    task_state_word((enum task_state)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_budget_is_charged_upwards),
        walk(test_circles_are_refused),
        walk(test_depth_is_limited),
        walk(test_blame_names_each_server_once),
        walk(test_trace_tells_the_walk),
        walk(test_trace_of_what_is_known),
        walk(test_second_trace_tells_the_rest),
        walk(test_each_state_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
