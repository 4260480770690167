// Inherited sockets: which are taken, which are left alone, and that the environment is clean
// after.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/inherited.h"

static void set_environment(const char *pid, const char *count, const char *names)
{
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", count, 1);
    setenv("LISTEN_FDNAMES", names, 1);
}

static int open_at(int number, int family, int type, bool listens)
{
    int fd = socket(family, type, 0);
    struct address address;
    if (family != AF_UNIX &&
        (!address_parse(family == AF_INET ? "127.0.0.1" : "::1", 0, &address) ||
         bind(fd, &address.any, address.size) < 0))
        return -1;
    if (listens && listen(fd, 1) < 0)
        return -1;
    if (fd != number && (dup2(fd, number) != number || close(fd) < 0))
        return -1;
    return number;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: " #condition "\n", __LINE__);                                \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

// Descriptors from 3 on are the test program's own: it is a child that plays with them.
static void play(void)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    size_t count;
    close(STDIN_FILENO);
    CHECK(open_at(3, AF_INET, SOCK_DGRAM, false) == 3);
    CHECK(open_at(4, AF_INET6, SOCK_STREAM, true) == 4);
    CHECK(open_at(5, AF_INET, SOCK_STREAM, false) == 5); // does not listen
    CHECK(open_at(6, AF_UNIX, SOCK_DGRAM, false) == 6);
    CHECK(dup2(STDERR_FILENO, 7) == 7);                 // no socket
    CHECK(open_at(8, AF_INET, SOCK_DGRAM, false) == 8); // for somebody else
    CHECK(open_at(9, AF_INET, SOCK_DGRAM, false) == 9); // without a name

    set_environment("1", "7", "dns");
    CHECK(!inherited_take(&count) && count == 0);
    CHECK(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES"));
    set_environment(pid, "-1", "dns");
    CHECK(!inherited_take(&count));
    set_environment(pid, "x", "dns");
    CHECK(!inherited_take(&count));
    CHECK(!inherited_take(&count));

    set_environment(pid, "7", "dns:dns:::dns:doh");
    struct inherited *list = inherited_take(&count);
    CHECK(list && count == 3);
    CHECK(list[0].fd == 3 && !list[0].stream && list[0].address.any.sa_family == AF_INET);
    CHECK(list[1].fd == 4 && list[1].stream && list[1].address.any.sa_family == AF_INET6);
    CHECK(list[2].fd == 9 && !list[2].stream);
    CHECK(address_port(&list[0].address) != 0);
    for (size_t i = 0; i < count; i++) {
        CHECK(fcntl(list[i].fd, F_GETFD) & FD_CLOEXEC);
        CHECK(fcntl(list[i].fd, F_GETFL) & O_NONBLOCK);
    }
    free(list);
    CHECK(!getenv("LISTEN_FDS"));
    _exit(0);
}

static void test_all(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        play();
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
