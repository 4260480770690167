// Checks of a house's targets: lamps that follow real sockets, and what a reload keeps.
#include "placed.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/checking.h"

static struct loop loop;
static unsigned port;

// Listens on 127.0.0.1, port `port`; 0: any, which `port` is from then on.
static int listen_there(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    port = ntohs(address.sin_port);
    return fd;
}

static struct options *options_of(const char *addresses, const char *rise)
{
    char text[500];
    snprintf(text, sizeof text,
             "checks: {t: {tcp: %u, interval: 500ms, timeout: 400ms, rise: %s, fall: 2}}\n"
             "zones: {a.test: {file: a, routes: {w: {A: [{give: [%s], check: t}]}}}}\n",
             port, rise, addresses);
    return built_options(text);
}

static bool wait_for(struct checking *checking, size_t index, enum health wanted)
{
    uint64_t end_ms = clock_now_ms() + 15000;
    while (board_read(checking->board, index) != wanted) {
        if (clock_now_ms() > end_ms)
            return false;
        checking_step(checking, clock_now_ms());
        int rest_ms = checking_rest(checking, clock_now_ms());
        loop_wait(&loop, rest_ms < 0 || rest_ms > 100 ? 100 : rest_ms);
    }
    return true;
}

static void test_lamps(void **state)
{
    struct checking checking;
    int fd = listen_there();
    struct options *options = options_of("127.0.0.1, 127.0.0.2", "2");
    struct board *board = board_open(2);
    (void)state;
    checking_open(&checking, &loop, 1);
    checking.companion.program = CHECKER;
    assert_int_equal(checking_rest(&checking, 0), -1);
    checking_replace(&checking, options, board, clock_now_ms());
    assert_int_equal(board_read(board, 0), HEALTH_UNKNOWN);
    assert_true(wait_for(&checking, 0, HEALTH_UP));
    assert_true(wait_for(&checking, 1, HEALTH_DOWN)); // nothing listens there
    assert_string_equal(checking.targets[1].words, "Connection refused");
    close(fd);
    assert_true(wait_for(&checking, 0, HEALTH_DOWN));
    assert_true(checking.targets[0].state.bad >= 2);
    fd = listen_there();
    assert_true(wait_for(&checking, 0, HEALTH_UP));
    assert_true(checking.targets[0].state.good >= 2);
    assert_true(checking.changes >= 2);

    // A reload: what is the same is known at once, what is new is not, what is gone is not asked.
    struct options *newer = options_of("127.0.0.3, 127.0.0.1", "3");
    struct board *other = board_open(2);
    checking_replace(&checking, newer, other, clock_now_ms());
    options_free(options);
    board_release(board);
    assert_int_equal(board_read(other, 0), HEALTH_UNKNOWN);
    assert_int_equal(board_read(other, 1), HEALTH_UP);
    assert_true(wait_for(&checking, 0, HEALTH_DOWN));
    assert_int_equal(checking.count, 2);

    // The checker dies: checks go on, and nobody is down because of that.
    kill(checking.companion.pid, SIGKILL);
    uint64_t good = checking.good;
    uint64_t end_ms = clock_now_ms() + 15000;
    while (checking.good < good + 2 && clock_now_ms() < end_ms) {
        checking_step(&checking, clock_now_ms());
        assert_int_equal(board_read(other, 1), HEALTH_UP);
        loop_wait(&loop, 50);
    }
    assert_true(checking.good >= good + 2);

    // Without targets there is no companion.
    struct options *none = built_options("zones: {}\n");
    struct board *empty = board_open(0);
    pid_t pid = checking.companion.pid;
    checking_replace(&checking, none, empty, clock_now_ms());
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(checking_rest(&checking, clock_now_ms()), -1);
    options_free(newer);
    options_free(none);
    board_release(other);
    board_release(empty);
    checking_close(&checking);
    close(fd);
}

// A checker that stands still is killed when its patience has ended, and not a moment before.
static void test_silence(void **state)
{
    struct checking checking;
    int fd = listen_there();
    struct options *options = options_of("127.0.0.1", "1");
    struct board *board = board_open(1);
    (void)state;
    checking_open(&checking, &loop, 1);
    checking.companion.program = CHECKER;
    checking_replace(&checking, options, board, clock_now_ms());
    assert_true(wait_for(&checking, 0, HEALTH_UP));
    pid_t pid = checking.companion.pid;
    kill(pid, SIGSTOP);
    uint64_t now_ms = clock_now_ms() + 1000; // another check is due
    checking_step(&checking, now_ms);
    assert_int_equal(checking.running, 1);
    uint64_t end_ms = now_ms + 400 + CHECKER_SILENCE_MS;
    assert_int_equal(checking_rest(&checking, now_ms), end_ms - now_ms);
    checking_step(&checking, end_ms - 1);
    assert_int_equal(checking.running, 1);
    assert_int_equal(kill(pid, 0), 0);
    checking_step(&checking, end_ms);
    assert_int_equal(checking.running, 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(board_read(board, 0), HEALTH_UP); // of the address nothing was heard
    assert_int_equal(checking_rest(&checking, end_ms), CHECKER_AGAIN_MS);
    checking_step(&checking, end_ms + CHECKER_AGAIN_MS);
    assert_true(checking.companion.socket >= 0 && checking.companion.pid != pid);
    checking_close(&checking);
    options_free(options);
    board_release(board);
    close(fd);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lamps),
                                       cmocka_unit_test(test_silence)};
    return cmocka_run_group_tests(tests, open_loop, close_loop);
}
