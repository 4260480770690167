// `onym ctl` against a socket of our own: each way in which it can go.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

// Answers one client with this, and keeps what it asked.
struct host {
    int listener;
    const char *reply;
    char request[1024];
    pthread_t thread;
};

static void *answer(void *argument)
{
    struct host *host = argument;
    int client = accept(host->listener, NULL, NULL);
    ssize_t got = recv(client, host->request, sizeof host->request - 1, 0);
    host->request[got < 0 ? 0 : got] = 0;
    send(client, host->reply, strlen(host->reply), MSG_NOSIGNAL);
    close(client);
    return NULL;
}

static void begin(struct host *host, const char *reply)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "ctl"};
    *host = (struct host){.reply = reply};
    unlink("ctl");
    host->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(host->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(host->listener, 1), 0);
    assert_int_equal(pthread_create(&host->thread, NULL, answer, host), 0);
}

static void end(struct host *host)
{
    pthread_join(host->thread, NULL);
    close(host->listener);
}

static void test_replies(void **state)
{
    static const struct {
        const char *line, *reply, *request;
        int code;
        const char *out, *err;
    } cases[] = {
        {"ctl reload --control ctl", "{\"v\":1,\"ok\":true,\"exit\":0,\"message\":\"done\"}\n",
         "{\"v\":1,\"command\":\"reload\"}\n", EXIT_OK, "done\n", ""},
        {"ctl reload a.test --control ctl", "{\"v\":1,\"ok\":true,\"exit\":0}\n",
         "{\"v\":1,\"command\":\"reload\",\"zone\":\"a.test\"}\n", EXIT_OK, "reloaded\n", ""},
        {"ctl reload -q --control ctl", "{\"v\":1,\"ok\":true,\"exit\":0}\n",
         "{\"v\":1,\"command\":\"reload\"}\n", EXIT_OK, "", ""},
        {"ctl stop --control ctl --json", "{\"v\":1,\"ok\":true,\"exit\":0}\n",
         "{\"v\":1,\"command\":\"stop\"}\n", EXIT_OK, "{\"v\":1,\"ok\":true,\"exit\":0}\n", ""},
        {"ctl stats --control ctl", "{\"v\":1,\"ok\":true,\"exit\":0,\"asked\":3}\n",
         "{\"v\":1,\"command\":\"stats\"}\n", EXIT_OK,
         "asked                                        3\n", ""},
        {"ctl stats --prometheus --control ctl", "{\"v\":1,\"ok\":true,\"text\":\"a 1\\n\"}\n",
         "{\"v\":1,\"command\":\"stats\",\"format\":\"prometheus\"}\n", EXIT_OK, "a 1\n", ""},
        {"ctl reload --control ctl",
         "{\"v\":1,\"ok\":false,\"exit\":7,\"error\":\"1 broken\",\"problems\":[{\"severity\":"
         "\"error\",\"file\":\"b.zone\",\"line\":4,\"column\":2,\"message\":\"no\",\"hint\":null,"
         "\"source\":null}]}\n",
         "{\"v\":1,\"command\":\"reload\"}\n", EXIT_PARTLY, "",
         "b.zone:4: error: no\n1 error in 1 file\nonym: 1 broken\n"},
        {"ctl reload x --control ctl",
         "{\"v\":1,\"ok\":false,\"exit\":5,\"error\":\"no such zone\",\"hint\":\"look\"}\n",
         "{\"v\":1,\"command\":\"reload\",\"zone\":\"x\"}\n", EXIT_NOT_FOUND, "",
         "onym: no such zone\n  look\n"},
        {"ctl status --control ctl", "{\"ok\":false}\n", "{\"v\":1,\"command\":\"status\"}\n",
         EXIT_FAILED, "", "onym: the server says no, and not why\n"},
        {"ctl status --control ctl", "[1]\n", "{\"v\":1,\"command\":\"status\"}\n", EXIT_FAILED, "",
         "onym: the server's reply is no JSON object\n"},
        {"ctl status --control ctl", "", "{\"v\":1,\"command\":\"status\"}\n", EXIT_FAILED, "",
         "onym: the server at ctl hung up without a reply\n  its log may say why\n"},
    };
    (void)state;
    files_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct host host;
        begin(&host, cases[i].reply);
        struct spoken spoken = speak(cases[i].line);
        end(&host);
        assert_string_equal(host.request, cases[i].request);
        assert_int_equal(spoken.code, cases[i].code);
        assert_string_equal(spoken.out, cases[i].out);
        assert_string_equal(spoken.err, cases[i].err);
        hush(&spoken);
    }
    files_end();
}

static void test_nobody(void **state)
{
    (void)state;
    files_begin();
    struct spoken none = speak("ctl status --control ./nothing");
    assert_int_equal(none.code, EXIT_UNREACHABLE);
    assert_string_equal(none.err,
                        "onym: no server at ./nothing: No such file or directory\n"
                        "  does it run ('onym serve')? for another socket: --control PATH or -c "
                        "FILE\n");
    struct host host;
    begin(&host, "");
    shutdown(host.listener, SHUT_RDWR);
    end(&host); // the socket is still in the folder
    struct spoken stale = speak("ctl status --control ctl -q");
    assert_int_equal(stale.code, EXIT_UNREACHABLE);
    files_put("c.yaml", "version: 1\ncontrol: ./elsewhere\n");
    struct spoken configured = speak("ctl status -c c.yaml");
    assert_int_equal(configured.code, EXIT_UNREACHABLE);
    assert_non_null(strstr(configured.err, "elsewhere"));
    files_put("c.yaml", "version: 1\ncontrl: ./elsewhere\n");
    struct spoken bad = speak("ctl status -c c.yaml");
    assert_int_equal(bad.code, EXIT_USAGE);
    assert_non_null(strstr(bad.err, "did you mean 'control'?"));
    assert_non_null(strstr(bad.err, "name the socket: --control PATH"));
    hush(&none);
    hush(&stale);
    hush(&configured);
    hush(&bad);
    files_end();
}

static void test_permission(void **state)
{
    (void)state;
    if (geteuid() == 0) // root may all; as another user: test/system
        skip();
    files_begin();
    struct host host;
    begin(&host, "");
    assert_int_equal(chmod("ctl", 0), 0);
    struct spoken spoken = speak("ctl status --control ctl");
    assert_int_equal(spoken.code, EXIT_PERMISSION);
    hush(&spoken);
    shutdown(host.listener, SHUT_RDWR);
    end(&host);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_replies),
                                       cmocka_unit_test(test_nobody),
                                       cmocka_unit_test(test_permission)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
