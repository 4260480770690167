// Reports on stdout and on stderr.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/report.h"
#include "cli/output.h"
#include "cli/problems.h"

// What `print` writes to stdout and stderr.
static void hear(void (*print)(const struct report *), const struct report *report, char *out,
                 char *err)
{
    FILE *kept_out = stdout, *kept_err = stderr;
    stdout = fmemopen(out, 500, "w");
    stderr = fmemopen(err, 500, "w");
    print(report);
    fclose(stdout);
    fclose(stderr);
    stdout = kept_out;
    stderr = kept_err;
}

static void test_streams(void **state)
{
    static const char expected[] = "a.zone:3: warning: odd\n1 warning in 1 file\n";
    (void)state;
    struct report report = {0};
    struct place place = {.file = "a.zone", .line = 3};
    report_add(&report, SEVERITY_WARNING, &place, NULL, "odd");
    char out[500] = "", err[500] = "";
    output_begin(COLOUR_NEVER, false, 0);
    hear(problems_put, &report, out, err);
    assert_string_equal(out, expected);
    assert_string_equal(err, "");
    out[0] = 0;
    hear(problems_say, &report, out, err);
    assert_string_equal(out, "");
    assert_string_equal(err, expected);
    err[0] = 0;
    output_begin(COLOUR_NEVER, true, 0);
    hear(problems_say, &report, out, err); // -q: a warning is not worth a word
    assert_string_equal(err, "");
    report_add(&report, SEVERITY_ERROR, &place, NULL, "wrong");
    hear(problems_say, &report, out, err);
    assert_non_null(strstr(err, "wrong"));
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_streams)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
