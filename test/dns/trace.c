// Steps kept in order, copied, limited.
#include "names.h"

#include "dns/trace.h"

static void test_keeps_copies_in_order(void **state)
{
    (void)state;
    struct trace trace;
    char text[16] = "first";
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name = name_fold(name_of("www.example."), wire);
    trace_begin(&trace, 1000);
    trace_add(&trace, &(struct trace_step){.step = STEP_QUESTION, .name = name, .text = text},
              1500);
    trace_add(&trace, &(struct trace_step){.step = STEP_ASK, .server = name, .ask = 7}, 2500);
    memset(text, 0, sizeof text);
    memset(wire, 0, sizeof wire);
    assert_int_equal(trace.count, 2);
    assert_string_equal(trace.first->text, "first");
    assert_name(trace.first->name, "www.example.");
    assert_int_equal(trace.first->at_us, 500);
    assert_ptr_equal(trace.first->next, trace.last);
    assert_int_equal(trace.last->at_us, 1500);
    assert_int_equal(trace.last->ask, 7);
    assert_null(trace.last->text);
    assert_int_equal(trace.last->name.size, 0);
    assert_name(trace.last->server, "www.example.");
    assert_null(trace.last->next);
    trace_free(&trace);
    assert_null(trace.first);
}

static void test_keeps_so_many(void **state)
{
    (void)state;
    struct trace trace;
    trace_begin(&trace, 0);
    for (unsigned i = 0; i < TRACE_STEPS_MAX + 10; i++)
        trace_add(&trace, &(struct trace_step){.step = STEP_ASK, .ask = i}, i);
    assert_int_equal(trace.count, TRACE_STEPS_MAX);
    assert_int_equal(trace.last->ask, TRACE_STEPS_MAX - 1);
    trace_free(&trace);
}

static void test_each_step_has_its_word(void **state)
{
    (void)state;
    for (unsigned a = STEP_QUESTION; a <= STEP_DONE; a++)
        for (unsigned b = STEP_QUESTION; b < a; b++)
            assert_string_not_equal(trace_word((enum step)a), trace_word((enum step)b));
    assert_string_equal(trace_word(STEP_BAD_REPLY), "bad-reply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_copies_in_order),
        cmocka_unit_test(test_keeps_so_many),
        cmocka_unit_test(test_each_step_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
