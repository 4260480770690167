// The checker's life: started, asked, killed and started again; gone with us.
#include "placed.h"

#include <signal.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/companion.h"

static struct loop loop;

// A check whose result is known: nothing listens there.
static bool ask(struct companion *companion, uint64_t id)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe probe = {
        .id = id, .kind = PROBE_TCP, .timeout_ms = 3000, .host = "", .path = "", .text = ""};
    assert_true(address_parse("127.0.0.1:1", 1, &probe.address));
    size_t size = probe_write(&probe, message);
    return companion_send(companion, message, size);
}

static enum companion_heard hear(struct companion *companion, struct probe_result *result)
{
    enum companion_heard heard = COMPANION_NOTHING;
    for (unsigned i = 0; i < 1000 && heard == COMPANION_NOTHING; i++) {
        loop_wait(&loop, 10);
        heard = companion_hear(companion, clock_now_ms(), result);
    }
    return heard;
}

static void test_life(void **state)
{
    struct companion companion;
    struct probe_result result;
    (void)state;
    companion_open(&companion, &loop, 1);
    companion.program = CHECKER;
    assert_false(ask(&companion, 1)); // it does not run
    assert_true(companion_run(&companion, clock_now_ms()));
    assert_true(ask(&companion, 7));
    assert_int_equal(hear(&companion, &result), COMPANION_RESULT);
    assert_int_equal(result.id, 7);
    assert_false(result.good);
    assert_string_equal(result.words, "Connection refused");

    pid_t first = companion.pid;
    kill(first, SIGKILL);
    assert_int_equal(hear(&companion, &result), COMPANION_ENDED);
    assert_int_equal(companion_hear(&companion, clock_now_ms(), &result), COMPANION_NOTHING);
    uint64_t now_ms = clock_now_ms();
    assert_false(companion_run(&companion, now_ms)); // not at once
    assert_true(companion.again_ms > now_ms && companion.again_ms <= now_ms + CHECKER_AGAIN_MS);
    assert_true(companion_run(&companion, companion.again_ms));
    assert_int_not_equal(companion.pid, first);
    kill(companion.pid, SIGKILL);
    assert_int_equal(hear(&companion, &result), COMPANION_ENDED);
    assert_true(companion.again_ms > clock_now_ms() + CHECKER_AGAIN_MS); // later each time
    assert_true(companion_run(&companion, companion.again_ms));
    pid_t last = companion.pid;
    companion_close(&companion);
    assert_int_equal(kill(last, 0), -1);
    companion_close(&companion);
}

static int open_loop(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_ERROR);
    return loop_open(&loop);
}

static int close_loop(void **state)
{
    (void)state;
    loop_close(&loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_life)};
    return cmocka_run_group_tests(tests, open_loop, close_loop);
}
