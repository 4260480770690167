// A walk as lines: an ask and what came of it stand together, whatever came between.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "cli/output.h"
#include "cli/trace_text.h"
#include "walks.h"

static void expect(const char *walk_json, const char *expected)
{
    json_t *walk = json_loads(walk_json, 0, NULL);
    struct buffer text = {0};
    assert_non_null(walk);
    trace_text(walk, &text);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
    json_decref(walk);
}

static void test_lines(void **state)
{
    (void)state;
    expect(walk_text,
           "www.example.test. A\n"
           "  zone .  hints\n"
           "    test. NS  a.root. 192.0.2.53:53  -> nothing yet, asking on\n"
           "    test. NS  b<root>. 192.0.2.54:53 over TCP  1.0 ms  -> referral to test.\n"
           "  needs ns.other.test. A\n"
           "      NOERROR \n"
           "NOERROR  3 packets, 12.5 ms\n"
           "  www.example.test. 300 A 192.0.2.1\n");
}

// What a stranger's server says is shown, and does not paint the screen.
static void test_failure(void **state)
{
    (void)state;
    expect(failed_walk_text, "x.test. AAAA\n"
                             "SERVFAIL  0 packets, 0.0 ms\n"
                             "  EDE 22: nobody?[31m answered\n");
}

static int begin(void **state)
{
    (void)state;
    output_begin(COLOUR_NEVER, false, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}
