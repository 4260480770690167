// The manual pages.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/manual.h"
#include "files.h"
#include "spoken.h"

static void test_onym(void **state)
{
    (void)state;
    struct buffer page = {0};
    manual_print_onym(&page);
    const char *text = buffer_text(&page);
    assert_true(strncmp(text, ".TH ONYM 1 ", 11) == 0);
    for (const struct command *command = command_table(); command->noun; command++) {
        char title[64];
        snprintf(title, sizeof title, "\n.SS %s%s%s\n", command->noun, command->verb ? " " : "",
                 command->verb ? command->verb : "");
        if (!strstr(text, title))
            fail_msg("no section%s", title);
    }
    for (const struct exit_row *row = exit_table(); row->words; row++) {
        char title[32];
        snprintf(title, sizeof title, "\n\\fB%d\\fR\n", row->code);
        assert_non_null(strstr(text, title));
    }
    assert_null(strstr(text, " --")); // a hyphen that would not be copied as it is typed
    buffer_free(&page);
}

// No line begins as a macro that was not meant.
static void test_macros(void **state)
{
    static const char *const macros[] = {".TH ", ".SH ",  ".SS ",  ".TP\n", ".PP\n",
                                         ".BR ", ".nf\n", ".fi\n", ".br\n"};
    (void)state;
    struct buffer pages = {0};
    manual_print_onym(&pages);
    manual_print_onym_yaml(&pages);
    for (const char *line = buffer_text(&pages); line; line = strchr(line, '\n')) {
        line += *line == '\n';
        bool known = line[0] != '.' && line[0] != '\'';
        for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++)
            known = known || strncmp(line, macros[i], strlen(macros[i])) == 0;
        if (!known)
            fail_msg("%.60s", line);
    }
    buffer_free(&pages);
}

static void test_command(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *begin;
    } cases[] = {
        {"man", EXIT_OK, ".TH ONYM 1 "},
        {"man onym", EXIT_OK, ".TH ONYM 1 "},
        {"man onym.yaml", EXIT_OK, ".TH ONYM.YAML 5 "},
        {"man onym.yaml.5", EXIT_OK, ".TH ONYM.YAML 5 "},
        {"man onym.yaml --json", EXIT_OK, "{\"v\":1,\"page\":\"onym.yaml.5\","},
        {"man dig", EXIT_USAGE, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak(cases[i].line);
        assert_int_equal(spoken.code, cases[i].code);
        assert_true(strncmp(spoken.out, cases[i].begin, strlen(cases[i].begin)) == 0);
        hush(&spoken);
    }
}

// mandoc finds no error, where it is installed. (That the date is missing is meant: a page that is
// printed from a program has none.)
static void test_mandoc(void **state)
{
    (void)state;
    if (system("command -v mandoc >/dev/null") != 0)
        skip(); // no mandoc
    files_begin();
    struct buffer page = {0};
    manual_print_onym(&page);
    files_put("onym.1", buffer_text(&page));
    buffer_clear(&page);
    manual_print_onym_yaml(&page);
    files_put("onym.yaml.5", buffer_text(&page));
    buffer_free(&page);
    FILE *mandoc = popen("mandoc -T lint -W warning onym.1 onym.yaml.5 2>&1", "r");
    assert_non_null(mandoc);
    char line[1000];
    while (fgets(line, sizeof line, mandoc))
        if (!strstr(line, "missing date"))
            fail_msg("%s", line);
    pclose(mandoc);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onym), cmocka_unit_test(test_macros),
                                       cmocka_unit_test(test_command),
                                       cmocka_unit_test(test_mandoc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
