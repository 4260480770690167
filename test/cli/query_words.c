// The words of `onym query`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "cli/query_words.h"
#include "dns/message.h"
#include "dns/type.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool read_line(struct query_words *query, const char *line)
{
    static char text[512];
    char *words[64];
    int count = 0;
    assert_true(strlen(line) < sizeof text);
    strcpy(text, line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    struct arguments arguments;
    struct arguments_problem problem;
    bool understood = arguments_read(&arguments, count, words, &problem);
    if (!understood)
        fail_msg("%s: %s", line, problem.message);
    bool good = query_words_read(query, &arguments);
    arguments_free(&arguments);
    return good;
}

static void test_words(void **state)
{
    static const struct {
        const char *line, *name;
        uint16_t types[3];
        uint16_t class;
        const char *server;
    } cases[] = {
        {"query example.com", "example.com.", {TYPE_A}, CLASS_IN, NULL},
        {"query example.com.", "example.com.", {TYPE_A}, CLASS_IN, NULL},
        {"query .", ".", {TYPE_A}, CLASS_IN, NULL},
        {"query example.com MX txt mx", "example.com.", {TYPE_MX, TYPE_TXT}, CLASS_IN, NULL},
        {"query mx example.com", "example.com.", {TYPE_MX}, CLASS_IN, NULL},
        {"query @192.0.2.1 example.com NS", "example.com.", {TYPE_NS}, CLASS_IN, "192.0.2.1"},
        {"query mx", "mx.", {TYPE_A}, CLASS_IN, NULL},
        {"query a mx", "a.", {TYPE_MX}, CLASS_IN, NULL},
        {"query version.bind CH TXT", "version.bind.", {TYPE_TXT}, CLASS_CH, NULL},
        {"query example.com TYPE65280 CLASS77", "example.com.", {65280}, 77, NULL},
        {"query example.com any", "example.com.", {TYPE_ANY}, CLASS_IN, NULL},
        {"query -x 192.0.2.1", "1.2.0.192.in-addr.arpa.", {TYPE_PTR}, CLASS_IN, NULL},
        {"query -x 192.0.2.1 ANY", "1.2.0.192.in-addr.arpa.", {TYPE_ANY}, CLASS_IN, NULL},
        {"query -x 2001:db8::12 @ns1",
         "2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
         {TYPE_PTR},
         CLASS_IN,
         "ns1"},
        {"query m\xc3\xbcnchen.example", "xn--mnchen-3ya.example.", {TYPE_A}, CLASS_IN, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query_words query;
        char name[NAME_TEXT_MAX];
        assert_true(read_line(&query, cases[i].line));
        name_print(query.request.name, name);
        assert_string_equal(name, cases[i].name);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(k < query.type_count ? query.types[k] : 0, cases[i].types[k]);
        assert_int_equal(query.request.class, cases[i].class);
        if (cases[i].server)
            assert_string_equal(query.server, cases[i].server);
        else
            assert_null(query.server);
    }
}

static void test_refused(void **state)
{
    static const char *const cases[] = {
        "query",
        "query @192.0.2.1",
        "query example.com mxx",
        "query example.com example.org",
        "query a..b",
        "query example.com @",
        "query example.com @tls://192.0.2.1",
        "query -x example.com",
        "query -x 192.0.2.1:53",
        "query -x 192.0.2.1 example.com",
        "query x -p 0",
        "query x -p 65536",
        "query x +time=0",
        "query x +tries=0",
        "query x +bufsize=65536",
        "query x +edns=256",
        "query x +cookie=xyz",
        "query x +cookie=123",
        "query \xff.example",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query_words query;
        if (read_line(&query, cases[i]))
            fail_msg("%s: understood", cases[i]);
    }
}

static void test_defaults(void **state)
{
    (void)state;
    struct query_words query;
    assert_true(read_line(&query, "query example.com"));
    assert_int_equal(query.request.flags, FLAG_RD | FLAG_AD);
    assert_true(query.request.edns);
    assert_int_equal(query.request.payload, UDP_PAYLOAD_MAX);
    assert_int_equal(query.request.cookie_size, COOKIE_CLIENT_SIZE);
    assert_false(query.request.nsid || query.request.dnssec_ok || query.tcp || query.ignore);
    assert_int_equal(query.port, 53);
    assert_int_equal(query.time_ms, 3000);
    assert_int_equal(query.tries, 3);
    assert_int_equal(query.parts, 63);
    assert_false(query.fail || query.all || query.brief || query.json);
}

static void test_flags(void **state)
{
    (void)state;
    struct query_words query;
    assert_true(read_line(&query, "query x +norec +noad +cd +aa +dnssec +nsid +tcp +ignore "
                                  "+nocookie +edns=3 +bufsize=512 +time=1 +retry=0 -p 5300 -6"));
    assert_int_equal(query.request.flags, FLAG_CD | FLAG_AA);
    assert_true(query.request.dnssec_ok && query.request.nsid && query.tcp && query.ignore);
    assert_int_equal(query.request.cookie_size, 0);
    assert_int_equal(query.request.version, 3);
    assert_int_equal(query.request.payload, 512);
    assert_int_equal(query.time_ms, 1000);
    assert_int_equal(query.tries, 1);
    assert_int_equal(query.port, 5300);
    assert_int_equal(query.family, AF_INET6);
    assert_true(read_line(&query, "query x +noedns +tries=5 +cookie=0102030405060708090a +short"));
    assert_false(query.request.edns);
    assert_int_equal(query.tries, 5);
    assert_int_equal(query.request.cookie_size, 10);
    assert_memory_equal(query.request.cookie, "\1\2\3\4\5\6\7\10\11\12", 10);
    assert_true(query.brief);
}

static void test_parts(void **state)
{
    static const struct {
        const char *line;
        unsigned parts;
    } cases[] = {
        {"query x +noall +answer", PART_ANSWER},
        {"query x +answer +noall", PART_ANSWER},
        {"query x +noall +answer +stats", PART_ANSWER | PART_STATS},
        {"query x +noauthority +noadditional", 63 & ~(PART_AUTHORITY | PART_ADDITIONAL)},
        {"query x +nocomments +noquestion", 63 & ~(PART_COMMENTS | PART_QUESTION)},
        {"query x +noall", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct query_words query;
        assert_true(read_line(&query, cases[i].line));
        assert_int_equal(query.parts, cases[i].parts);
        assert_false(query.all);
    }
}

static void test_all(void **state)
{
    static const char *const lines[] = {"query x --all", "query x +all", "query x --all MX"};
    static const uint16_t wanted[] = {TYPE_A,   TYPE_AAAA,  TYPE_CNAME, TYPE_NS,   TYPE_SOA,
                                      TYPE_MX,  TYPE_TXT,   TYPE_SRV,   TYPE_CAA,  TYPE_HTTPS,
                                      TYPE_PTR, TYPE_NAPTR, TYPE_DS,    TYPE_SVCB, TYPE_DNSKEY};
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct query_words query;
        assert_true(read_line(&query, lines[i]));
        assert_true(query.all && query.fail);
        for (size_t k = 0; k < COUNT(wanted); k++) {
            bool found = false;
            for (size_t n = 0; n < query.type_count; n++)
                found = found || query.types[n] == wanted[k];
            assert_true(found);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
