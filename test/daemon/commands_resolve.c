// trace and why, in a daemon whose questions all go to a server of this test: "f*" fails there,
// "s*" is met with silence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <sys/un.h>

#include "base/limits.h"
#include "forwarder.h"
#include "running.h"

static struct running running;
static pthread_t thread;
static int server = -1;
static atomic_bool stopping;

static void *serve(void *argument)
{
    while (!atomic_load(&stopping)) {
        struct address client = {.size = sizeof client.v6};
        uint8_t query[512], reply[512];
        ssize_t got = recvfrom(server, query, sizeof query, 0, &client.any, &client.size);
        if (got < HEADER_SIZE + 2 || (query[HEADER_SIZE + 1] | 0x20) == 's')
            continue;
        size_t size = forwarder_reply(query, 7, reply);
        if ((query[HEADER_SIZE + 1] | 0x20) == 'f')
            reply[3] = RCODE_SERVFAIL;
        (void)!sendto(server, reply, size, 0, &client.any, client.size);
    }
    return argument;
}

static uint16_t open_server(void)
{
    struct address address;
    struct timeval patience = {.tv_usec = 50000};
    assert_true(address_parse("127.0.0.1", 0, &address));
    server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server, &address.any, address.size), 0);
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    socklen_t size = sizeof address.v4;
    assert_int_equal(getsockname(server, &address.any, &size), 0);
    return ntohs(address.v4.sin_port);
}

static int set_up(void **state)
{
    char extra[256];
    (void)state;
    snprintf(extra, sizeof extra,
             "resolve:\n  default: {forward: [127.0.0.1]}\n  port: %u\n  never_ask: []\n"
             "  special_names: false\n",
             open_server());
    running_prepare(&running, extra);
    running_start(&running);
    return pthread_create(&thread, NULL, serve, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    int code = running_stop(&running, SIGTERM);
    atomic_store(&stopping, true);
    pthread_join(thread, NULL);
    close(server);
    running_remove(&running);
    return code;
}

static json_t *ask(const char *request)
{
    struct buffer reply = {0};
    assert_int_equal(running_ask(&running, request, &reply), 0);
    json_t *object = json_loadb(reply.text, reply.size, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_object(object));
    buffer_free(&reply);
    return object;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void test_trace(void **state)
{
    (void)state;
    json_t *reply = ask("{\"command\":\"trace\",\"name\":\"www.other.test\"}");
    assert_int_equal(number(reply, "v"), 1);
    assert_int_equal(number(reply, "exit"), 0);
    assert_string_equal(text_of(reply, "name"), "www.other.test.");
    assert_string_equal(text_of(reply, "type"), "A");
    assert_string_equal(text_of(reply, "rcode"), "NOERROR");
    assert_int_equal(number(reply, "packets"), 1);
    assert_true(json_array_size(json_object_get(reply, "steps")) > 3);
    json_decref(reply);
    reply = ask("{\"command\":\"trace\",\"name\":\"www.other.test\",\"type\":\"A\"}");
    assert_int_equal(number(reply, "packets"), 0); // it is in the cache
    assert_int_equal(json_array_size(json_object_get(reply, "steps")), 2);
    json_decref(reply);
}

static void test_why(void **state)
{
    (void)state;
    json_t *reply = ask("{\"command\":\"why\"}");
    assert_int_equal(json_array_size(json_object_get(reply, "failures")), 0);
    json_decref(reply);
    reply = ask("{\"command\":\"trace\",\"name\":\"fails.other.test\"}");
    assert_string_equal(text_of(reply, "rcode"), "SERVFAIL");
    assert_int_equal(number(reply, "exit"), 0); // the trace itself is good
    json_decref(reply);
    reply = ask("{\"command\":\"why\",\"name\":\"Fails.other.test\"}");
    json_t *failures = json_object_get(reply, "failures");
    assert_int_equal(json_array_size(failures), 1);
    assert_non_null(strstr(text_of(json_array_get(failures, 0), "text"), "127.0.0.1"));
    assert_non_null(strstr(text_of(json_array_get(failures, 0), "text"), "SERVFAIL"));
    json_decref(reply);
    reply = ask("{\"command\":\"why\",\"name\":\"www.other.test\"}");
    assert_int_equal(json_array_size(json_object_get(reply, "failures")), 0);
    json_decref(reply);
}

static void test_refused(void **state)
{
    static const char *const requests[] = {
        "{\"command\":\"trace\"}",
        "{\"command\":\"trace\",\"name\":5}",
        "{\"command\":\"trace\",\"name\":\"a..b\"}",
        "{\"command\":\"trace\",\"name\":\"a\",\"type\":\"NOSUCH\"}",
        "{\"command\":\"trace\",\"name\":\"a\",\"type\":1}",
        "{\"command\":\"why\",\"name\":\"a..b\"}",
        "{\"command\":\"why\",\"name\":null}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        json_t *reply = ask(requests[i]);
        assert_int_equal(number(reply, "exit"), 2);
        assert_true(*text_of(reply, "error"));
        json_decref(reply);
    }
}

// Asks for the trace of a name that nobody answers for. Returns the connection.
static int ask_silence(unsigned index)
{
    char request[128];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, running.control);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    snprintf(request, sizeof request, "{\"command\":\"trace\",\"name\":\"s%u.other.test\"}\n",
             index);
    assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
    return fd;
}

// Their clients are gone, the questions are not: VISITS_MAX, and no more. The daemon is stopped
// while they wait, and still ends well.
static void test_hang_up_and_limit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VISITS_MAX; i++) {
        int fd = ask_silence(i);
        usleep(2000);
        close(fd);
    }
    json_t *reply = NULL;
    for (unsigned tries = 0; tries < 200; tries++) { // until all have been read
        json_decref(reply);
        reply = ask("{\"command\":\"why\"}");
        if (number(reply, "exit") != 0)
            break;
        close(ask_silence(VISITS_MAX + tries));
        usleep(2000);
    }
    assert_int_equal(number(reply, "exit"), 6);
    json_decref(reply);
    json_decref(ask("{\"command\":\"status\"}"));
    for (unsigned tries = 0; tries < 300; tries++) { // their time is up, and there is room again
        reply = ask("{\"command\":\"why\"}");
        json_int_t code = number(reply, "exit");
        json_decref(reply);
        if (code == 0)
            break;
        assert_int_equal(code, 6);
        assert_true(tries < 299);
        usleep(100000);
    }
    int waiting = ask_silence(0); // and so does one whose client is there, at the end
    usleep(20000);
    (void)waiting;
}

static void test_server_that_does_not_resolve(void **state)
{
    struct running other, resolving = running;
    (void)state;
    running_prepare(&other, "");
    running_start(&other);
    running = other;
    static const char *const requests[] = {
        "{\"command\":\"trace\",\"name\":\"a\"}", "{\"command\":\"why\"}",
        "{\"command\":\"cache\",\"do\":\"stats\"}", "{\"command\":\"cache\",\"do\":\"dump\"}"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        json_t *reply = ask(requests[i]);
        assert_int_equal(number(reply, "exit"), 6);
        assert_non_null(strstr(text_of(reply, "hint"), "resolve.default"));
        json_decref(reply);
    }
    running = resolving;
    assert_int_equal(running_stop(&other, SIGTERM), 0);
    running_remove(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_server_that_does_not_resolve),
        cmocka_unit_test(test_hang_up_and_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
