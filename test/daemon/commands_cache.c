// The command `cache`, with a main thread made of little more than its control socket's clients.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "daemon/commands_cache.h"
#include "daemon/daemon.h"
#include "filled.h"

static struct daemon *main_thread;
static int ends[CONTROL_CLIENTS_MAX]; // the clients' own; -1: none

static int set_up(void **state)
{
    (void)state;
    main_thread = memory_get_zeroed(1, sizeof *main_thread);
    main_thread->control.fd = -1;
    main_thread->cache = filled_open(CACHE_OCTETS_MIN);
    filled_put_address(main_thread->cache, "www.a.test.", 1);
    filled_put_none(main_thread->cache, "www.a.test.", TYPE_AAAA, CACHE_NODATA);
    filled_put_address(main_thread->cache, "www.b.test.", 2);
    assert_int_equal(loop_open(&main_thread->loop), 0);
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
        ends[i] = -1;
    return control_attach(&main_thread->control, &main_thread->loop, 1, 2);
}

static int tear_down(void **state)
{
    (void)state;
    commands_cache_free(main_thread);
    control_close(&main_thread->control);
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    cache_close(main_thread->cache);
    loop_close(&main_thread->loop);
    free(main_thread);
    return 0;
}

// A client whose request came.
static struct control_client *enter(unsigned index)
{
    struct control_client *client = &main_thread->control.clients[index];
    int pair[2];
    assert_int_equal(client->stage, CONTROL_FREE);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client->fd = pair[0];
    client->stage = CONTROL_WORKING;
    ends[index] = pair[1];
    struct loop_tag tag = {.kind = 2, .generation = client->generation, .index = index};
    assert_int_equal(loop_add(&main_thread->loop, client->fd, 0, tag), 0);
    return client;
}

static void run(struct control_client *client, const char *text)
{
    json_t *request = json_loads(text, 0, NULL);
    assert_non_null(request);
    command_run_cache(main_thread, client, request);
    json_decref(request);
}

static void turn(void)
{
    unsigned count = loop_wait(&main_thread->loop, 5000);
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&main_thread->loop, i, &ready);
        if (tag.kind == 2)
            assert_null(control_read(&main_thread->control, tag, ready, 1));
    }
    commands_cache_step(main_thread);
}

static json_t *take_reply(unsigned index)
{
    static char text[1 << 16];
    ssize_t size = recv(ends[index], text, sizeof text, 0);
    assert_true(size > 0);
    json_t *reply = json_loadb(text, (size_t)size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(reply);
    close(ends[index]);
    ends[index] = -1;
    while (main_thread->control.clients[index].stage != CONTROL_FREE)
        turn();
    return reply;
}

// One command from the request to the reply.
static json_t *ask(const char *request)
{
    run(enter(0), request);
    while (main_thread->searches)
        turn();
    return take_reply(0);
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);
    return json_is_array(member) ? (json_int_t)json_array_size(member) : json_integer_value(member);
}

static void test_verbs(void **state)
{
    static const struct {
        const char *request, *member;
        json_int_t value;
    } rows[] = {
        {"{\"do\":\"dump\"}", "entries", 3},
        {"{\"do\":\"dump\",\"name\":\"www.b.test\"}", "entries", 3},
        {"{\"do\":\"show\",\"name\":\"www.a.test\"}", "entries", 2},
        {"{\"do\":\"show\",\"name\":\"www.a.test\",\"type\":\"aaaa\"}", "entries", 1},
        {"{\"do\":\"top\"}", "names", 2},
        {"{\"do\":\"stats\"}", "stored", 3},
        {"{\"do\":\"flush\",\"name\":\"www.a.test\",\"type\":\"A\"}", "flushed", 1},
        {"{\"do\":\"show\",\"name\":\"www.a.test\"}", "entries", 1},
        {"{\"do\":\"flush-tree\",\"name\":\"test\"}", "flushed", 2},
        {"{\"do\":\"dump\"}", "entries", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *reply = ask(rows[i].request);
        assert_true(json_is_true(json_object_get(reply, "ok")));
        assert_non_null(json_object_get(reply, rows[i].member));
        assert_int_equal(number(reply, rows[i].member), rows[i].value);
        json_decref(reply);
    }
}

static void test_refused(void **state)
{
    static const char *const requests[] = {
        "{}",
        "{\"do\":5}",
        "{\"do\":\"\"}",
        "{\"do\":\"burn\"}",
        "{\"do\":\"show\"}",
        "{\"do\":\"show\",\"name\":5}",
        "{\"do\":\"show\",\"name\":\"a..b\"}",
        "{\"do\":\"show\",\"name\":\"a\",\"type\":\"NOSUCH\"}",
        // Not to be taken for a flush of every type.
        "{\"do\":\"flush\",\"name\":\"www.a.test\",\"type\":28}",
        "{\"do\":\"flush\",\"name\":\"www.a.test\",\"type\":null}",
        "{\"do\":\"flush-tree\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        json_t *reply = ask(requests[i]);
        assert_int_equal(number(reply, "exit"), 2);
        assert_true(json_is_string(json_object_get(reply, "error")));
        json_decref(reply);
    }
    json_t *reply = ask("{\"do\":\"dump\"}");
    assert_int_equal(number(reply, "entries"), 3);
    json_decref(reply);
}

static void test_without_a_cache(void **state)
{
    (void)state;
    struct cache *cache = main_thread->cache;
    main_thread->cache = NULL;
    json_t *reply = ask("{\"do\":\"stats\"}");
    main_thread->cache = cache;
    assert_int_equal(number(reply, "exit"), 6);
    json_decref(reply);
}

static void test_hangs_up(void **state)
{
    (void)state;
    run(enter(0), "{\"do\":\"dump\"}");
    close(ends[0]);
    ends[0] = -1;
    while (main_thread->searches || main_thread->control.clients[0].stage != CONTROL_FREE)
        turn();
    json_t *reply = ask("{\"do\":\"dump\"}"); // in the same place
    assert_int_equal(number(reply, "entries"), 3);
    json_decref(reply);
}

// SEARCHES_MAX threads and no more; who came too late is told so at once.
static void test_limit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SEARCHES_MAX; i++)
        run(enter(i), "{\"do\":\"dump\"}");
    run(enter(SEARCHES_MAX), "{\"do\":\"dump\"}");
    json_t *reply = take_reply(SEARCHES_MAX);
    assert_int_equal(number(reply, "exit"), 6);
    json_decref(reply);
    while (main_thread->searches)
        turn();
    for (unsigned i = 0; i < SEARCHES_MAX; i++) {
        reply = take_reply(i);
        assert_int_equal(number(reply, "entries"), 3);
        json_decref(reply);
    }
}

// The daemon stops while searches are on: tear_down ends them.
static void test_stops(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SEARCHES_MAX; i++)
        run(enter(i), "{\"do\":\"top\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verbs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_cache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hangs_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stops, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
