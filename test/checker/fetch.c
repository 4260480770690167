// Checks over the network: statuses, texts, silence, and what is no page at all.
#include "asked.h"

#include "checker/fetch.h"

static CURLM *multi;

static void run(const struct probe *probe, struct probe_result *result)
{
    struct fetch fetch;
    struct CURLMsg *message = NULL;
    int still, left;
    assert_true(fetch_begin(&fetch, multi, probe, result));
    while (!message) {
        curl_multi_perform(multi, &still);
        message = curl_multi_info_read(multi, &left);
        if (!message)
            curl_multi_poll(multi, NULL, 0, 50, NULL);
    }
    fetch_finish(&fetch, multi, message->data.result, result);
    assert_null(fetch.easy);
    assert_int_equal(result->id, probe->id);
}

static void check(struct probe *probe, const char *reply, bool good, const char *words)
{
    struct asked_page page;
    struct probe_result result = {0};
    asked_open(&page, probe, reply);
    run(probe, &result);
    asked_close(&page);
    if (strcmp(result.words, words) != 0)
        fail_msg("%s, not %s", result.words, words);
    assert_int_equal(result.good, good);
}

static struct probe page_of(const char *text)
{
    return (struct probe){.id = 5,
                          .kind = PROBE_HTTP,
                          .timeout_ms = 5000,
                          .host = "",
                          .path = "/health",
                          .text = text};
}

#define HEAD(status) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n"

static void test_pages(void **state)
{
    struct probe probe = page_of("");
    (void)state;
    check(&probe, HEAD("200 OK") "fine", true, "status 200");
    check(&probe, HEAD("302 Found"), true, "status 302");
    check(&probe, HEAD("404 No"), false, "status 404");
    check(&probe, HEAD("503 No"), false, "status 503");
    probe.statuses[0] = 404;
    probe.status_count = 1;
    check(&probe, HEAD("404 No"), true, "status 404");
    check(&probe, HEAD("200 OK"), false, "status 200");
    probe = page_of("ready");
    check(&probe, HEAD("200 OK") "all is ready here", true, "status 200");
    check(&probe, HEAD("200 OK") "not yet", false, "status 200, and the text is not in the page");
}

static void test_request(void **state)
{
    struct asked_page page;
    struct probe probe = page_of("");
    struct probe_result result = {0};
    (void)state;
    probe.host = "www.example.test";
    asked_open(&page, &probe, HEAD("200 OK"));
    run(&probe, &result);
    assert_true(result.good);
    assert_true(strstr(page.request, "GET /health HTTP/1.1\r\n"));
    assert_true(strstr(page.request, "Host: www.example.test:"));
    asked_close(&page);
}

static void test_troubles(void **state)
{
    struct probe probe = page_of("");
    struct probe_result result = {0};
    (void)state;
    check(&probe, "garbage\n", false, "Received HTTP/0.9 when not allowed");
    check(&probe, "", false, "Empty reply from server");
    probe.timeout_ms = 200;
    check(&probe, NULL, false, "no answer within 200 ms");
    int fd = asked_listen(&probe);
    close(fd);
    run(&probe, &result);
    assert_false(result.good);
    assert_string_equal(result.words, "Connection refused");
}

static void test_tcp(void **state)
{
    struct probe probe = {
        .id = 3, .kind = PROBE_TCP, .timeout_ms = 2000, .host = "", .path = "", .text = ""};
    struct probe_result result = {0};
    (void)state;
    int fd = asked_listen(&probe);
    run(&probe, &result);
    assert_true(result.good);
    assert_string_equal(result.words, "connected");
    close(fd);
    run(&probe, &result);
    assert_false(result.good);
    assert_string_equal(result.words, "Connection refused");
}

// A page without an end is looked at as far as it matters.
static void test_huge_page(void **state)
{
    static char reply[300000];
    struct probe probe = page_of("needle");
    (void)state;
    strcpy(reply, HEAD("200 OK"));
    memset(reply + strlen(HEAD("200 OK")), 'x', 250000);
    memcpy(reply + 1000, "needle", 6);
    check(&probe, reply, true, "status 200");
    memset(reply + 1000, 'x', 6);
    memcpy(reply + 200000, "needle", 6); // too far behind
    check(&probe, reply, false, "status 200, and the text is not in the page");
}

static int open_multi(void **state)
{
    (void)state;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    return multi ? 0 : 1;
}

static int close_multi(void **state)
{
    (void)state;
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),     cmocka_unit_test(test_request),
        cmocka_unit_test(test_troubles),  cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_huge_page),
    };
    return cmocka_run_group_tests(tests, open_multi, close_multi);
}
