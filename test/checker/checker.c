// The checker's loop: many checks at once, garbage, and the end of whoever asked.
#include "asked.h"

#include <sys/wait.h>

#include "base/limits.h"
#include "checker/checker.h"

static pid_t start(int *ours)
{
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(sockets[0]);
        _exit(checker_run(sockets[1]));
    }
    close(sockets[1]);
    *ours = sockets[0];
    return pid;
}

static void ask(int socket, const struct probe *probe)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    size_t size = probe_write(probe, message);
    assert_int_equal(send(socket, message, size, 0), size);
}

static void hear(int socket, struct probe_result *result)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    ssize_t size = recv(socket, message, sizeof message, 0);
    assert_true(size > 0 && probe_read_result(message, (size_t)size, result));
}

static void test_many(void **state)
{
    enum { MANY = 3 * CHECKS_RUNNING_MAX };
    static bool heard[MANY];
    int ours;
    (void)state;
    pid_t pid = start(&ours);
    struct probe probe = {
        .kind = PROBE_TCP, .timeout_ms = 5000, .host = "", .path = "", .text = ""};
    int fd = asked_listen(&probe);
    assert_int_equal(send(ours, "garbage", 7, 0), 7);
    for (unsigned i = 0; i < MANY; i++) {
        struct probe_result result;
        probe.id = i;
        probe.kind = i % 16 ? PROBE_TCP : PROBE_SCRIPT;
        probe.path = i % 16 ? "" : "/bin/true";
        ask(ours, &probe);
        if (i < CHECKS_RUNNING_MAX)
            continue;
        hear(ours, &result);
        heard[result.id] = true;
    }
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++) {
        struct probe_result result;
        hear(ours, &result);
        heard[result.id] = true;
    }
    for (unsigned i = 0; i < MANY; i++)
        assert_true(heard[i]);
    close(fd);
    close(ours);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// What hangs does not hold it when nobody asks any more.
static void test_end(void **state)
{
    int ours, status;
    (void)state;
    pid_t pid = start(&ours);
    struct probe probe = {.kind = PROBE_SCRIPT, .timeout_ms = 60000, .host = "", .text = ""};
    assert_true(address_parse("127.0.0.1", 0, &probe.address));
    probe.path = asked_program("#!/bin/sh\nsleep 60\n");
    ask(ours, &probe);
    usleep(200000);
    uint64_t began_ms = clock_now_ms();
    close(ours);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(clock_now_ms() - began_ms < 5000);
    unlink(probe.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
