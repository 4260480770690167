// Answers of a server as a client sees them: every outcome, rotated, truncated, signed.
#include "asking.h"

static struct served served;
static struct query_packet query;

#define SOA "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
#define WWW "an www.example. 3600 A 192.0.2.1\n"

static int open_server(void **state)
{
    (void)state;
    served_of(&served, "example.", APEX "www A 192.0.2.1\n");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    served_close(&served);
    return 0;
}

static void begin(const char *name, unsigned type)
{
    packet_begin(&query, 0x1234, 0);
    packet_question(&query, name, type, CLASS_IN);
}

static void assert_udp(const char *expected)
{
    assert_reply(&served, &query, TRANSPORT_UDP, expected);
}

static void test_every_outcome(void **state)
{
    static const struct {
        const char *name, *expected;
    } cases[] = {
        {"WWW.example.", "NOERROR aa\nqd WWW.example. A\nan WWW.example. 3600 A 192.0.2.1\n"
                         "opt 1232\n"},
        {"none.example.", "NXDOMAIN aa\nqd none.example. A\n" SOA "opt 1232\n"},
        {"example.", "NOERROR aa\nqd example. A\n" SOA "opt 1232\n"},
        {"elsewhere.", "REFUSED\nqd elsewhere. A\nopt 1232 ede=20\n"},
        {".", "REFUSED\nqd . A\nopt 1232 ede=20\n"},
        {"www.down.", "SERVFAIL\nqd www.down. A\nopt 1232 ede=14\n"},
        {"www.expired.", "SERVFAIL\nqd www.expired. A\nopt 1232 ede=24\n"},
    };
    (void)state;
    struct world_zone zones[] = {{"example.", APEX "www A 192.0.2.1\n", ZONE_SERVED},
                                 {"down.", NULL, ZONE_LOADING},
                                 {"expired.", NULL, ZONE_EXPIRED}};
    served_close(&served);
    served_open(&served, zones, COUNT(zones));
    for (size_t i = 0; i < COUNT(cases); i++) {
        char plain[256];
        begin(cases[i].name, TYPE_A);
        // Without EDNS there is no OPT in the reply, and so no EDE.
        size_t size = (size_t)(strstr(cases[i].expected, "opt ") - cases[i].expected);
        snprintf(plain, sizeof plain, "%.*s", (int)size, cases[i].expected);
        assert_udp(plain);
        packet_opt(&query, 1232, 0, "", 0);
        assert_udp(cases[i].expected);
    }
}

static void serve_zone(const char *text)
{
    served_close(&served);
    served_of(&served, "example.", text);
}

// With `rotate` every record comes first now and then, RRset by RRset; without it, always the same.
static void test_rotate(void **state)
{
    static const char text[] = APEX "www A 192.0.2.1\nwww A 192.0.2.2\nwww A 192.0.2.3\n"
                                    "www A 192.0.2.4\nwww A 192.0.2.5\n";
    (void)state;
    serve_zone(text);
    for (unsigned rotate = 0; rotate < 2; rotate++) {
        unsigned first[5] = {0};
        served.server.rotate = rotate;
        for (unsigned i = 0; i < 1000; i++) {
            begin("www.example.", TYPE_A);
            served_send(&served, &query, TRANSPORT_UDP);
            assert_int_equal(served.size, 29 + 5 * 16);
            // The records behind the first one go on from it, and round.
            unsigned from = served.reply[29 + 15];
            assert_in_range(from, 1, 5);
            for (unsigned j = 0; j < 5; j++)
                assert_int_equal(served.reply[29 + 16 * j + 15], (from - 1 + j) % 5 + 1);
            first[from - 1]++;
        }
        assert_in_range(first[0], rotate ? 120 : 1000, rotate ? 280 : 1000);
        for (unsigned i = 1; i < 5; i++)
            assert_in_range(first[i], rotate ? 120 : 0, rotate ? 280 : 0);
    }
}

// Too large for 512, for 1232, for neither: TC with an empty answer over UDP, all of it over TCP.
static void test_truncation(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 100; i++)
        buffer_format(&text, "%s TXT \"record number %04u\"\n",
                      i < 10   ? "small"
                      : i < 30 ? "middle"
                               : "large",
                      i);
    serve_zone(buffer_text(&text));
    buffer_free(&text);
    static const struct {
        const char *name;
        unsigned answers[3]; // plain UDP, EDNS with 4096, TCP
    } cases[] = {{"small.example.", {10, 10, 10}},
                 {"middle.example.", {0, 20, 20}},
                 {"large.example.", {0, 0, 70}}};
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned how = 0; how < 3; how++) {
            struct buffer whole = {0};
            begin(cases[i].name, TYPE_TXT);
            if (how == 1)
                packet_opt(&query, 4096, 0, "", 0);
            served_send(&served, &query, how == 2 ? TRANSPORT_TCP : TRANSPORT_UDP);
            print_reply(served.reply, served.size, &whole);
            assert_int_equal(bytes_get16(served.reply + 6), cases[i].answers[how]);
            assert_int_equal(served.reply[2] & FLAG_TC >> 8, cases[i].answers[how] ? 0 : 2);
            assert_true(served.size <= (how == 0 ? 512u : how == 1 ? 1232u : 65535u));
            buffer_free(&whole);
        }
    assert_int_equal(served.worker.stats.truncated, 3);
}

// Proofs are required (RFC 4035 3.1.3, 3.1.4): what they do not fit into has TC, whatever it says.
static void test_proof_truncation(void **state)
{
    static const struct {
        const char *name;
        unsigned type;
    } cases[] = {{"none.example.", TYPE_A},
                 {"example.", TYPE_A},
                 {"x.wild.example.", TYPE_TXT},
                 {"x.wild.example.", TYPE_A},
                 {"www.cut.example.", TYPE_A}};
    (void)state;
    struct buffer text = {0};
    buffer_add_text(&text, APEX "*.wild TXT x\ncut NS ns.invalid.\n");
    static const char *const owners[] = {"@", "*.wild", "cut"};
    for (size_t i = 0; i < COUNT(owners); i++) {
        buffer_format(&text, "%s NSEC example. NSEC\n%s RRSIG NSEC 8 1 60 ", owners[i], owners[i]);
        buffer_add_text(&text, "20300101000000 20200101000000 1 example. ");
        for (unsigned octets = 0; octets < 450; octets += 3)
            buffer_add_text(&text, "AAAA");
        buffer_add_char(&text, '\n');
    }
    serve_zone(buffer_text(&text));
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(cases[i].name, cases[i].type);
        packet_opt(&query, 512, EDNS_FLAG_DO, "", 0);
        served_send(&served, &query, TRANSPORT_UDP);
        assert_int_equal(served.reply[2] & FLAG_TC >> 8, FLAG_TC >> 8);
        served_send(&served, &query, TRANSPORT_TCP);
        assert_int_equal(served.reply[2] & FLAG_TC >> 8, 0);
        assert_true(served.size > 512);
        begin(cases[i].name, cases[i].type);
        packet_opt(&query, 512, 0, "", 0);
        served_send(&served, &query, TRANSPORT_UDP);
        assert_int_equal(served.reply[2] & FLAG_TC >> 8, 0);
    }
    buffer_free(&text);
}

// RFC 9471: a referral whose glue does not fit has TC; one without its sibling's addresses has not.
static void test_referral_truncation(void **state)
{
    (void)state;
    for (unsigned sibling = 0; sibling < 2; sibling++) {
        struct buffer text = {0};
        const char *home = sibling ? "other" : "sub";
        buffer_add_text(&text, APEX "other NS ns.invalid.\n");
        for (unsigned i = 0; i < 10; i++)
            buffer_format(&text, "sub NS ns%u.%s\nns%u.%s A 192.0.2.1\nns%u.%s AAAA 2001:db8::1\n",
                          i, home, i, home, i, home);
        serve_zone(buffer_text(&text));
        buffer_free(&text);
        begin("www.sub.example.", TYPE_A);
        served_send(&served, &query, TRANSPORT_UDP);
        assert_int_equal(served.reply[2] & FLAG_TC >> 8, sibling ? 0 : 2);
        assert_int_equal(bytes_get16(served.reply + 8), 10); // NS
        assert_in_range(bytes_get16(served.reply + 10), 1, 19);
        served_send(&served, &query, TRANSPORT_TCP);
        assert_int_equal(served.reply[2] & FLAG_TC >> 8, 0);
        assert_int_equal(bytes_get16(served.reply + 10), 20);
    }
}

// A signed zone: RRSIGs come with DO and not without.
static void test_signed_zone(void **state)
{
#define RRSIG " 3600 20300101000000 20200101000000 1 example. AAAA\n"
    (void)state;
    serve_zone(APEX "@ RRSIG SOA 13 1" RRSIG "www A 192.0.2.1\nwww A 192.0.2.2\n"
                    "www RRSIG A 13 2" RRSIG "sub NS ns.invalid.\n"
                    "sub DS 1 13 1 0000000000000000000000000000000000000000\n"
                    "sub RRSIG DS 13 2" RRSIG);
    static const struct {
        const char *name, *plain, *with_do;
    } cases[] = {
        {"www.example.", "NOERROR aa\nqd www.example. A\n" WWW "an www.example. 3600 A 192.0.2.2\n",
         "an www.example. 3600 RRSIG A\n"},
        {"none.example.", "NXDOMAIN aa\nqd none.example. A\n" SOA, "au example. 300 RRSIG SOA\n"},
        {"a.sub.example.", "NOERROR\nqd a.sub.example. A\nau sub.example. 3600 NS ns.invalid.\n",
         "au sub.example. 3600 DS 1 13 1 0000000000000000000000000000000000000000\n"
         "au sub.example. 3600 RRSIG DS\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[512];
        begin(cases[i].name, TYPE_A);
        assert_udp(cases[i].plain);
        packet_opt(&query, 1232, EDNS_FLAG_DO, "", 0);
        snprintf(expected, sizeof expected, "%s%sopt 1232 do\n", cases[i].plain, cases[i].with_do);
        assert_udp(expected);
    }
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_every_outcome),    WITH_SERVER(test_rotate),
        WITH_SERVER(test_truncation),       WITH_SERVER(test_referral_truncation),
        WITH_SERVER(test_proof_truncation), WITH_SERVER(test_signed_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
