// `onym trace` with a resolver of its own: its server is the root and everything else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "cli/exit.h"
#include "fake.h"
#include "files.h"
#include "spoken.h"

// NXDOMAIN for every name but the root's own.
static size_t say_none(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    (void)fake;
    static const uint8_t soa[] =
        "\0\0\6\0\1\0\0\0\74\0\26\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0"
        "\74";
    size_t at = 12;
    while (query[at])
        at += 1 + query[at];
    at += 5;
    assert(at <= size);
    memcpy(reply, query, at);
    reply[2] = 0x84; // QR AA
    reply[3] = query[12] ? 3 : 0;
    memset(reply + 4, 0, 8);
    reply[5] = 1;
    reply[9] = 1; // the SOA of the root
    memcpy(reply + at, soa, sizeof soa - 1);
    return at + sizeof soa - 1;
}

static void write_config(const struct fake *fake)
{
    char text[256];
    snprintf(text, sizeof text,
             "resolve: {hints: {root: [\"127.0.0.1\"]}, port: %u, never_ask: [], "
             "special_names: false}\n",
             address_port(&fake->address));
    files_put("onym.yaml", text);
}

static void test_walk(void **state)
{
    (void)state;
    struct fake fake;
    files_begin();
    fake_start(&fake, say_none);
    write_config(&fake);
    struct spoken json = speak("trace www.example.test -c onym.yaml --json");
    assert_int_equal(json.code, EXIT_NXDOMAIN);
    json_t *walk = json_loads(json.out, 0, NULL);
    assert_non_null(walk);
    assert_string_equal(json_string_value(json_object_get(walk, "rcode")), "NXDOMAIN");
    assert_true(json_array_size(json_object_get(walk, "steps")) >= 4);
    assert_true(json_integer_value(json_object_get(walk, "packets")) >= 1);
    json_decref(walk);
    hush(&json);
    struct spoken text = speak("trace www.example.test -c onym.yaml");
    assert_int_equal(text.code, EXIT_NXDOMAIN);
    assert_non_null(strstr(text.out, "www.example.test. A\n"));
    assert_non_null(strstr(text.out, "127.0.0.1"));
    assert_non_null(strstr(text.out, "NXDOMAIN  "));
    hush(&text);
    struct spoken svg = speak("trace www.example.test --svg -c onym.yaml");
    assert_true(strncmp(svg.out, "<svg ", 5) == 0);
    hush(&svg);
    fake_stop(&fake);
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_walk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
