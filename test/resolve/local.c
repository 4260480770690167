// Names of the neighbourhood: all addresses of a name, the way back, and what is not theirs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "resolve/local.h"

static const struct hash_key secret = {{3, 4}};
static struct answer answer;
static struct rules rules;

static bool ask(const struct local *local, const char *text, uint16_t type)
{
    static uint8_t storage[NAME_OCTETS_MAX];
    static struct name_key key;
    struct known_question question = {.key = &key, .type = type};
    assert_int_equal(name_parse(text, strlen(text), NULL, storage, &question.name), NAME_TEXT_OK);
    name_key_make(question.name, &secret, &key);
    answer_begin(&answer);
    return local_answer(local, &rules, &question, &answer);
}

static struct local *make(const char *const pairs[][2], size_t count)
{
    static uint8_t octets[16][NAME_OCTETS_MAX];
    struct local_name names[16];
    assert_true(count <= 16);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(
            name_parse(pairs[i][0], strlen(pairs[i][0]), NULL, octets[i], &names[i].name),
            NAME_TEXT_OK);
        assert_true(address_parse(pairs[i][1], 0, &names[i].address));
    }
    return local_make(names, count, &secret);
}

static void test_names_and_the_way_back(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"nas.home.arpa.", "192.168.1.5"}, {"NAS.home.arpa.", "192.168.1.6"},
        {"nas.home.arpa.", "192.168.1.5"}, {"nas.home.arpa.", "2001:db8::5"},
        {"printer.lan.", "192.168.1.9"},   {"alias.lan.", "192.168.1.9"},
    };
    struct local *local = make(pairs, 6);
    assert_true(ask(local, "nas.HOME.arpa.", TYPE_A));
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.rrsets[0].rrset->count, 2); // the double counts once
    assert_true(answer.authoritative);
    assert_int_equal(answer.reason, REASON_LOCAL);
    assert_true(ask(local, "nas.home.arpa.", TYPE_AAAA));
    assert_int_equal(answer.rrsets[0].rrset->count, 1);
    assert_true(ask(local, "nas.home.arpa.", TYPE_ANY));
    assert_int_equal(answer.count, 2);
    assert_true(ask(local, "9.1.168.192.in-addr.arpa.", TYPE_PTR));
    assert_int_equal(answer.rrsets[0].rrset->count, 2);
    assert_true(ask(local,
                    "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
                    TYPE_PTR));
    local_release(local);
}

static void test_what_is_not_theirs(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"www.example.com.", "192.0.2.1"}};
    struct local *local = make(pairs, 1);
    assert_true(ask(local, "www.example.com.", TYPE_AAAA)); // all its addresses are here
    assert_int_equal(answer.count, 0);
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    assert_true(ask(local, "www.example.com.", TYPE_HTTPS)); // hints would lead past the file
    assert_false(ask(local, "www.example.com.", TYPE_MX));
    assert_false(ask(local, "example.com.", TYPE_A));
    assert_false(ask(local, "x.www.example.com.", TYPE_A));
    assert_false(ask(NULL, "www.example.com.", TYPE_A));
    local_release(local);
}

// A list that blocks things by giving all of them one address is a hosts file as well.
static void test_many_names_of_one_address(void **state)
{
    (void)state;
    enum { COUNT = 70000 };
    static uint8_t octets[COUNT][16];
    static struct local_name names[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        char text[32];
        int size = snprintf(text, sizeof text, "n%u.ad.", i);
        assert_int_equal(name_parse(text, (size_t)size, NULL, octets[i], &names[i].name),
                         NAME_TEXT_OK);
        assert_true(address_parse("0.0.0.0", 0, &names[i].address));
    }
    struct local *local = local_make(names, COUNT, &secret);
    assert_true(ask(local, "n0.ad.", TYPE_A));
    assert_true(ask(local, "n69999.ad.", TYPE_A));
    assert_false(ask(local, "n70000.ad.", TYPE_A));
    assert_true(ask(local, "0.0.0.0.in-addr.arpa.", TYPE_PTR));
    assert_int_equal(answer.rrsets[0].rrset->count, UINT16_MAX); // what an RRset can count
    local_release(local);
}

static void test_special_names_by_choice(void **state)
{
    (void)state;
    assert_false(ask(NULL, "localhost.", TYPE_A));
    rules.special_names = true;
    assert_true(ask(NULL, "localhost.", TYPE_A));
    rules.special_names = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_the_way_back),
        cmocka_unit_test(test_what_is_not_theirs),
        cmocka_unit_test(test_many_names_of_one_address),
        cmocka_unit_test(test_special_names_by_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
