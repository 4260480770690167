// Text in pictures: XML stays XML, characters stay whole.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "cli/svg.h"

static void test_text(void **state)
{
    static const struct {
        const char *text;
        unsigned most;
        const char *expected;
    } cases[] = {
        {"", 3, ""},
        {"abc", 3, "abc"},
        {"abcd", 3, "abc..."},
        {"<a b=\"c\"&>", 20, "&lt;a b=&quot;c&quot;&amp;&gt;"},
        {"a\033[31m\n", 20, "a?[31m?"},
        {"R\xc3\xa9union", 2, "R..."}, // not half of the second letter
        {"R\xc3\xa9union", 3, "R\xc3\xa9..."},
        {"\xc3\xa9", 1, "..."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer text = {0};
        svg_text(&text, cases[i].text, cases[i].most);
        assert_string_equal(buffer_text(&text), cases[i].expected);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
