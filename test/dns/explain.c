// Answers and walks as JSON: what is said, and what is left out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "dns/explain.h"

static const struct name www = {(const uint8_t *)"\3www\4test", 10, 2};

static json_t *read_back(struct buffer *text)
{
    json_t *object = json_loadb(buffer_text(text), text->size, 0, NULL);
    assert_non_null(object);
    buffer_free(text);
    return object;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "(none)";
}

// Two addresses and a signature, which is shown only where the part has it.
static void test_answer(void **state)
{
    (void)state;
    _Alignas(4) uint8_t octets[64] = {0};
    struct rrset *rrset = (struct rrset *)octets;
    *rrset = (struct rrset){.ttl = 60, .type = TYPE_A, .count = 2};
    memcpy(rrset->body, "\0\4\300\0\2\1\0\4\300\0\2\2", 12);
    struct answer answer;
    struct buffer text = {0};
    answer_begin(&answer);
    answer.reason = REASON_RESOLVED;
    assert_true(answer_add(&answer, &(struct answer_rrset){.owner = www,
                                                           .rrset = rrset,
                                                           .ttl = 7,
                                                           .section = SECTION_ANSWER,
                                                           .part = PART_SIGNED}));
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    explain_answer(&answer, &json);
    json_close_object(&json);
    json_t *object = read_back(&text);
    assert_string_equal(text_at(object, "rcode"), "NOERROR");
    assert_string_equal(text_at(object, "reason"), "resolved");
    assert_null(json_object_get(object, "ede"));
    const json_t *records = json_object_get(object, "answer");
    assert_int_equal(json_array_size(records), 2);
    assert_string_equal(text_at(json_array_get(records, 1), "data"), "192.0.2.2");
    assert_string_equal(text_at(json_array_get(records, 1), "name"), "www.test.");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(records, 0), "ttl")), 7);
    assert_int_equal(json_array_size(json_object_get(object, "authority")), 0);
    json_decref(object);
}

static void test_failure(void **state)
{
    (void)state;
    struct answer answer;
    struct buffer text = {0};
    answer_begin(&answer);
    answer_fail(&answer, RCODE_SERVFAIL, REASON_FAILED, EDE_NO_REACHABLE_AUTHORITY, "nobody");
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    explain_answer(&answer, &json);
    json_close_object(&json);
    json_t *object = read_back(&text);
    assert_string_equal(text_at(object, "rcode"), "SERVFAIL");
    const json_t *ede = json_object_get(object, "ede");
    assert_int_equal(json_integer_value(json_object_get(ede, "code")), 22);
    assert_string_equal(text_at(ede, "text"), "nobody");
    json_decref(object);
}

static void test_steps(void **state)
{
    (void)state;
    struct trace trace;
    struct buffer text = {0};
    struct trace_step ask = {.step = STEP_ASK,
                             .depth = 1,
                             .task = 3,
                             .name = www,
                             .type = TYPE_A,
                             .server = www,
                             .over_tcp = true,
                             .ask = 9,
                             .text = "the fastest"};
    struct trace_step reply = {.step = STEP_REPLY,
                               .rtt_us = 1500,
                               .rcode = RCODE_NXDOMAIN,
                               .ask = 9,
                               .text = "there is none"};
    assert_true(address_parse("192.0.2.53", 53, &ask.address));
    trace_begin(&trace, 1000);
    trace_add(&trace, &ask, 2000);
    trace_add(&trace, &reply, 3500);
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    explain_steps(&trace, &json);
    json_close_object(&json);
    trace_free(&trace);
    json_t *object = read_back(&text);
    const json_t *steps = json_object_get(object, "steps");
    assert_int_equal(json_array_size(steps), 2);
    const json_t *first = json_array_get(steps, 0), *second = json_array_get(steps, 1);
    assert_string_equal(text_at(first, "step"), "ask");
    assert_string_equal(text_at(first, "name"), "www.test.");
    assert_string_equal(text_at(first, "address"), "192.0.2.53:53");
    assert_string_equal(text_at(first, "transport"), "tcp");
    assert_null(json_object_get(first, "rcode")); // it is nobody's reply
    assert_true(json_number_value(json_object_get(first, "at_ms")) == 1.0);
    assert_string_equal(text_at(second, "rcode"), "NXDOMAIN");
    assert_true(json_number_value(json_object_get(second, "rtt_ms")) == 1.5);
    assert_null(json_object_get(second, "server"));
    assert_int_equal(json_integer_value(json_object_get(second, "ask")), 9);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
