// Lease files of three servers: what counts of them, what is over, and whatever else may be in one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/random.h"
#include "daemon/leases.h"

#define DATE_S 1700000000

// "address name end, ..." of what is read, and "bad COUNT at LINE" if lines are none.
static void check(const char *text, const char *expected)
{
    struct leases leases;
    struct buffer told = {0};
    size_t size = strlen(text);
    char *copy = memory_get(size + 1);
    memcpy(copy, text, size + 1);
    assert_true(leases_are(copy, size));
    leases_read(copy, size, DATE_S, &leases);
    for (size_t i = 0; i < leases.count; i++) {
        char address[ADDRESS_TEXT_MAX];
        const struct lease *lease = &leases.list[i];
        address_print_host(&lease->address, address);
        buffer_format(&told, "%s%s %s ", i ? ", " : "", address, lease->name);
        if (lease->expires_s == UINT64_MAX)
            buffer_add_text(&told, "never");
        else
            buffer_format(&told, "%lld", (long long)lease->expires_s - DATE_S);
    }
    if (leases.bad)
        buffer_format(&told, " bad %zu at %zu", leases.bad, leases.first_bad);
    assert_string_equal(buffer_text(&told), expected);
    buffer_free(&told);
    free(leases.list);
    free(copy);
}

static void test_dnsmasq(void **state)
{
    (void)state;
    check("1700000100 52:54:00:12:34:56 192.168.1.10 laptop 01:52:54:00:12:34:56\n"
          "0 52:54:00:12:34:57 192.168.1.11 printer *\n"
          "1700000100 52:54:00:12:34:58 192.168.1.12 * *\n"
          "1700000000 52:54:00:12:34:59 192.168.1.13 old *\n"
          "\r\n"
          "duid 00:01:00:01:2c:00\n"
          "1700000200 123456 fd00::10 laptop 00:01:00:01\n",
          "192.168.1.10 laptop 100, 192.168.1.11 printer never, fd00::10 laptop 200");
    check("duid 00:01\n", "");
    check("1700000100 52:54 192.168.1.300 x *\n1700000100\n1700000100 a 192.168.1.1:53 x\n"
          "1700000100 a 192.168.1.1 last",
          "192.168.1.1 last 100 bad 3 at 1");
}

#define KEA4                                                                                       \
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,"   \
    "user_context,pool_id\n"
#define KEA6                                                                                       \
    "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,"       \
    "fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context\n"

static void test_kea(void **state)
{
    (void)state;
    check(KEA4 "192.168.1.10,52:54:00:12:34:56,,3600,1700000100,1,0,0,laptop,0,,0\n"
               "192.168.1.11,52:54:00:12:34:57,,3600,1700000100,1,0,0,phone.home.arpa,0,,0\n"
               "192.168.1.12,52:54:00:12:34:58,,4294967295,1700000100,1,0,0,lasting,0,,0\n"
               "192.168.1.13,52:54:00:12:34:59,,3600,1700000100,1,0,0,declined,1,,0\n"
               "192.168.1.14,52:54:00:12:34:60,,3600,1700000100,1,0,0,,0,,0\n"
               "192.168.1.10,52:54:00:12:34:56,,3600,1700003600,1,0,0,laptop,0,,0\n"
               "192.168.1.11,52:54:00:12:34:57,,0,1700000100,1,0,0,phone.home.arpa,0,,0\r\n",
          "192.168.1.10 laptop 3600, 192.168.1.12 lasting never");
    check(KEA6 "fd00::10,00:01,3600,1700000100,1,1800,0,7,128,0,0,laptop,,0,\n",
          "fd00::10 laptop 100");
    check(KEA4 "192.168.1.10,x,,soon,1700000100,1,0,0,laptop,0,,0\nnonsense\n\n,,,,,,,,,,,,,,,,,,"
               ",,,,,,,,,,,,,,,,,,,,,,,,,,\n",
          " bad 3 at 2");
    check("address,what\n192.168.1.1,x\n", " bad 1 at 2"); // none that Kea writes
    check(KEA4, "");
}

static void test_isc(void **state)
{
    (void)state;
    check("# The format of this file is documented in the dhcpd.leases(5) manual page.\n"
          "authoring-byte-order little-endian;\n"
          "\n"
          "lease 192.168.1.10 {\n"
          "  starts 2 2023/11/14 22:00:00;\n"
          "  ends 2 2023/11/14 22:15:00;\n" // DATE_S and 100 seconds are 22:15:00
          "  binding state active;\n"
          "  next binding state free;\n"
          "  hardware ethernet 52:54:00:12:34:56;\n"
          "  client-hostname \"laptop\";\n"
          "}\n"
          "lease 192.168.1.11 {\n  ends never;\n  binding state active;\n"
          "  client-hostname \"printer\";\n}\n"
          "lease 192.168.1.12 {\n  ends epoch 1700000300; # Tue Nov 14\n  binding state active;\n"
          "  client-hostname \"phone\";\n}\n"
          "lease 192.168.1.13 {\n  ends never;\n  client-hostname \"gone\";\n}\n"
          "lease 192.168.1.13 {\n  ends never;\n  binding state free;\n"
          "  client-hostname \"gone\";\n}\n"
          "lease 192.168.1.14 {\n  ends never;\n}\n"
          "server-duid \"x\";\n",
          "192.168.1.10 laptop 100, 192.168.1.11 printer never, 192.168.1.12 phone 300");
    check("lease 192.168.1.x {\n}\nlease\nlease 192.168.1.1 {\n  ends some day;\n"
          "  client-hostname laptop;\n",
          " bad 3 at 1");
}

static void test_no_leases(void **state)
{
    static const char *const texts[] = {"",        "192.0.2.1 a.test\n", "# lease\n127.0.0.1 a\n",
                                        "::1 a\n", "address\n",          "1700000000",
                                        "\n\n",    "leases {\n"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(leases_are(texts[i], strlen(texts[i])));
}

// Whatever is in it, it is read to its end.
static void test_garbage(void **state)
{
    static const char *const texts[] = {
        "1700000100 52:54:00:12:34:56 192.168.1.10 laptop 01:52\nduid 00:01\n",
        KEA4 "192.168.1.10,52:54:00:12:34:56,,3600,1700000100,1,0,0,laptop,0,,0\n",
        "lease 192.168.1.10 {\n  ends 2 2023/11/14 22:15:00;\n  client-hostname \"x\";\n}\n"};
    struct dice dice = dice_seed(7);
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        const char *text = texts[round % 3];
        size_t size = strlen(text) - dice_roll(&dice) % 20;
        char *copy = memory_get(size + 1);
        memcpy(copy, text, size);
        for (unsigned i = 0; i < 3; i++)
            copy[10 + dice_roll(&dice) % (size - 10)] = (char)dice_roll(&dice);
        struct leases leases;
        leases_read(copy, size, DATE_S, &leases);
        for (size_t i = 0; i < leases.count; i++)
            assert_true(*leases.list[i].name && leases.list[i].expires_s > DATE_S);
        free(leases.list);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dnsmasq), cmocka_unit_test(test_kea),
        cmocka_unit_test(test_isc),     cmocka_unit_test(test_no_leases),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
