// The examples of the RFCs, asked: RFC 1034 6.2, RFC 2308, RFC 4592 2.2, RFC 6672 2.2.
#include "asking.h"

// --- RFC 1034 6 ----------------------------------------------------------------------------------

// 6.1: the root as C.ISI.EDU has it, with the zone EDU beside it.
static const char root[] =
    "$TTL 86400\n"
    "@ SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400\n"
    "@ NS A.ISI.EDU.\n"
    "@ NS C.ISI.EDU.\n"
    "@ NS SRI-NIC.ARPA.\n"
    "MIL. NS SRI-NIC.ARPA.\n"
    "MIL. NS A.ISI.EDU.\n"
    "EDU. NS SRI-NIC.ARPA.\n"
    "EDU. NS C.ISI.EDU.\n"
    "SRI-NIC.ARPA. A 26.0.0.73\n"
    "SRI-NIC.ARPA. A 10.0.0.51\n"
    "SRI-NIC.ARPA. MX 0 SRI-NIC.ARPA.\n"
    "SRI-NIC.ARPA. HINFO DEC-2060 TOPS20\n"
    "ACC.ARPA. A 26.6.0.65\n"
    "ACC.ARPA. HINFO PDP-11/70 UNIX\n"
    "ACC.ARPA. MX 10 ACC.ARPA.\n"
    "USC-ISIC.ARPA. CNAME C.ISI.EDU.\n"
    "73.0.0.26.IN-ADDR.ARPA. PTR SRI-NIC.ARPA.\n"
    "65.0.6.26.IN-ADDR.ARPA. PTR ACC.ARPA.\n"
    "A.ISI.EDU. A 26.3.0.103\n"
    "C.ISI.EDU. A 10.0.0.52\n";

static const char edu[] =
    "$TTL 172800\n"
    "@ SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870729 1800 300 604800 86400\n"
    "@ NS SRI-NIC.ARPA.\n"
    "@ NS C.ISI.EDU.\n"
    "UCI NS ICS.UCI\n"
    "UCI NS ROME.UCI\n"
    "ICS.UCI A 192.5.19.1\n"
    "ROME.UCI A 192.5.19.31\n"
    "ISI NS VAXA.ISI\n"
    "ISI NS A.ISI\n"
    "ISI NS VENERA.ISI.EDU.\n"
    "VAXA.ISI A 10.2.0.27\n"
    "VAXA.ISI A 128.9.0.33\n"
    "VENERA.ISI.EDU. A 10.1.0.52\n"
    "A.ISI A 26.3.0.103\n";

#define ROOT_SOA                                                                                   \
    "au . 86400 SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400\n"
#define SRI_NIC "SRI-NIC.ARPA. 86400 "

static void test_rfc1034(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, ".", root);
    world.options.minimal = false;
    // 6.2.1
    assert_answer(&world, "SRI-NIC.ARPA. A",
                  "NOERROR aa answer\n"
                  "an " SRI_NIC "A 10.0.0.51\n"
                  "an " SRI_NIC "A 26.0.0.73\n"
                  "au . 86400 NS A.ISI.EDU.\n"
                  "au . 86400 NS C.ISI.EDU.\n"
                  "au . 86400 NS SRI-NIC.ARPA.\n"
                  "ad A.ISI.EDU. 86400 A 26.3.0.103\n"
                  "ad C.ISI.EDU. 86400 A 10.0.0.52\n");
    world.options.minimal = true;
    assert_answer(&world, "SRI-NIC.ARPA. A",
                  "NOERROR aa answer\n"
                  "an " SRI_NIC "A 10.0.0.51\n"
                  "an " SRI_NIC "A 26.0.0.73\n");
    // 6.2.2
    assert_answer(&world, "SRI-NIC.ARPA. ANY tcp",
                  "NOERROR aa answer\n"
                  "an " SRI_NIC "A 10.0.0.51\n"
                  "an " SRI_NIC "A 26.0.0.73\n"
                  "an " SRI_NIC "HINFO \"DEC-2060\" \"TOPS20\"\n"
                  "an " SRI_NIC "MX 0 SRI-NIC.ARPA.\n");
    // 6.2.4: no such type. RFC 2308 made the SOA part of it.
    assert_answer(&world, "SRI-NIC.ARPA. NS", "NOERROR aa nodata\n" ROOT_SOA);
    // 6.2.5: a misspelt name.
    assert_answer(&world, "SIR-NIC.ARPA. A", "NXDOMAIN aa nxdomain\n" ROOT_SOA);
    // 6.2.6: a referral. A.ISI.EDU is no name of MIL: its address helps, but is not required.
    assert_answer(&world, "BRL.MIL. A",
                  "NOERROR referral\n"
                  "au MIL. 86400 NS A.ISI.EDU.\n"
                  "au MIL. 86400 NS SRI-NIC.ARPA.\n"
                  "ad A.ISI.EDU. 86400 A 26.3.0.103\n"
                  "ad " SRI_NIC "A 10.0.0.51\n"
                  "ad " SRI_NIC "A 26.0.0.73\n");
    // 6.2.8
    assert_answer(&world, "USC-ISIC.ARPA. CNAME",
                  "NOERROR aa answer\n"
                  "an USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\n");
    world_close(&world);
}

// 6.2.3, with the addresses that only a full answer brings.
static void test_rfc1034_mx(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, ".", root);
    assert_answer(&world, "SRI-NIC.ARPA. MX",
                  "NOERROR aa answer\n"
                  "an " SRI_NIC "MX 0 SRI-NIC.ARPA.\n");
    world.options.minimal = false;
    assert_answer(&world, "SRI-NIC.ARPA. MX",
                  "NOERROR aa answer\n"
                  "an " SRI_NIC "MX 0 SRI-NIC.ARPA.\n"
                  "au . 86400 NS A.ISI.EDU.\n"
                  "au . 86400 NS C.ISI.EDU.\n"
                  "au . 86400 NS SRI-NIC.ARPA.\n"
                  "ad " SRI_NIC "A 10.0.0.51\n"
                  "ad " SRI_NIC "A 26.0.0.73\n"
                  "ad A.ISI.EDU. 86400 A 26.3.0.103\n"
                  "ad C.ISI.EDU. 86400 A 10.0.0.52\n");
    world_close(&world);
}

// 6.2.7: an alias into a zone that is not ours. AA is about USC-ISIC.ARPA alone.
static void test_rfc1034_alias(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, ".", root);
    assert_answer(&world, "USC-ISIC.ARPA. A",
                  "NOERROR aa referral\n"
                  "an USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\n"
                  "au EDU. 86400 NS C.ISI.EDU.\n"
                  "au EDU. 86400 NS SRI-NIC.ARPA.\n"
                  "glue C.ISI.EDU. 86400 A 10.0.0.52\n"
                  "ad " SRI_NIC "A 10.0.0.51\n"
                  "ad " SRI_NIC "A 26.0.0.73\n");
    world_close(&world);
    struct world_zone zones[] = {{".", root, ZONE_SERVED}, {"EDU.", edu, ZONE_SERVED}};
    world_open(&world, zones, COUNT(zones));
    assert_answer(&world, "USC-ISIC.ARPA. A",
                  "NOERROR aa referral\n"
                  "an USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\n"
                  "au ISI.EDU. 172800 NS A.ISI.EDU.\n"
                  "au ISI.EDU. 172800 NS VAXA.ISI.EDU.\n"
                  "au ISI.EDU. 172800 NS VENERA.ISI.EDU.\n"
                  "glue A.ISI.EDU. 172800 A 26.3.0.103\n"
                  "glue VAXA.ISI.EDU. 172800 A 10.2.0.27\n"
                  "glue VAXA.ISI.EDU. 172800 A 128.9.0.33\n"
                  "glue VENERA.ISI.EDU. 172800 A 10.1.0.52\n");
    world_close(&world);
}

// --- RFC 2308 ------------------------------------------------------------------------------------

#define XX_SOA "au xx. 1200 SOA ns1.xx. hostmaster.ns1.xx. 1 2 3 4 1200\n"

// 2.1, 2.2: AN.EXAMPLE is an alias of TRIPPLE.XX, of which there is nothing.
static void test_rfc2308(void **state)
{
    (void)state;
    static const char xx[] = "$TTL 86400\n"
                             "@ SOA ns1.xx. hostmaster.ns1.xx. 1 2 3 4 1200\n"
                             "@ NS ns1.xx.\n"
                             "ns1 A 127.0.0.2\n"
                             "another MX 10 another.xx.\n";
    struct world world;
    struct world_zone zones[] = {
        {"example.", "$TTL 86400\n" APEX "an CNAME tripple.xx.\nother CNAME another.xx.\n",
         ZONE_SERVED},
        {"xx.", xx, ZONE_SERVED}};
    world_open(&world, zones, COUNT(zones));
    // NXDOMAIN: the RCODE is that of the last name; the SOA's TTL is MINIMUM (section 3).
    assert_answer(&world, "an.example. A",
                  "NXDOMAIN aa nxdomain\n"
                  "an an.example. 86400 CNAME tripple.xx.\n" XX_SOA);
    // NODATA behind an alias, and without.
    assert_answer(&world, "other.example. A",
                  "NOERROR aa nodata\n"
                  "an other.example. 86400 CNAME another.xx.\n" XX_SOA);
    assert_answer(&world, "another.xx. A", "NOERROR aa nodata\n" XX_SOA);
    assert_answer(&world, "tripple.xx. A", "NXDOMAIN aa nxdomain\n" XX_SOA);
    world_close(&world);
}

// 3: where the SOA's own TTL is lower than MINIMUM, that is said.
static void test_rfc2308_lower_ttl(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, "example.", "@ 60 SOA a. b. 1 2 3 4 1200\n@ 60 NS a.\n");
    assert_answer(&world, "x.example. A",
                  "NXDOMAIN aa nxdomain\nau example. 60 SOA a. b. 1 2 3 4 1200\n");
    // Asked for itself, it has its own TTL in any case.
    assert_answer(&world, "example. SOA",
                  "NOERROR aa answer\nan example. 60 SOA a. b. 1 2 3 4 1200\n");
    world_close(&world);
    world_of(&world, "example.", "@ 6000 SOA a. b. 1 2 3 4 1200\n@ 60 NS a.\n");
    assert_answer(&world, "example. SOA",
                  "NOERROR aa answer\nan example. 6000 SOA a. b. 1 2 3 4 1200\n");
    world_close(&world);
}

// --- RFC 4592 2.2 --------------------------------------------------------------------------------

static void test_rfc4592(void **state)
{
#define SOA4592 "au example. 300 SOA ns.example.com. admin.example.com. 7 7200 3600 1209600 300\n"
    static const struct {
        const char *question, *expected;
    } cases[] = {
        // 2.2.1: synthesised.
        {"host3.example. MX", "NOERROR aa wildcard\nan host3.example. 3600 MX 10 host1.example.\n"},
        {"host3.example. A", "NOERROR aa nodata\n" SOA4592},
        {"foo.bar.example. TXT",
         "NOERROR aa wildcard\nan foo.bar.example. 3600 TXT \"this is a wildcard\"\n"},
        // Not synthesised: the name exists, or one on the way does.
        {"host1.example. MX", "NOERROR aa nodata\n" SOA4592},
        {"sub.*.example. MX", "NOERROR aa nodata\n" SOA4592},
        {"_telnet._tcp.host1.example. SRV", "NXDOMAIN aa nxdomain\n" SOA4592},
        {"host.subdel.example. A", "NOERROR referral\n"
                                   "au subdel.example. 3600 NS ns.example.com.\n"
                                   "au subdel.example. 3600 NS ns.example.net.\n"},
        {"ghost.*.example. MX", "NXDOMAIN aa nxdomain\n" SOA4592},
        // The asterisk itself is a name like others (2.1.1), and 2.2.2: empty non-terminals.
        {"*.example. TXT", "NOERROR aa answer\nan *.example. 3600 TXT \"this is a wildcard\"\n"},
        {"host2.example. TXT", "NOERROR aa nodata\n" SOA4592},
        {"_tcp.host1.example. TXT", "NOERROR aa nodata\n" SOA4592},
        {"x.host2.example. TXT", "NXDOMAIN aa nxdomain\n" SOA4592},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", RFC4592);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_answer(&world, cases[i].question, cases[i].expected);
    world_close(&world);
}

// --- RFC 6672 2.2 --------------------------------------------------------------------------------

// Table 1. `expected` NULL: no match, nothing of the DNAME in the answer.
static void test_rfc6672(void **state)
{
    static const struct {
        const char *name, *owner, *target, *expected;
    } rows[] = {
        {"com.", "example.com.", "example.net.", NULL},
        {"example.com.", "example.com.", "example.net.", NULL},
        {"a.example.com.", "example.com.", "example.net.", "a.example.net."},
        {"a.b.example.com.", "example.com.", "example.net.", "a.b.example.net."},
        {"ab.example.com.", "b.example.com.", "example.net.", NULL},
        {"foo.example.com.", "example.com.", "example.net.", "foo.example.net."},
        {"a.x.example.com.", "x.example.com.", "example.net.", "a.example.net."},
        {"a.example.com.", "example.com.", "y.example.net.", "a.y.example.net."},
        {"cyc.example.com.", "example.com.", "example.com.", "cyc.example.com."},
        {"cyc.example.com.", "example.com.", "c.example.com.", "cyc.c.example.com."},
        {"shortloop.x.x.", "x.", ".", "shortloop.x."},
        {"shortloop.x.", "x.", ".", "shortloop."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512], question[128], expected[256];
        struct world world;
        snprintf(text, sizeof text, APEX "%s 77 DNAME %s\n", rows[i].owner, rows[i].target);
        world_of(&world, ".", text);
        // The DNAME and a CNAME made from it, with its TTL (3.1); asked as CNAME, that is all.
        snprintf(question, sizeof question, "%s CNAME", rows[i].name);
        snprintf(expected, sizeof expected,
                 "NOERROR aa answer\nan %s 77 DNAME %s\nan %s 77 CNAME %s\n", rows[i].owner,
                 rows[i].target, rows[i].name, rows[i].expected ? rows[i].expected : "");
        if (rows[i].expected) {
            assert_answer(&world, question, expected);
        } else {
            struct answer answer;
            assert_int_equal(ask(&world, question, &answer), AUTH_ANSWERED);
            assert_int_equal(answer.count, 1);
            assert_int_equal(answer.rrsets[0].rrset->type, TYPE_SOA);
        }
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc1034),           cmocka_unit_test(test_rfc1034_mx),
        cmocka_unit_test(test_rfc1034_alias),     cmocka_unit_test(test_rfc2308),
        cmocka_unit_test(test_rfc2308_lower_ttl), cmocka_unit_test(test_rfc4592),
        cmocka_unit_test(test_rfc6672),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
