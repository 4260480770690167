// The runner of scenarios, tested: what is wrong in a file is told with its line, and what is wrong
// in an answer makes the scenario fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "play.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

// One server, the root's; one question; `checks` says what the answer must be.
#define CONFIG "stub-addr: 198.51.100.1\ndo-ip6: no\nquery-minimization: off\nCONFIG_END\n"
#define SERVER                                                                                     \
    "SCENARIO_BEGIN t\nRANGE_BEGIN 0 9\nADDRESS 198.51.100.1\nENTRY_BEGIN\n"                       \
    "MATCH opcode qname qtype\nADJUST copy_id\nREPLY QR AA NOERROR\nSECTION QUESTION\n"            \
    "www.test. IN A\nSECTION ANSWER\nwww.test. 60 IN A 192.0.2.1\nwww.test. 60 IN A 192.0.2.2\n"   \
    "ENTRY_END\nRANGE_END\n"
#define QUESTION                                                                                   \
    "STEP 1 QUERY\nENTRY_BEGIN\nREPLY RD\nSECTION QUESTION\nwww.test. IN A\nENTRY_END\n"
#define CHECK   "STEP 2 CHECK_ANSWER\nENTRY_BEGIN\n"
#define RECORDS "SECTION ANSWER\nwww.test. IN A 192.0.2.2\nwww.test. IN A 192.0.2.1\n"
#define END     "ENTRY_END\nSCENARIO_END\n"

static void answers_are_judged(void **state)
{
    (void)state;
    static const struct {
        const char *check, *problem; // NULL: it passes
    } rows[] = {
        {"MATCH all\nREPLY QR RD RA NOERROR\nSECTION QUESTION\nwww.test. IN A\n" RECORDS, NULL},
        {"MATCH all ttl\nREPLY QR NOERROR\nSECTION ANSWER\nwww.test. 60 A 192.0.2.1\n"
         "www.test. 60 A 192.0.2.2\n",
         NULL},
        {"MATCH rcode\nREPLY QR NXDOMAIN\n", "t.rpl:26: RCODE is NOERROR, not NXDOMAIN"},
        {"MATCH all\nREPLY QR AD NOERROR\n" RECORDS, "t.rpl:26: AD is not set"},
        {"MATCH all\nREPLY QR TC NOERROR\n" RECORDS, "t.rpl:26: TC is not set"},
        {"MATCH all\nREPLY NOERROR\n" RECORDS, "t.rpl:26: QR is set"},
        {"MATCH all\nREPLY QR NOERROR\n" RECORDS "www.test. IN A 192.0.2.3\n",
         "t.rpl:26: the answer lacks www.test. 3600 A 192.0.2.3"},
        {"MATCH all\nREPLY QR NOERROR\nSECTION ANSWER\nwww.test. IN A 192.0.2.1\n",
         "t.rpl:26: the answer should not have www.test. 60 A 192.0.2.2"},
        {"MATCH answer\nREPLY QR NOERROR\nSECTION ANSWER\nww.test. IN A 192.0.2.1\n",
         "t.rpl:26: the answer lacks ww.test. 3600 A 192.0.2.1"},
        {"MATCH all ttl\nREPLY QR NOERROR\n" RECORDS,
         "t.rpl:26: the answer lacks www.test. 3600 A 192.0.2.2"},
        {"MATCH qname\nREPLY QR NOERROR\nSECTION QUESTION\nww.test. IN A\n",
         "t.rpl:26: another name was asked"},
        {"MATCH question\nREPLY QR NOERROR\nSECTION QUESTION\nwww.test. IN MX\n",
         "t.rpl:26: another type was asked"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct script script;
        struct buffer text = {0}, problem = {0};
        buffer_format(&text, "%s%s%s%s%s%s", CONFIG, SERVER, QUESTION, CHECK, rows[i].check, END);
        if (!script_read_text(&script, "t.rpl", buffer_text(&text)))
            fail_msg("%s", script.problem);
        bool good = play(&script, NULL, &problem);
        assert_int_equal(good, rows[i].problem == NULL);
        assert_string_equal(buffer_text(&problem), rows[i].problem ? rows[i].problem : "");
        script_free(&script);
        buffer_free(&text);
        buffer_free(&problem);
    }
}

static void silence_is_no_answer_at_all(void **state)
{
    (void)state;
    struct script script;
    struct buffer problem = {0};
    assert_true(script_read_text(&script, "t.rpl", CONFIG SERVER CHECK "MATCH all\n" END));
    assert_false(play(&script, NULL, &problem));
    assert_string_equal(buffer_text(&problem), "t.rpl:20: no answer came");
    script_free(&script);
    buffer_free(&problem);
}

// Wrong answers are no broken promise, and a step that asks nothing is none at all.
static void free_play_judges_the_resolver_alone(void **state)
{
    (void)state;
    struct script script;
    struct buffer problem = {0};
    assert_true(
        script_read_text(&script, "t.rpl",
                         CONFIG SERVER QUESTION
                         "STEP 2 QUERY\nENTRY_BEGIN\nENTRY_END\n"
                         "STEP 3 TIME_PASSES ELAPSE 31536000\n"
                         "STEP 4 CHECK_ANSWER\nENTRY_BEGIN\nMATCH all\nREPLY NXDOMAIN\n" END));
    assert_true(play_freely(&script, &problem));
    assert_string_equal(buffer_text(&problem), "");
    script_free(&script);
    buffer_free(&problem);
}

// What is configured may be an address that nobody else may lead to: found by fuzz_replay.
static void a_configured_server_may_be_anywhere(void **state)
{
    (void)state;
    static const char *const configs[] = {
        "stub-addr: 127.0.0.1\nCONFIG_END\n",
        "forward-addr: 0.1.1.1\nCONFIG_END\n",
        "stub-addr: 127.0.0.1\nstub-addr: ::1\ndo-ip4: no\nCONFIG_END\n",
    };
    for (size_t i = 0; i < COUNT(configs); i++) {
        struct script script;
        struct buffer text = {0}, problem = {0};
        buffer_format(&text, "%s%s%sSCENARIO_END\n", configs[i], SERVER, QUESTION);
        assert_true(script_read_text(&script, "t.rpl", buffer_text(&text)));
        assert_true(play_freely(&script, &problem));
        assert_string_equal(buffer_text(&problem), "");
        script_free(&script);
        buffer_free(&text);
        buffer_free(&problem);
    }
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } rows[] = {
        {"", "t.rpl:0: no CONFIG_END"},
        {"stub-addr 1.2.3.4\n", "t.rpl:1: 'stub-addr' is no key: a colon is missing"},
        {"\n; a comment\nstub-addr: 1.2.3\n", "t.rpl:3: '1.2.3' is not an address"},
        {"server:\nstub-addr: 1.2.3.4\n", "t.rpl:2: stub-addr outside of a zone"},
        {"CONFIG_END\nRANGE_BEGIN 1 2\n", "t.rpl:2: no SCENARIO_BEGIN"},
        {CONFIG "SCENARIO_BEGIN t\n", "t.rpl:5: no SCENARIO_END"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 x\n", "t.rpl:6: 'x' is not a number"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0\n", "t.rpl:6: a number is missing"},
        {CONFIG "SCENARIO_BEGIN t\nENTRY_BEGIN\n",
         "t.rpl:6: ENTRY_BEGIN outside of RANGE and STEP"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 DANCE\n",
         "t.rpl:6: STEP n wants QUERY, CHECK_ANSWER, TIME_PASSES, TRAFFIC or NOTHING"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 QUERY\nSTEP 2 QUERY\n",
         "t.rpl:7: the step at line 6 has no entry"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 TIME_PASSES\n",
         "t.rpl:6: TIME_PASSES wants ELAPSE and seconds"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 TIME_PASSES ELAPSE 1h\n",
         "t.rpl:6: '1h' is not a number of seconds"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 TIME_PASSES ELAPSE nan\n",
         "t.rpl:6: 'nan' is not a number of seconds"},
        {CONFIG "SCENARIO_BEGIN t\nSTEP 1 TIME_PASSES ELAPSE 31536001\n",
         "t.rpl:6: '31536001' is not a number of seconds"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nMATCH qname mood\n",
         "t.rpl:8: MATCH does not know 'mood'"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nADJUST copy\n",
         "t.rpl:8: ADJUST does not know 'copy'"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nREPLY QR MAYBE\n",
         "t.rpl:8: REPLY does not know 'MAYBE'"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nSECTION EXTRA\n",
         "t.rpl:8: SECTION is one of QUESTION, ANSWER, AUTHORITY, ADDITIONAL"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nRANGE_END\n",
         "t.rpl:8: 'RANGE_END' has no place in an entry"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nSECTION QUESTION\na. IN X\n",
         "t.rpl:9: 'X' is no type"},
        {CONFIG "SCENARIO_BEGIN t\nRANGE_BEGIN 0 1\nENTRY_BEGIN\nSECTION ANSWER\n"
                "a. IN A 192.0.2.1\n  b. IN A 192.0.2.300\nENTRY_END\n",
         "t.rpl:10: '192.0.2.300' is not an IPv4 address (octet 300 > 255)"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct script script;
        assert_false(script_read_text(&script, "t.rpl", rows[i].text));
        assert_string_equal(script.problem, rows[i].problem);
        script_free(&script);
    }
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct script script;
    assert_false(script_read(&script, "/nonexistent/a.rpl"));
    assert_string_equal(script.problem, "/nonexistent/a.rpl:0: No such file or directory");
    script_free(&script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged),
        cmocka_unit_test(silence_is_no_answer_at_all),
        cmocka_unit_test(free_play_judges_the_resolver_alone),
        cmocka_unit_test(a_configured_server_may_be_anywhere),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
