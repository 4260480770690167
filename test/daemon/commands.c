// The commands of the control socket: what each replies, and what is no command.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "running.h"

static struct running running;

static json_t *ask(const char *request)
{
    struct buffer reply = {0};
    assert_int_equal(running_ask(&running, request, &reply), 0);
    json_t *object = json_loadb(reply.text, reply.size, 0, NULL);
    assert_true(json_is_object(object));
    assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
    json_int_t code = json_integer_value(json_object_get(object, "exit"));
    assert_int_equal(json_is_true(json_object_get(object, "ok")), code == 0);
    assert_int_equal(json_is_string(json_object_get(object, "error")), code != 0);
    buffer_free(&reply);
    return object;
}

static int set_up(void **state)
{
    (void)state;
    running_prepare(&running, "");
    running_start(&running);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    int code = running_stop(&running, 0); // test_stop has asked it to
    running_remove(&running);
    return code;
}

static void test_status(void **state)
{
    (void)state;
    json_t *reply = ask("{\"v\":1,\"command\":\"status\"}");
    static const char *const members[] = {"version", "state",  "started", "config",
                                          "control", "listen", "counts",  "zones"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        assert_non_null(json_object_get(reply, members[i]));
    assert_int_equal(json_integer_value(json_object_get(reply, "pid")), running.pid);
    assert_int_equal(json_array_size(json_object_get(reply, "listen")), 2);
    assert_true(json_is_null(json_object_get(reply, "reload")));
    json_t *zone = json_array_get(json_object_get(reply, "zones"), 0);
    assert_string_equal(json_string_value(json_object_get(zone, "name")), "example.test.");
    assert_int_equal(json_integer_value(json_object_get(zone, "records")), 4);
    json_decref(reply);
}

static void test_stats(void **state)
{
    (void)state;
    json_t *reply = ask("{\"command\":\"stats\"}");
    assert_true(json_is_object(json_object_get(reply, "requests")));
    json_decref(reply);
    reply = ask("{\"command\":\"stats\",\"format\":\"prometheus\"}");
    const char *text = json_string_value(json_object_get(reply, "text"));
    assert_non_null(strstr(text, "onym_dns_requests_total"));
    assert_non_null(strstr(text, "onym_zone_serial{zone=\"example.test.\"} 1\n"));
    json_decref(reply);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"command\":\"nosuch\"}",
        "{\"v\":2,\"command\":\"status\"}",
        "{\"command\":\"stats\",\"format\":\"xml\"}",
        "{\"command\":\"reload\",\"zone\":[]}",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        json_t *reply = ask(requests[i]);
        assert_int_equal(json_integer_value(json_object_get(reply, "exit")), 2);
        json_decref(reply);
    }
}

static void test_stop(void **state)
{
    (void)state;
    json_decref(ask("{\"command\":\"stop\"}"));
    struct buffer reply = {0};
    assert_int_equal(running_ask(&running, "{\"command\":\"status\"}", &reply), -ENOENT);
    buffer_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_stats),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
