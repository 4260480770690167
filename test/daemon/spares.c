// Connections that are kept for the next zone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/spares.h"

static struct address primary(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

static int pair(int *other)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    *other = fds[1];
    return fds[0];
}

static bool is_closed(int fd)
{
    return fcntl(fd, F_GETFD) < 0;
}

static void taking(void **state)
{
    (void)state;
    struct spares spares = {0};
    struct address one = primary("192.0.2.1"), other = primary("192.0.2.2");
    int peers[3], fds[3];
    for (int i = 0; i < 3; i++)
        fds[i] = pair(&peers[i]);
    spares_give(&spares, fds[0], &one, 1000);
    spares_give(&spares, fds[1], &other, 1000);
    spares_give(&spares, fds[2], &one, 1000);
    close(peers[2]); // the primary has hung up
    assert_int_equal(spares_take(&spares, &one), fds[0]);
    assert_true(is_closed(fds[2]));
    assert_int_equal(spares_take(&spares, &one), -1);
    assert_int_equal(write(peers[1], "x", 1), 1); // octets that nobody asked for
    assert_int_equal(spares_take(&spares, &other), -1);
    assert_true(is_closed(fds[1]));
    close(fds[0]);
    close(peers[0]);
    close(peers[1]);
}

static void limits(void **state)
{
    (void)state;
    struct spares spares = {0};
    struct address address = primary("192.0.2.1");
    int peers[SPARES_MAX + 1], fds[SPARES_MAX + 1];
    for (int i = 0; i <= SPARES_MAX; i++) {
        fds[i] = pair(&peers[i]);
        spares_give(&spares, fds[i], &address, 1000 + (uint64_t)i);
    }
    assert_true(is_closed(fds[SPARES_MAX]));
    spares_expire(&spares, 1000 + SPARE_MS);
    assert_int_equal(spares.count, SPARES_MAX - 1);
    assert_true(is_closed(fds[0]));
    spares_close(&spares);
    for (int i = 0; i <= SPARES_MAX; i++) {
        assert_true(is_closed(fds[i]));
        close(peers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("daemon/spares", tests, NULL, NULL);
}
