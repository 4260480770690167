// A routed name in words.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "cli/route_text.h"
#include "routed.h"

static void test_verdict(void **state)
{
    (void)state;
    struct buffer text = {0};
    json_t *routed = json_loads(routed_text, 0, NULL);
    assert_non_null(routed);
    route_text(routed, &text);
    assert_string_equal(
        buffer_text(&text),
        "w<w.example.test. A for a client at 192.0.2.7\n"
        "    192.0.2.2, 10266 km away\n"
        "  NOERROR, TTL 60, scope /24, EDE 0: others\n"
        "  by  rule 2 (everybody else) at o.yaml:10:13, in the place of one before it\n"
        "  not rule 1 (country SG; asn 64500) at o.yaml:9:13: none of its addresses is well\n"
        "  c.mmdb says country SG, continent AS, AS64500, at 1.3,103.8\n"
        "  of what the rules ask, this holds there: country SG; asn 64500\n"
        "  health is what the running server says\n");
    buffer_free(&text);
    json_decref(routed);
}

static void test_rules(void **state)
{
    (void)state;
    struct buffer text = {0};
    json_t *routed = json_loads(routed_text, 0, NULL);
    json_object_del(routed, "from");
    json_object_del(json_array_get(json_object_get(routed, "routes"), 0), "verdict");
    json_object_set_new(routed, "health", json_string("assumed"));
    route_text(routed, &text);
    assert_string_equal(buffer_text(&text),
                        "w<w.example.test. A\n"
                        "  rule 1 (country SG; asn 64500) at o.yaml:9:13\n"
                        "    gives all of them; to 1 country\n"
                        "    192.0.2.10, at 1.3,103.8, check web: down\n"
                        "  rule 2 (everybody else) at o.yaml:10:13\n"
                        "    gives the 1 nearest, the same to a /24 or /56, TTL 60; nothing if "
                        "none is well; to 3 countries\n"
                        "    192.0.2.1, at 43.7,-79.4, nearest of 2 countries\n"
                        "    192.0.2.2, at 50.1,8.7, nearest of 1 country\n"
                        "  no server runs: all addresses are taken for well\n");
    buffer_free(&text);
    json_decref(routed);
}

// Long lists of places are cut.
static void test_long_where(void **state)
{
    (void)state;
    struct buffer text = {0};
    json_t *rules =
        json_loads("[{\"where\":{\"asn\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14]}}]", 0, NULL);
    route_text_where(rules, 0, &text);
    assert_string_equal(buffer_text(&text), "asn 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more");
    buffer_free(&text);
    json_decref(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_long_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
