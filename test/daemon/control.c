// The control socket with both ends in one thread and a clock of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"

enum { KIND_LISTENER = 1, KIND_CLIENT };

static char folder[64], path[96];
static struct control control;
static struct loop loop;
static uint64_t now_ms;

static int set_up(void **state)
{
    (void)state;
    pid_t holder;
    now_ms = 1000000;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ctl", folder);
    assert_int_equal(loop_open(&loop), 0);
    assert_int_equal(control_open(&control, path, geteuid(), getegid(), &holder), 0);
    return control_attach(&control, &loop, KIND_LISTENER, KIND_CLIENT);
}

static int tear_down(void **state)
{
    (void)state;
    control_close(&control);
    loop_close(&loop);
    unlink(path);
    return rmdir(folder);
}

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

// Turns until nothing is ready; the client whose request became whole, or NULL.
static struct control_client *turn(void)
{
    struct control_client *whole = NULL;
    for (unsigned count; (count = loop_wait(&loop, 0)) > 0;) {
        for (unsigned i = 0; i < count; i++) {
            uint32_t ready;
            struct loop_tag tag = loop_event(&loop, i, &ready);
            struct control_client *client = NULL;
            if (tag.kind == KIND_LISTENER)
                control_accept(&control, now_ms);
            else
                client = control_read(&control, tag, ready, now_ms);
            whole = client ? client : whole;
        }
    }
    return whole;
}

static void say(int fd, const char *words)
{
    assert_int_equal(send(fd, words, strlen(words), MSG_NOSIGNAL), strlen(words));
}

static void expect(int fd, const char *words)
{
    char got[256];
    ssize_t size = recv(fd, got, sizeof got - 1, 0);
    assert_true(size >= 0);
    got[size] = 0;
    assert_string_equal(got, words);
}

static bool is_closed(int fd)
{
    ssize_t got = recv(fd, &(char){0}, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

static unsigned count_clients(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
        count += control.clients[i].stage != CONTROL_FREE;
    return count;
}

static void test_request_and_reply(void **state)
{
    (void)state;
    static const char *const requests[] = {"{\"a\":1}", "{\"a\":[]}\n", "nonsense\n", "\n", "}\n"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        int fd = connect_client();
        struct control_client *client = NULL;
        for (const char *at = requests[i]; *at && !client; at++) {
            char octet[2] = {*at, 0};
            say(fd, octet);
            client = turn();
        }
        assert_non_null(client);
        assert_int_equal(strncmp(client->request.text, requests[i], client->request.size), 0);
        assert_null(turn());
        control_reply(&control, client, "{}", false);
        expect(fd, "{}\n");
        assert_true(is_closed(fd));
        close(fd);
        assert_null(turn());
        assert_int_equal(count_clients(), 0);
    }
}

// What a client says behind its request is read: unread it would reset the connection.
static void test_octets_behind_a_request(void **state)
{
    (void)state;
    int fd = connect_client();
    say(fd, "{}");
    struct control_client *client = turn();
    control_reply(&control, client, "{}", false);
    say(fd, " \n\n{}");
    assert_null(turn());
    expect(fd, "{}\n");
    assert_int_equal(recv(fd, &(char){0}, 1, 0), 0);
    assert_int_equal(control_rest(&control, now_ms), CONTROL_IDLE_MS);
    assert_int_equal(count_clients(), 1);
    now_ms += CONTROL_IDLE_MS;
    control_rest(&control, now_ms); // one that never hangs up does not keep its place for ever
    assert_int_equal(count_clients(), 0);
    close(fd);
}

static void test_end_of_stream(void **state)
{
    (void)state;
    int fd = connect_client();
    say(fd, "{\"a\":");
    assert_null(turn());
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    struct control_client *client = turn();
    assert_non_null(client);
    // Half closed is no hanging up: the reply still reaches it.
    assert_null(turn());
    control_reply(&control, client, "{}", false);
    expect(fd, "{}\n");
    close(fd);
}

static void test_hangs_up(void **state)
{
    (void)state;
    int fd = connect_client();
    close(fd);
    assert_null(turn());
    assert_int_equal(count_clients(), 0);
    fd = connect_client();
    say(fd, "{}");
    assert_non_null(turn());
    close(fd); // while we work for it
    assert_null(turn());
    assert_int_equal(count_clients(), 0);
}

static void test_lasting(void **state)
{
    (void)state;
    int fd = connect_client();
    say(fd, "{}");
    control_reply(&control, turn(), "{}", true);
    expect(fd, "{}\n");
    turn();
    now_ms += 10 * CONTROL_IDLE_MS;
    assert_int_equal(control_rest(&control, now_ms), -1);
    assert_int_equal(recv(fd, &(char){0}, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
    tear_down(NULL);
    assert_true(is_closed(fd));
    close(fd);
    set_up(NULL);
}

static void test_large_reply(void **state)
{
    (void)state;
    size_t size = 8 << 20, got = 0;
    char *text = calloc(1, size + 1);
    memset(text, 'x', size);
    int fd = connect_client();
    say(fd, "{}");
    control_reply(&control, turn(), text, false);
    for (int idle = 0; idle < 3; idle++) {
        for (ssize_t more; (more = recv(fd, text, size, 0)) > 0; idle = 0)
            got += (size_t)more;
        turn();
    }
    assert_int_equal(got, size + 1);
    close(fd);
    assert_null(turn());
    assert_int_equal(count_clients(), 0);
    free(text);
}

// A reply may be long in the making, and then its client has its time to take it all the same.
static void test_large_reply_after_a_long_wait(void **state)
{
    (void)state;
    size_t size = 8 << 20, got = 0;
    char *text = calloc(1, size + 1);
    memset(text, 'x', size);
    int fd = connect_client();
    say(fd, "{}");
    struct control_client *client = turn();
    now_ms += 3 * CONTROL_IDLE_MS;
    control_reply(&control, client, text, false);
    assert_int_equal(control_rest(&control, now_ms), CONTROL_IDLE_MS);
    assert_int_equal(count_clients(), 1);
    for (int idle = 0; idle < 3; idle++) {
        for (ssize_t more; (more = recv(fd, text, size, 0)) > 0; idle = 0)
            got += (size_t)more;
        turn();
    }
    assert_int_equal(got, size + 1);
    close(fd);
    assert_null(turn());
    free(text);
}

static void test_tickets(void **state)
{
    (void)state;
    int fd = connect_client();
    say(fd, "{}");
    struct control_client *client = turn();
    struct control_ticket ticket = control_ticket(&control, client);
    assert_ptr_equal(control_find(&control, ticket), client);
    close(fd);
    assert_null(turn());
    assert_null(control_find(&control, ticket));
    fd = connect_client(); // another one in the same place
    say(fd, "{}");
    assert_ptr_equal(turn(), client);
    assert_null(control_find(&control, ticket));
    control_reply(&control, client, "{}", false);
    assert_null(control_find(&control, control_ticket(&control, client)));
    close(fd);
    assert_null(turn());
}

static void test_limits(void **state)
{
    (void)state;
    int clients[CONTROL_CLIENTS_MAX + 1];
    for (unsigned i = 0; i <= CONTROL_CLIENTS_MAX; i++) {
        clients[i] = connect_client();
        now_ms++;
        turn();
    }
    assert_int_equal(count_clients(), CONTROL_CLIENTS_MAX);
    assert_true(is_closed(clients[0])); // the eldest made room
    assert_int_equal(control_rest(&control, now_ms), CONTROL_IDLE_MS - CONTROL_CLIENTS_MAX + 1);
    for (unsigned i = 1; i <= CONTROL_CLIENTS_MAX; i++)
        say(clients[i], "{}");
    turn();
    // All are being worked for: one more is told so.
    int late = connect_client();
    turn();
    expect(late, "{\"v\":1,\"ok\":false,\"exit\":6,\"error\":\"too many clients are at the control "
                 "socket\"}\n");
    close(late);
    for (unsigned i = 0; i <= CONTROL_CLIENTS_MAX; i++)
        close(clients[i]);
    turn();
    assert_int_equal(count_clients(), 0);
}

static void test_too_long(void **state)
{
    (void)state;
    static char octets[CONTROL_REQUEST_MAX + 1];
    memset(octets, 'x', sizeof octets);
    int fd = connect_client();
    for (size_t at = 0; at < sizeof octets;) {
        ssize_t put = send(fd, octets + at, sizeof octets - at, MSG_NOSIGNAL);
        if (put < 0)
            break;
        at += (size_t)put;
        assert_null(turn());
    }
    assert_int_equal(count_clients(), 0);
    close(fd);
}

static void test_idle(void **state)
{
    (void)state;
    int silent = connect_client(), talking = connect_client();
    turn();
    now_ms += CONTROL_IDLE_MS - 1;
    say(talking, "{");
    turn();
    assert_int_equal(control_rest(&control, now_ms), 1);
    now_ms++;
    assert_int_equal(control_rest(&control, now_ms), CONTROL_IDLE_MS - 1);
    assert_true(is_closed(silent));
    assert_int_equal(count_clients(), 1);
    close(silent);
    close(talking);
    turn();
}

static void test_path(void **state)
{
    (void)state;
    struct control second;
    struct stat status;
    pid_t holder;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
    // A living one is refused, and named.
    assert_int_equal(control_open(&second, path, geteuid(), getegid(), &holder), -EADDRINUSE);
    assert_int_equal(holder, getpid());
    // A stale one is replaced.
    close(control.fd);
    assert_int_equal(control_open(&second, path, geteuid(), getegid(), &holder), 0);
    control_close(&second);
    assert_int_equal(stat(path, &status), -1);
    // What is no socket stays.
    FILE *file = fopen(path, "w");
    fclose(file);
    assert_int_equal(control_open(&second, path, geteuid(), getegid(), &holder), -EADDRINUSE);
    assert_int_equal(holder, 0);
    assert_int_equal(stat(path, &status), 0);
    unlink(path);
    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    assert_int_equal(control_open(&second, long_path, 0, 0, &holder), -ENAMETOOLONG);
    free(control.path);
    control.fd = -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_request_and_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_octets_behind_a_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_end_of_stream, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hangs_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lasting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_reply, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_reply_after_a_long_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tickets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_idle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_path, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
