// `onym cache` and `onym why` against a socket of our own: what is asked and what is printed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cli/exit.h"
#include "files.h"
#include "spoken.h"

static const char *next_reply;
static char request[1024];
static int listener;

static void *answer(void *argument)
{
    (void)argument;
    int client = accept(listener, NULL, NULL);
    ssize_t got = recv(client, request, sizeof request - 1, 0);
    request[got < 0 ? 0 : got] = 0;
    send(client, next_reply, strlen(next_reply), MSG_NOSIGNAL);
    close(client);
    return NULL;
}

static struct spoken speak_to(const char *reply, const char *line)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "ctl"};
    pthread_t thread;
    next_reply = reply;
    unlink("ctl");
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(pthread_create(&thread, NULL, answer, NULL), 0);
    struct spoken spoken = speak(line);
    pthread_join(thread, NULL);
    close(listener);
    return spoken;
}

static void test_replies(void **state)
{
    static const struct {
        const char *line, *reply, *request;
        int code;
        const char *out, *err;
    } cases[] = {
        {"cache show www.example.test --control ctl",
         "{\"ok\":true,\"entries\":[{\"name\":\"www.example.test.\",\"type\":\"A\",\"kind\":"
         "\"rrset\","
         "\"ttl\":7,\"rank\":\"authoritative\",\"security\":\"unchecked\",\"stale\":false,"
         "\"data\":[\"192.0.2.1\",\"192.0.2.2\"]},{\"name\":\"www.example.test.\",\"type\":\"MX\","
         "\"kind\":\"nodata\",\"ttl\":3}],\"more\":0}\n",
         "{\"v\":1,\"command\":\"cache\",\"name\":\"www.example.test\",\"do\":\"show\"}\n", EXIT_OK,
         "www.example.test. 7 IN A 192.0.2.1  ; authoritative, unchecked\n"
         "www.example.test. 7 IN A 192.0.2.2  ; authoritative, unchecked\n"
         "; www.example.test. 3 MX nodata\n",
         ""},
        {"cache show x --control ctl", "{\"ok\":true,\"entries\":[],\"more\":0}\n",
         "{\"v\":1,\"command\":\"cache\",\"name\":\"x\",\"do\":\"show\"}\n", EXIT_OK, "",
         "nothing of it is in the cache\n"},
        {"cache flush example.test MX --control ctl", "{\"ok\":true,\"flushed\":2}\n",
         "{\"v\":1,\"command\":\"cache\",\"name\":\"example.test\",\"do\":\"flush\",\"type\":"
         "\"MX\"}\n",
         EXIT_OK, "2 entries forgotten\n", ""},
        {"cache flush-tree . --control ctl", "{\"ok\":true,\"flushed\":12}\n",
         "{\"v\":1,\"command\":\"cache\",\"name\":\".\",\"do\":\"flush-tree\"}\n", EXIT_OK,
         "12 entries forgotten\n", ""},
        {"cache top --control ctl",
         "{\"ok\":true,\"names\":[{\"name\":\"example.test.\",\"entries\":12,\"used\":3}]}\n",
         "{\"v\":1,\"command\":\"cache\",\"do\":\"top\"}\n", EXIT_OK,
         "  entries     used  domain\n       12        3  example.test.\n", ""},
        {"cache dump --control ctl --json", "{\"ok\":true,\"entries\":[],\"more\":4}\n",
         "{\"v\":1,\"command\":\"cache\",\"do\":\"dump\"}\n", EXIT_OK,
         "{\"ok\":true,\"entries\":[],\"more\":4}\n", ""},
        {"cache stats --control ctl",
         "{\"ok\":true,\"entries\":{\"rrset\":5},\"octets\":100,\"octets_max\":200}\n",
         "{\"v\":1,\"command\":\"cache\",\"do\":\"stats\"}\n", EXIT_OK,
         "rrset                   5\noctets                100\noctets_max            200\n"
         "stored                  0\nevicted                 0\nexpired                 0\n",
         ""},
        {"why www.example.test --control ctl",
         "{\"ok\":true,\"failures\":[{\"name\":\"www.example.test.\",\"type\":\"A\",\"ede\":22,"
         "\"text\":\"nobody answered\",\"ago_s\":4.2}]}\n",
         "{\"v\":1,\"command\":\"why\",\"name\":\"www.example.test\"}\n", EXIT_OK,
         "www.example.test. A  4 s ago  No Reachable Authority\n  nobody answered\n", ""},
        {"why --control ctl",
         "{\"ok\":false,\"exit\":6,\"error\":\"this server does not resolve\",\"hint\":\"see\"}\n",
         "{\"v\":1,\"command\":\"why\"}\n", EXIT_CONFLICT, "",
         "onym: this server does not resolve\n  see\n"},
        {"trace www.example.test MX --server --control ctl",
         "{\"ok\":true,\"name\":\"www.example.test.\",\"type\":\"MX\",\"rcode\":\"NXDOMAIN\","
         "\"packets\":0,\"ms\":0.1,\"answer\":[],\"authority\":[],\"steps\":[]}\n",
         "{\"v\":1,\"command\":\"trace\",\"name\":\"www.example.test.\",\"type\":\"MX\"}\n",
         EXIT_NXDOMAIN, "www.example.test. MX\nNXDOMAIN  0 packets, 0.1 ms\n", ""},
    };
    (void)state;
    files_begin();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = speak_to(cases[i].reply, cases[i].line);
        assert_string_equal(request, cases[i].request);
        assert_string_equal(spoken.out, cases[i].out);
        assert_string_equal(spoken.err, cases[i].err);
        assert_int_equal(spoken.code, cases[i].code);
        hush(&spoken);
    }
    files_end();
}

static void test_words_that_are_none(void **state)
{
    (void)state;
    struct spoken name = speak("cache show a..b --control ctl");
    assert_int_not_equal(name.code, EXIT_OK);
    hush(&name);
    struct spoken type = speak("trace example.test FOO");
    assert_int_equal(type.code, EXIT_USAGE);
    assert_string_equal(type.err, "onym: 'FOO' is not a type\n"
                                  "  like this: onym trace example.com AAAA\n");
    hush(&type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_words_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
