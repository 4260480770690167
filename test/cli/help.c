// Help: every command has all of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/command_find.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "spoken.h"

static void assert_has(const char *text, const char *piece)
{
    if (!strstr(text, piece))
        fail_msg("'%s' is not in: %s", piece, text);
}

static void test_every_command(void **state)
{
    (void)state;
    for (const struct command *command = command_table(); command->noun; command++) {
        char line[64];
        snprintf(line, sizeof line, "help %s %s", command->noun,
                 command->verb ? command->verb : "");
        struct spoken help = speak(line);
        assert_int_equal(help.code, EXIT_OK);
        assert_string_equal(help.err, "");
        assert_has(help.out, command->summary);
        assert_has(help.out, "usage: onym ");
        assert_has(help.out, "exit codes\n");
        assert_has(help.out, "examples\n");
        assert_has(help.out, command->examples[0].line);
        for (const struct command_flag *flag = command->flags; flag && flag->name; flag++)
            assert_has(help.out, flag->name);
        snprintf(line, sizeof line, "%s %s --help", command->noun,
                 command->verb ? command->verb : "");
        struct spoken same = speak(line);
        assert_int_equal(same.code, EXIT_OK);
        assert_string_equal(same.out, help.out);
        hush(&help);
        hush(&same);
    }
}

// 80 columns where there is no terminal.
static void test_width(void **state)
{
    (void)state;
    struct buffer text = {0};
    help_print_command(&text, command_find("query", NULL));
    size_t column = 0;
    for (const char *at = buffer_text(&text); *at; at++) {
        column = *at == '\n' ? 0 : column + 1;
        assert_true(column <= 80);
    }
    buffer_free(&text);
}

static void test_overview(void **state)
{
    (void)state;
    struct spoken all = speak("help"), flag = speak("--help"), zone = speak("help zone");
    for (const struct command *command = command_table(); command->noun; command++)
        assert_has(all.out, command->summary);
    assert_string_equal(all.out, flag.out);
    assert_has(zone.out, "zone print");
    assert_null(strstr(zone.out, "ctl"));
    hush(&all);
    hush(&flag);
    hush(&zone);
}

static void test_unknown(void **state)
{
    static const struct {
        const char *line, *err;
    } cases[] = {
        {"help qery", "onym: there is no command 'qery'\n  did you mean 'onym help query'?\n"},
        {"help zone chekc",
         "onym: there is no command 'zone chekc'\n  did you mean 'onym help zone check'?\n"},
        {"help a b", "onym: there is no command 'a'\n  'onym help' lists the commands\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        assert_int_equal(spoken.code, EXIT_USAGE);
        assert_string_equal(spoken.out, "");
        assert_string_equal(spoken.err, cases[i].err);
        hush(&spoken);
    }
}

static void test_json(void **state)
{
    static const struct {
        const char *line;
        size_t commands;
    } cases[] = {
        {"help zone --json", 16}, {"help zone check --json", 1}, {"query --help --json", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        json_t *object = json_loads(spoken.out, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(object, "v")), 1);
        assert_int_equal(json_array_size(json_object_get(object, "commands")), cases[i].commands);
        assert_true(json_array_size(json_object_get(object, "exit_codes")) > 10);
        json_decref(object);
        hush(&spoken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_command), cmocka_unit_test(test_width),
        cmocka_unit_test(test_overview),      cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
