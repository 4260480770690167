// Errands with a resolver whose network is this test: what is told of a walk, of what was known, of
// failures, and to whom.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "daemon/errand.h"
#include "forwarder.h"

#define NOW_US 5000000000u
#define TOKEN  77

static struct forwarder forwarder;
static struct resolver *resolver;
static struct loop loop;

static int set_up(void **state)
{
    struct address address;
    (void)state;
    assert_true(address_parse("192.0.2.53", 53, &address));
    forwarder_open(&forwarder, &address);
    struct resolver_options options = forwarder_resolver(&forwarder);
    resolver = resolver_open(&options);
    assert_non_null(resolver);
    return loop_open(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    resolver_close(resolver);
    forwarder_close(&forwarder);
    loop_close(&loop);
    return 0;
}

static struct errand *make(enum errand_kind kind, const char *text)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct errand *errand = errand_make(kind, forwarder_name(text, wire), TYPE_A, &loop);
    memset(wire, 0xff, sizeof wire); // it has its own
    errand->token = TOKEN;
    return errand;
}

static bool begin(struct errand *errand)
{
    return errand_begin(errand, resolver, forwarder.rules, NOW_US);
}

// What a finished errand says, which is freed: the bell was rung for it.
static json_t *take(struct errand *errand)
{
    assert_true(errand->done);
    assert_int_equal(loop_wait(&loop, 0), 1);
    json_t *reply =
        json_loadb(errand->reply.text, errand->reply.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(reply);
    errand_free(errand);
    return reply;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void assert_steps(const json_t *reply, const char *const *words)
{
    const json_t *steps = json_object_get(reply, "steps"), *step;
    size_t index;
    json_array_foreach(steps, index, step)
    {
        assert_non_null(words[index]);
        assert_string_equal(text_of(step, "step"), words[index]);
    }
    assert_null(words[index]);
}

static void answer_ask(void)
{
    struct ask ask;
    uint8_t reply[512];
    assert_true(resolver_next_ask(resolver, &ask));
    size_t size = forwarder_reply(ask.octets, 7, reply);
    assert_int_equal(resolver_reply(resolver, ask.number, reply, size, NOW_US + 2000), REPLY_TAKEN);
}

static void test_trace_of_a_walk_and_of_what_is_known(void **state)
{
    static const char *const walk[] = {"question", "zone", "ask", "reply", "known", "done", NULL};
    static const char *const known[] = {"question", "known", NULL};
    struct resolved resolved;
    (void)state;
    struct errand *errand = make(ERRAND_TRACE, "www.example.test.");
    assert_false(begin(errand));
    assert_false(errand->done);
    assert_int_equal(loop_wait(&loop, 0), 0);
    answer_ask();
    assert_true(resolver_next_resolved(resolver, &resolved));
    assert_int_equal(resolved.token, TOKEN);
    errand_end(errand, resolved.answer);
    json_t *reply = take(errand);
    assert_string_equal(text_of(reply, "name"), "www.example.test.");
    assert_string_equal(text_of(reply, "type"), "A");
    assert_string_equal(text_of(reply, "rcode"), "NOERROR");
    assert_int_equal(json_integer_value(json_object_get(reply, "packets")), 1);
    assert_true(json_number_value(json_object_get(reply, "ms")) == 2);
    assert_string_equal(text_of(json_array_get(json_object_get(reply, "answer"), 0), "data"),
                        "192.0.2.7");
    assert_steps(reply, walk);
    json_decref(reply);
    errand = make(ERRAND_TRACE, "WWW.example.test.");
    assert_true(begin(errand));
    reply = take(errand);
    assert_int_equal(json_integer_value(json_object_get(reply, "packets")), 0);
    assert_steps(reply, known);
    json_decref(reply);
}

// A task goes on without the one who looked: it must not speak to a trace that is freed.
static void test_task_outlives_its_errand(void **state)
{
    (void)state;
    struct errand *errand = make(ERRAND_TRACE, "www.example.test.");
    struct want other = {.type = TYPE_A, .token = 1};
    struct resolved resolved;
    uint8_t wire[NAME_OCTETS_MAX];
    assert_false(begin(errand));
    other.name = forwarder_name("www.example.test.", wire);
    struct answer answer;
    assert_int_equal(resolver_want(resolver, forwarder.rules, &other, NOW_US, &answer),
                     RESOLVE_WAITING);
    resolver_forget(resolver, TOKEN);
    errand_end(errand, NULL);
    json_t *reply = take(errand);
    assert_string_equal(text_of(reply, "rcode"), "SERVFAIL"); // dropped
    json_decref(reply);
    answer_ask();
    assert_true(resolver_next_resolved(resolver, &resolved));
    assert_int_equal(resolved.token, 1);
}

static void let_fail(const char *text)
{
    struct resolved resolved;
    struct answer answer;
    struct ask ask;
    uint8_t wire[NAME_OCTETS_MAX];
    struct want want = {.name = forwarder_name(text, wire), .type = TYPE_A, .token = 1};
    assert_int_equal(resolver_want(resolver, forwarder.rules, &want, NOW_US, &answer),
                     RESOLVE_WAITING);
    while (resolver_next_ask(resolver, &ask))
        if (ask.kind != ASK_CANCEL)
            resolver_ask_failed(resolver, ask.number, ASK_REFUSED, NOW_US);
    (void)resolver_tick(resolver, NOW_US + 60000000);
    assert_true(resolver_next_resolved(resolver, &resolved));
    assert_int_equal(resolved.answer->rcode, RCODE_SERVFAIL);
}

static json_t *why(const char *text)
{
    struct errand *errand = make(ERRAND_WHY, text ? text : ".");
    errand->all_names = !text;
    assert_true(begin(errand));
    return take(errand);
}

static void test_why(void **state)
{
    (void)state;
    json_t *reply = why(NULL);
    assert_int_equal(json_array_size(reply), 0);
    json_decref(reply);
    let_fail("a.test.");
    let_fail("b.test.");
    reply = why(NULL);
    assert_int_equal(json_array_size(reply), 2);
    assert_string_equal(text_of(json_array_get(reply, 0), "name"), "b.test."); // the newest first
    json_decref(reply);
    reply = why("A.test.");
    assert_int_equal(json_array_size(reply), 1);
    const json_t *failure = json_array_get(reply, 0);
    assert_string_equal(text_of(failure, "name"), "a.test.");
    assert_string_equal(text_of(failure, "type"), "A");
    assert_non_null(strstr(text_of(failure, "text"), "192.0.2.53"));
    assert_true(json_number_value(json_object_get(failure, "ago_s")) >= 0);
    assert_true(json_is_integer(json_object_get(failure, "ede")));
    json_decref(reply);
    reply = why("test.");
    assert_int_equal(json_array_size(reply), 0);
    json_decref(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_trace_of_a_walk_and_of_what_is_known, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_task_outlives_its_errand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_why, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
