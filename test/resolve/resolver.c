// The whole resolver against a small internet (tree.h): walks, and servers that do not do as they
// should. What strangers do on purpose: attacks.c.
#include "plot.h"

static int set_up_stale(void **state)
{
    return set_up_with(state, 86400);
}

static void test_walks_from_root_to_leaf(void **state)
{
    (void)state;
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 3);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree->last.reason, REASON_RESOLVED);
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 0);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
}

// The cut is known: only its own server is asked.
static void test_begins_at_deepest_cut(void **state)
{
    (void)state;
    ROW("192.0.2.3", "b.example.test.", TYPE_A, TREE_ANSWERS,
        {"an b.example.test. A 198.51.100.2"});
    tree_resolve(tree, "www.example.test.", TYPE_A);
    assert_int_equal(tree_resolve(tree, "b.example.test.", TYPE_A), 1);
}

static void test_denials_are_kept(void **state)
{
    (void)state;
    ROW("192.0.2.3", "no.example.test.", 0, TREE_DENIES,
        {"au example.test. SOA ns.example.test. h.example.test. 1 2 3 4 600"});
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_AAAA), 3);
    assert_int_equal(tree->last.rcode, RCODE_NOERROR);
    assert_int_equal(tree->last.soa, 1);
    assert_answer(tree, "");
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_AAAA), 0);
    assert_int_equal(tree_resolve(tree, "no.example.test.", TYPE_A), 1);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    assert_int_equal(tree->last.soa, 1);
    assert_int_equal(tree_resolve(tree, "no.example.test.", TYPE_MX), 0);
    // RFC 8020 2: and nothing is below it.
    assert_int_equal(tree_resolve(tree, "a.b.no.example.test.", TYPE_A), 0);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
}

static void test_alias_across_zones(void **state)
{
    (void)state;
    ROW("192.0.2.3", "al.example.test.", TYPE_A, TREE_ANSWERS,
        {"an al.example.test. CNAME www.other.test.", "an www.other.test. A 203.0.113.66"});
    assert_int_equal(tree_resolve(tree, "al.example.test.", TYPE_A), 5);
    // What the first server said of the other zone's name does not count.
    assert_answer(tree, "al.example.test. CNAME www.other.test.|www.other.test. A 198.51.100.4");
    assert_int_equal(tree_resolve(tree, "al.example.test.", TYPE_A), 0);
}

static void test_alias_to_nothing(void **state)
{
    (void)state;
    ROW("192.0.2.3", "al.example.test.", TYPE_A, TREE_ANSWERS,
        {"an al.example.test. CNAME gone.other.test."});
    ROW("192.0.2.4", "gone.other.test.", 0, TREE_DENIES,
        {"au other.test. SOA ns.other.test. h.other.test. 1 2 3 4 600"});
    tree_resolve(tree, "al.example.test.", TYPE_A);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN); // RFC 6604 3
    assert_answer(tree, "al.example.test. CNAME gone.other.test.");
}

static void test_dname(void **state)
{
    (void)state;
    ROW("192.0.2.3", NULL, TYPE_A, TREE_ANSWERS,
        {"an d.example.test. DNAME other.test.", "an www.d.example.test. CNAME evil.test."});
    // root, test., d.example.test., www.d.example.test., test., other.test.
    assert_int_equal(tree_resolve(tree, "www.d.example.test.", TYPE_A), 6);
    // RFC 6672 3.1: the CNAME is made here, of the DNAME.
    assert_answer(tree, "d.example.test. DNAME other.test.|www.d.example.test. CNAME "
                        "www.other.test.|www.other.test. A 198.51.100.4");
    ROW("192.0.2.4", "x.other.test.", TYPE_A, TREE_ANSWERS, {"an x.other.test. A 198.51.100.5"});
    assert_int_equal(tree_resolve(tree, "x.d.example.test.", TYPE_A), 1);
}

// RFC 6672 3.1: who asks for the CNAME below a DNAME, or for all there is, gets the DNAME as well,
// and so does whoever asks after that.
static void test_dname_goes_along(void **state)
{
    (void)state;
    static const char *const names[] = {"c.d.example.test.", "a.d.example.test."};
    ROW("192.0.2.3", "d.example.test.", 0, TREE_ANSWERS,
        {"au example.test. SOA ns.example.test. h.example.test. 1 2 3 4 600"});
    ROW("192.0.2.3", names[0], 0, TREE_ANSWERS,
        {"an d.example.test. DNAME other.test.", "an c.d.example.test. CNAME c.other.test."});
    ROW("192.0.2.3", names[1], 0, TREE_ANSWERS,
        {"an0 d.example.test. DNAME other.test.", "an0 a.d.example.test. CNAME a.other.test."});
    ROW("192.0.2.4", NULL, TYPE_A, TREE_ANSWERS, {"an c.other.test. A 198.51.100.9"});
    // Not kept: what goes along must be of the walk itself.
    assert_in_range(tree_resolve(tree, names[1], TYPE_ANY), 1, 8);
    assert_answer(tree, "d.example.test. DNAME other.test.|a.d.example.test. CNAME a.other.test.");
    assert_in_range(tree_resolve(tree, names[1], TYPE_CNAME), 1, 3);
    assert_answer(tree, "d.example.test. DNAME other.test.|a.d.example.test. CNAME a.other.test.");
    assert_in_range(tree_resolve(tree, names[0], TYPE_CNAME), 1, 3);
    assert_answer(tree, "d.example.test. DNAME other.test.|c.d.example.test. CNAME c.other.test.");
    assert_int_equal(tree_resolve(tree, names[0], TYPE_CNAME), 0);
    assert_int_equal(tree_resolve(tree, names[0], TYPE_ANY), 0);
    assert_answer(tree, "d.example.test. DNAME other.test.|c.d.example.test. CNAME c.other.test.");
    tree_resolve(tree, names[0], TYPE_A);
    assert_answer(tree, "d.example.test. DNAME other.test.|c.d.example.test. CNAME "
                        "c.other.test.|c.other.test. A 198.51.100.9");
}

static void test_glueless_servers(void **state)
{
    (void)state;
    ROW("192.0.2.2", "glueless.test.", 0, TREE_REFERS, {"au glueless.test. NS ns.other.test."});
    ROW("192.0.2.4", "ns.other.test.", TYPE_A, TREE_ANSWERS, {"an0 ns.other.test. A 192.0.2.7"});
    ROW("192.0.2.7", "www.glueless.test.", TYPE_A, TREE_ANSWERS,
        {"an www.glueless.test. A 198.51.100.7"});
    // root, test, test (for other.test), other.test, glueless: the address has a TTL of 0
    assert_int_equal(tree_resolve(tree, "www.glueless.test.", TYPE_A), 5);
    assert_answer(tree, "www.glueless.test. A 198.51.100.7");
}

static void test_ttl_of_zero_reaches_all_who_wait(void **state)
{
    (void)state;
    ROW("192.0.2.3", "zero.example.test.", TYPE_A, TREE_ANSWERS,
        {"an0 zero.example.test. A 198.51.100.9"});
    assert_int_equal(tree_want(tree, "zero.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    assert_int_equal(tree_want(tree, "ZERO.example.test.", TYPE_A, 2), RESOLVE_WAITING);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, 2);
    assert_int_equal(tree->packets, 3);
    assert_answer(tree, "zero.example.test. A 198.51.100.9");
    assert_int_equal(tree_resolve(tree, "zero.example.test.", TYPE_A), 1);
}

// --- servers that do not do as they should -------------------------------------------------------

static void two_servers(enum tree_manner first)
{
    ROW("192.0.2.2", "two.test.", 0, TREE_REFERS,
        {"au two.test. NS a.two.test.", "au two.test. NS b.two.test.",
         "ad a.two.test. A 192.0.2.11", "ad b.two.test. A 192.0.2.12"});
    ROW("192.0.2.11", NULL, 0, first, {"au test. NS ns.nic.test."});
    ROW("192.0.2.12", "www.two.test.", TYPE_A, TREE_ANSWERS, {"an www.two.test. A 198.51.100.2"});
}

static void test_other_server_helps(void **state)
{
    (void)state;
    static const enum tree_manner manners[] = {TREE_REFERS, TREE_REFUSES, TREE_FAILS, TREE_SILENT};
    for (unsigned i = 0; i < COUNT(manners); i++) {
        // Until luck picks the bad one first.
        for (unsigned seed = 0;; seed++) {
            assert_true(seed < 20);
            tear_down(state);
            set_up(state);
            two_servers(manners[i]);
            for (unsigned n = 0; n < seed; n++)
                tree_resolve(tree, "www.other.test.", TYPE_A + 100 + n);
            unsigned packets = tree_resolve(tree, "www.two.test.", TYPE_A);
            assert_answer(tree, "www.two.test. A 198.51.100.2");
            if (tree->rows[tree->row_count - 2].asked)
                break;
            assert_in_range(packets, 1, 4);
        }
    }
}

// RFC 6298's spirit: after the usual time the next one is asked, and the first may still answer.
static void test_hedge_keeps_the_first_ask(void **state)
{
    (void)state;
    ROW("192.0.2.2", "slow.test.", 0, TREE_REFERS,
        {"au slow.test. NS a.slow.test.", "ad a.slow.test. A 192.0.2.11",
         "ad a.slow.test. A 192.0.2.12"});
    ROW("192.0.2.11", "www.slow.test.", TYPE_A, TREE_ANSWERS, {"an www.slow.test. A 198.51.100.2"},
        .delay_us = 600000);
    ROW("192.0.2.12", "www.slow.test.", TYPE_A, TREE_ANSWERS, {"an www.slow.test. A 198.51.100.2"},
        .delay_us = 600000);
    uint64_t began = tree->now_us;
    assert_int_equal(tree_resolve(tree, "www.slow.test.", TYPE_A), 4);
    assert_in_range(tree->now_us - began, 600000, 700000);
    assert_int_equal(tree->last.rcode, RCODE_NOERROR);
    assert_int_equal(tree->cancelled, 1);
}

// Exploring a slow server costs a client the fast one's time, and is not held against the slow one.
static void test_exploring_costs_little(void **state)
{
    (void)state;
    ROW("192.0.2.2", "pair.test.", 0, TREE_REFERS,
        {"au pair.test. NS a.pair.test.", "ad a.pair.test. A 192.0.2.11",
         "ad a.pair.test. A 192.0.2.12"});
    ROW("192.0.2.11", NULL, 0, TREE_ANSWERS, {NULL});
    struct tree_row *slow = ROW("192.0.2.12", NULL, 0, TREE_ANSWERS, {NULL}, .delay_us = 300000);
    for (unsigned i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.pair.test.", i);
        uint64_t began = tree->now_us;
        unsigned asked = slow->asked;
        tree_resolve(tree, name, TYPE_A);
        assert_int_equal(tree->last.rcode, RCODE_NOERROR);
        if (i > 10 && slow->asked > asked)
            assert_in_range(tree->now_us - began, 1000, 100000);
    }
    assert_in_range(slow->asked, 2, 30);
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.timeouts, 0);
}

// Of two near servers one is silent from some moment on. Who chooses it waits little longer than
// its usual time, and it is noticed, though another one's reply ends every walk before its whole
// time.
static void test_near_server_falls_silent(void **state)
{
    (void)state;
    ROW("192.0.2.2", "near.test.", 0, TREE_REFERS,
        {"au near.test. NS a.near.test.", "ad a.near.test. A 192.0.2.11",
         "ad a.near.test. A 192.0.2.12"});
    ROW("192.0.2.11", NULL, 0, TREE_ANSWERS, {NULL});
    struct tree_row *other = ROW("192.0.2.12", NULL, 0, TREE_ANSWERS, {NULL});
    unsigned asked = 0;
    for (unsigned i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.near.test.", i);
        uint64_t began = tree->now_us;
        if (i == 100) {
            other->manner = TREE_SILENT;
            asked = other->asked;
            assert_true(asked > 20);
        }
        tree_resolve(tree, name, TYPE_A);
        assert_int_equal(tree->last.rcode, RCODE_NOERROR);
        if (i == 100 || (i > 100 && other->asked == asked + 1))
            assert_in_range(tree->now_us - began, 500, (SERVER_HEDGE_MIN_MS + 5) * 1000);
    }
    assert_in_range(other->asked - asked, 1, 12);
}

static void test_truncation_goes_to_tcp(void **state)
{
    (void)state;
    ROW("192.0.2.3", "big.example.test.", TYPE_TXT, TREE_CUTS, {"an big.example.test. TXT big"});
    assert_int_equal(tree_resolve(tree, "big.example.test.", TYPE_TXT), 4);
    assert_int_equal(tree->tcp_packets, 1);
    assert_answer(tree, "big.example.test. TXT \"big\"");
}

static void test_without_edns(void **state)
{
    (void)state;
    ROW("192.0.2.3", "old.example.test.", 0, TREE_NO_EDNS, {"an old.example.test. A 198.51.100.3"});
    assert_int_equal(tree_resolve(tree, "old.example.test.", TYPE_A), 4);
    assert_answer(tree, "old.example.test. A 198.51.100.3");
    // It is remembered.
    assert_int_equal(tree_resolve(tree, "old.example.test.", TYPE_TXT + 300), 1);
}

static void test_case_not_kept(void **state)
{
    (void)state;
    ROW("192.0.2.3", "folds.example.test.", TYPE_A, TREE_FOLDS,
        {"an folds.example.test. A 198.51.100.3"});
    ROW("192.0.2.3", "folds2.example.test.", TYPE_A, TREE_FOLDS,
        {"an folds2.example.test. A 198.51.100.3"});
    assert_int_equal(tree_resolve(tree, "folds.example.test.", TYPE_A), 4);
    assert_int_equal(tree->tcp_packets, 1);
    assert_answer(tree, "folds.example.test. A 198.51.100.3");
    assert_int_equal(tree_resolve(tree, "folds2.example.test.", TYPE_A), 1);
    assert_int_equal(tree->tcp_packets, 1);
}

// It folds letters and has no TCP that could tell: it is believed.
static void test_case_not_kept_and_no_tcp(void **state)
{
    (void)state;
    ROW("192.0.2.3", "f.example.test.", TYPE_A, TREE_FOLDS, {"an f.example.test. A 198.51.100.3"},
        .no_tcp = true);
    ROW("192.0.2.4", "f.other.test.", TYPE_A, TREE_FOLDS, {"an f.other.test. A 198.51.100.4"},
        .deaf_tcp = true);
    assert_int_equal(tree_resolve(tree, "f.example.test.", TYPE_A), 5);
    assert_answer(tree, "f.example.test. A 198.51.100.3");
    assert_int_equal(tree_resolve(tree, "f.other.test.", TYPE_A), 4);
    assert_answer(tree, "f.other.test. A 198.51.100.4");
}

static void test_all_servers_silent(void **state)
{
    (void)state;
    static const char late[] = "no answer within the time for a question: 192.0.2.11 timed out";
    ROW("192.0.2.2", "dead.test.", 0, TREE_REFERS,
        {"au dead.test. NS a.dead.test.", "ad a.dead.test. A 192.0.2.11"});
    ROW("192.0.2.11", NULL, 0, TREE_SILENT);
    uint64_t began = tree->now_us;
    // Two referrals, then after 0, 0.4, 1.2, 2.8 and 6 s.
    assert_int_equal(tree_resolve(tree, "www.dead.test.", TYPE_A), 2 + 5);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_int_equal(tree->last.ede, EDE_NO_REACHABLE_AUTHORITY);
    assert_string_equal(tree->last.text, late);
    assert_int_equal(tree->now_us - began, BUDGET_TIME_MS * 1000);
    // RFC 9520: for five seconds nobody asks again, and then for ten.
    assert_int_equal(tree_resolve(tree, "www.dead.test.", TYPE_A), 0);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, late);
    tree->now_us += 6000000;
    assert_true(tree_resolve(tree, "www.dead.test.", TYPE_A) > 0);
    tree->now_us += 6000000;
    assert_int_equal(tree_resolve(tree, "www.dead.test.", TYPE_A), 0);
    struct resolver_failure failures[4];
    assert_int_equal(resolver_failures(tree->resolver, failures, 4), 2);
    assert_name(failures[0].name, "www.dead.test.");
    assert_int_equal(failures[0].type, TYPE_A);
    assert_true(failures[0].when_us > failures[1].when_us);
    assert_string_equal(failures[0].text, late);
}

// All servers of a zone are away for a moment: who asks meanwhile is answered once they are back,
// though they were silent to many others, and the packets are few.
static void test_a_short_silence_loses_nobody(void **state)
{
    (void)state;
    const uint64_t second = 1000000;
    ROW("192.0.2.2", "away.test.", 0, TREE_REFERS,
        {"au away.test. NS a.away.test.", "ad a.away.test. A 192.0.2.11",
         "ad a.away.test. A 192.0.2.12"});
    struct tree_row *rows[2];
    for (unsigned i = 0; i < 2; i++) {
        rows[i] = ROW(i ? "192.0.2.12" : "192.0.2.11", NULL, 0, TREE_ANSWERS,
                      {"an w.away.test. A 198.51.100.7"});
        for (unsigned n = 0; n < 3; n++) { // it is known, and fast
            struct address server = address_of(rows[i]->server);
            servers_replied(tree->servers, &server, 1000, tree->now_us);
        }
    }
    assert_true(tree_resolve(tree, "v.away.test.", TYPE_A) > 0);
    for (unsigned i = 0; i < 2; i++)
        rows[i]->manner = TREE_SILENT;
    uint64_t began = tree->now_us;
    unsigned asked = 0, before = tree->resolved_count, packets = tree->packets;
    for (; asked < 30; asked++) {
        char name[32];
        snprintf(name, sizeof name, "w%u.away.test.", asked);
        assert_int_equal(tree_want(tree, name, TYPE_AAAA, asked), RESOLVE_WAITING);
        tree_run_until(tree, began + (asked + 1) * second / 10);
    }
    assert_int_equal(tree->resolved_count, before); // three seconds of silence: nobody gave up
    for (unsigned i = 0; i < 2; i++)
        rows[i]->manner = TREE_DENIES;
    tree_run_until(tree, began + 7 * second);
    assert_int_equal(tree->resolved_count, before + asked);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.failed, 0);
    assert_in_range(tree->packets - packets, asked, 8 * asked);
}

// Two servers that stay dead: the first question, and another one that finds them dead already.
static void test_dead_servers_cost_few_packets(void **state)
{
    (void)state;
    ROW("192.0.2.2", "dead.test.", 0, TREE_REFERS,
        {"au dead.test. NS a.dead.test.", "ad a.dead.test. A 192.0.2.11",
         "ad a.dead.test. A 192.0.2.12"});
    tree_resolve(tree, "www.example.test.", TYPE_A);
    assert_in_range(tree_resolve(tree, "a.dead.test.", TYPE_A), 1, 10);
    for (unsigned i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "b%u.dead.test.", i);
        assert_in_range(tree_resolve(tree, name, TYPE_A), 1, 5);
    }
}

// Servers never asked before: 400 ms for the first, however many clients wait for it, and then the
// other at once, for no longer.
static void test_first_silence_costs_little(void **state)
{
    (void)state;
    ROW("192.0.2.2", "new.test.", 0, TREE_REFERS,
        {"au new.test. NS a.new.test.", "ad a.new.test. A 192.0.2.11",
         "ad a.new.test. A 192.0.2.12"});
    ROW("192.0.2.11", NULL, 0, TREE_SILENT, .only = 40);
    ROW("192.0.2.11", NULL, 0, TREE_DENIES);
    ROW("192.0.2.12", NULL, 0, TREE_SILENT, .only = 40);
    ROW("192.0.2.12", NULL, 0, TREE_DENIES);
    tree_resolve(tree, "www.example.test.", TYPE_A);
    unsigned before = tree->resolved_count;
    uint64_t began = tree->now_us;
    for (unsigned i = 0; i < 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "w%u.new.test.", i);
        assert_int_equal(tree_want(tree, name, TYPE_A, i), RESOLVE_WAITING);
    }
    while (tree->resolved_count < before + 40 && tree->now_us < began + 7000000)
        tree_run_until(tree, tree->now_us + 1000);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    assert_in_range(tree->now_us - began, 400000, 900000);
}

static void test_unreachable_server(void **state)
{
    (void)state;
    struct ask ask;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    assert_true(resolver_next_ask(tree->resolver, &ask));
    resolver_ask_failed(tree->resolver, ask.number, ASK_UNREACHABLE, tree->now_us);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "no server of . answered: 192.0.2.1 unreachable");
}

// A name in between that a server denies wrongly (an empty non-terminal).
static void test_minimised_name_denied_wrongly(void **state)
{
    (void)state;
    ROW("192.0.2.3", "b.example.test.", 0, TREE_DENIES,
        {"au example.test. SOA ns.example.test. h.example.test. 1 2 3 4 600"});
    ROW("192.0.2.3", "a.b.example.test.", TYPE_A, TREE_ANSWERS,
        {"an a.b.example.test. A 198.51.100.3"});
    assert_int_equal(tree_resolve(tree, "a.b.example.test.", TYPE_A), 4);
    assert_answer(tree, "a.b.example.test. A 198.51.100.3");
    // And it is not remembered that there is nothing below.
    ROW("192.0.2.3", "x.b.example.test.", TYPE_A, TREE_ANSWERS,
        {"an x.b.example.test. A 198.51.100.4"});
    tree_resolve(tree, "x.b.example.test.", TYPE_A);
    assert_answer(tree, "x.b.example.test. A 198.51.100.4");
}

static void test_many_labels_cost_few_packets(void **state)
{
    (void)state;
    ROW("192.0.2.3", NULL, 0, TREE_ANSWERS,
        {"au example.test. SOA ns.example.test. h.example.test. 1 2 3 4 600"});
    const char *name = "1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.example.test.";
    assert_in_range(tree_resolve(tree, name, TYPE_A), 5, 2 + 11);
    assert_int_equal(tree->last.rcode, RCODE_NOERROR);
}

// --- stale answers, clients ----------------------------------------------------------------------

static void test_stale_after_patience(void **state)
{
    (void)state;
    tree->rows[3].delay_us = 500000; // its usual time, so that it is not given up at once
    tree_resolve(tree, "www.example.test.", TYPE_A);
    tree->now_us += (uint64_t)3700 * 1000000;
    for (unsigned i = 0; i < tree->row_count; i++)
        tree->rows[i].manner = TREE_SILENT;
    uint64_t began = tree->now_us;
    struct trace trace;
    trace_begin(&trace, began);
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .token = 7, .trace = &trace};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
    tree_run_until(tree, began + 1700000);
    assert_int_equal(tree->resolved_count, 1);
    tree_run_until(tree, began + 1900000); // RFC 8767 5
    assert_int_equal(tree->resolved_count, 2);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree->last.reason, REASON_STALE);
    assert_int_equal(tree->last.ede, EDE_STALE_ANSWER);
    assert_int_equal(trace.last->step, STEP_STALE);
    trace_free(&trace);
    // The walk goes on, fails, and then nobody waits.
    tree_run_until(tree, began + 20000000);
    tree->now_us = began + 8000000;
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 8), RESOLVE_ANSWERED);
    assert_int_equal(tree->last.reason, REASON_STALE);
}

// When the patience is over and nothing is there that could be stale, the client goes on waiting.
static void test_nothing_is_stale(void **state)
{
    (void)state;
    tree->rows[3].delay_us = 2500000;
    uint64_t began = tree->now_us;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 7), RESOLVE_WAITING);
    tree_run_until(tree, began + 2000000);
    assert_int_equal(tree->resolved_count, 0);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, 1);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
    assert_int_equal(tree->last.reason, REASON_RESOLVED);
}

// Who has looked in the cache in vain says so, and it is not done again before others are asked.
static void test_unknown_is_not_looked_for(void **state)
{
    (void)state;
    tree_resolve(tree, "www.example.test.", TYPE_A);
    unsigned before = tree->packets;
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .unknown = true, .token = 7};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->packets, before + 1);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
}

static void test_ageing_is_refreshed(void **state)
{
    (void)state;
    tree_resolve(tree, "www.example.test.", TYPE_A);
    tree->rules->quiet = false;
    tree->rules->prefetch = true;
    tree->rules->otherwise = RULES_RECURSIVE;
    tree_resolve(tree, "www.example.test.", TYPE_A); // it is used
    tree->now_us += (uint64_t)3500 * 1000000;
    unsigned before = tree->packets;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_ANSWERED);
    tree_run_until(tree, UINT64_MAX);
    assert_true(tree->packets > before);
    tree->now_us += (uint64_t)200 * 1000000;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_ANSWERED);
    assert_answer(tree, "www.example.test. A 198.51.100.1");
}

// With and without DO at the same time: whoever is answered last, the signatures stay.
static void test_answer_without_signatures_replaces_none_with_them(void **state)
{
    (void)state;
    struct want want = {
        .name = name_of("www.example.test."), .type = TYPE_A, .dnssec_ok = true, .token = 1};
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_WAITING);
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 2), RESOLVE_WAITING);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, 2);
    want.name = name_of("www.example.test.");
    assert_int_equal(resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer),
                     RESOLVE_ANSWERED);
}

static void test_client_that_left(void **state)
{
    (void)state;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 5), RESOLVE_WAITING);
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 6), RESOLVE_WAITING);
    resolver_forget(tree->resolver, 5);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, 1);
    assert_int_equal(tree->last_token, 6);
    assert_int_equal(tree_want(tree, "new.example.test.", TYPE_A, 7), RESOLVE_WAITING);
    resolver_forget(tree->resolver, 7);
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
}

static void test_closed_with_work_under_way(void **state)
{
    (void)state;
    ROW("192.0.2.2", "glueless.test.", 0, TREE_REFERS, {"au glueless.test. NS ns.other.test."});
    ROW("192.0.2.4", "ns.other.test.", 0, TREE_SILENT);
    assert_int_equal(tree_want(tree, "www.glueless.test.", TYPE_A, 5), RESOLVE_WAITING);
    tree_run_until(tree, tree->now_us + 100000);
}

static void test_no_recursion_for_this_name(void **state)
{
    (void)state;
    tree->rules->otherwise = RULES_NONE;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 5), RESOLVE_ANSWERED);
    assert_int_equal(tree->last.rcode, RCODE_REFUSED);
    tree->rules->otherwise = RULES_RECURSIVE;
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_AXFR, 5), RESOLVE_ANSWERED);
    assert_int_equal(tree->last.rcode, RCODE_NOTIMP);
}

static void test_any_passes_through(void **state)
{
    (void)state;
    ROW("192.0.2.3", "any.example.test.", TYPE_ANY, TREE_ANSWERS,
        {"an any.example.test. A 198.51.100.3", "an any.example.test. MX 10 m.example.test."});
    tree_resolve(tree, "any.example.test.", TYPE_ANY);
    assert_answer(tree, "any.example.test. MX 10 m.example.test.|any.example.test. A 198.51.100.3");
}

static void test_ds_is_the_parents(void **state)
{
    (void)state;
    tree_resolve(tree, "www.example.test.", TYPE_A);
    ROW("192.0.2.2", "example.test.", TYPE_DS, TREE_ANSWERS,
        {"an example.test. DS 1 13 2 "
         "0000000000000000000000000000000000000000000000000000000000000000"},
        .only = 0);
    tree->rows[1].type = TYPE_A; // of example.test. at .2
    tree_resolve(tree, "example.test.", TYPE_DS);
    assert_answer(
        tree,
        "example.test. DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000");
}

// RFC 9609: the hints are asked for the root's servers, and those count from then on.
static void test_priming(void **state)
{
    (void)state;
    tree->rules->quiet = false;
    ROW("192.0.2.1", ".", TYPE_NS, TREE_ANSWERS, {"an . NS b.root.", "ad b.root. A 192.0.2.99"});
    ROW("192.0.2.99", "net.", 0, TREE_DENIES, {"au . SOA a.root. h.root. 1 2 3 4 600"});
    assert_int_equal(tree_resolve(tree, "www.example.test.", TYPE_A), 4);
    assert_int_equal(tree_resolve(tree, "net.", TYPE_A), 1);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_walks_from_root_to_leaf),
        walk(test_begins_at_deepest_cut),
        walk(test_denials_are_kept),
        walk(test_alias_across_zones),
        walk(test_alias_to_nothing),
        walk(test_dname),
        walk(test_dname_goes_along),
        walk(test_glueless_servers),
        walk(test_ttl_of_zero_reaches_all_who_wait),
        walk(test_other_server_helps),
        walk(test_hedge_keeps_the_first_ask),
        walk(test_exploring_costs_little),
        walk(test_near_server_falls_silent),
        walk(test_truncation_goes_to_tcp),
        walk(test_without_edns),
        walk(test_case_not_kept),
        walk(test_case_not_kept_and_no_tcp),
        walk(test_all_servers_silent),
        walk(test_a_short_silence_loses_nobody),
        walk(test_first_silence_costs_little),
        walk(test_dead_servers_cost_few_packets),
        walk(test_unreachable_server),
        walk(test_minimised_name_denied_wrongly),
        walk(test_many_labels_cost_few_packets),
        cmocka_unit_test_setup_teardown(test_stale_after_patience, set_up_stale, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_stale, set_up_stale, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_is_not_looked_for, set_up_stale, tear_down),
        walk(test_ageing_is_refreshed),
        walk(test_answer_without_signatures_replaces_none_with_them),
        walk(test_client_that_left),
        walk(test_closed_with_work_under_way),
        walk(test_no_recursion_for_this_name),
        walk(test_any_passes_through),
        walk(test_ds_is_the_parents),
        walk(test_priming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
