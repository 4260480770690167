// "Did you mean": distances, and who is near enough.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/suggest.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void test_distance(void **state)
{
    static const char word_63[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char word_64[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const struct {
        const char *a, *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"zone", "zone", 0},
        {"zone", "ZONE", 0},
        {"acces", "access", 1},   // insert
        {"accesss", "access", 1}, // delete
        {"eccess", "access", 1},  // replace
        {"acecss", "access", 1},  // swap
        {"za", "az", 1},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3}, // 2 if a piece might be edited twice: the restricted form
        {"abcdef", "badcfe", 3},
        {"abc", "xyz", 3},
        {word_63, "", 63},
        {word_63, word_63, 0},
        {word_64, word_64, 1000},
        {word_64, "a", 1000},
        {"", word_64, 1000},
        {"\xe4", "\xc4", 1}, // only ASCII is folded
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static void test_consider(void **state)
{
    static const char *const known[] = {"access", "address", "listen", "zone", "zones",
                                        "a",      "file",    "files",  "ttl"};
    static const struct {
        const char *word, *best;
    } cases[] = {
        {"acces", "access"},
        {"adress", "address"},
        {"LISTEN", "listen"},
        {"lsiten", "listen"},
        {"zonse", "zone"},
        {"zon", "zone"},
        {"fil", "file"},
        {"filex", "file"},
        {"tll", "ttl"},
        {"xyz", NULL},
        {"", NULL},
        {"b", "a"},
        {"axxess", "access"}, // two of six
        {"axxxss", NULL},
        {"configuration", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct suggestion suggestion = {.word = cases[i].word};
        for (size_t k = 0; k < COUNT(known); k++)
            suggest_consider(&suggestion, known[k]);
        const char *best = suggestion.best ? suggestion.best : "-";
        const char *expected = cases[i].best ? cases[i].best : "-";
        if (strcmp(best, expected) != 0)
            fail_msg("'%s': %s, not %s", cases[i].word, best, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_consider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
