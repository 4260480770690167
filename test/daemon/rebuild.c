// Rebuilding: what comes in, what stays, what is refused. (test/system/test_reload.py has the rest:
// listeners, slow zones, load, kill.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "running.h"

#define RELOAD "{\"command\":\"reload\"}"

static struct running running;
static struct buffer reply;

static void ask(const char *request, const char *wanted)
{
    assert_int_equal(running_ask(&running, request, &reply), 0);
    if (!strstr(reply.text, wanted))
        fail_msg("%s is not in %s", wanted, reply.text);
}

static int set_up(void **state)
{
    (void)state;
    running_prepare(&running, "");
    running_start(&running);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    int code = running_stop(&running, SIGTERM);
    running_remove(&running);
    buffer_free(&reply);
    return code;
}

static void test_reload(void **state)
{
    (void)state;
    running_write(&running, "a.zone", "@ 60 SOA a b 2 2 3 4 5\n@ 60 NS a.invalid.\n");
    ask(RELOAD, "\"counts\":{\"loaded\":1,\"unchanged\":0,\"broken\":0,\"loading\":0}");
    ask("{\"command\":\"status\"}", "\"serial\":2");
    ask("{\"command\":\"status\"}", "\"reload\":{\"at\":\"");
}

static void test_broken_zone(void **state)
{
    (void)state;
    running_write(&running, "a.zone", "@ A nonsense\n");
    ask(RELOAD, "\"exit\":7");
    ask(RELOAD, "\"severity\":\"error\"");
    ask("{\"command\":\"status\"}", "\"state\":\"served\",\"serial\":1");
    ask("{\"command\":\"reload\",\"zone\":\"example.test\"}", "\"exit\":7");
    running_write(&running, "a.zone", GOOD_ZONE);
    ask("{\"command\":\"reload\",\"zone\":\"example.test\"}", "\"exit\":0");
    ask("{\"command\":\"status\"}", "\"problem\":null");
    ask("{\"command\":\"reload\",\"zone\":\"other.test\"}", "\"exit\":5");
}

// Workers move into a new house at any moment: also between the look that finds them on their way
// and the sleep. A command that was slept over waited for ever, once in a thousand.
static void test_no_command_is_slept_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 400; i++)
        ask(RELOAD, "\"exit\":0");
}

static void test_bad_configuration(void **state)
{
    (void)state;
    running_write(&running, "onym.yaml", "version: 1\nnonsense: 1\n");
    ask(RELOAD, "\"exit\":2");
    ask("{\"command\":\"status\"}", "\"served\":1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_command_is_slept_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_configuration, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
