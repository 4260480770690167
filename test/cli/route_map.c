// The map of a routed name: a colour for each rule or nearest address, and text for all of it. That
// it is XML is tested by test/system/test_zone_route.py, with a parser of XML.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "cli/route_map.h"
#include "cli/world.h"
#include "routed.h"

static unsigned count(const char *text, const char *what)
{
    unsigned found = 0;
    for (text = strstr(text, what); text; text = strstr(text + 1, what))
        found++;
    return found;
}

static void test_map(void **state)
{
    (void)state;
    struct buffer text = {0};
    json_t *routed = json_loads(routed_text, 0, NULL);
    route_map(routed, json_array_get(json_object_get(routed, "routes"), 0), &text);
    const char *svg = buffer_text(&text);
    assert_int_equal(count(svg, "<path class="), count(svg, "</title></path>"));
    assert_int_equal(count(svg, "</title></path>") + count(svg, "r=\"6\""), world_country_count);
    // Singapore in rule 1's colour, Canada and the United States in the first address's.
    assert_int_equal(count(svg, "Singapore: rule 1, country SG; asn 64500: 192.0.2.10 (down)<"), 1);
    assert_int_equal(count(svg, "<path class=\"a1\""), 2);
    assert_int_equal(count(svg, "Canada: rule 2, everybody else, nearest: 192.0.2.1<"), 1);
    assert_int_equal(count(svg, "<path class=\"a2\""), 1); // Germany
    assert_true(count(svg, "<path class=\"none\"") > 100);
    assert_int_equal(count(svg, "r=\"9\""), 3); // dots
    assert_int_equal(count(svg, "<g class=\"down\">"), 1);
    assert_int_equal(count(svg, "<rect class=\"a"), 3); // the legend
    assert_int_equal(count(svg, "w&lt;w.example.test. A<"), 2);
    assert_int_equal(count(svg, "w<w"), 0);
    assert_int_equal(count(svg, "prefers-color-scheme:dark"), 1);
    assert_int_equal(count(svg, "Health as the running server says."), 1);
    buffer_free(&text);
    json_decref(routed);
}

// A name as long as names can be: whole in the title, cut over the legend, the type behind it.
static void test_long_name(void **state)
{
    (void)state;
    char name[256], shown[80], title[300];
    struct buffer text = {0};
    json_t *routed = json_loads(routed_text, 0, NULL);
    memset(name, 'w', sizeof name - 1);
    name[sizeof name - 1] = 0;
    snprintf(title, sizeof title, "Who gets what of %s A<", name);
    snprintf(shown, sizeof shown, ">%.48s... A<", name);
    json_object_set_new(routed, "name", json_string(name));
    route_map(routed, json_array_get(json_object_get(routed, "routes"), 0), &text);
    assert_int_equal(count(buffer_text(&text), title), 1);
    assert_int_equal(count(buffer_text(&text), shown), 1);
    buffer_free(&text);
    json_decref(routed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_map),
                                       cmocka_unit_test(test_long_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
