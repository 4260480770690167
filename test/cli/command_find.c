// Commands found by their words, and what is near to those that are none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/command_find.h"

static void test_find(void **state)
{
    (void)state;
    assert_string_equal(command_find("zone", "stat")->verb, "stat");
    assert_null(command_find("zone", NULL));
    assert_null(command_find("zone", "query"));
    assert_string_equal(command_find("query", NULL)->noun, "query");
    assert_null(command_find("query", "check"));
    assert_null(command_find("", NULL));
    assert_true(command_has_noun("ctl"));
    assert_false(command_has_noun("status"));
    assert_string_equal(command_suggest_noun("quer"), "query");
    assert_null(command_suggest_noun("abcdefgh"));
    assert_string_equal(command_suggest_verb("ctl", "statsu"), "status");
    assert_null(command_suggest_verb("zone", "reload"));
    for (const struct command_noun *noun = command_nouns(); noun->noun; noun++) {
        assert_true(command_has_noun(noun->noun));
        assert_null(command_find(noun->noun, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
