// The picture of a walk: a bar for each ask, and XML that stays XML whatever names say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/trace_svg.h"
#include "walks.h"

static unsigned count(const char *text, const char *what)
{
    unsigned found = 0;
    for (text = strstr(text, what); text; text = strstr(text + 1, what))
        found++;
    return found;
}

// Every '<' begins a tag of ours, every tag ends, no octet is a control character.
static void check_form(const char *svg)
{
    static const char *const tags[] = {"<svg ",  "</svg>", "<style>", "</style>",
                                       "<rect ", "<text ", "</text>"};
    for (const char *at = svg; *at; at++) {
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
        bool known = *at != '<';
        for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
            known = known || strncmp(at, tags[i], strlen(tags[i])) == 0;
        assert_true(known);
    }
    assert_int_equal(count(svg, "<text "), count(svg, "</text>"));
}

static void test_picture(void **state)
{
    (void)state;
    json_t *walk = json_loads(walk_text, 0, NULL);
    struct buffer svg = {0};
    trace_svg(walk, &svg);
    const char *text = buffer_text(&svg);
    check_form(text);
    assert_int_equal(count(text, "<rect class="), 2);
    assert_int_equal(count(text, "class=\"good\""), 1);
    assert_int_equal(count(text, "class=\"bad\""), 1);
    assert_int_equal(count(text, "b&lt;root&gt;."), 1);
    assert_int_equal(count(text, "no reply"), 1);
    assert_int_equal(count(text, "192.0.2.1<"), 1);
    buffer_free(&svg);
    json_decref(walk);
}

static void test_picture_of_a_failure(void **state)
{
    (void)state;
    json_t *walk = json_loads(failed_walk_text, 0, NULL);
    struct buffer svg = {0};
    trace_svg(walk, &svg);
    check_form(buffer_text(&svg));
    assert_non_null(strstr(buffer_text(&svg), "SERVFAIL"));
    buffer_free(&svg);
    json_decref(walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_picture_of_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
