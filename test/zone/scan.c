// The scanner: words, records that span lines, and where each kind of damage is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "zone/scan.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define TEXT(text_)  text_, sizeof(text_) - 1

static const char padding[SCAN_PADDING];

// Each record a line: "line:column" of its first word, ">" if indented, its words between bars.
static void render(struct scan *scan, struct buffer *to)
{
    for (;;) {
        switch (scan_next(scan)) {
        case SCAN_END: return;
        case SCAN_PROBLEM:
            buffer_format(to, "!%u:%u+%u %s\n", scan->problem.token.line,
                          scan->problem.token.column, scan->problem.token.size,
                          scan->problem.message);
            break;
        case SCAN_RECORD:
            assert_true(scan->count > 0);
            buffer_format(to, "%u:%u%s", scan->tokens[0].line, scan->tokens[0].column,
                          scan->indented ? ">" : "");
            for (size_t i = 0; i < scan->count; i++) {
                const char *quote = scan->tokens[i].quoted ? "\"" : "";
                buffer_format(to, " %s%.*s%s", quote, (int)scan->tokens[i].size,
                              scan->tokens[i].text, quote);
            }
            buffer_add_char(to, '\n');
            break;
        }
    }
}

static void assert_scanned(const char *text, size_t size, const char *expected)
{
    char *exact = malloc(size + SCAN_PADDING); // the text and its NULs, nothing more
    memcpy(exact, text, size);
    memset(exact + size, 0, SCAN_PADDING);
    struct scan scan;
    struct buffer rendered = {0};
    scan_begin(&scan, exact, size);
    render(&scan, &rendered);
    assert_string_equal(buffer_text(&rendered), expected);
    buffer_free(&rendered);
    scan_free(&scan);
    free(exact);
}

static void test_words(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } rows[] = {
        {TEXT(""), ""},
        {TEXT("\n\n  \n\t\n; only\n   ; comments"), ""},
        {TEXT("a b c"), "1:1 a b c\n"},
        {TEXT("a b\nc\td\n"), "1:1 a b\n2:1 c d\n"},
        {TEXT("a b\r\n\r\n c\r\n"), "1:1 a b\n3:2> c\n"},
        {TEXT("\xef\xbb\xbf"
              "a b\n"),
         "1:1 a b\n"},
        {TEXT("\xef\xbb\xbf b\n"), "1:2> b\n"},
        {TEXT("  A 1\n"), "1:3> A 1\n"},
        {TEXT("a b;c\nd;\n"), "1:1 a b\n2:1 d\n"},
        {TEXT("a ( b ; c )\n  d\n )e\nf"), "1:1 a b d e\n4:1 f\n"},
        {TEXT("(a\nb)\n"), "1:2 a b\n"},
        {TEXT(" (a\nb)\n"), "1:3> a b\n"},
        {TEXT("a(b)c((d)\n)e\n"), "1:1 a b c d e\n"},
        {TEXT("a \"b c\" \"\" d\n"), "1:1 a \"b c\" \"\" d\n"},
        {TEXT("a \"b\"\"c\"d\"e\"\n"), "1:1 a \"b\" \"c\" d \"e\"\n"},
        {TEXT("a \";()\t \\\" \"\n"), "1:1 a \";()\t \\\" \"\n"},
        {TEXT("\"a\" b\n"), "1:1 \"a\" b\n"},
        {TEXT("a\\ b \\; \\( \\\" \\\\ \\065\n"), "1:1 a\\ b \\; \\( \\\" \\\\ \\065\n"},
        {TEXT("a\\"), "1:1 a\\\n"},
        {TEXT("a \\\nb\n"), "1:1 a \\\n2:1 b\n"},
        {TEXT("a \\\r\nb\n"), "1:1 a \\\n2:1 b\n"},
        {TEXT("k=\"v w\" l=m n=\"\"o\n"), "1:1 k=\"v w\" l=m n=\"\" o\n"},
        {TEXT("\xc3\xa4 \xff\n"), "1:1 \xc3\xa4 \xff\n"},
        {TEXT("a \"b\\\\\" c\n"), "1:1 a \"b\\\\\" c\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_scanned(rows[i].text, rows[i].size, rows[i].expected);
}

static void test_problems(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
    } rows[] = {
        {TEXT("a \"b\nc d\n"), "!1:3+1 this quote is not closed on its line\n2:1 c d\n"},
        {TEXT("a \"b"), "!1:3+1 this quote is not closed on its line\n"},
        {TEXT("a \"b\\"), "!1:3+1 this quote is not closed on its line\n"},
        {TEXT("a \"b\\\nc\n"), "!1:3+1 this quote is not closed on its line\n2:1 c\n"},
        {TEXT("a \"b\r\nc d\n"), "!1:3+1 this quote is not closed on its line\n2:1 c d\n"},
        {TEXT("a k=\"b\nc d\n"), "!1:5+1 this quote is not closed on its line\n2:1 c d\n"},
        {TEXT("a ( \"b\n c )\nd e\n"), "!1:5+1 this quote is not closed on its line\n3:1 d e\n"},
        {TEXT("a b)\nc d\n"), "!1:4+1 a closing parenthesis that none opened\n2:1 c d\n"},
        {TEXT("a\n b (c\n  d\n  e\n f\ng h\n"), "1:1 a\n!2:4+1 this parenthesis is never closed\n"
                                                "6:1 g h\n"},
        {TEXT("a (\n b\nc \"d\ne f\n"), "!1:3+1 this parenthesis is never closed\n"
                                        "!3:3+1 this quote is not closed on its line\n4:1 e f\n"},
        {TEXT("a ( ( b )\nc"), "!1:3+1 this parenthesis is never closed\n2:1 c\n"},
        {TEXT("a ("), "!1:3+1 this parenthesis is never closed\n"},
        {TEXT("a ( \"b )\nc d\n"), "!1:5+1 this quote is not closed on its line\n2:1 c d\n"},
        {TEXT("a\0b c\nd"), "!1:2+1 a NUL octet in the text\n2:1 d\n"},
        {TEXT("a ; x\0y\nd"), "!1:6+1 a NUL octet in the text\n2:1 d\n"},
        {TEXT("a \"x\0y\"\nd"), "!1:5+1 a NUL octet in the text\n2:1 d\n"},
        {TEXT("a \x01\nb"), "!1:3+1 a control character in the text\n2:1 b\n"},
        {TEXT("a \"\x7f\"\nb"), "!1:4+1 a control character in the text\n2:1 b\n"},
        {TEXT("a \\\x1b\nb"), "!1:4+1 a control character in the text\n2:1 b\n"},
        {TEXT("a\rb\nc"), "!1:2+1 a carriage return that no line feed follows\n2:1 c\n"},
        {TEXT("a ) \x01 \"\nc"), "!1:3+1 a closing parenthesis that none opened\n2:1 c\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_scanned(rows[i].text, rows[i].size, rows[i].expected);
}

static void test_split_values(void **state)
{
    (void)state;
    struct scan scan;
    static const char text[100] = "a TXT x=\"b c\" d=e f=\"\"";
    scan_begin(&scan, text, strlen(text));
    assert_int_equal(scan_next(&scan), SCAN_RECORD);
    assert_true(scan.has_values);
    assert_int_equal(scan.count, 5);
    scan_split_values(&scan, 2);
    static const struct {
        const char *text;
        uint32_t column;
        bool quoted;
    } rows[] = {{"a", 1, false},    {"TXT", 3, false}, {"x=", 7, false}, {"b c", 9, true},
                {"d=e", 15, false}, {"f=", 19, false}, {"", 21, true}};
    assert_int_equal(scan.count, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(scan.tokens[i].size, strlen(rows[i].text));
        assert_memory_equal(scan.tokens[i].text, rows[i].text, scan.tokens[i].size);
        assert_int_equal(scan.tokens[i].column, rows[i].column);
        assert_int_equal(scan.tokens[i].quoted, rows[i].quoted);
    }
    scan_free(&scan);
}

static void scan_repeated(const char *begin, const char *repeated, size_t times, const char *end,
                          struct buffer *rendered)
{
    struct buffer text = {0};
    buffer_add_text(&text, begin);
    for (size_t i = 0; i < times; i++)
        buffer_add_text(&text, repeated);
    buffer_add_text(&text, end);
    struct scan scan;
    size_t size = text.size;
    buffer_add(&text, padding, sizeof padding);
    scan_begin(&scan, buffer_text(&text), size);
    render(&scan, rendered);
    scan_free(&scan);
    buffer_free(&text);
}

// RECORD_TEXT_MAX: a record just as long passes, a longer one is told and the next one read.
static void test_record_text_max(void **state)
{
    (void)state;
    struct buffer rendered = {0};
    scan_repeated("a ", "b", RECORD_TEXT_MAX - 2, "\nc\n", &rendered);
    assert_int_equal(rendered.size, RECORD_TEXT_MAX + strlen("1:1 ") + strlen("\n2:1 c\n"));
    buffer_clear(&rendered);
    scan_repeated("a ", "b", RECORD_TEXT_MAX - 1, "\nc\n", &rendered);
    assert_string_equal(buffer_text(&rendered), "!1:3+1048575 a record of more than 1 MB of text\n"
                                                "2:1 c\n");
    buffer_clear(&rendered);
    scan_repeated("a (", "\nb", RECORD_TEXT_MAX, ")\nc\n", &rendered);
    assert_non_null(strstr(buffer_text(&rendered), "a record of more than 1 MB of text\n"));
    assert_non_null(strstr(buffer_text(&rendered), ":1 c\n"));
    buffer_free(&rendered);
}

// A file of nothing but opening parentheses ends, and says that it was not read to its end.
static void test_rewinds_max(void **state)
{
    (void)state;
    struct buffer text = {0};
    for (unsigned i = 0; i < 1000; i++)
        buffer_add_text(&text, "a (\n");
    struct scan scan;
    size_t size = text.size;
    buffer_add(&text, padding, sizeof padding);
    scan_begin(&scan, buffer_text(&text), size);
    unsigned problems = 0;
    const char *hint = NULL;
    while (scan_next(&scan) == SCAN_PROBLEM) {
        problems++;
        hint = scan.problem.hint;
    }
    assert_int_equal(problems, 17);
    assert_string_equal(hint, "too many of these: the rest of the file was not read");
    scan_free(&scan);
    buffer_free(&text);
}

// A part of a text: up to `stop`, with the record that goes on behind it or, cautiously, without.
static void test_stop(void **state)
{
    static const struct {
        const char *text;
        size_t stop, reached, reached_cautiously;
        unsigned records, records_cautiously;
        uint32_t line, line_cautiously;
    } rows[] = {
        {"a b\nc d\ne f\n", 4, 4, 4, 1, 1, 2, 2},
        {"a b\nc d\ne f\n", 8, 8, 8, 2, 2, 3, 3},
        {"a b\nc (\nd\n) e\nf g\n", 8, 14, 4, 2, 1, 5, 2},
        {"a b\nc (\nd\n) e\nf g\n", 14, 14, 14, 2, 2, 5, 5},
        {"a b\n\n; c\n\nd e\n", 5, 5, 5, 1, 1, 3, 3},
        {"a b\n\n; c\n\nd e\n", 10, 10, 10, 1, 1, 5, 5},
        {"a b\n( c\n", 8, 8, 4, 1, 1, 3, 2}, // and one problem
        {"a b\n( c", 7, 7, 4, 1, 1, 3, 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (unsigned cautious = 0; cautious < 2; cautious++) {
            char padded[100] = "";
            strcpy(padded, rows[i].text);
            struct scan scan;
            scan_begin(&scan, padded, strlen(padded));
            scan.stop = padded + rows[i].stop;
            scan.cautious = cautious;
            unsigned records = 0;
            enum scan_result result;
            while ((result = scan_next(&scan)) != SCAN_END)
                records += result == SCAN_RECORD;
            assert_int_equal(records, cautious ? rows[i].records_cautiously : rows[i].records);
            assert_int_equal(scan.at - padded,
                             cautious ? rows[i].reached_cautiously : rows[i].reached);
            assert_int_equal(scan.line, cautious ? rows[i].line_cautiously : rows[i].line);
            scan_free(&scan);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_split_values), cmocka_unit_test(test_record_text_max),
        cmocka_unit_test(test_rewinds_max),  cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
