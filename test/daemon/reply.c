// Replies: what all of them say, over a pair of sockets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "daemon/reply.h"

static struct daemon *daemon_alone;
static struct control_client *client;
static int other_end;

static int set_up(void **state)
{
    int ends[2];
    (void)state;
    daemon_alone = memory_get_zeroed(1, sizeof *daemon_alone);
    daemon_alone->control.fd = -1;
    assert_int_equal(loop_open(&daemon_alone->loop), 0);
    assert_int_equal(control_attach(&daemon_alone->control, &daemon_alone->loop, 1, 2), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    client = &daemon_alone->control.clients[0];
    client->fd = ends[0];
    client->stage = CONTROL_WORKING;
    other_end = ends[1];
    return loop_add(&daemon_alone->loop, client->fd, 0, (struct loop_tag){.kind = 2});
}

static int tear_down(void **state)
{
    (void)state;
    control_close(&daemon_alone->control);
    loop_close(&daemon_alone->loop);
    free(daemon_alone);
    close(other_end);
    return 0;
}

static void expect(const char *text)
{
    char got[512];
    ssize_t size = recv(other_end, got, sizeof got - 1, 0);
    assert_true(size >= 0);
    got[size] = 0;
    assert_string_equal(got, text);
}

static void test_good(void **state)
{
    struct reply reply;
    (void)state;
    reply_begin(&reply, 0);
    json_text(&reply.json, "a", "b\n");
    reply_send(daemon_alone, client, &reply, false);
    expect("{\"v\":1,\"ok\":true,\"exit\":0,\"a\":\"b\\n\"}\n");
    assert_int_equal(client->stage, CONTROL_ENDING);
}

static void test_lasting(void **state)
{
    struct reply reply;
    (void)state;
    reply_begin(&reply, 7);
    reply_send(daemon_alone, client, &reply, true);
    expect("{\"v\":1,\"ok\":false,\"exit\":7}\n");
    assert_int_equal(client->stage, CONTROL_LASTING);
}

static void test_refusals(void **state)
{
    (void)state;
    reply_refuse(daemon_alone, client, 6, "no \"such\" thing", NULL);
    expect("{\"v\":1,\"ok\":false,\"exit\":6,\"error\":\"no \\\"such\\\" thing\"}\n");
}

static void test_refusals_with_a_hint(void **state)
{
    (void)state;
    reply_refuse(daemon_alone, client, 2, "no", "try");
    expect("{\"v\":1,\"ok\":false,\"exit\":2,\"error\":\"no\",\"hint\":\"try\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lasting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals_with_a_hint, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
