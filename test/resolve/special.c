// Special names: each of the table, the ranges, and who is allowed to override them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "resolve/special.h"

static const struct hash_key secret = {{1, 2}};
static struct answer answer;
static uint8_t storage[NAME_OCTETS_MAX];
static struct name_key key;

static bool ask_with(const struct rules *rules, const char *text, uint16_t type)
{
    struct known_question question = {.key = &key, .type = type};
    assert_int_equal(name_parse(text, strlen(text), NULL, storage, &question.name), NAME_TEXT_OK);
    name_key_make(question.name, &secret, &key);
    answer_begin(&answer);
    return special_answer(rules, &question, &answer);
}

static bool ask(const char *text, uint16_t type)
{
    struct rules rules = {.otherwise = RULES_NONE};
    return ask_with(&rules, text, type);
}

static const struct rrset *only(enum section section, uint16_t type)
{
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.rrsets[0].section, section);
    assert_int_equal(answer.rrsets[0].rrset->type, type);
    return answer.rrsets[0].rrset;
}

static void test_every_zone_of_the_table(void **state)
{
    (void)state;
    const char *source, *text;
    unsigned count = 0;
    for (; (text = special_zone_text(count, &source)); count++) {
        assert_true(strncmp(source, "RFC ", 4) == 0);
        assert_true(ask(text, TYPE_MX));
        assert_true(answer.authoritative);
        assert_int_equal(answer.reason, REASON_LOCAL);
        only(SECTION_AUTHORITY, TYPE_SOA);
        // What stands above in the public tree says whether the zone is signed.
        assert_false(ask(text, TYPE_DS));
    }
    assert_true(count > 25);
}

static void test_localhost(void **state)
{
    (void)state;
    static const uint8_t one[] = {0, 4, 127, 0, 0, 1};
    assert_true(ask("LocalHost.", TYPE_A));
    assert_memory_equal(only(SECTION_ANSWER, TYPE_A)->body, one, sizeof one);
    assert_true(ask("www.localhost.", TYPE_AAAA));
    const struct rrset *rrset = only(SECTION_ANSWER, TYPE_AAAA);
    assert_int_equal(bytes_get16(rrset->body), 16);
    assert_int_equal(rrset->body[17], 1);
    assert_true(ask("www.localhost.", TYPE_TXT));
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    assert_true(ask("1.0.0.127.in-addr.arpa.", TYPE_PTR));
    only(SECTION_ANSWER, TYPE_PTR);
    assert_true(ask("0.0.127.in-addr.arpa.", TYPE_PTR));
    assert_int_equal(answer.rcode, RCODE_NOERROR); // there is something below it
    assert_true(ask("2.0.0.127.in-addr.arpa.", TYPE_PTR));
    assert_int_equal(answer.rcode, RCODE_NXDOMAIN);
    assert_true(
        ask("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", TYPE_PTR));
    only(SECTION_ANSWER, TYPE_PTR);
}

static void test_ipv4only(void **state)
{
    (void)state;
    assert_true(ask("ipv4only.arpa.", TYPE_A));
    assert_int_equal(only(SECTION_ANSWER, TYPE_A)->count, 2);
    assert_true(ask("ipv4only.arpa.", TYPE_AAAA));
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    only(SECTION_AUTHORITY, TYPE_SOA);
    assert_true(ask("x.ipv4only.arpa.", TYPE_A));
    assert_int_equal(answer.rcode, RCODE_NXDOMAIN);
}

static void test_absent_and_empty(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned rcode; // 99: not special
    } cases[] = {
        {"invalid.", RCODE_NXDOMAIN},
        {"a.b.test.", RCODE_NXDOMAIN},
        {"x.onion.", RCODE_NXDOMAIN},
        {"printer.local.", RCODE_NXDOMAIN},
        {"x.alt.", RCODE_NXDOMAIN},
        {"home.arpa.", RCODE_NOERROR},
        {"nas.home.arpa.", RCODE_NXDOMAIN},
        {"_dns.resolver.arpa.", RCODE_NXDOMAIN},
        {"10.in-addr.arpa.", RCODE_NOERROR},
        {"4.3.2.10.in-addr.arpa.", RCODE_NXDOMAIN},
        {"16.172.in-addr.arpa.", RCODE_NOERROR},
        {"1.31.172.in-addr.arpa.", RCODE_NXDOMAIN},
        {"15.172.in-addr.arpa.", 99},
        {"32.172.in-addr.arpa.", 99},
        {"016.172.in-addr.arpa.", 99},
        {"172.in-addr.arpa.", 99},
        {"64.100.in-addr.arpa.", RCODE_NOERROR},
        {"127.100.in-addr.arpa.", RCODE_NOERROR},
        {"128.100.in-addr.arpa.", 99},
        {"9.in-addr.arpa.", 99},
        {"test.example.", 99},
        {"localhost.example.", 99},
        {"testing.", 99},
        {"example.", 99},
        {"arpa.", 99},
        {".", 99},
        {"x\\.test.", 99},
        {"c.f.ip6.arpa.", 99},
        {"1.d.f.ip6.arpa.", RCODE_NXDOMAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ask(cases[i].name, TYPE_A), cases[i].rcode != 99);
        if (cases[i].rcode != 99)
            assert_int_equal(answer.rcode, cases[i].rcode);
    }
}

static void test_configured_zones_win(void **state)
{
    (void)state;
    struct rules *rules = rules_make();
    uint8_t octets[NAME_OCTETS_MAX];
    struct name cut;
    assert_int_equal(name_parse("home.arpa.", 10, NULL, octets, &cut), NAME_TEXT_OK);
    assert_true(ask_with(rules, "nas.home.arpa.", TYPE_A));
    assert_non_null(rules_add_zone(rules, cut, true));
    assert_false(ask_with(rules, "nas.home.arpa.", TYPE_A));
    assert_true(ask_with(rules, "x.test.", TYPE_A));
    rules_release(rules);
}

static void test_soa_of_an_empty_zone(void **state)
{
    (void)state;
    assert_true(ask("10.in-addr.arpa.", TYPE_SOA));
    const struct rrset *soa = only(SECTION_ANSWER, TYPE_SOA);
    struct name mname = name_trust(rrset_rdata(soa->body));
    assert_true(name_equal(mname, name_key_suffix(&key, 3)));
    assert_int_equal(soa->ttl, 10800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_zone_of_the_table),
        cmocka_unit_test(test_localhost),
        cmocka_unit_test(test_ipv4only),
        cmocka_unit_test(test_absent_and_empty),
        cmocka_unit_test(test_configured_zones_win),
        cmocka_unit_test(test_soa_of_an_empty_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
