// Asking: whole replies, and each way in which there is none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "daemon/client.h"

static char folder[64], path[96];
static int listener;

// What the other side does: replies in pieces, or hangs up.
struct script {
    const char *pieces[4];
    char request[128];
};

static void *play(void *argument)
{
    struct script *script = argument;
    int fd = accept(listener, NULL, NULL);
    if (script->pieces[0]) {
        ssize_t size = recv(fd, script->request, sizeof script->request - 1, 0);
        script->request[size > 0 ? size : 0] = 0;
    }
    for (size_t i = 0; i < 4 && script->pieces[i]; i++) {
        send(fd, script->pieces[i], strlen(script->pieces[i]), MSG_NOSIGNAL);
        usleep(20000);
    }
    close(fd);
    return NULL;
}

static int ask(struct script *script, struct buffer *reply)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, play, script), 0);
    int failed = control_ask(path, "{\"command\":\"status\"}", reply);
    pthread_join(thread, NULL);
    return failed;
}

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ctl", folder);
    strcpy(address.sun_path, path);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    return listen(listener, 1);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void test_reply(void **state)
{
    (void)state;
    struct buffer reply = {0};
    buffer_add_text(&reply, "before:");
    struct script script = {.pieces = {"{\"ok\"", ":true}", "\n"}};
    assert_int_equal(ask(&script, &reply), 0);
    assert_string_equal(reply.text, "before:{\"ok\":true}");
    assert_string_equal(script.request, "{\"command\":\"status\"}\n");
    buffer_free(&reply);
}

static void test_no_whole_reply(void **state)
{
    (void)state;
    struct buffer reply = {0};
    struct script cut = {.pieces = {"{\"ok\":"}}, nothing = {.pieces = {NULL}},
                  empty = {.pieces = {""}};
    assert_int_equal(ask(&cut, &reply), -EPROTO);
    assert_int_equal(ask(&nothing, &reply), -EPROTO);
    assert_int_equal(ask(&empty, &reply), -EPROTO);
    buffer_free(&reply);
}

static void test_nobody(void **state)
{
    (void)state;
    struct buffer reply = {0};
    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    assert_int_equal(control_ask("/nonexistent/ctl", "{}", &reply), -ENOENT);
    assert_int_equal(control_ask(long_path, "{}", &reply), -ENAMETOOLONG);
    close(listener); // and the socket stays in its folder
    assert_int_equal(control_ask(path, "{}", &reply), -ECONNREFUSED);
    if (geteuid() != 0) {
        chmod(path, 0);
        assert_int_equal(control_ask(path, "{}", &reply), -EACCES);
    }
    buffer_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reply),
        cmocka_unit_test(test_no_whole_reply),
        cmocka_unit_test(test_nobody),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
