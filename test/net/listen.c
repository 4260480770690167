// Listeners: opened for several workers, refused where somebody else is, shared among our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listen.h"

static const struct listeners nobody;

static struct address address(const char *text, uint16_t port)
{
    struct address parsed;
    assert_true(address_parse(text, port, &parsed));
    return parsed;
}

// A socket of somebody else (ourselves, but not as onym), its address in `bound`.
static int occupy(const char *host, bool stream, struct address *bound)
{
    *bound = address(host, 0);
    int fd = socket(bound->any.sa_family, stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, &bound->any, bound->size), 0);
    if (stream)
        assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, &bound->any, &bound->size), 0);
    return fd;
}

static struct address find_free(const char *host, bool stream)
{
    struct address bound;
    close(occupy(host, stream, &bound));
    return bound;
}

static void close_listener(struct listener *listener)
{
    listener_abandon(listener);
    listener_release(listener);
}

static void test_open(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "::1", "0.0.0.0", "::"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        for (int stream = 0; stream < 2; stream++) {
            struct address wanted = find_free(hosts[i], stream);
            struct listen_failure failure;
            struct listener *listener = listener_open(&wanted, stream, 3, &nobody, &failure);
            assert_non_null(listener);
            assert_int_equal(listener->count, 3);
            assert_true(address_equal(&listener->address, &wanted));
            assert_int_equal(listener->told, !stream && i >= 2);
            assert_false(listener->shared);
            // Now it is in use, but not for ourselves.
            assert_int_equal(listen_check(&wanted, stream, &nobody, &failure), -EADDRINUSE);
            struct listeners own = {&listener, 1};
            assert_int_equal(listen_check(&wanted, stream, &own, &failure), 0);
            struct listener *again = listener_open(&wanted, stream, 1, &own, &failure);
            assert_non_null(again);
            assert_true(again->id > listener->id);
            close_listener(again);
            close_listener(listener);
            assert_int_equal(listen_check(&wanted, stream, &nobody, &failure), 0);
        }
    }
}

static void test_in_use(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        struct address bound;
        char wanted[64];
        int fd = occupy("127.0.0.1", stream, &bound);
        struct listen_failure failure;
        assert_null(listener_open(&bound, stream, 2, &nobody, &failure));
        assert_int_equal(failure.error, EADDRINUSE);
        snprintf(wanted, sizeof wanted, "address in use by test_net_listen (pid %d)",
                 (int)getpid());
        assert_string_equal(failure.words, wanted);
        assert_non_null(strstr(failure.hint, "'listen'"));
        // Somebody else is in the way even when we are there too.
        struct address wildcard = address("0.0.0.0", address_port(&bound));
        assert_int_equal(listen_check(&wildcard, stream, &nobody, &failure), -EADDRINUSE);
        close(fd);
    }
}

static void test_other_failures(void **state)
{
    (void)state;
    struct listen_failure failure;
    struct address elsewhere = address("203.0.113.1", 5300);
    assert_null(listener_open(&elsewhere, false, 1, &nobody, &failure));
    assert_int_equal(failure.error, EADDRNOTAVAIL);
    assert_string_equal(failure.words, "this machine does not have the address");
    assert_true(failure.hint[0]);
}

static void test_interfaces(void **state)
{
    (void)state;
    struct address *list;
    size_t count;
    assert_int_equal(listen_resolve("lo", 5300, &list, &count), 0);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(address_port(&list[i]), 5300);
        struct address loopback = address("127.0.0.1", 5300);
        found |= address_equal(&list[i], &loopback);
    }
    assert_true(found);
    free(list);
    assert_int_equal(listen_resolve("nosuch0", 5300, &list, &count), -ENODEV);
    assert_null(list);
}

static void test_inherited(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        struct inherited inherited = {.stream = stream};
        inherited.fd = occupy("0.0.0.0", stream, &inherited.address);
        struct listen_failure failure;
        struct listener *listener = listener_adopt(&inherited, &failure);
        assert_non_null(listener);
        assert_true(listener->shared);
        assert_int_equal(listener->count, 1);
        assert_int_equal(listener->sockets[0], inherited.fd);
        assert_int_equal(listener->told, !stream);
        listener_release(listener_hold(listener));
        close_listener(listener);
        assert_true(fcntl(inherited.fd, F_GETFD) >= 0); // never closed
        close(inherited.fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),           cmocka_unit_test(test_in_use),
        cmocka_unit_test(test_other_failures), cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_inherited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
