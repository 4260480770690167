// $GENERATE's templates: values as BIND 9.18's named-compilezone writes them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "zone/generate.h"
#include "zone/scan.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct token word(const char *text)
{
    return (struct token){.text = text, .size = (uint32_t)strlen(text), .line = 1, .column = 1};
}

static void test_ranges(void **state)
{
    static const struct {
        const char *text;
        uint32_t start, stop, step;
        const char *problem; // NULL: good
    } rows[] = {
        {"1-3", 1, 3, 1, NULL},
        {"0-0", 0, 0, 1, NULL},
        {"10-30/10", 10, 30, 10, NULL},
        {"0-65535", 0, 65535, 1, NULL},
        {"0-2147483647/32768", 0, 2147483647, 32768, NULL},
        {"0-65536", 0, 0, 0, "65537 records in one $GENERATE; the most is 65536"},
        {"0-2147483647", 0, 0, 0, "2147483648 records in one $GENERATE; the most is 65536"},
        {"3-1", 0, 0, 0, "the range begins above its end"},
        {"1-2/0", 0, 0, 0, "the step of a range is a number from 1"},
        {"1-2/", 0, 0, 0, "the step of a range is a number from 1"},
        {"1-2/-1", 0, 0, 0, "the step of a range is a number from 1"},
        {"1", 0, 0, 0, "not a range of numbers"},
        {"1-", 0, 0, 0, "not a range of numbers"},
        {"-1", 0, 0, 0, "not a range of numbers"},
        {"-1-2", 0, 0, 0, "not a range of numbers"},
        {"a-b", 0, 0, 0, "not a range of numbers"},
        {"1/2-3", 0, 0, 0, "not a range of numbers"},
        {"1-2147483648", 0, 0, 0, "not a range of numbers"},
        {"", 0, 0, 0, "not a range of numbers"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct token token = word(rows[i].text);
        struct generate_range range;
        char problem[100] = "";
        bool good = generate_read_range(&token, &range, problem, sizeof problem);
        assert_string_equal(problem, rows[i].problem ? rows[i].problem : "");
        assert_int_equal(good, rows[i].problem == NULL);
        if (!good)
            continue;
        assert_int_equal(range.start, rows[i].start);
        assert_int_equal(range.stop, rows[i].stop);
        assert_int_equal(range.step, rows[i].step);
    }
}

static void test_counters(void **state)
{
    static const struct {
        const char *text;
        uint32_t value;
        const char *expected; // NULL: refused
    } rows[] = {
        {"a", 7, "a"},
        {"$", 7, "7"},
        {"h$.x$", 7, "h7.x7"},
        {"$$", 7, "\\$"},
        {"$$$", 7, "\\$7"},
        {"\\$", 7, "\\$"},
        {"\\\\$", 7, "\\\\7"},
        {"a\\", 7, "a\\"},
        {"${0}", 7, "7"},
        {"${10}", 7, "17"},
        {"${+10}", 7, "17"},
        {"${-7}", 7, "0"},
        {"${0,3}", 7, "007"},
        {"${0,3,d}", 7, "007"},
        {"${0,0,d}", 7, "7"},
        {"${1,3,o}", 7, "010"},
        {"${0,2,x}", 255, "ff"},
        {"${0,4,X}", 255, "00FF"},
        {"${0,1,x}", 255, "ff"},
        {"${0,1,n}", 10, "a"},
        {"${0,3,n}", 10, "a.0"},
        {"${0,4,n}", 10, "a.0."},
        {"${0,5,N}", 300, "C.2.1"},
        {"${0,6,n}", 300, "c.2.1."},
        {"${0,9,N}", 300, "C.2.1.0.0"},
        {"${0,0,n}", 300, "c.2.1"},
        {"${0,0,n}", 0, "0"},
        {"${2147483647,0,d}", 2147483647, "4294967294"},
        {"${-20,6,d}", 30, "000010"},
        {"${-20,6,d}", 10, NULL},
        {"${0,256,d}", 1, NULL},
        {"${0,255,d}x${0", 1, NULL},
        {"${", 1, NULL},
        {"${}", 1, NULL},
        {"${a}", 1, NULL},
        {"${0,}", 1, NULL},
        {"${0,1,}", 1, NULL},
        {"${0,1,q}", 1, NULL},
        {"${0,1,dd}", 1, NULL},
        {"${0,1,d,}", 1, NULL},
        {"${0,-1}", 1, NULL},
        {"${--1}", 1, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct token token = word(rows[i].text);
        struct buffer text = {0};
        size_t at_fault = 9;
        const char *problem = generate_write(&token, 1, rows[i].value, &text, &at_fault);
        if (rows[i].expected) {
            assert_null(problem);
            assert_string_equal(buffer_text(&text), rows[i].expected);
        } else {
            assert_non_null(problem);
            assert_int_equal(at_fault, 0);
        }
        buffer_free(&text);
    }
}

// Whole templates, cut into words by the scanner as parse.c does it.
static void test_templates(void **state)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"h$ A 192.0.2.$", "h5 A 192.0.2.5"},
        {"h$ 60 IN A 192.0.2.$", "h5 60 IN A 192.0.2.5"},
        {"h$ MX 10 m$", "h5 MX 10 m5"},
        {"h$ MX \"10 m$\"", "h5 MX 10 m5"},
        {"h$ TXT \"foo bar $\"", "h5 TXT foo bar 5"},
        {"h$ TXT \"\\\"foo bar $\\\"\"", "h5 TXT \"foo bar 5\""},
        {"h$ TXT \"a $\" \"b\"", "h5 TXT \"a 5\" \"b\""},
        {"h$ HTTPS 1 . alpn=\"h$\"", "h5 HTTPS 1 . alpn=\"h5\""},
        {"h$ ( A\n192.0.2.$ )", "h5 A 192.0.2.5"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scan scan;
        struct buffer text = {0};
        size_t at_fault = 0;
        char padded[200] = "";
        size_t size = strlen(rows[i].text);
        assert_true(size + SCAN_PADDING <= sizeof padded);
        memcpy(padded, rows[i].text, size);
        scan_begin(&scan, padded, size);
        assert_int_equal(scan_next(&scan), SCAN_RECORD);
        assert_null(generate_write(scan.tokens, scan.count, 5, &text, &at_fault));
        assert_string_equal(buffer_text(&text), rows[i].expected);
        buffer_free(&text);
        scan_free(&scan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
