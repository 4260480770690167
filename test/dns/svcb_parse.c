// SvcParams from text: the test vectors of RFC 9460 appendix D, and each way to get it wrong.
#include "records.h"

#include <stdio.h>

#define FOO_COM "03666F6F076578616D706C6503636F6D00"
#define FOO_ORG "03666F6F076578616D706C65036F726700"

static void test_rfc_9460_vectors(void **state)
{
    static const struct {
        const char *text, *hex, *printed;
    } cases[] = {
        // D.1 AliasMode
        {"HTTPS 0 foo.example.com.", "0000" FOO_COM, "0 foo.example.com."},
        // D.2 ServiceMode, figures 3 to 10
        {"SVCB 1 .", "0001 00", "1 ."},
        {"SVCB 16 foo.example.com. port=53", "0010" FOO_COM "0003 0002 0035",
         "16 foo.example.com. port=53"},
        {"SVCB 1 foo.example.com. key667=hello", "0001" FOO_COM "029B 0005 68656C6C6F",
         "1 foo.example.com. key667=\"hello\""},
        {"SVCB 1 foo.example.com. key667=\"hello\\210qoo\"",
         "0001" FOO_COM "029B 0009 68656C6C6FD2716F6F",
         "1 foo.example.com. key667=\"hello\\210qoo\""},
        {"SVCB 1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
         "0001" FOO_COM "0006 0020 20010DB8000000000000000000000001"
         "20010DB8000000000000000000530001",
         "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"},
        {"SVCB 1 example.com. ipv6hint=\"2001:db8:ffff:ffff:ffff:ffff:198.51.100.100\"",
         "0001 076578616D706C6503636F6D00 0006 0010 20010DB8FFFFFFFFFFFFFFFFC6336464",
         "1 example.com. ipv6hint=2001:db8:ffff:ffff:ffff:ffff:c633:6464"},
        {"SVCB 16 foo.example.org. (alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1)",
         "0010" FOO_ORG "0000 0004 00010004 0001 0009 02683205 68332D3139 0004 0004 C0000201",
         "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1"},
        {"SVCB 16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
         "0010" FOO_ORG "0001 000C 08665C6F6F2C626172 026832",
         "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
        {"SVCB 16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
         "0010" FOO_ORG "0001 000C 08665C6F6F2C626172 026832",
         "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
        // beyond the RFC's
        {"SVCB 1 . \"key667=a b\"", "0001 00 029B 0003 612062", "1 . key667=\"a b\""},
        {"SVCB 1 . key667=\"a=b\"", "0001 00 029B 0003 613D62", "1 . key667=\"a=b\""},
        {"SVCB 1 . key667= key666=\"\"", "0001 00 029A 0000 029B 0000", "1 . key666 key667"},
        {"SVCB 1 . key3=\\001\\187", "0001 00 0003 0002 01BB", "1 . port=443"},
        {"SVCB 1 . ech=\"AEX+\"", "0001 00 0005 0003 0045FE", "1 . ech=AEX+"},
        {"SVCB 0 . mandatory=port", "0000 00 0000 0002 0003", "0 . mandatory=port"},
        {"SVCB 1 . docpath ohttp pvd", "0001 00 0008 0000 000A 0000 000B 0000",
         "1 . ohttp docpath pvd"},
        {"SVCB 1 . oots=do53:100,dot:10", "0001 00 000C 000B 04646F353364 03646F740A",
         "1 . oots=\"do53:100,dot:10\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        uint16_t type;
        size_t size = rdata_of(cases[i].text, &type, rdata);
        assert_octets(rdata, size, cases[i].hex);
        assert_prints(type, rdata, size, cases[i].printed);
    }
}

static const struct {
    const char *params, *message, *hint;
} refused[] = {
    // RFC 9460 D.3
    {"key123=abc key123=def", "'key123=def' is a SvcParamKey that stood here before", ""},
    {"mandatory", "'mandatory' needs a value: key=value", ""},
    {"alpn", "'alpn' needs a value: key=value", ""},
    {"port", "'port' needs a value: key=value", ""},
    {"ipv4hint", "'ipv4hint' needs a value: key=value", ""},
    {"ipv6hint", "'ipv6hint' needs a value: key=value", ""},
    {"no-default-alpn=abc", "'no-default-alpn=abc' has a value, but this key takes none", ""},
    {"mandatory=key123", "SVCB is not right: a mandatory SvcParamKey is absent (RFC 9460 8)", ""},
    {"mandatory=mandatory", "'mandatory=mandatory' lists itself as mandatory", ""},
    {"mandatory=key123,key123 key123=abc", "'mandatory=key123,key123' lists a key twice", ""},
    // beyond the RFC's
    {"alpm=h2", "'alpm=h2' has the unknown SvcParamKey 'alpm'", "did you mean 'alpn'?"},
    {"ALPN=h2", "'ALPN=h2' has the unknown SvcParamKey 'ALPN'", "did you mean 'alpn'?"},
    {"key65536=x", "'key65536=x' has the unknown SvcParamKey 'key65536'",
     "keys without a name are written key0 to key65534"},
    {"key65535", "'key65535' is reserved as an invalid key (RFC 9460 14.3.2)", ""},
    {"=x", "'=x' has the unknown SvcParamKey ''",
     "keys without a name are written key0 to key65534"},
    {"alpn=", "'alpn=' needs a value: key=value", ""},
    {"alpn=\"\"", "'alpn=\"\"' needs a value: key=value", ""},
    {"alpn=h2,,h3", "'alpn=h2,,h3' has an empty item in its list", ""},
    {"alpn=,h3", "'alpn=,h3' has an empty item in its list", ""},
    {"alpn=h3,", "'alpn=h3,' has an empty item in its list", ""},
    {"alpn=a\\\\b", "'alpn=a\\\\b' has a bad escape in its list: only \\\\, and \\\\\\\\ there",
     ""},
    {"alpn=a\\\\", "'alpn=a\\\\' has a bad escape in its list: only \\\\, and \\\\\\\\ there", ""},
    {"alpn=\\999", "'alpn=\\999' has a bad escape in its list: only \\\\, and \\\\\\\\ there", ""},
    {"key667=\\25", "'key667=\\25' has a bad escape: \\ goes before a character or 000 to 255", ""},
    {"alpn=\"h2", "'alpn=\"h2' has a value with an opening quote and no closing one", ""},
    {"port=65536", "'port=65536' has a value that is not a number from 0 to 65535", ""},
    {"port=53,54", "'port=53,54' has more than one port", ""},
    {"port=\\053", "'port=\\053' has a value that is not a number from 0 to 65535", ""},
    {"ipv4hint=192.0.2.300",
     "'ipv4hint=192.0.2.300' has a value that is not an IPv4 address (octet 300 > 255)", ""},
    {"ipv4hint=192.0.2.1,",
     "'ipv4hint=192.0.2.1,' has a value that is not an IPv4 address (octet 1 is empty)", ""},
    {"ipv6hint=192.0.2.1",
     "'ipv6hint=192.0.2.1' has a value that is not an IPv6 address (it is IPv4)", ""},
    {"ech=abc", "'ech=abc' has a value that is not base64", ""},
    {"mandatory=bogus", "'mandatory=bogus' has the unknown SvcParamKey 'bogus'",
     "keys without a name are written key0 to key65534"},
    {"mandatory=alpn,", "'mandatory=alpn,' has the unknown SvcParamKey ''",
     "keys without a name are written key0 to key65534"},
    {"key3=1", "'key3=1' has a value that is malformed for its key", ""},
    {"key1=h2", "'key1=h2' has a value that is malformed for its key", ""},
    {"no-default-alpn", "SVCB is not right: no-default-alpn needs alpn beside it (RFC 9460 7.1.1)",
     ""},
    {"dohpath=/q", "SVCB is not right: dohpath is not a path with {?dns} (RFC 9461 5)", ""},
    {"oots=dot", "'oots=dot' has a value that is not protocol:percent", ""},
    {"oots=:5", "'oots=:5' has a value that is not protocol:percent", ""},
    {"oots=dot:256", "'oots=dot:256' has a value that is not protocol:percent", ""},
    {"docpath=a,,b", "'docpath=a,,b' has an empty item in its list", ""},
    {"tls-supported-groups=29,x",
     "'tls-supported-groups=29,x' has a value that is not a number from 0 to 65535", ""},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        uint8_t rdata[RDATA_MAX];
        char record[200];
        uint16_t type;
        size_t size;
        struct rdata_problem problem;
        snprintf(record, sizeof record, "SVCB 1 foo.example.com. %s", refused[i].params);
        if (parse_record(record, &type, rdata, &size, &problem))
            fail_msg("%s was taken", record);
        assert_string_equal(problem.message, refused[i].message);
        assert_string_equal(problem.hint, refused[i].hint);
    }
}

// Parses one long word behind "SVCB 1 .".
static bool parse_long(const char *param, size_t size, uint8_t *rdata, size_t *rdata_size,
                       struct rdata_problem *problem)
{
    struct token tokens[3] = {{.text = "1", .size = 1},
                              {.text = ".", .size = 1},
                              {.text = param, .size = (uint32_t)size}};
    struct name origin = test_origin();
    return rdata_parse(TYPE_SVCB, tokens, COUNT(tokens), &origin, rdata, rdata_size, problem);
}

// The longest value that fits, one octet more, and one that alone is over 65535.
static void test_limits(void **state)
{
    size_t most = RDATA_MAX - 3 - 4, size;
    char *text = malloc(RDATA_MAX + 100);
    uint8_t *rdata = malloc(RDATA_MAX);
    struct rdata_problem problem;
    (void)state;
    memset(text, 'x', RDATA_MAX + 100);
    memcpy(text, "key9999=", 8);
    assert_true(parse_long(text, 8 + most, rdata, &size, &problem));
    assert_int_equal(size, RDATA_MAX);
    assert_false(parse_long(text, 8 + most + 1, rdata, &size, &problem));
    assert_non_null(strstr(problem.message, "makes the record longer than 65535 octets"));
    assert_false(parse_long(text, RDATA_MAX + 100, rdata, &size, &problem));
    assert_non_null(strstr(problem.message, "has a value of over 65535 octets"));
    memcpy(text, "alpn=", 5);
    assert_true(parse_long(text, 5 + 255, rdata, &size, &problem));
    assert_false(parse_long(text, 5 + 256, rdata, &size, &problem));
    assert_non_null(strstr(problem.message, "has an item of over 255 octets in its list"));
    free(rdata);
    free(text);
}

// Keys in every order of four end up in the same octets.
static void test_sorted(void **state)
{
    static const char *const params[] = {"port=1", "key9=\\000\\001", "alpn=a", "key700=x"};
    uint8_t first[RDATA_MAX], rdata[RDATA_MAX];
    size_t first_size = 0;
    (void)state;
    for (unsigned n = 0; n < 256; n++) {
        unsigned at[4] = {n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6};
        char record[100];
        uint16_t type;
        if ((1u << at[0] | 1u << at[1] | 1u << at[2] | 1u << at[3]) != 15)
            continue;
        snprintf(record, sizeof record, "HTTPS 1 . %s %s %s %s", params[at[0]], params[at[1]],
                 params[at[2]], params[at[3]]);
        size_t size = rdata_of(record, &type, rdata);
        if (!first_size)
            memcpy(first, rdata, first_size = size);
        assert_int_equal(size, first_size);
        assert_memory_equal(rdata, first, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_9460_vectors),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
