// Who is answering: the four CHAOS names of RFC 4892, and everything else of that class.
#include "asking.h"

#include <stdlib.h>

static struct served served;

static int open_server(void **state)
{
    (void)state;
    struct identity *identity = &served.server.identity;
    served_of(&served, "server.", APEX "id TXT in\n");
    identity->hostname_size = 4;
    memcpy(identity->hostname, "ns-1", 4);
    identity->version_size = 8;
    memcpy(identity->version, "onym 0.1", 8);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    served_close(&served);
    return 0;
}

static void assert_chaos(const char *name, uint16_t type, const char *expected)
{
    static struct query_packet query;
    char text[512], mnemonic[TYPE_TEXT_MAX];
    packet_begin(&query, 1, 0);
    packet_question(&query, name, type, CLASS_CH);
    type_print(type, mnemonic);
    const char *records = strchr(expected, '\n') + 1;
    snprintf(text, sizeof text, "%.*sqd %s %s\n%s", (int)(records - expected), expected, name,
             mnemonic, records);
    assert_reply(&served, &query, TRANSPORT_UDP, text);
}

static void test_identity(void **state)
{
    static const struct {
        const char *name;
        uint16_t type;
        const char *expected;
    } cases[] = {
        {"hostname.bind.", TYPE_TXT, "NOERROR aa\nan CH hostname.bind. 0 TXT \"ns-1\"\n"},
        {"id.server.", TYPE_TXT, "NOERROR aa\nan CH id.server. 0 TXT \"ns-1\"\n"},
        {"version.bind.", TYPE_TXT, "NOERROR aa\nan CH version.bind. 0 TXT \"onym 0.1\"\n"},
        {"version.server.", TYPE_TXT, "NOERROR aa\nan CH version.server. 0 TXT \"onym 0.1\"\n"},
        {"Version.BIND.", TYPE_TXT, "NOERROR aa\nan CH Version.BIND. 0 TXT \"onym 0.1\"\n"},
        {"id.server.", TYPE_ANY, "NOERROR aa\nan CH id.server. 0 TXT \"ns-1\"\n"},
        {"id.server.", TYPE_A, "NOERROR aa\n"},
        {"id.server.", TYPE_SOA, "NOERROR aa\n"},
        {"server.", TYPE_TXT, "REFUSED\n"},
        {"authors.bind.", TYPE_TXT, "REFUSED\n"},
        {"a.id.server.", TYPE_TXT, "REFUSED\n"},
        {"id.server.a.", TYPE_TXT, "REFUSED\n"},
        {".", TYPE_TXT, "REFUSED\n"},
        {"id.server.", TYPE_AXFR, "FORMERR\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_chaos(cases[i].name, cases[i].type, cases[i].expected);
    const uint64_t *reasons = served.worker.stats.reasons;
    assert_int_equal(reasons[REASON_IDENTITY], 6);
    assert_int_equal(reasons[REASON_NODATA], 2);
    assert_int_equal(reasons[REASON_REFUSED], 5);
}

// What is not configured is not told.
static void test_not_told(void **state)
{
    (void)state;
    served.server.identity.hostname_size = 0;
    assert_chaos("id.server.", TYPE_TXT, "REFUSED\n");
    assert_chaos("hostname.bind.", TYPE_A, "REFUSED\n");
    assert_chaos("version.bind.", TYPE_A, "NOERROR aa\n");
    served.server.identity.version_size = 0;
    assert_chaos("version.bind.", TYPE_TXT, "REFUSED\n");
}

// The longest text, of one string.
static void test_longest(void **state)
{
    (void)state;
    char expected[400] = "NOERROR aa\nan CH id.server. 0 TXT \"";
    size_t size = strlen(expected);
    served.server.identity.hostname_size = 255;
    memset(served.server.identity.hostname, 'x', 255);
    memset(expected + size, 'x', 255);
    strcpy(expected + size + 255, "\"\n");
    assert_chaos("id.server.", TYPE_TXT, expected);
}

// In class IN these are names like others.
static void test_class_in(void **state)
{
    (void)state;
    static struct query_packet query;
    packet_begin(&query, 1, 0);
    packet_question(&query, "id.server.", TYPE_TXT, CLASS_IN);
    assert_reply(&served, &query, TRANSPORT_UDP,
                 "NOERROR aa\nqd id.server. TXT\nan id.server. 3600 TXT \"in\"\n");
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_identity),
        WITH_SERVER(test_not_told),
        WITH_SERVER(test_longest),
        WITH_SERVER(test_class_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
