// `onym zone route`: what it takes, and what it says of what it does not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/exit.h"
#include "routed.h"
#include "spoken.h"

static void test_words(void **state)
{
    static const struct {
        const char *words;
        int code;
        const char *out, *err; // parts of them
    } cases[] = {
        {"www.example.test", EXIT_OK, "rule 1 (country SG) at onym.yaml:10:13\n", ""},
        {"WWW.Example.Test. TXT", EXIT_OK, "WWW.Example.Test. TXT\n", ""},
        {"www.example.test A --from 192.0.2.1", EXIT_OK, "192.0.2.11, check web\n", ""},
        {"www.example.test --from AS", EXIT_OK, "192.0.2.99", "the country American Samoa; "},
        {"www.example.test --map", EXIT_OK, "<svg ", ""},
        {"www.example.test TXT --map", EXIT_OK, "a &lt;b&gt; &amp; c", ""},
        {"www.example.test --view inside", EXIT_OK, "10.0.0.1", ""},
        {"near.example.test --view inside", EXIT_NOT_FOUND, "", "no route"}, // its zone is another
        {"wwv.example.test", EXIT_NOT_FOUND, "", "did you mean 'www.example.test.'?"},
        {"ns.example.test", EXIT_NOT_FOUND, "", "ns.example.test. has no route"},
        {"www.example.org", EXIT_NOT_FOUND, "", "www.example.org. is in no zone"},
        {"www.example.test AAAA", EXIT_NOT_FOUND, "", "it has routes for A, TXT"},
        {"www.example.test BOGUS", EXIT_USAGE, "", "'BOGUS' is not a type"},
        {"www..example.test", EXIT_USAGE, "", "is not a name"},
        {"www.example.test --from sg", EXIT_USAGE, "", "did you mean 'SG' (Singapore)?"},
        {"www.example.test --from UK", EXIT_USAGE, "", "did you mean 'GB' (United Kingdom)?"},
        {"www.example.test --from 192.0.2.1/24", EXIT_USAGE, "", "is not a prefix"},
        {"www.example.test --map --from SG", EXIT_USAGE, "", "either --map or --from"},
        {"www.example.test --view insid", EXIT_NOT_FOUND, "", "did you mean 'inside'?"},
    };
    (void)state;
    routed_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[200];
        snprintf(line, sizeof line, "zone route %s -c onym.yaml", cases[i].words);
        struct spoken spoken = speak(line);
        if (spoken.code != cases[i].code || !strstr(spoken.out, cases[i].out) ||
            !strstr(spoken.err, cases[i].err))
            fail_msg("%s: %d %s%s", line, spoken.code, spoken.out, spoken.err);
        if (cases[i].code != EXIT_OK)
            assert_string_equal(spoken.out, "");
        hush(&spoken);
    }
    files_end();
}

// What the server would refuse is refused, in the same words.
static void test_problems(void **state)
{
    static const struct {
        const char *config, *zone, *err;
    } cases[] = {
        {"zones: {example.test: {file: z, routes: {www: {A: [{give: 192.0.2.300}]}}}}\n", GOOD_ZONE,
         "onym.yaml:1:59: error: "},
        {"zones: {example.test: {file: z, routes: {www: {A: [{give: 192.0.2.1}]}}}}\n", "@ A x\n",
         "z:1:"},
        {"zones: {example.test: {file: z, routes: {a.sub: {A: [{give: 192.0.2.1}]}}}}\n", GOOD_ZONE,
         "the route a.sub.example.test. A is below a delegation"},
        {"places: {databases: [none.mmdb]}\n"
         "zones: {example.test: {file: z, routes: {www: {A: [{where: {country: SG}, give: "
         "192.0.2.1}, {give: 192.0.2.2}]}}}}\n",
         GOOD_ZONE, "none.mmdb: error: "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        files_begin();
        files_put("onym.yaml", cases[i].config);
        files_put("z", cases[i].zone);
        struct spoken spoken = speak("zone route www.example.test -c onym.yaml");
        assert_int_equal(spoken.code, EXIT_USAGE);
        if (!strstr(spoken.err, cases[i].err))
            fail_msg("%zu: %s", i, spoken.err);
        assert_string_equal(spoken.out, "");
        hush(&spoken);
        files_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
