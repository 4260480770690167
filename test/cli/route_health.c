// Health as a server tells it, from a socket of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cli/exit.h"
#include "cli/members.h"
#include "routed.h"
#include "spoken.h"

struct host {
    int listener;
    const char *reply;
    pthread_t thread;
};

static void *answer(void *argument)
{
    struct host *host = argument;
    char request[200];
    int client = accept(host->listener, NULL, NULL);
    ssize_t got = recv(client, request, sizeof request - 1, 0);
    request[got < 0 ? 0 : got] = 0;
    assert(strstr(request, "\"health\""));
    send(client, host->reply, strlen(host->reply), MSG_NOSIGNAL);
    close(client);
    return NULL;
}

static json_t *ask(const char *reply)
{
    struct host host = {.reply = reply};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "ctl"};
    unlink("ctl");
    host.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(host.listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(host.listener, 1), 0);
    assert_int_equal(pthread_create(&host.thread, NULL, answer, &host), 0);
    struct spoken spoken = speak("zone route www.example.test A --from SG -c onym.yaml --json");
    assert_int_equal(spoken.code, EXIT_OK);
    json_t *routed = json_loads(spoken.out, 0, NULL);
    assert_non_null(routed);
    hush(&spoken);
    pthread_join(host.thread, NULL);
    close(host.listener);
    return routed;
}

#define TARGET(address, state)                                                                     \
    "{\"check\":\"web\",\"address\":\"" address "\",\"state\":\"" state "\"}"
#define REPLY(targets) "{\"v\":1,\"ok\":true,\"exit\":0,\"targets\":[" targets "]}\n"

static void test_health(void **state)
{
    static const struct {
        const char *reply, *health, *outcome, *first;
        int rule, ede;
    } cases[] = {
        {REPLY(TARGET("192.0.2.10", "up")), "server", "chosen", "192.0.2.10", 1, -1},
        {REPLY(TARGET("192.0.2.10", "down")), "server", "chosen", "192.0.2.11", 1, -1},
        {REPLY(TARGET("192.0.2.10", "down") "," TARGET("192.0.2.11", "down")), "server",
         "fell_back", "192.0.2.99", 6, 0},
        {REPLY(TARGET("192.0.2.77", "down")), "server", "chosen", "192.0.2.10", 1, -1},
        {REPLY(""), "server", "chosen", "192.0.2.10", 1, -1},
        {"{\"v\":1,\"ok\":false}\n", "assumed", "chosen", "192.0.2.10", 1, -1},
        {"nonsense\n", "assumed", "chosen", "192.0.2.10", 1, -1},
        {"", "assumed", "chosen", "192.0.2.10", 1, -1},
    };
    (void)state;
    routed_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *routed = ask(cases[i].reply);
        const json_t *route = json_array_get(json_object_get(routed, "routes"), 0);
        const json_t *verdict = json_object_get(route, "verdict");
        const json_t *ede = json_object_get(verdict, "ede");
        assert_string_equal(text_of(routed, "health"), cases[i].health);
        assert_string_equal(text_of(verdict, "outcome"), cases[i].outcome);
        assert_int_equal(number_of(verdict, "rule"), cases[i].rule);
        assert_string_equal(text_of(json_array_get(json_object_get(verdict, "gives"), 0), "data"),
                            cases[i].first);
        assert_int_equal(ede ? (int)number_of(ede, "code") : -1, cases[i].ede);
        json_decref(routed);
    }
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_health)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
