// Exit codes: the contract that scripts rely on.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/command.h"
#include "cli/exit.h"

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(EXIT_OK, 0);
    assert_int_equal(EXIT_FAILED, 1);
    assert_int_equal(EXIT_USAGE, 2);
    assert_int_equal(EXIT_UNREACHABLE, 3);
    assert_int_equal(EXIT_PERMISSION, 4);
    assert_int_equal(EXIT_NOT_FOUND, 5);
    assert_int_equal(EXIT_CONFLICT, 6);
    assert_int_equal(EXIT_PARTLY, 7);
    assert_int_equal(EXIT_NO_REPLY, 9);
    assert_int_equal(EXIT_NXDOMAIN, 10);
    assert_int_equal(EXIT_SERVFAIL, 11);
    assert_int_equal(EXIT_REFUSED, 12);
    assert_int_equal(EXIT_BOGUS, 13);
    assert_int_equal(EXIT_NODATA, 14);
    assert_int_equal(EXIT_ERROR, 15);
}

static const struct exit_row *find(unsigned code)
{
    for (const struct exit_row *row = exit_table(); row->words; row++)
        if (row->code == code)
            return row;
    return NULL;
}

// Each once, in order; and each that a command promises has its words.
static void test_table(void **state)
{
    (void)state;
    for (const struct exit_row *row = exit_table(); row[1].words; row++)
        assert_true(row->code < row[1].code);
    for (const struct command *command = command_table(); command->noun; command++)
        for (const unsigned char *code = command->exits; code && *code; code++) {
            assert_non_null(find(*code));
            assert_true(*code > EXIT_USAGE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes), cmocka_unit_test(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
