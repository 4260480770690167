// The best referral that is known: the deepest cut in the cache, as NS records and addresses.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/epoch.h"
#include "cache/cache.h"
#include "resolve/referral.h"

static const struct hash_key secret = {{7, 8}};
static struct cache *cache;
static struct rules *rules;
static struct answer answer;

static struct name name_of(const char *text, uint8_t *storage)
{
    struct name name;
    assert_int_equal(name_parse(text, strlen(text), NULL, storage, &name), NAME_TEXT_OK);
    return name;
}

static void keep(const char *cut, const char *host, const char *address)
{
    uint8_t octets[DELEGATION_OCTETS_MAX], wires[2][NAME_OCTETS_MAX];
    struct delegation delegation;
    struct address at;
    struct name_key key;
    delegation_begin(&delegation, name_of(cut, wires[0]));
    int index = delegation_add_host(&delegation, name_of(host, wires[1]));
    assert_int_equal(index, 0);
    if (address) {
        assert_true(address_parse(address, 53, &at));
        assert_true(delegation_add_address(&delegation, &at, 0));
    }
    name_key_make(delegation.cut, &secret, &key);
    struct cache_key at_cut = {.name = &key, .depth = key.labels, .type = TYPE_NS};
    struct cache_put put = {.kind = CACHE_DELEGATION,
                            .ttl_s = 600,
                            .owner = delegation.cut,
                            .payload = octets,
                            .payload_size = (uint32_t)delegation_pack(&delegation, octets)};
    assert_int_equal(cache_put(cache, &at_cut, &put, 100), CACHE_STORED);
}

static bool ask(const char *text)
{
    static uint8_t storage[NAME_OCTETS_MAX];
    static struct name_key key;
    struct known_question question = {.key = &key, .name = name_of(text, storage), .type = TYPE_A};
    name_key_make(question.name, &secret, &key);
    answer_begin(&answer);
    return known_referral(cache, rules, &question, 200, &answer);
}

static void expect_cut(const char *text)
{
    uint8_t storage[NAME_OCTETS_MAX];
    assert_true(answer.count >= 1);
    assert_int_equal(answer.rrsets[0].section, SECTION_AUTHORITY);
    assert_int_equal(answer.rrsets[0].rrset->type, TYPE_NS);
    assert_true(name_equal(answer.rrsets[0].owner, name_of(text, storage)));
    assert_int_equal(answer.rrsets[0].ttl, 500); // what is left of it
    assert_false(answer.authoritative);
    assert_int_equal(answer.reason, REASON_REFERRAL);
}

static void test_the_deepest_cut(void **state)
{
    (void)state;
    assert_false(ask("www.example.com."));
    keep("com.", "a.gtld.net.", NULL);
    assert_true(ask("www.example.com."));
    expect_cut("com.");
    assert_int_equal(answer.count, 1);
    keep("example.com.", "ns.example.com.", "192.0.2.1");
    assert_true(ask("www.example.com."));
    expect_cut("example.com.");
    assert_int_equal(answer.count, 2);
    assert_int_equal(answer.rrsets[1].section, SECTION_ADDITIONAL);
    assert_memory_equal(answer.rrsets[1].rrset->body, "\0\4\300\0\2\1", 6);
    assert_true(ask("example.com."));
    expect_cut("example.com.");
    assert_true(ask("other.com."));
    expect_cut("com.");
    assert_false(ask("example.org."));
}

static int begin(void **state)
{
    (void)state;
    struct cache_options options = {
        .octets = CACHE_OCTETS_MIN, .max_ttl_s = 86400, .negative_ttl_s = 3600, .secret = secret};
    epoch_join();
    cache = cache_open(&options);
    rules = rules_make();
    return cache ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    rules_release(rules);
    epoch_leave();
    cache_close(cache);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_deepest_cut)};
    return cmocka_run_group_tests(tests, begin, end);
}
