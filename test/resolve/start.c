// Walks that begin at a cut of ours.
#include "plot.h"

static struct delegation cut;

// priv.test. is ours to delegate: the world's test. knows nothing of it.
static void make_cut(const char *name, const char *server)
{
    struct address address = address_of(server);
    static uint8_t wire[2][NAME_OCTETS_MAX];
    struct name host = name_of("ns.elsewhere."), name_copy = name_of(name);
    memcpy(wire[0], name_copy.wire, name_copy.size);
    memcpy(wire[1], host.wire, host.size);
    delegation_begin(&cut, (struct name){wire[0], name_copy.size, name_copy.labels});
    cut.ttl_s = 600;
    int index = delegation_add_host(&cut, (struct name){wire[1], host.size, host.labels});
    assert_int_equal(index, 0);
    assert_true(delegation_add_address(&cut, &address, 0));
}

static void plant_private(void)
{
    ROW("192.0.2.2", NULL, 0, TREE_DENIES, {"au test. SOA ns.nic.test. h.nic.test. 1 2 3 4 600"});
    ROW("192.0.2.30", "www.priv.test.", TYPE_A, TREE_ANSWERS, {"an www.priv.test. A 10.0.0.1"});
    ROW("192.0.2.31", "www.priv.test.", TYPE_A, TREE_ANSWERS, {"an www.priv.test. A 10.0.0.2"});
    make_cut("priv.test.", "192.0.2.30");
}

static enum resolve_result want_from(const char *name, const struct delegation *start,
                                     uint64_t token)
{
    struct want want = {.name = name_of(name), .type = TYPE_A, .token = token, .start = start};
    enum resolve_result result =
        resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer);
    if (result == RESOLVE_ANSWERED)
        tree_copy_last(tree, &tree->answer);
    return result;
}

// Returns how many packets it took.
static unsigned resolve_from(const char *name, const struct delegation *start)
{
    unsigned before = tree->packets;
    if (want_from(name, start, 1) == RESOLVE_WAITING)
        tree_run_until(tree, UINT64_MAX);
    epoch_quiet();
    return tree->packets - before;
}

static void test_walk_begins_at_our_cut(void **state)
{
    (void)state;
    plant_private();
    assert_int_equal(resolve_from("www.priv.test.", &cut), 1);
    assert_answer(tree, "www.priv.test. A 10.0.0.1");
    assert_int_equal(resolve_from("www.priv.test.", &cut), 0);
    assert_answer(tree, "www.priv.test. A 10.0.0.1");
}

// Two views of one name, and neither sees the other's.
static void test_views_do_not_mix(void **state)
{
    (void)state;
    plant_private();
    resolve_from("www.priv.test.", &cut);
    assert_int_equal(resolve_from("www.priv.test.", NULL), 3);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    assert_int_equal(resolve_from("www.priv.test.", &cut), 0);
    assert_answer(tree, "www.priv.test. A 10.0.0.1");
    assert_int_equal(resolve_from("www.priv.test.", NULL), 0);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
}

// Equal starts share a walk, others do not.
static void test_who_is_joined(void **state)
{
    (void)state;
    struct resolver_counts counts;
    plant_private();
    assert_int_equal(want_from("www.priv.test.", &cut, 1), RESOLVE_WAITING);
    assert_int_equal(want_from("www.priv.test.", &cut, 2), RESOLVE_WAITING);
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 1);
    make_cut("priv.test.", "192.0.2.31");
    assert_int_equal(want_from("www.priv.test.", &cut, 3), RESOLVE_WAITING);
    assert_int_equal(want_from("www.priv.test.", NULL, 4), RESOLVE_WAITING);
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 3);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, 4);
}

// Below our cut the tree goes on as everywhere; and a host without glue is looked for from our cut.
static void test_deeper_cuts(void **state)
{
    (void)state;
    plant_private();
    ROW("192.0.2.30", "deep.priv.test.", 0, TREE_REFERS,
        {"au deep.priv.test. NS ns.side.priv.test."});
    ROW("192.0.2.30", "ns.side.priv.test.", TYPE_A, TREE_ANSWERS,
        {"an ns.side.priv.test. A 192.0.2.32"});
    ROW("192.0.2.30", "side.priv.test.", 0, TREE_ANSWERS,
        {"au priv.test. SOA ns.priv.test. h.priv.test. 1 2 3 4 600"});
    ROW("192.0.2.32", "www.deep.priv.test.", TYPE_A, TREE_ANSWERS,
        {"an www.deep.priv.test. A 10.0.0.3"});
    ROW("192.0.2.32", "b.deep.priv.test.", TYPE_A, TREE_ANSWERS,
        {"an b.deep.priv.test. A 10.0.0.4"});
    resolve_from("www.deep.priv.test.", &cut);
    assert_answer(tree, "www.deep.priv.test. A 10.0.0.3");
    assert_int_equal(resolve_from("b.deep.priv.test.", &cut), 1); // the deeper cut is known
    assert_answer(tree, "b.deep.priv.test. A 10.0.0.4");
    // A delegation lasts no longer than ours.
    tree->now_us += 601000000;
    assert_int_equal(resolve_from("b.deep.priv.test.", &cut), 0);
    ROW("192.0.2.32", "c.deep.priv.test.", TYPE_A, TREE_ANSWERS,
        {"an c.deep.priv.test. A 10.0.0.5"});
    assert_true(resolve_from("c.deep.priv.test.", &cut) > 1);
}

// An alias out of it is the world's again.
static void test_alias_into_the_world(void **state)
{
    (void)state;
    plant_private();
    ROW("192.0.2.30", "out.priv.test.", TYPE_A, TREE_ANSWERS,
        {"an out.priv.test. CNAME www.example.test."});
    resolve_from("out.priv.test.", &cut);
    assert_answer(tree, "out.priv.test. CNAME www.example.test.|www.example.test. A 198.51.100.1");
}

// What is configured for a name at or below the cut counts more; a forwarder for all else does not.
static void test_configured_zones(void **state)
{
    (void)state;
    struct address stub = address_of("192.0.2.31"), forwarder = address_of("192.0.2.40");
    plant_private();
    rules_set_root(tree->rules, true);
    rules_add_root_server(tree->rules, name_of("f."), &forwarder);
    resolve_from("www.priv.test.", &cut);
    assert_answer(tree, "www.priv.test. A 10.0.0.1");
    struct delegation *zone = rules_add_zone(tree->rules, name_of("priv.test."), false);
    assert_true(delegation_add_address(zone, &stub, DELEGATION_NO_HOST));
    resolve_from("www.priv.test.", &cut);
    assert_answer(tree, "www.priv.test. A 10.0.0.2");
}

// A cut of ours is no way to servers that may not be asked.
static void test_never_ask_holds(void **state)
{
    (void)state;
    plant_private();
    make_cut("priv.test.", "127.0.0.1");
    assert_int_equal(resolve_from("www.priv.test.", &cut), 0);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

static void test_names_and_sources(void **state)
{
    (void)state;
    struct start start = {.cut = name_of("priv.test."), .source = start_source(tree->rules, 12345)};
    uint16_t source;
    assert_true(start_is_above(&start, tree->rules, name_of("a.priv.test.")));
    assert_true(start_is_above(&start, tree->rules, name_of("priv.test.")));
    assert_false(start_is_above(&start, tree->rules, name_of("test.")));
    assert_false(start_is_above(NULL, tree->rules, name_of("priv.test.")));
    assert_true(start_find_source(&start, tree->rules, name_of("a.priv.test."), &source));
    assert_int_equal(source, 0x8000 | 12345);
    assert_true(start_find_source(&start, tree->rules, name_of("a.test."), &source));
    assert_int_equal(source, 0);
    tree->rules->otherwise = RULES_NONE;
    assert_false(start_find_source(&start, tree->rules, name_of("a.test."), &source));
    assert_true(start_find_source(&start, tree->rules, name_of("a.priv.test."), &source));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_walk_begins_at_our_cut), walk(test_views_do_not_mix),
        walk(test_who_is_joined),          walk(test_deeper_cuts),
        walk(test_alias_into_the_world),   walk(test_configured_zones),
        walk(test_never_ask_holds),        walk(test_names_and_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
