// Dates of signatures, against libc's calendar.
#include "records.h"

#include <stdio.h>
#include <time.h>

#include "dns/date.h"

static void test_known(void **state)
{
    static const struct {
        const char *text;
        uint32_t seconds;
    } cases[] = {
        {"19700101000000", 0},          {"20000229235959", 951868799},
        {"20000301000000", 951868800},  {"20030322173103", 1048354263}, // RFC 4034 3.3
        {"20380119031408", 2147483648}, {"20991231235959", 4102444799},
        {"21060207062815", UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t seconds = 1;
        char text[DATE_TEXT_SIZE + 1];
        assert_true(date_parse(cases[i].text, strlen(cases[i].text), &seconds));
        assert_int_equal(seconds, cases[i].seconds);
        date_print(seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2003032217310",
        "200303221731033",
        "2003032217310x",
        "20031322173103", // month 13
        "20030022173103",
        "20030300173103",
        "20030332173103",
        "20030229000000", // no leap year
        "21000229000000",
        "20030322240000",
        "20030322176000",
        "20030322173160",
        "19691231235959",
        "21060207062816", // one past 32 bits
        "99991231235959",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint32_t seconds;
        assert_false(date_parse(texts[i], strlen(texts[i]), &seconds));
    }
}

// A day and a bit at a time through all 32 bits.
static void test_like_libc(void **state)
{
    (void)state;
    for (uint64_t seconds = 0; seconds <= UINT32_MAX; seconds += 86400 / 2 + 7) {
        char text[DATE_TEXT_SIZE + 1], wanted[32];
        time_t time = (time_t)seconds;
        struct tm parts;
        uint32_t back;
        strftime(wanted, sizeof wanted, "%Y%m%d%H%M%S", gmtime_r(&time, &parts));
        date_print((uint32_t)seconds, text);
        assert_string_equal(text, wanted);
        assert_true(date_parse(text, DATE_TEXT_SIZE, &back));
        assert_int_equal(back, seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_like_libc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
