// What a reply means, and which exit code comes of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/exit.h"
#include "cli/outcome.h"
#include "cli/response.h"
#include "dns/type.h"
#include "messages.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct sample {
    unsigned flags, type;
    unsigned answer, authority; // types, 0: none
    int ede;                    // -1: none
    enum outcome outcome;
};

static void test_judge(void **state)
{
    static const struct sample samples[] = {
        {0x8580, TYPE_A, TYPE_A, 0, -1, OUTCOME_ANSWER},
        {0x8580, TYPE_ANY, TYPE_A, 0, -1, OUTCOME_ANSWER},
        {0x8180, TYPE_A, TYPE_CNAME, 0, -1, OUTCOME_ANSWER},        // leads out
        {0x8580, TYPE_A, TYPE_CNAME, TYPE_SOA, -1, OUTCOME_NODATA}, // to nothing
        {0x8580, TYPE_CNAME, TYPE_CNAME, TYPE_SOA, -1, OUTCOME_ANSWER},
        {0x8580, TYPE_A, 0, TYPE_SOA, -1, OUTCOME_NODATA},
        {0x8180, TYPE_A, 0, TYPE_SOA, -1, OUTCOME_NODATA},
        {0x8580, TYPE_A, 0, 0, -1, OUTCOME_NODATA},
        {0x8100, TYPE_A, 0, TYPE_NS, -1, OUTCOME_REFERRAL},
        {0x8500, TYPE_A, 0, TYPE_NS, -1, OUTCOME_NODATA}, // AA: no referral
        {0x8380, TYPE_A, 0, 0, -1, OUTCOME_ANSWER},       // TC: there is more
        {0x8583, TYPE_A, 0, TYPE_SOA, -1, OUTCOME_NXDOMAIN},
        {0x8583, TYPE_A, TYPE_CNAME, TYPE_SOA, -1, OUTCOME_NXDOMAIN}, // RFC 6604
        {0x8185, TYPE_A, 0, 0, 20, OUTCOME_REFUSED},
        {0x8182, TYPE_A, 0, 0, -1, OUTCOME_SERVFAIL},
        {0x8182, TYPE_A, 0, 0, 22, OUTCOME_SERVFAIL},
        {0x8182, TYPE_A, 0, 0, 6, OUTCOME_BOGUS},
        {0x8182, TYPE_A, 0, 0, 12, OUTCOME_BOGUS},
        {0x8181, TYPE_A, 0, 0, -1, OUTCOME_ERROR},
        {0x8184, TYPE_A, 0, 0, -1, OUTCOME_ERROR},
        {0x8186, TYPE_A, 0, 0, -1, OUTCOME_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        const struct sample *sample = &samples[i];
        struct reply reply;
        reply_begin(&reply, sample->flags, sample->type);
        if (sample->answer)
            reply_add(&reply, 1, sample->answer, sample->answer == TYPE_A ? "abcd" : "\3www\0",
                      sample->answer == TYPE_A ? 4 : 5);
        if (sample->authority == TYPE_SOA)
            reply_add(&reply, 2, TYPE_SOA, SOA_RDATA);
        else if (sample->authority)
            reply_add(&reply, 2, sample->authority, "\2ns\0", 4);
        uint8_t ede[] = {0, 15, 0, 2, 0, (uint8_t)sample->ede};
        if (sample->ede >= 0)
            reply_add_opt(&reply, 0, ede, sizeof ede);
        struct response response;
        assert_true(response_read(&response, reply.octets, reply.size));
        enum outcome outcome = outcome_judge(&response, (uint16_t)sample->type);
        if (outcome != sample->outcome)
            fail_msg("sample %zu: %s", i, outcome_word(outcome));
        response_free(&response);
    }
}

static void test_exit_of_one(void **state)
{
    static const struct {
        enum outcome outcome;
        int exit, exit_fail;
    } cases[] = {
        {OUTCOME_ANSWER, EXIT_OK, EXIT_OK},
        {OUTCOME_NODATA, EXIT_OK, EXIT_NODATA},
        {OUTCOME_REFERRAL, EXIT_OK, EXIT_NODATA},
        {OUTCOME_NXDOMAIN, EXIT_OK, EXIT_NXDOMAIN},
        {OUTCOME_REFUSED, EXIT_OK, EXIT_REFUSED},
        {OUTCOME_ERROR, EXIT_OK, EXIT_ERROR},
        {OUTCOME_SERVFAIL, EXIT_OK, EXIT_SERVFAIL},
        {OUTCOME_BOGUS, EXIT_OK, EXIT_BOGUS},
        {OUTCOME_BAD_REPLY, EXIT_FAILED, EXIT_FAILED},
        {OUTCOME_TIMED_OUT, EXIT_NO_REPLY, EXIT_NO_REPLY},
        {OUTCOME_NO_SERVER, EXIT_UNREACHABLE, EXIT_UNREACHABLE},
    };
    (void)state;
    assert_int_equal(COUNT(cases), OUTCOMES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(outcome_exit(cases[i].outcome, false), cases[i].exit);
        assert_int_equal(outcome_exit(cases[i].outcome, true), cases[i].exit_fail);
        assert_int_equal(outcome_exit_of_all(&cases[i].outcome, 1, true), cases[i].exit_fail);
        assert_int_equal(outcome_exit_of_all(&cases[i].outcome, 1, false), cases[i].exit);
        assert_non_null(outcome_words(cases[i].outcome));
    }
}

static void test_exit_of_all(void **state)
{
    static const struct {
        enum outcome outcomes[3];
        int exit, exit_fail;
    } cases[] = {
        {{OUTCOME_ANSWER, OUTCOME_NODATA, OUTCOME_NODATA}, EXIT_OK, EXIT_OK},
        {{OUTCOME_NODATA, OUTCOME_NODATA, OUTCOME_NODATA}, EXIT_OK, EXIT_NODATA},
        {{OUTCOME_NXDOMAIN, OUTCOME_NXDOMAIN, OUTCOME_NODATA}, EXIT_OK, EXIT_NXDOMAIN},
        {{OUTCOME_ANSWER, OUTCOME_NODATA, OUTCOME_SERVFAIL}, EXIT_OK, EXIT_PARTLY},
        {{OUTCOME_NODATA, OUTCOME_NODATA, OUTCOME_REFUSED}, EXIT_OK, EXIT_PARTLY},
        {{OUTCOME_REFUSED, OUTCOME_REFUSED, OUTCOME_REFUSED}, EXIT_OK, EXIT_REFUSED},
        {{OUTCOME_REFUSED, OUTCOME_SERVFAIL, OUTCOME_ERROR}, EXIT_OK, EXIT_SERVFAIL},
        {{OUTCOME_ANSWER, OUTCOME_TIMED_OUT, OUTCOME_ANSWER}, EXIT_PARTLY, EXIT_PARTLY},
        {{OUTCOME_REFUSED, OUTCOME_TIMED_OUT, OUTCOME_REFUSED}, EXIT_PARTLY, EXIT_NO_REPLY},
        {{OUTCOME_TIMED_OUT, OUTCOME_TIMED_OUT, OUTCOME_TIMED_OUT}, EXIT_NO_REPLY, EXIT_NO_REPLY},
        {{OUTCOME_BAD_REPLY, OUTCOME_BAD_REPLY, OUTCOME_TIMED_OUT}, EXIT_NO_REPLY, EXIT_NO_REPLY},
        {{OUTCOME_BAD_REPLY, OUTCOME_BAD_REPLY, OUTCOME_BAD_REPLY}, EXIT_FAILED, EXIT_FAILED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(outcome_exit_of_all(cases[i].outcomes, 3, false), cases[i].exit);
        assert_int_equal(outcome_exit_of_all(cases[i].outcomes, 3, true), cases[i].exit_fail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_judge),
                                       cmocka_unit_test(test_exit_of_one),
                                       cmocka_unit_test(test_exit_of_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
