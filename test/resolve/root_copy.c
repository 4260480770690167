// Walks that begin at a copy of the root (RFC 8806): no packet goes to a root server for what it
// knows, what it does not know is asked there, and one that is too old is not used.
#include "../zone/from_text.h"

#include "plot.h"

#include "resolve/root_copy.h"

// The same tree as plot.h's, so that the servers below are there.
#define COPY                                                                                       \
    ". 86400 SOA a.root. h.root. 2026010100 1800 900 604800 43200\n. 518400 NS a.root.\n"          \
    "a.root. 518400 A 192.0.2.1\n"                                                                 \
    "test. 172800 NS ns.nic.test.\ntest. 172800 NS ns2.nic.other-tld.\n"                           \
    "test. 86400 DS 1 8 2 "                                                                        \
    "0000000000000000000000000000000000000000000000000000000000000000\n"                           \
    "ns.nic.test. 172800 A 192.0.2.2\nns.nic.test. 172800 AAAA 2001:db8::2\n"                      \
    "ns2.nic.other-tld. 172800 A 192.0.2.9\nother-tld. 172800 NS ns2.nic.other-tld.\n"             \
    "*.wild. 60 TXT x\nto. 60 DNAME test.\n"

static void set_copy(const char *text)
{
    rules_set_root_copy(tree->rules, zone_from_text(".", text), tree->now_us + 1000000000ull);
}

static unsigned asked_of_root(void)
{
    unsigned asked = 0;
    for (unsigned i = 0; i < tree->row_count; i++)
        if (strcmp(tree->rows[i].server, "192.0.2.1") == 0)
            asked += tree->rows[i].asked;
    return asked;
}

// --- what it says --------------------------------------------------------------------------------

struct word_row {
    const char *name;
    uint16_t type;
    enum root_copy_says says;
    const char *owner; // the cut, or what the answer is about
    unsigned hosts, addresses;
    enum cache_kind kind;
    uint32_t ttl_s;
};
static void test_words(void **state)
{
    static const struct word_row rows[] = {
        {"www.example.test.", TYPE_A, ROOT_COPY_REFERS, "test.", 2, 3, 0, 172800},
        {"test.", TYPE_A, ROOT_COPY_REFERS, "test.", 2, 3, 0, 172800},
        {"TEST.", TYPE_NS, ROOT_COPY_REFERS, "TEST.", 2, 3, 0, 172800},
        {"ns.nic.test.", TYPE_A, ROOT_COPY_REFERS, "test.", 2, 3, 0, 172800}, // glue is no answer
        {"x.test.", TYPE_DS, ROOT_COPY_REFERS, "test.", 2, 3, 0, 172800},
        {"test.", TYPE_DS, ROOT_COPY_ANSWERS, "test.", 0, 0, CACHE_RRSET, 86400},
        {"other-tld.", TYPE_DS, ROOT_COPY_ANSWERS, "other-tld.", 0, 0, CACHE_NODATA, 43200},
        {".", TYPE_NS, ROOT_COPY_ANSWERS, ".", 0, 0, CACHE_RRSET, 518400},
        {".", TYPE_TXT, ROOT_COPY_ANSWERS, ".", 0, 0, CACHE_NODATA, 43200},
        {"a.root.", TYPE_A, ROOT_COPY_ANSWERS, "a.root.", 0, 0, CACHE_RRSET, 518400},
        {"root.", TYPE_A, ROOT_COPY_ANSWERS, "root.", 0, 0, CACHE_NODATA, 43200}, // it is there
        {"nonsense.", TYPE_A, ROOT_COPY_ANSWERS, "nonsense.", 0, 0, CACHE_NXDOMAIN, 43200},
        {"a.b.nonsense.", TYPE_A, ROOT_COPY_ANSWERS, "nonsense.", 0, 0, CACHE_NXDOMAIN, 43200},
        {"x.y.root.", TYPE_A, ROOT_COPY_ANSWERS, "y.root.", 0, 0, CACHE_NXDOMAIN, 43200},
        {"a.wild.", TYPE_TXT, ROOT_COPY_SILENT, NULL, 0, 0, 0, 0},
        {"a.to.", TYPE_A, ROOT_COPY_SILENT, NULL, 0, 0, 0, 0},
    };
    (void)state;
    struct zone *copy = zone_from_text(".", COPY);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct name_key key;
        struct delegation cut;
        struct kept kept;
        struct name name = name_of(rows[i].name);
        name_key_make(name, &test_secret, &key);
        struct root_copy_question question = {name, &key, rows[i].type};
        enum root_copy_says says = root_copy_ask(copy, &test_secret, &question, &cut, &kept);
        assert_int_equal(says, rows[i].says);
        if (says == ROOT_COPY_REFERS) {
            assert_name(cut.cut, rows[i].owner);
            assert_int_equal(cut.host_count, rows[i].hosts);
            assert_int_equal(cut.address_count, rows[i].addresses);
            assert_int_equal(cut.ttl_s, rows[i].ttl_s);
            assert_false(cut.configured || cut.recursive);
        } else if (says == ROOT_COPY_ANSWERS) {
            assert_name(kept.owner, rows[i].owner);
            assert_int_equal(kept.kind, rows[i].kind);
            assert_int_equal(kept.ttl_s, rows[i].ttl_s);
            assert_int_equal(kept.soa_owner.size, kept.kind == CACHE_RRSET ? 0 : 1);
        }
    }
    zone_release(copy);
}

// --- walks ---------------------------------------------------------------------------------------

static void test_no_packet_to_the_root(void **state)
{
    (void)state;
    set_copy(". 86400 SOA a.root. h.root. 1 1800 900 604800 43200\n. 518400 NS a.root.\n"
             "test. 172800 NS ns.nic.test.\nns.nic.test. 172800 A 192.0.2.2\n");
    tree->rules->quiet = false; // and none to prime with
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 2);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree_resolve(tree, "www.other.test.", TYPE_A), 2);
    assert_int_equal(asked_of_root(), 0);
    // The same without it.
    tree->rules->root_copy_end_us = 0;
    cache_flush_tree(tree->cache, NAME_ROOT);
    assert_true(tree_resolve(tree, "www.example.test.", TYPE_A) > 2);
    assert_true(asked_of_root() > 0);
}

static void test_names_that_do_not_exist(void **state)
{
    (void)state;
    set_copy(COPY);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(tree_resolve(tree, "x.nonsense.", TYPE_A), 0);
        assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
        assert_int_equal(tree->last.soa, 1);
    }
    struct name_key key;
    struct cache_found found;
    name_key_make(name_of("nonsense."), &test_secret, &key);
    struct cache_key where = {&key, 1, TYPE_A, 0};
    assert_true(cache_get(tree->cache, &where, (uint32_t)(tree->now_us / 1000000), &found));
    assert_int_equal(found.kind, CACHE_NXDOMAIN);
    assert_int_equal(found.given_s, 3600); // 43200, cut by the cache's own limit
}

static void test_the_roots_own_records(void **state)
{
    (void)state;
    set_copy(COPY);
    assert_int_equal(tree_resolve(tree, ".", TYPE_NS), 0);
    assert_answer(tree, ". NS a.root.");
    assert_int_equal(tree_resolve(tree, "a.root.", TYPE_A), 0);
    assert_answer(tree, "a.root. A 192.0.2.1");
    assert_int_equal(tree_resolve(tree, "a.root.", TYPE_ANY), 0);
    assert_answer(tree, "a.root. A 192.0.2.1");
    assert_int_equal(tree_resolve(tree, "other-tld.", TYPE_DS), 0);
    assert_int_equal(tree->last.soa, 1);
}

// Its clock is the SOA's expire, counted from the age of its file (RFC 8806 2).
static void test_too_old(void **state)
{
    (void)state;
    set_copy(COPY);
    tree->now_us = tree->rules->root_copy_end_us - 1;
    assert_true(root_copy_counts(tree->rules, tree->now_us));
    tree->now_us++;
    assert_false(root_copy_counts(tree->rules, tree->now_us));
    tree_resolve(tree, "www.example.test.", TYPE_A);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_true(asked_of_root() > 0);
}

static void test_left_to_the_root(void **state)
{
    (void)state;
    set_copy(COPY);
    ROW("192.0.2.1", "a.wild.", TYPE_TXT, TREE_ANSWERS, {"an a.wild. TXT x"});
    ROW("192.0.2.1", "wild.", 0, TREE_ANSWERS, {"au . SOA a.root. h.root. 1 2 3 4 600"});
    tree_resolve(tree, "a.wild.", TYPE_TXT);
    assert_answer(tree, "a.wild. TXT \"x\"");
    assert_true(asked_of_root() > 0);
}

// Whoever forwards everything does not look into it, nor a zone that is asked for elsewhere.
static void test_configured_servers_count_more(void **state)
{
    (void)state;
    set_copy(COPY);
    struct address server = address_of("192.0.2.77");
    struct delegation *zone = rules_add_zone(tree->rules, name_of("test."), false);
    delegation_add_address(zone, &server, DELEGATION_NO_HOST);
    ROW("192.0.2.77", "www.example.test.", 0, TREE_ANSWERS, {"an www.example.test. A 192.0.2.7"});
    ROW("192.0.2.77", "example.test.", 0, TREE_ANSWERS,
        {"au test. SOA a.root. h.root. 1 2 3 4 600"});
    tree_resolve(tree, "www.example.test.", TYPE_A);
    assert_answer(tree, "www.example.test. A 192.0.2.7");
    rules_set_root(tree->rules, true);
    rules_add_root_server(tree->rules, NAME_ROOT, &server);
    ROW("192.0.2.77", "www.nonsense.", 0, TREE_FORWARDS, {"an www.nonsense. A 192.0.2.8"});
    tree_resolve(tree, "www.nonsense.", TYPE_A);
    assert_answer(tree, "www.nonsense. A 192.0.2.8");
}

// A copy whose names have a TTL of 0 is no circle: the walk itself remembers.
static void test_without_ttl(void **state)
{
    (void)state;
    set_copy(
        ". 0 SOA a.root. h.root. 1 1800 900 604800 0\n. 0 NS a.root.\na.root. 0 A 192.0.2.1\n");
    assert_int_equal(tree_resolve(tree, "www.nonsense.", TYPE_A), 0);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    assert_int_equal(tree_resolve(tree, "a.root.", TYPE_A), 0);
    assert_answer(tree, "a.root. A 192.0.2.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        walk(test_no_packet_to_the_root),
        walk(test_names_that_do_not_exist),
        walk(test_the_roots_own_records),
        walk(test_too_old),
        walk(test_left_to_the_root),
        walk(test_configured_servers_count_more),
        walk(test_without_ttl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
