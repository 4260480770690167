// From `listen` to listeners: what is opened, shared, left out, and complained about.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "built.h"
#include "daemon/sockets.h"

static const struct listeners nobody;

static uint16_t free_port(void)
{
    struct address bound;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(address_parse("127.0.0.1", 0, &bound));
    assert_int_equal(bind(fd, &bound.any, bound.size), 0);
    assert_int_equal(getsockname(fd, &bound.any, &bound.size), 0);
    close(fd);
    return address_port(&bound);
}

static struct options *listen_options(const char *format, uint16_t port)
{
    char text[512];
    size_t size = (size_t)snprintf(text, sizeof text, "version: 1\nlisten: ");
    for (const char *at = format; *at; at++) { // each '#' is the port
        if (*at == '#')
            size += (size_t)snprintf(text + size, sizeof text - size, "%u", port);
        else
            text[size++] = *at;
    }
    text[size] = 0;
    strcat(text, "\n");
    return built_options(text);
}

static void close_all(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        listener_abandon(listeners->list[i]);
        listener_release(listeners->list[i]);
    }
    free(listeners->list);
}

static void test_kinds_and_doubles(void **state)
{
    (void)state;
    static const struct {
        const char *listen;
        size_t count;
    } rows[] = {
        {"[{addr: 127.0.0.1, port: #}]", 2},
        {"[{addr: 127.0.0.1, port: #, kinds: [udp]}]", 1},
        {"[{addr: [127.0.0.1, '::1'], port: #}]", 4},
        {"[{addr: [127.0.0.1, 0.0.0.0], port: #}]", 4},          // our own are not in our way
        {"[{addr: [127.0.0.1, lo], port: #, kinds: [tcp]}]", 2}, // lo: 127.0.0.1 again, and ::1
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct options *options = listen_options(rows[i].listen, free_port());
        struct report report = {0};
        struct listeners listeners;
        assert_true(sockets_check(options, &nobody, &report));
        assert_true(sockets_open(options, &nobody, 2, &listeners, &report));
        assert_in_range(listeners.count, i == 4 ? 1 : rows[i].count, rows[i].count);
        for (size_t j = 0; j < listeners.count; j++)
            assert_int_equal(listeners.list[j]->count, 2);
        close_all(&listeners);
        report_free(&report);
        options_free(options);
    }
}

static void test_shared(void **state)
{
    (void)state;
    uint16_t port = free_port();
    struct options *old = listen_options("[{addr: 127.0.0.1, port: #}]", port);
    struct options *new = listen_options("[{addr: [127.0.0.2, 127.0.0.1], port: #}]", port);
    struct report report = {0};
    struct listeners first, second;
    assert_true(sockets_open(old, &nobody, 1, &first, &report));
    assert_true(sockets_check(new, &first, &report));
    assert_true(sockets_open(new, &first, 1, &second, &report));
    assert_int_equal(second.count, 4);
    assert_ptr_equal(second.list[2], first.list[0]);
    assert_ptr_equal(second.list[3], first.list[1]);
    assert_int_equal(first.list[0]->holders, 2);
    for (size_t i = 0; i < first.count; i++)
        listener_release(first.list[i]);
    free(first.list);
    close_all(&second);
    options_free(old);
    options_free(new);
    report_free(&report);
}

// One address that cannot be had, and nothing is open that was not before.
static void test_refused(void **state)
{
    (void)state;
    uint16_t port = free_port();
    struct options *options =
        listen_options("[{addr: 127.0.0.1, port: #}, {addr: 203.0.113.9, port: #}]", port);
    struct report report = {0};
    struct listeners listeners;
    assert_false(sockets_check(options, &nobody, &report));
    assert_int_equal(report.errors, 1); // once for UDP and TCP
    assert_non_null(strstr(report.problems[0].message, "cannot listen on 203.0.113.9:"));
    assert_int_equal(report.problems[0].line, 2);
    assert_non_null(report.problems[0].hint);
    assert_false(sockets_open(options, &nobody, 2, &listeners, &report));
    assert_int_equal(listeners.count, 0);
    struct listen_failure failure;
    struct address address;
    assert_true(address_parse("127.0.0.1", port, &address));
    assert_int_equal(listen_check(&address, false, &nobody, &failure), 0);
    report_free(&report);
    options_free(options);
}

static void test_interface_that_is_not_there(void **state)
{
    (void)state;
    struct options *options = listen_options("[{addr: nosuch0, port: #}]", 5300);
    struct report report = {0};
    assert_false(sockets_check(options, &nobody, &report));
    assert_non_null(strstr(report.problems[0].message, "cannot listen on nosuch0:"));
    report_free(&report);
    options_free(options);
}

static void test_print(void **state)
{
    (void)state;
    uint16_t port = free_port();
    struct options *options = listen_options(
        "[{addr: 127.0.0.1, port: #}, {addr: [127.0.0.2, '::1'], port: #, kinds: [udp]}]", port);
    struct report report = {0};
    struct listeners listeners;
    struct buffer text = {0};
    char wanted[128];
    assert_true(sockets_open(options, &nobody, 1, &listeners, &report));
    sockets_print(&listeners, "  ", &text);
    snprintf(wanted, sizeof wanted, "  udp+tcp 127.0.0.1:%u\n  udp 127.0.0.2:%u, [::1]:%u\n", port,
             port, port);
    assert_string_equal(text.text, wanted);
    buffer_free(&text);
    close_all(&listeners);
    report_free(&report);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_and_doubles),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_interface_that_is_not_there),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
