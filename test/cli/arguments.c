// Command lines: what is understood, and what is said about what is not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/arguments.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct line {
    struct arguments arguments;
    struct arguments_problem problem;
    char text[512];
    bool good;
};

// Words are separated by single spaces.
static void read_line(struct line *line, const char *text)
{
    char *words[64];
    int count = 0;
    strcpy(line->text, text);
    for (char *word = strtok(line->text, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    line->good = arguments_read(&line->arguments, count, words, &line->problem);
}

static void test_good(void **state)
{
    (void)state;
    struct line line;
    read_line(&line, "zone check -v db.example --strict example.test --color=never -q");
    assert_true(line.good);
    assert_string_equal(line.arguments.command->noun, "zone");
    assert_string_equal(line.arguments.command->verb, "check");
    assert_int_equal(line.arguments.word_count, 2);
    assert_string_equal(arguments_word(&line.arguments, 0), "db.example");
    assert_string_equal(arguments_word(&line.arguments, 1), "example.test");
    assert_null(arguments_word(&line.arguments, 2));
    assert_true(arguments_has(&line.arguments, "--strict"));
    assert_int_equal(line.arguments.verbose, 1);
    assert_true(line.arguments.quiet);
    assert_int_equal(line.arguments.colour, COLOUR_NEVER);
    arguments_free(&line.arguments);
}

static void test_values(void **state)
{
    static const struct {
        const char *line, *flag, *value;
    } cases[] = {
        {"check -c a.yaml", "--config", "a.yaml"},
        {"check -ca.yaml", "--config", "a.yaml"},
        {"check --config a.yaml", "--config", "a.yaml"},
        {"check --config=a.yaml", "--config", "a.yaml"},
        {"check -qvc a.yaml", "--config", "a.yaml"},
        {"check -c a.yaml -c b.yaml", "--config", "b.yaml"},
        {"check --config= ", "--config", ""},
        {"check", "--config", NULL},
        {"query x +short", "+short", ""},
        {"query x +noshort", "+short", "no"},
        {"query x +vc", "+tcp", ""},
        {"query x +novc", "+tcp", "no"},
        {"query x +norec", "+recurse", "no"},
        {"query x +bufsize=512", "+bufsize", "512"},
        {"query x +cookie", "+cookie", ""},
        {"query x +cookie=", "+cookie", ""},
        {"query x +cookie=0102030405060708", "+cookie", "0102030405060708"},
        {"query x +edns=1", "+edns", "1"},
        {"query x +noedns", "+edns", "no"},
        {"query x +noall +answer", "+all", "no"},
        {"-v query x -p 5300", "--port", "5300"},
        {"query -x ::1", "--reverse", "::1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct line line;
        read_line(&line, cases[i].line);
        if (!line.good)
            fail_msg("%s: %s", cases[i].line, line.problem.message);
        const char *value = arguments_value(&line.arguments, cases[i].flag);
        if (cases[i].value)
            assert_string_equal(value, cases[i].value);
        else
            assert_null(value);
        arguments_free(&line.arguments);
    }
}

static void test_bad(void **state)
{
    static const struct {
        const char *line, *message, *hint;
    } cases[] = {
        {"", "what is to be done?", "'onym help' lists the commands"},
        {"zonne", "unknown command 'zonne'", "did you mean 'onym zone'?"},
        {"xyzzy", "unknown command 'xyzzy'", "'onym help' lists the commands"},
        {"zone", "'zone' needs another word", "'onym help zone' lists what there is"},
        {"zone chek f", "unknown command 'zone chek'", "did you mean 'onym zone check'?"},
        {"zone zzzzz", "unknown command 'zone zzzzz'", "'onym help zone' lists what there is"},
        {"zone check", "FILE is missing", "see 'onym help zone check'"},
        {"zone check a b c", "'c' is one word too many", "see 'onym help zone check'"},
        {"version 1", "'1' is one word too many", "see 'onym help version'"},
        {"check --stric", "unknown flag '--stric'", "did you mean '--strict'?"},
        {"check --stric=1", "unknown flag '--stric'", "did you mean '--strict'?"},
        {"check -Z", "unknown flag '-Z'", ""},
        {"check -c", "-c needs a value: FILE", ""},
        {"check --config", "--config needs a value: FILE", ""},
        {"check --strict=yes", "--strict takes no value", ""},
        {"check --color=blue", "'blue' is no value of --color", "one of: auto always never"},
        {"query x +tpc", "unknown flag '+tpc'", "did you mean '+tcp'?"},
        {"query x +tcp=1", "+tcp takes no value", ""},
        {"query x +bufsize", "+bufsize needs a value: +bufsize=N", ""},
        {"--strict check", "unknown flag '--strict'", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct line line;
        read_line(&line, cases[i].line);
        if (line.good)
            fail_msg("%s: understood", cases[i].line);
        assert_string_equal(line.problem.message, cases[i].message);
        assert_string_equal(line.problem.hint, cases[i].hint);
        arguments_free(&line.arguments);
    }
}

static void test_words(void **state)
{
    (void)state;
    struct line line;
    read_line(&line, "zone check -- --strict -");
    assert_true(line.good);
    assert_int_equal(line.arguments.word_count, 2);
    assert_string_equal(arguments_word(&line.arguments, 0), "--strict");
    assert_string_equal(arguments_word(&line.arguments, 1), "-");
    assert_false(arguments_has(&line.arguments, "--strict"));
    arguments_free(&line.arguments);
    // Only query knows words with a plus.
    read_line(&line, "check +file");
    assert_true(line.good);
    assert_string_equal(arguments_word(&line.arguments, 0), "+file");
    arguments_free(&line.arguments);
}

static void test_help(void **state)
{
    static const struct {
        const char *line, *noun, *word;
    } cases[] = {
        {"--help", NULL, NULL},        {"-h", NULL, NULL},
        {"zone --help", NULL, "zone"}, {"zone check --help", "zone", NULL},
        {"query -h", "query", NULL},   {"--version", "version", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct line line;
        read_line(&line, cases[i].line);
        assert_true(line.good);
        if (cases[i].noun)
            assert_string_equal(line.arguments.command->noun, cases[i].noun);
        else
            assert_null(line.arguments.command);
        if (cases[i].word)
            assert_string_equal(arguments_word(&line.arguments, 0), cases[i].word);
        arguments_free(&line.arguments);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *line;
        bool good;
        uint32_t value;
    } cases[] = {
        {"query x", true, 7},
        {"query x +bufsize=0", true, 0},
        {"query x +bufsize=4096", true, 4096},
        {"query x +bufsize=4097", false, 7},
        {"query x +bufsize=-1", false, 7},
        {"query x +bufsize=1x", false, 7},
        {"query x +bufsize=99999999999999999999", false, 7},
        {"query x +nobufsize", true, 7},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct line line;
        uint32_t value = 7;
        read_line(&line, cases[i].line);
        assert_true(line.good);
        assert_int_equal(arguments_number(&line.arguments, "+bufsize", 0, 4096, &value),
                         cases[i].good);
        assert_int_equal(value, cases[i].value);
        arguments_free(&line.arguments);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_values), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_words), cmocka_unit_test(test_help),   cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
