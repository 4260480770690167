// The command `health`, with a main thread made of its control socket's clients and some targets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "built.h"
#include "daemon/commands_health.h"
#include "daemon/daemon.h"

static struct daemon *main_thread;
static struct options *options;

static int set_up(void **state)
{
    struct board *board = board_open(3);
    struct health_rules rules = {10000, 2000, 2, 3};
    (void)state;
    options = built_options(
        "checks: {\"w\\\"b\": {tcp: 80}}\n"
        "zones: {a.test: {file: a, routes: {w: {A: [{give: [192.0.2.1, 192.0.2.2, 192.0.2.3], "
        "check: \"w\\\"b\"}]}}}}\n");
    main_thread = memory_get_zeroed(1, sizeof *main_thread);
    main_thread->control.fd = -1;
    assert_int_equal(loop_open(&main_thread->loop), 0);
    checking_open(&main_thread->checking, &main_thread->loop, 3);
    main_thread->checking.companion.program = CHECKER;
    checking_replace(&main_thread->checking, options, board, clock_now_ms());
    board_release(board);
    struct checked *targets = main_thread->checking.targets;
    for (unsigned i = 0; i < 2; i++) {
        health_start(&targets[i].state, clock_now_ms());
        (void)health_take(&targets[i].state, &rules, i == 0, clock_now_ms());
        strcpy(targets[i].words, i ? "Connection refused" : "connected");
    }
    return control_attach(&main_thread->control, &main_thread->loop, 1, 2);
}

static int tear_down(void **state)
{
    (void)state;
    checking_close(&main_thread->checking);
    control_close(&main_thread->control);
    loop_close(&main_thread->loop);
    free(main_thread);
    options_free(options);
    return 0;
}

static void test_health(void **state)
{
    struct control_client *client = &main_thread->control.clients[0];
    static char text[4096];
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client->fd = pair[0];
    client->stage = CONTROL_WORKING;
    assert_int_equal(loop_add(&main_thread->loop, pair[0], EPOLLIN, (struct loop_tag){.kind = 2}),
                     0);
    json_t *request = json_object();
    command_run_health(main_thread, client, request);
    json_decref(request);
    ssize_t size = read(pair[1], text, sizeof text - 1);
    assert_true(size > 0);
    json_t *reply = json_loadb(text, (size_t)size, JSON_DISABLE_EOF_CHECK, NULL);
    json_t *targets = json_object_get(reply, "targets");
    assert_int_equal(json_array_size(targets), 3);
    static const char *const states[] = {"up", "down", "unknown"};
    for (size_t i = 0; i < 3; i++) {
        json_t *target = json_array_get(targets, i);
        assert_string_equal(json_string_value(json_object_get(target, "check")), "w\"b");
        assert_string_equal(json_string_value(json_object_get(target, "state")), states[i]);
        assert_int_equal(json_object_get(target, "words") != NULL, i < 2);
    }
    json_t *second = json_array_get(targets, 1);
    assert_string_equal(json_string_value(json_object_get(second, "address")), "192.0.2.2");
    assert_string_equal(json_string_value(json_object_get(second, "words")), "Connection refused");
    json_decref(reply);
    close(pair[1]);
}

static void test_counts_and_metrics(void **state)
{
    struct buffer text = {0}, metrics = {0};
    struct json json = json_begin(&text);
    (void)state;
    json_open_object(&json, NULL);
    commands_health_count(&main_thread->checking, &json);
    json_close_object(&json);
    assert_string_equal(buffer_text(&text), "{\"health\":{\"unknown\":1,\"up\":1,\"down\":1}}");
    commands_health_metrics(&main_thread->checking, &metrics);
    assert_non_null(strstr(buffer_text(&metrics),
                           "onym_health_up{check=\"w\\\"b\",address=\"192.0.2.2\"} 0\n"));
    assert_non_null(strstr(buffer_text(&metrics),
                           "onym_health_up{check=\"w\\\"b\",address=\"192.0.2.3\"} 1\n"));
    assert_non_null(strstr(buffer_text(&metrics), "onym_health_changes_total 0\n"));
    buffer_free(&text);
    buffer_free(&metrics);
    struct checking none = {0};
    commands_health_metrics(&none, &metrics);
    assert_int_equal(metrics.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_counts_and_metrics),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
