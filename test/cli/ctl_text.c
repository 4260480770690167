// A server's replies for people.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "cli/ctl_text.h"
#include "cli/output.h"

static void assert_text(void (*print)(const json_t *reply, struct buffer *to), const char *reply,
                        const char *expected)
{
    output_begin(COLOUR_NEVER, false, 0);
    json_t *object = json_loads(reply, 0, NULL);
    assert_non_null(object);
    struct buffer text = {0};
    print(object, &text);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
    json_decref(object);
}

static void test_status(void **state)
{
    (void)state;
    assert_text(
        ctl_text_status,
        "{\"v\":1,\"ok\":true,\"exit\":0,\"version\":\"0.1.0\",\"pid\":7,\"uptime_s\":93784,"
        "\"workers\":2,\"user\":\"onym\",\"config\":\"/etc/o.yaml\",\"control\":\"/run/c\","
        "\"listen\":[{\"address\":\"[::1]:53\",\"transport\":\"udp\",\"inherited\":false},"
        "{\"address\":\"[::1]:53\",\"transport\":\"tcp\",\"inherited\":true}],"
        "\"zones\":[{\"name\":\"a.test.\",\"state\":\"served\",\"serial\":7,\"records\":9,"
        "\"problem\":null},{\"name\":\"b.test.\",\"state\":\"broken\",\"problem\":\"b:1: no "
        "SOA\"}],"
        "\"counts\":{\"zones\":2,\"served\":1,\"broken\":1,\"loading\":0,\"records\":9},"
        "\"reload\":{\"at\":\"2026-01-02T03:04:05Z\",\"ok\":true,\"message\":\"1 zone loaded\"}}",
        "onym 0.1.0 runs: pid 7, for 1 d 2 h, 2 workers, as onym\n"
        "  config    /etc/o.yaml\n"
        "  control   /run/c\n"
        "  listen    udp [::1]:53, tcp [::1]:53 (inherited)\n"
        "  reload    2026-01-02T03:04:05Z: 1 zone loaded\n"
        "  zones     2: 1 served, 1 broken, 9 records\n"
        "  a.test.                          served serial 7, 9 records\n"
        "  b.test.                          broken: b:1: no SOA\n");
}

// Another version may leave anything out.
static void test_nothing(void **state)
{
    (void)state;
    assert_text(ctl_text_status, "{}", "onym  runs: pid 0, for 0 s, 0 workers\n");
    assert_text(ctl_text_reload, "{}", "reloaded\n");
    assert_text(ctl_text_stats, "{}", "");
    assert_text(ctl_text_metrics, "{}", "");
    assert_text(ctl_text_stop, "{}", "the server has stopped\n");
}

static void test_periods(void **state)
{
    static const struct {
        const char *reply, *line;
    } cases[] = {
        {"{\"uptime_s\":59}", "onym  runs: pid 0, for 59 s, 0 workers\n"},
        {"{\"uptime_s\":61}", "onym  runs: pid 0, for 1 min 1 s, 0 workers\n"},
        {"{\"uptime_s\":7260}", "onym  runs: pid 0, for 2 h 1 min, 0 workers\n"},
        {"{\"workers\":1}", "onym  runs: pid 0, for 0 s, 1 worker\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(ctl_text_status, cases[i].reply, cases[i].line);
}

// Of many zones only those in trouble are listed.
static void test_many_zones(void **state)
{
    (void)state;
    output_begin(COLOUR_NEVER, false, 0);
    json_t *reply = json_object(), *zones = json_array();
    for (int i = 0; i < 100; i++)
        json_array_append_new(zones, json_pack("{s:s,s:s}", "name", i == 50 ? "bad." : "good.",
                                               "state", i == 50 ? "loading" : "served"));
    json_object_set_new(reply, "zones", zones);
    json_object_set_new(reply, "more", json_integer(900));
    struct buffer text = {0};
    ctl_text_status(reply, &text);
    assert_non_null(strstr(buffer_text(&text), "  bad. "));
    assert_null(strstr(buffer_text(&text), "good."));
    assert_null(strstr(buffer_text(&text), "more"));
    buffer_clear(&text);
    output_begin(COLOUR_NEVER, false, 1);
    ctl_text_status(reply, &text);
    assert_non_null(strstr(buffer_text(&text), "good."));
    assert_non_null(strstr(buffer_text(&text), "\n  and 900 more\n"));
    buffer_free(&text);
    json_decref(reply);
}

static void test_stats(void **state)
{
    static const char reply[] = "{\"v\":1,\"ok\":true,\"exit\":0,\"requests\":{\"udp\":{\"ipv4\":5,"
                                "\"ipv6\":0}},\"truncated\":0,\"request_bytes\":123456789012}";
    (void)state;
    assert_text(ctl_text_stats, reply,
                "requests.udp.ipv4                            5\n"
                "request_bytes                                123456789012\n");
    assert_text(ctl_text_metrics, "{\"text\":\"# HELP a b\\na 1\\n\"}", "# HELP a b\na 1\n");
}

static void test_reload(void **state)
{
    (void)state;
    assert_text(ctl_text_reload, "{\"message\":\"3 zones loaded\"}", "3 zones loaded\n");
    assert_text(ctl_text_reload,
                "{\"message\":\"reloaded\",\"zone\":{\"name\":\"a.\",\"state\":\"served\","
                "\"serial\":1,\"records\":2}}",
                "reloaded\n  a.                               served serial 1, 2 records\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),  cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_periods), cmocka_unit_test(test_many_zones),
        cmocka_unit_test(test_stats),   cmocka_unit_test(test_reload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
