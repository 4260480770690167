// dns/delegation: made, packed, read back; and no octets whatever make it read too far.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/delegation.h"
#include "dns/type.h"

static struct name name_of(const char *text)
{
    static uint8_t storage[64][NAME_OCTETS_MAX];
    static unsigned next;
    struct name name;
    uint8_t *to = storage[next++ % 64];
    assert_int_equal(name_parse(text, strlen(text), &NAME_ROOT, to, &name), NAME_TEXT_OK);
    return name;
}

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

static bool add(struct delegation *delegation, const char *address, uint8_t host)
{
    struct address made = address_of(address);
    return delegation_add_address(delegation, &made, host);
}

static void make(struct delegation *delegation)
{
    delegation_begin(delegation, name_of("Example."));
    assert_int_equal(delegation_add_host(delegation, name_of("ns1.Example.")), 0);
    assert_int_equal(delegation_add_host(delegation, name_of("ns2.example.")), 1);
    assert_int_equal(delegation_add_host(delegation, name_of("NS1.example.")), 0);
    assert_true(add(delegation, "192.0.2.1", 0));
    assert_true(add(delegation, "[2001:db8::1]:5353", 0));
    assert_false(add(delegation, "192.0.2.1", 1)); // one server by two names
    assert_true(add(delegation, "192.0.2.1:54", 1));
    assert_true(add(delegation, "192.0.2.2", DELEGATION_NO_HOST));
}

static void assert_same(const struct delegation *a, const struct delegation *b)
{
    assert_true(name_equal(a->cut, b->cut));
    assert_int_equal(a->recursive, b->recursive);
    assert_int_equal(a->configured, b->configured);
    assert_int_equal(a->host_count, b->host_count);
    assert_int_equal(a->address_count, b->address_count);
    for (unsigned i = 0; i < a->host_count; i++) {
        assert_int_equal(a->hosts[i].name.size, b->hosts[i].name.size);
        assert_int_equal(a->hosts[i].name.labels, b->hosts[i].name.labels);
        assert_memory_equal(a->hosts[i].name.wire, b->hosts[i].name.wire, a->hosts[i].name.size);
    }
    for (unsigned i = 0; i < a->address_count; i++) {
        assert_true(address_equal(&a->addresses[i].address, &b->addresses[i].address));
        assert_int_equal(a->addresses[i].address.size, b->addresses[i].address.size);
        assert_int_equal(a->addresses[i].host, b->addresses[i].host);
    }
}

static void test_there_and_back(void **state)
{
    (void)state;
    struct delegation made, again;
    uint8_t octets[DELEGATION_OCTETS_MAX];
    make(&made);
    for (unsigned flags = 0; flags < 4; flags++) {
        made.recursive = flags & 1;
        made.configured = flags & 2;
        size_t size = delegation_pack(&made, octets);
        assert_int_equal(size, 3 + 9 + 2 * 13 + 3 * 8 + 20);
        memset(&again, 0xa5, sizeof again);
        assert_true(delegation_unpack(octets, size, &again));
        assert_same(&made, &again);
        assert_int_equal(again.source, 0);
        assert_int_equal(again.ttl_s, 0);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct delegation made, again;
    static uint8_t octets[DELEGATION_OCTETS_MAX];
    static char label[4][64];
    for (unsigned i = 0; i < 4; i++)
        memset(label[i], 'a' + (int)i, 63);
    delegation_begin(&made, NAME_ROOT);
    for (int i = 0; i < DELEGATION_HOSTS_MAX; i++) {
        char text[300]; // of 255 octets each
        snprintf(text, sizeof text, "%s.%s.%s.%.59s%02d.", label[0], label[1], label[2], label[3],
                 i);
        assert_int_equal(delegation_add_host(&made, name_of(text)), i);
    }
    assert_true(delegation_add_host(&made, name_of("more.example.")) < 0);
    assert_int_equal(delegation_add_host(&made, made.hosts[12].name), 12);
    for (unsigned i = 0; i <= DELEGATION_ADDRESSES_MAX; i++) {
        char text[64];
        snprintf(text, sizeof text, "2001:db8::%x", i + 1);
        assert_int_equal(add(&made, text, 0), i < DELEGATION_ADDRESSES_MAX);
    }
    made.cut = made.hosts[0].name;
    size_t size = delegation_pack(&made, octets);
    assert_int_equal(size, DELEGATION_OCTETS_MAX - 8 + 3);
    assert_true(delegation_unpack(octets, size, &again));
    assert_same(&made, &again);
}

static void test_nothing_but_a_cut(void **state)
{
    (void)state;
    struct delegation made, again;
    uint8_t octets[DELEGATION_OCTETS_MAX];
    delegation_begin(&made, NAME_ROOT);
    assert_int_equal(delegation_pack(&made, octets), 4);
    assert_true(delegation_unpack(octets, 4, &again));
    assert_same(&made, &again);
}

static void test_damaged(void **state)
{
    (void)state;
    struct delegation made, again;
    uint8_t octets[DELEGATION_OCTETS_MAX];
    make(&made);
    size_t size = delegation_pack(&made, octets);
    for (size_t cut = 0; cut < size; cut++) { // exactly as much memory, so that ASan sees more
        uint8_t *part = malloc(cut ? cut : 1);
        memcpy(part, octets, cut);
        assert_false(delegation_unpack(part, cut, &again));
        free(part);
    }
    static const struct {
        size_t at;
        uint8_t octet;
    } rows[] = {
        {0, DELEGATION_HOSTS_MAX + 1},
        {1, DELEGATION_ADDRESSES_MAX + 1},
        {2, 4},
        {3, 64},
        {3 + 9 + 26, 2},
        {3 + 9 + 26 + 1, 5},
        {0, 1},
        {1, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t before = octets[rows[i].at];
        octets[rows[i].at] = rows[i].octet;
        if (delegation_unpack(octets, size, &again))
            fail_msg("row %zu", i);
        octets[rows[i].at] = before;
    }
    octets[size] = 0;
    assert_false(delegation_unpack(octets, size + 1, &again));
    assert_true(delegation_unpack(octets, size, &again));
}

static void test_addresses_of_an_rrset(void **state)
{
    (void)state;
    struct delegation delegation;
    struct {
        struct rrset head;
        uint8_t body[12];
    } rrset = {{.type = TYPE_A, .count = 2}, {0, 4, 192, 0, 2, 1, 0, 4, 192, 0, 2, 2}};
    delegation_begin(&delegation, name_of("x."));
    delegation_add_host(&delegation, name_of("ns.x."));
    delegation_add_addresses(&delegation, &rrset.head, 0);
    assert_int_equal(delegation.address_count, 2);
    assert_int_equal(address_port(&delegation.addresses[0].address), 0);
    rrset.head.type = TYPE_AAAA; // of another size: none
    delegation_add_addresses(&delegation, &rrset.head, 0);
    assert_int_equal(delegation.address_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_addresses_of_an_rrset),
        cmocka_unit_test(test_nothing_but_a_cut),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
