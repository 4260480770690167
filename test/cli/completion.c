// Completion scripts: each names every noun, verb and flag; bash is asked to use its own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static void test_complete(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buffer text = {0};
        assert_true(completion_print(shells[i], &text));
        for (const struct command *command = command_table(); command->noun; command++) {
            assert_non_null(strstr(buffer_text(&text), command->noun));
            assert_true(!command->verb || strstr(buffer_text(&text), command->verb));
            for (const struct command_flag *flag = command->flags; flag && flag->name; flag++) {
                // fish writes -l name for --name
                const char *name = flag->name + (flag->name[0] == '-' ? 2 : 0);
                if (!strstr(buffer_text(&text), name))
                    fail_msg("%s: %s", shells[i], name);
            }
        }
        buffer_free(&text);
    }
}

static void test_command(void **state)
{
    (void)state;
    struct spoken good = speak("completion bash"), json = speak("completion fish --json"),
                  bad = speak("completion tcsh");
    assert_int_equal(good.code, EXIT_OK);
    assert_non_null(strstr(good.out, "complete -o filenames -F _onym onym\n"));
    assert_true(strncmp(json.out, "{\"v\":1,\"shell\":\"fish\",", 21) == 0);
    assert_int_equal(bad.code, EXIT_USAGE);
    hush(&good);
    hush(&json);
    hush(&bad);
}

// Each shell that is here reads its script without a complaint.
static void test_syntax(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    (void)state;
    files_begin();
    for (size_t i = 0; i < 3; i++) {
        char line[200];
        struct buffer text = {0};
        assert_true(completion_print(shells[i], &text));
        files_put("script", buffer_text(&text));
        buffer_free(&text);
        snprintf(line, sizeof line, "if command -v %s >/dev/null; then %s -n script; fi", shells[i],
                 shells[i]);
        assert_int_equal(system(line), 0);
    }
    files_end();
}

static void test_bash(void **state)
{
    static const struct {
        const char *words; // what is typed, the last one to be completed
        const char *replies;
    } cases[] = {
        {"onym zo", "zone"},
        {"onym zone ''", "check print stat route add remove set del log history diff undo export "
                         "import edit copy --help "
                         "--json --quiet --verbose --color"},
        {"onym zone check --s", "--strict"},
        {"onym --json zone s", "stat set"},
        {"onym query a.test DN", "DNAME DNSKEY"},
        {"onym query a.test +di", ""},
        {"onym query a.test +dn", "+dnssec"},
        {"onym --color a", "auto always"},
        {"onym completion z", "zsh"},
        {"onym check -c a.test", "a.test.zone"},
        {"onym zone check a.", "a.test.zone"},
        {"onym help zo", "zone"},
        {"onym man onym.", "onym.yaml"},
    };
    (void)state;
    if (system("command -v bash >/dev/null") != 0)
        skip(); // no bash
    files_begin();
    files_put("a.test.zone", "");
    struct buffer text = {0};
    assert_true(completion_print("bash", &text));
    buffer_add_text(&text, "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($#-1)); _onym; "
                           "echo \"${COMPREPLY[*]}\"; }\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        buffer_format(&text, "try %s\n", cases[i].words);
    files_put("script", buffer_text(&text));
    buffer_free(&text);
    FILE *shell = popen("bash script", "r");
    assert_non_null(shell);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[1000] = "";
        assert_non_null(fgets(line, sizeof line, shell));
        line[strcspn(line, "\n")] = 0;
        if (strcmp(line, cases[i].replies) != 0)
            fail_msg("%s: %s", cases[i].words, line);
    }
    assert_int_equal(pclose(shell), 0);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complete),
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_bash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
