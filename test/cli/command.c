// The table of commands: every row is complete.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit.h"

static void check_flags(const struct command_flag *flags)
{
    size_t count = 0;
    for (; flags && flags->name; flags++, count++) {
        assert_true(strncmp(flags->name, "--", 2) == 0 || flags->name[0] == '+');
        assert_true(flags->help && *flags->help);
        assert_true(!flags->also || flags->name[0] == '+');
        assert_true(flags->words != WORDS_CHOICE || flags->choices);
        assert_true(flags->words == WORDS_ANY || flags->value);
    }
    assert_true(count <= FLAGS_MAX);
}

static void test_rows(void **state)
{
    (void)state;
    check_flags(command_common_flags());
    for (const struct command *command = command_table(); command->noun; command++) {
        assert_true(command->run && command->summary && command->details);
        assert_true(islower((unsigned char)command->summary[0]) ||
                    isupper((unsigned char)command->summary[1]));
        assert_int_not_equal(command->summary[strlen(command->summary) - 1], '.');
        assert_true(strlen(command->summary) < 55);
        assert_int_equal(command->details[strlen(command->details) - 1], '.');
        assert_true(command->examples && command->examples[0].line);
        check_flags(command->flags);
        for (const struct command_argument *word = command->arguments; word && word->name; word++)
            assert_true(word->help && *word->help);
    }
}

// Each example is a command line of its own command.
static void test_examples(void **state)
{
    (void)state;
    for (const struct command *command = command_table(); command->noun; command++) {
        for (const struct command_example *example = command->examples; example->line; example++) {
            char line[256], *words[32];
            int count = 0;
            assert_true(strlen(example->line) < sizeof line);
            strcpy(line, example->line);
            line[strcspn(line, "|>")] = 0; // the shell's part
            for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
                words[count++] = word;
            struct arguments arguments;
            struct arguments_problem problem;
            if (!arguments_read(&arguments, count, words, &problem))
                fail_msg("onym %s: %s", example->line, problem.message);
            assert_ptr_equal(arguments.command, command);
            arguments_free(&arguments);
        }
    }
}

// No letter and no name twice, neither in a command nor among the common ones.
static void test_unique(void **state)
{
    (void)state;
    for (const struct command *command = command_table(); command->noun; command++) {
        for (const struct command_flag *a = command->flags; a && a->name; a++) {
            for (const struct command_flag *b = command->flags; b < a; b++) {
                assert_string_not_equal(a->name, b->name);
                assert_true(!a->letter || a->letter != b->letter);
            }
            for (const struct command_flag *b = command_common_flags(); b->name; b++) {
                assert_string_not_equal(a->name, b->name);
                assert_true(!a->letter || a->letter != b->letter);
            }
        }
        for (const struct command *other = command_table(); other < command; other++)
            assert_false(
                strcmp(command->noun, other->noun) == 0 &&
                (!command->verb || !other->verb || strcmp(command->verb, other->verb) == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
