// The report: what it prints, octet for octet; where the caret stands; order, counts and limits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/report.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// A place with the text of its line.
#define AT(file_, line_, column_, width_, source_)                                                 \
    (&(struct place){file_, line_, column_, width_, source_, sizeof(source_) - 1})

static void assert_printed(struct report *report, bool colour, const char *expected)
{
    struct buffer buffer = {0};
    report_write(report, &buffer, colour);
    assert_string_equal(buffer_text(&buffer), expected);
    buffer_free(&buffer);
    report_free(report);
}

static void test_example(void **state)
{
    (void)state;
    struct report report = {0};
    report_add(&report, SEVERITY_ERROR,
               AT("/etc/onym/onym.yaml", 14, 5, 5, "    acces: [192.168.0.0/16]"),
               "did you mean 'access'?", "unknown key '%s'", "acces");
    assert_printed(&report, false,
                   "/etc/onym/onym.yaml:14:5: error: unknown key 'acces'\n"
                   "   14 |     acces: [192.168.0.0/16]\n"
                   "      |     ^^^^^\n"
                   "      = did you mean 'access'?\n"
                   "1 error in 1 file\n");
}

static void test_colour(void **state)
{
    (void)state;
    struct report report = {0};
    report_add(&report, SEVERITY_ERROR, AT("a", 1, 1, 2, "xy"), "h", "m");
    report_add(&report, SEVERITY_WARNING, AT("a", 2, 2, 0, "xy"), NULL, "n");
    assert_printed(&report, true,
                   "\033[1ma:1:1: \033[1;31merror:\033[0m\033[1m m\033[0m\n"
                   "    1 | xy\n"
                   "      | \033[1;31m^^\033[0m\n"
                   "      = h\n"
                   "\033[1ma:2:2: \033[1;33mwarning:\033[0m\033[1m n\033[0m\n"
                   "    2 | xy\n"
                   "      |  \033[1;33m^\033[0m\n"
                   "1 error, 1 warning in 1 file\n");
}

static void test_what_is_unknown_is_left_out(void **state)
{
    static const struct {
        struct place place;
        const char *printed;
    } cases[] = {
        {{"f", 3, 0, 0, NULL, 0}, "f:3: error: m\n1 error in 1 file\n"},
        {{"f", 0, 7, 0, NULL, 0}, "f: error: m\n1 error in 1 file\n"},
        {{NULL, 0, 0, 0, NULL, 0}, "error: m\n1 error\n"},
        {{NULL, 3, 4, 0, NULL, 0}, "3:4: error: m\n1 error\n"},
        {{"f", 3, 0, 0, "text", 4}, "f:3: error: m\n    3 | text\n1 error in 1 file\n"},
        {{"f", 0, 2, 0, "text", 4}, "f: error: m\n      | text\n1 error in 1 file\n"},
        {{"f", 123456, 2, 9, "text", 4},
         "f:123456:2: error: m\n123456 | text\n       |  ^^^\n1 error in 1 file\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct report report = {0};
        report_add(&report, SEVERITY_ERROR, &cases[i].place, NULL, "m");
        assert_printed(&report, false, cases[i].printed);
    }
    struct report report = {0};
    report_add(&report, SEVERITY_WARNING, NULL, "h", "m");
    assert_printed(&report, false, "warning: m\n      = h\n1 warning\n");
    assert_printed(&report, false, "");
}

static void test_caret(void **state)
{
    static const struct {
        const char *source;
        size_t size;
        uint32_t column, width;
        const char *shown, *caret;
    } cases[] = {
        {"abc", 3, 1, 1, "abc", "^"},
        {"abc", 3, 3, 1, "abc", "  ^"},
        {"abc", 3, 4, 1, "abc", "   ^"},         // what is missing at the end
        {"abc", 3, 400, 5, "abc", "   ^"},       // past it
        {"abc", 3, 2, 4000000000, "abc", " ^^"}, // no wider than the line
        {"", 0, 1, 1, "", "^"},
        {"a\tb", 3, 3, 1, "a\tb", " \t^"}, // tabs stay tabs in both lines
        {"\t\tb", 3, 3, 1, "\t\tb", "\t\t^"},
        {"\xc3\xa4\xc3\xb6x", 5, 5, 1, "\xc3\xa4\xc3\xb6x", "  ^"}, // characters, not octets
        {"\xc3\xa4\xc3\xb6x", 5, 3, 2, "\xc3\xa4\xc3\xb6x", " ^"},
        {"\xc3\xa4\xc3\xb6x", 5, 4, 2, "\xc3\xa4\xc3\xb6x", " ^^"}, // inside of a character
        {"\xe4x", 2, 2, 1, "?x", " ^"},                             // no UTF-8
        {"a\0b\x1b\x7fz", 6, 6, 1, "a?b??z", "     ^"},
        {"\xe2\x80\xaex", 4, 4, 1, "???x", "   ^"}, // turns the direction
        {"\xc2\x9bx", 3, 3, 1, "??x", "  ^"},       // CSI of eight bits
        {"abc\r\nnext", 9, 4, 9, "abc", "   ^"},    // one line only
        {"abc\n", 4, 1, 9, "abc", "^^^"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct report report = {0};
        struct place place = {
            "f", 1, cases[i].column, cases[i].width, cases[i].source, (uint32_t)cases[i].size};
        report_add(&report, SEVERITY_ERROR, &place, NULL, "m");
        char expected[200];
        snprintf(expected, sizeof expected,
                 "f:1:%u: error: m\n    1 | %s\n      | %s\n1 error in 1 file\n", cases[i].column,
                 cases[i].shown, cases[i].caret);
        assert_printed(&report, false, expected);
    }
}

// The octets of the printed source line and what the caret points at, for every column of lines
// around the limit. The line is digits, but the octet at the column.
static void test_long_lines(void **state)
{
    (void)state;
    for (size_t size = 110; size < 400; size++)
        for (uint32_t column = 1; column <= size; column++) {
            char line[400];
            for (size_t i = 0; i < size; i++)
                line[i] = (char)('0' + i % 10);
            line[column - 1] = '#';
            struct report report = {0};
            struct place place = {"f", 1, column, 3, line, (uint32_t)size};
            report_add(&report, SEVERITY_ERROR, &place, NULL, "m");
            const struct problem *problem = &report.problems[0];
            size_t kept = strlen(problem->source);
            assert_int_equal(problem->column, column);
            assert_int_equal(problem->source[problem->caret - 1], '#');
            assert_true(size <= 120 ? kept == size : kept >= 120 && kept <= 123);
            assert_int_equal(strncmp(problem->source, "...", 3) == 0, problem->caret != column);
            report_free(&report);
        }
}

// A character is not cut in two, neither in front nor at the end.
static void test_long_line_of_characters(void **state)
{
    static const char *const characters[] = {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    (void)state;
    for (size_t which = 0; which < COUNT(characters); which++)
        for (size_t shift = 0; shift < 4; shift++)
            for (uint32_t column = 1; column < 900; column++) {
                char line[1000] = "";
                memset(line, '.', shift);
                while (strlen(line) < 900)
                    strcat(line, characters[which]);
                struct report report = {0};
                struct place place = {"f", 1, column, 3, line, (uint32_t)strlen(line)};
                report_add(&report, SEVERITY_ERROR, &place, NULL, "m");
                assert_null(strchr(report.problems[0].source, '?'));
                struct buffer buffer = {0};
                report_write(&report, &buffer, false);
                buffer_free(&buffer);
                report_free(&report);
            }
}

static void test_order(void **state)
{
    (void)state;
    struct report report = {0};
    report_add(&report, SEVERITY_ERROR, &(struct place){"b", 9}, NULL, "first");
    report_add(&report, SEVERITY_WARNING, &(struct place){"a", 5}, NULL, "second");
    report_add(&report, SEVERITY_WARNING, &(struct place){NULL}, NULL, "third");
    report_add(&report, SEVERITY_ERROR, &(struct place){"b", 2, 8}, NULL, "fourth");
    report_add(&report, SEVERITY_ERROR, &(struct place){"b", 2, 1}, NULL, "fifth");
    report_add(&report, SEVERITY_ERROR, &(struct place){"a", 0}, NULL, "sixth");
    assert_printed(&report, false,
                   "warning: third\n"
                   "b:2:8: error: fourth\n"
                   "b:2:1: error: fifth\n"
                   "b:9: error: first\n"
                   "a: error: sixth\n"
                   "a:5: warning: second\n"
                   "4 errors, 2 warnings in 2 files\n");
}

static void test_texts_are_cleaned(void **state)
{
    (void)state;
    struct report report = {0};
    report_add(&report, SEVERITY_ERROR, &(struct place){"a\nb", 1}, "x\x1by", "%s", "p\r\nq\xff");
    assert_printed(&report, false, "a?b:1: error: p??q?\n      = x?y\n1 error in 1 file\n");
}

static void add_many(struct report *report, size_t errors, size_t warnings)
{
    for (size_t i = 0; i < errors + warnings; i++)
        report_add(report, i < errors ? SEVERITY_ERROR : SEVERITY_WARNING,
                   &(struct place){"f", (uint32_t)i + 1}, NULL, "m");
}

static const char *summary(const struct report *report, struct buffer *buffer)
{
    buffer_clear(buffer);
    report_write(report, buffer, false);
    const char *last = strstr(buffer_text(buffer), "f:1000: ");
    assert_non_null(last);
    return strchr(last, '\n') + 1;
}

static void test_limit(void **state)
{
    (void)state;
    struct report report = {0}, other = {0};
    struct buffer buffer = {0};
    add_many(&report, PROBLEMS_MAX, 0);
    assert_string_equal(summary(&report, &buffer), "1000 errors in 1 file\n");
    add_many(&report, 0, 1);
    assert_int_equal(report.count, PROBLEMS_MAX);
    assert_string_equal(summary(&report, &buffer), "1 more problem is not shown\n"
                                                   "1000 errors, 1 warning in at least 1 file\n");
    add_many(&other, 1, 1);
    report_move(&report, &other);
    assert_int_equal(report.count, PROBLEMS_MAX);
    assert_string_equal(summary(&report, &buffer), "3 more problems are not shown\n"
                                                   "1001 errors, 2 warnings in at least 1 file\n");
    report_move(&other, &report); // the hidden ones are counted on
    assert_string_equal(summary(&other, &buffer), "3 more problems are not shown\n"
                                                  "1001 errors, 2 warnings in at least 1 file\n");
    report_free(&other);
    report_free(&report);
    buffer_free(&buffer);
}

static void test_move(void **state)
{
    (void)state;
    struct report to = {0}, from = {0};
    report_move(&to, &from); // nothing to nothing
    report_add(&from, SEVERITY_ERROR, AT("f", 1, 1, 1, "x"), "h", "one");
    report_move(&to, &from);
    assert_int_equal(from.count + from.errors + from.warnings, 0);
    report_add(&from, SEVERITY_WARNING, AT("g", 1, 1, 1, "y"), NULL, "two");
    report_move(&to, &from);
    report_free(&from);
    assert_printed(&to, false,
                   "f:1:1: error: one\n    1 | x\n      | ^\n      = h\n"
                   "g:1:1: warning: two\n    1 | y\n      | ^\n"
                   "1 error, 1 warning in 2 files\n");
}

static void test_print(void **state)
{
    (void)state;
    struct report report = {0};
    add_many(&report, 2, 0);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    report_print(&report, stream, false);
    fclose(stream);
    assert_string_equal(text, "f:1: error: m\nf:2: error: m\n2 errors in 1 file\n");
    free(text);
    report_free(&report);
}

static void test_json(void **state)
{
    (void)state;
    struct report report = {0};
    struct buffer buffer = {0};
    report_add(&report, SEVERITY_ERROR, AT("f", 2, 3, 1, "say \"x\""), "h", "m");
    report_add(&report, SEVERITY_WARNING, NULL, NULL, "n");
    struct json json = json_begin(&buffer);
    report_json(&report, &json, NULL);
    assert_string_equal(buffer_text(&buffer),
                        "[{\"severity\":\"warning\",\"file\":null,\"line\":null,\"column\":null,"
                        "\"message\":\"n\",\"hint\":null,\"source\":null},"
                        "{\"severity\":\"error\",\"file\":\"f\",\"line\":2,\"column\":3,"
                        "\"message\":\"m\",\"hint\":\"h\",\"source\":\"say \\\"x\\\"\"}]");
    json_t *read = json_loads(buffer_text(&buffer), 0, NULL);
    assert_int_equal(json_array_size(read), 2);
    json_decref(read);
    report_free(&report);

    buffer_clear(&buffer);
    json = json_begin(&buffer);
    report_json(&report, &json, NULL);
    assert_string_equal(buffer_text(&buffer), "[]");
    buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_what_is_unknown_is_left_out),
        cmocka_unit_test(test_caret),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_long_line_of_characters),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_texts_are_cleaned),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
