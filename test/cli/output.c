// Colours, and a stranger's octets on the way to a screen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "cli/output.h"

static void test_colour(void **state)
{
    static const struct {
        enum output_colour colour;
        const char *no_color, *force;
        bool expected; // on what is no terminal
    } cases[] = {
        {COLOUR_AUTO, NULL, NULL, false}, {COLOUR_AUTO, NULL, "1", true},
        {COLOUR_AUTO, NULL, "0", false},  {COLOUR_AUTO, "1", "1", false},
        {COLOUR_AUTO, "", "1", true},     {COLOUR_ALWAYS, "1", NULL, true},
        {COLOUR_NEVER, NULL, "1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].no_color)
            setenv("NO_COLOR", cases[i].no_color, 1);
        else
            unsetenv("NO_COLOR");
        if (cases[i].force)
            setenv("CLICOLOR_FORCE", cases[i].force, 1);
        else
            unsetenv("CLICOLOR_FORCE");
        // stdout of a test is no terminal, but nobody promises that of one run by hand
        setenv("TERM", "dumb", 1);
        output_begin(cases[i].colour, false, 0);
        assert_int_equal(output_has_colour(), cases[i].expected);
        struct buffer text = {0};
        output_paint(&text, "32", "x");
        assert_string_equal(buffer_text(&text), cases[i].expected ? "\033[32mx\033[0m" : "x");
        buffer_free(&text);
    }
}

static void test_clean(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *clean;
    } cases[] = {
        {"plain", 5, "plain"},
        {"\033[31mred", 8, "?[31mred"},
        {"a\0b\nc", 5, "a?b?c"},
        {"m\xc3\xbcnchen", 8, "m\xc3\xbcnchen"},
        {"\xff\xc3", 2, "??"},
        {"\xe2\x80\xae"
         "evil",
         7, "?evil"}, // turns the direction of writing
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text = {0};
        output_clean(&text, cases[i].text, cases[i].size);
        assert_string_equal(buffer_text(&text), cases[i].clean);
        buffer_free(&text);
    }
}

static void test_end(void **state)
{
    (void)state;
    output_begin(COLOUR_NEVER, true, 2);
    assert_true(output_is_quiet());
    assert_true(output_is_verbose());
    assert_false(output_failed());
    assert_int_equal(output_end(5), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
