// The progress of a reading: silence at first, then a line for each tenth.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/reading.h"

static void read_on(struct reading *reading, uint64_t spent_ms, char *said)
{
    FILE *kept = stderr;
    stderr = fmemopen(said, 1000, "w");
    uint64_t began_ms = reading->began_ms;
    reading->began_ms -= spent_ms; // time passes
    for (uint64_t done = 0; done <= 1000; done += 7)
        reading->parse.tell(&reading->parse, done, 1000);
    reading->parse.tell(&reading->parse, 1000, 1000);
    reading_end(reading);
    reading->began_ms = began_ms;
    fclose(stderr);
    stderr = kept;
}

static void test_silent(void **state)
{
    (void)state;
    struct reading reading;
    char said[1000] = "";
    output_begin(COLOUR_NEVER, false, 0);
    reading_begin(&reading, "a.zone");
    read_on(&reading, 0, said);
    assert_string_equal(said, "");
    output_begin(COLOUR_NEVER, true, 0); // -q
    reading_begin(&reading, "a.zone");
    read_on(&reading, 60000, said);
    assert_string_equal(said, "");
}

static void test_lines(void **state)
{
    (void)state;
    struct reading reading;
    char said[1000] = "";
    output_begin(COLOUR_NEVER, false, 0);
    reading_begin(&reading, "a.zone");
    reading.bar = false;
    read_on(&reading, 60000, said);
    unsigned lines = 0;
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 10);
    assert_true(strncmp(said, "reading a.zone: 10 %\n", 21) == 0);
    assert_non_null(strstr(said, "reading a.zone: 100 %\n"));
}

static void test_bar(void **state)
{
    (void)state;
    struct reading reading;
    char said[1000] = "";
    output_begin(COLOUR_NEVER, false, 0);
    reading_begin(&reading, "a.zone");
    reading.bar = true;
    FILE *kept = stderr;
    stderr = fmemopen(said, sizeof said, "w");
    reading.began_ms -= 10000;
    reading.parse.tell(&reading.parse, 500, 1000);
    reading.parse.tell(&reading.parse, 501, 1000); // the same percentage: nothing new
    reading_end(&reading);
    fclose(stderr);
    stderr = kept;
    assert_string_equal(said, "\r\033[Kreading a.zone [############............] 50 %, 10 s left"
                              "\r\033[K");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_silent), cmocka_unit_test(test_lines),
                                       cmocka_unit_test(test_bar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
