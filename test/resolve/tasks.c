// The table of tasks: equal questions, times, slots.
#include "bare.h"

static void test_equal_questions_are_found(void **state)
{
    (void)state;
    struct task *task = task_of("www.x.", TYPE_A);
    struct task_question question = question_of("WWW.X.", TYPE_A);
    assert_ptr_equal(tasks_find(resolver, &question), task);
    assert_name(task->name, "www.x.");
    struct task_question other = question;
    other.type = TYPE_AAAA;
    assert_null(tasks_find(resolver, &other));
    other = question;
    other.dnssec_ok = true;
    assert_null(tasks_find(resolver, &other));
    other = question;
    other.checking_disabled = true;
    assert_null(tasks_find(resolver, &other));
    other = question;
    other.source = 1;
    assert_null(tasks_find(resolver, &other));
    other = question_of("www.y.", TYPE_A);
    assert_null(tasks_find(resolver, &other));
    tasks_unjoin(resolver, task);
    assert_null(tasks_find(resolver, &question));
    tasks_free(resolver, task);
    assert_int_equal(resolver->counts.tasks, 0);
}

static void test_slots_are_limited(void **state)
{
    (void)state;
    static struct task *tasks[TASKS_MAX];
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u.x.", i);
        tasks[i] = task_of(name, TYPE_A);
        assert_non_null(tasks[i]);
    }
    assert_null(task_of("more.x.", TYPE_A));
    assert_int_equal(atomic_load(&rules->holders), TASKS_MAX + 1);
    tasks_free(resolver, tasks[7]);
    assert_ptr_equal(task_of("more.x.", TYPE_A), tasks[7]);
    for (unsigned i = 0; i < TASKS_MAX; i++)
        tasks_free(resolver, tasks[i]);
    assert_int_equal(atomic_load(&rules->holders), 1);
}

// The first due comes first, whatever was changed before.
static void test_heap(void **state)
{
    (void)state;
    enum { TASKS = 300 };
    struct task *tasks[TASKS];
    struct dice dice = dice_seed(3);
    for (unsigned i = 0; i < TASKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u.x.", i);
        tasks[i] = task_of(name, TYPE_A);
    }
    assert_null(tasks_first_due(resolver));
    for (unsigned round = 0; round < 5000; round++) {
        uint32_t roll = dice_roll(&dice);
        tasks_set_due(resolver, tasks[roll % TASKS],
                      roll % 7 == 0 ? UINT64_MAX : dice_roll(&dice) % 1000);
        if (round % 50)
            continue;
        uint64_t least = UINT64_MAX;
        for (unsigned i = 0; i < TASKS; i++)
            least = tasks[i]->due_us < least ? tasks[i]->due_us : least;
        struct task *first = tasks_first_due(resolver);
        assert_true(first ? first->due_us == least : least == UINT64_MAX);
    }
    for (unsigned i = 0; i < TASKS; i++)
        tasks_free(resolver, tasks[i]);
    assert_null(tasks_first_due(resolver));
}

static void test_ready_in_order_and_once(void **state)
{
    (void)state;
    struct task *a = task_of("a.x.", TYPE_A), *b = task_of("b.x.", TYPE_A);
    tasks_make_ready(resolver, b);
    tasks_make_ready(resolver, a);
    tasks_make_ready(resolver, b);
    assert_ptr_equal(tasks_next_ready(resolver), b);
    assert_ptr_equal(tasks_next_ready(resolver), a);
    assert_null(tasks_next_ready(resolver));
    tasks_make_ready(resolver, b);
    assert_ptr_equal(tasks_next_ready(resolver), b);
    tasks_free(resolver, a);
    tasks_free(resolver, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bare(test_equal_questions_are_found),
        bare(test_slots_are_limited),
        bare(test_heap),
        bare(test_ready_in_order_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
