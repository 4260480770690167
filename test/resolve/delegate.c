// Whose servers are asked, and how: stub and forward zones, families, ports, EDNS.
#include "plot.h"

#include "dns/query.h"
#include "resolve/delegate.h"

static struct query sent;
static uint8_t octets[600];

// The first ask of a question, decoded.
static struct ask first_ask(const char *name, uint16_t type, bool dnssec_ok)
{
    struct ask ask;
    struct want want = {.name = name_of(name), .type = type, .token = 9, .dnssec_ok = dnssec_ok};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
    assert_true(resolver_next_ask(tree->resolver, &ask));
    memcpy(octets, ask.octets, ask.size);
    assert_int_equal(query_decode(octets, ask.size, &test_secret, &sent), QUERY_OK);
    return ask;
}

static void assert_server(const struct ask *ask, const char *server)
{
    struct address address = address_of(server);
    assert_true(address_equal(&ask->server, &address));
}

static void test_root_sees_one_label(void **state)
{
    (void)state;
    struct ask ask = first_ask("www.example.test.", TYPE_MX, true);
    assert_server(&ask, "192.0.2.1");
    assert_name(name_fold(sent.name, octets + HEADER_SIZE), "test.");
    assert_int_equal(sent.type, TYPE_A);
    assert_int_equal(sent.flags, 0);
    assert_true(sent.edns.dnssec_ok);
    assert_int_equal(sent.edns.cookie_size, COOKIE_CLIENT_SIZE);
}

static void test_without_minimising(void **state)
{
    (void)state;
    tree->rules->minimise = false;
    first_ask("www.example.test.", TYPE_MX, false);
    assert_int_equal(sent.name.labels, 3);
    assert_int_equal(sent.type, TYPE_MX);
    assert_false(sent.edns.dnssec_ok);
}

static void test_stub_zone_is_walked(void **state)
{
    (void)state;
    struct address server = address_of("127.0.0.1"); // configured: this host is fine
    struct delegation *zone = rules_add_zone(tree->rules, name_of("corp.test."), false);
    delegation_add_address(zone, &server, DELEGATION_NO_HOST);
    struct ask ask = first_ask("a.b.corp.test.", TYPE_A, false);
    assert_server(&ask, "127.0.0.1");
    assert_int_equal(sent.flags, 0);
    assert_int_equal(sent.name.labels, 3);
}

static void test_ports(void **state)
{
    (void)state;
    tree->rules->port = 5300;
    tree->rules->root->addresses[0].address.v4.sin_port = 0;
    struct ask ask = first_ask("www.example.test.", TYPE_A, false);
    assert_server(&ask, "192.0.2.1:5300");
}

static void test_families_that_may_be_asked(void **state)
{
    (void)state;
    struct address six = address_of("2001:db8::1");
    rules_set_root(tree->rules, false);
    rules_add_root_server(tree->rules, name_of("a.root."), &six);
    tree->rules->ipv6 = false;
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 0);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    tree->rules->ipv6 = true;
    struct ask ask = first_ask("www.example2.test.", TYPE_A, false);
    assert_server(&ask, "2001:db8::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_root_sees_one_label),        walk(test_without_minimising),
        walk(test_stub_zone_is_walked),        walk(test_ports),
        walk(test_families_that_may_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
