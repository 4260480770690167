// Attacks on a resolver, and what each may cost: packets are counted.
#include "plot.h"

// --- forged replies ------------------------------------------------------------------------------

// CVE-2025-40780, SAD DNS: a guess at the ID from the right address. The reply is had over TCP.
static void test_near_miss_goes_to_tcp(void **state)
{
    (void)state;
    ROW("192.0.2.3", "g.example.test.", TYPE_A, TREE_GUESSES,
        {"an g.example.test. A 198.51.100.3"});
    ROW("192.0.2.3", "g2.example.test.", TYPE_A, TREE_GUESSES,
        {"an g2.example.test. A 198.51.100.3"});
    assert_int_equal(tree_resolve(tree, "g.example.test.", TYPE_A), 4);
    assert_int_equal(tree->tcp_packets, 1);
    assert_int_equal(tree->verdicts[REPLY_SUSPECT], 1);
    assert_answer(tree, "g.example.test. A 198.51.100.3");
    // UDP is not believed for a while.
    assert_int_equal(tree_resolve(tree, "g2.example.test.", TYPE_A), 1);
    assert_int_equal(tree->tcp_packets, 2);
}

// TuDoor: a malformed reply does not end the wait for the good one.
static void test_malformed_reply_is_passed_over(void **state)
{
    (void)state;
    ROW("192.0.2.3", "t.example.test.", TYPE_A, TREE_GARBLES,
        {"an t.example.test. A 198.51.100.3"});
    assert_int_equal(tree_resolve(tree, "t.example.test.", TYPE_A), 3);
    assert_int_equal(tree->verdicts[REPLY_IGNORED], 1);
    assert_answer(tree, "t.example.test. A 198.51.100.3");
}

// CVE-2025-11411, CVE-2025-40778: an answer brings other names, servers and DNAMEs along.
static void test_promiscuous_records(void **state)
{
    (void)state;
    ROW("192.0.2.3", "p.example.test.", TYPE_A, TREE_ANSWERS,
        {"an p.example.test. A 198.51.100.3", "an www.other.test. A 203.0.113.66",
         "an example.test. DNAME evil.test.", "au example.test. NS ns.evil.test.",
         "au test. NS ns.evil.test.", "ad ns.evil.test. A 203.0.113.66",
         "ad ns.example.test. A 203.0.113.66"});
    ROW("192.0.2.3", "q.example.test.", TYPE_A, TREE_ANSWERS,
        {"an q.example.test. A 198.51.100.4"});
    tree_resolve(tree, "p.example.test.", TYPE_A);
    assert_answer(tree, "p.example.test. A 198.51.100.3");
    assert_int_equal(tree_resolve(tree, "q.example.test.", TYPE_A), 1); // of the old server
    assert_answer(tree, "q.example.test. A 198.51.100.4");
    tree_resolve(tree, "www.other.test.", TYPE_A);
    assert_answer(tree, "www.other.test. A 198.51.100.4");
}

// Glue for a name outside the zone that was asked is looked up where it belongs.
static void test_cousin_glue_is_resolved_afresh(void **state)
{
    (void)state;
    ROW("192.0.2.1", "lab.", 0, TREE_REFERS, {"au lab. NS ns.lab.", "ad ns.lab. A 192.0.2.20"});
    ROW("192.0.2.20", "c.lab.", 0, TREE_REFERS,
        {"au c.lab. NS www.other.test.", "ad www.other.test. A 203.0.113.66"});
    ROW("192.0.2.20", "ns.lab.", TYPE_A, TREE_ANSWERS, {"an ns.lab. A 192.0.2.20"});
    ROW("198.51.100.4", "x.c.lab.", TYPE_A, TREE_ANSWERS, {"an x.c.lab. A 198.51.100.8"});
    tree_resolve(tree, "x.c.lab.", TYPE_A);
    assert_answer(tree, "x.c.lab. A 198.51.100.8");
    // And glue never answers a client.
    assert_int_equal(tree_resolve(tree, "ns.lab.", TYPE_A), 1);
}

static void test_glue_to_nowhere_is_not_asked(void **state)
{
    (void)state;
    ROW("192.0.2.2", "n.test.", 0, TREE_REFERS,
        {"au n.test. NS a.n.test.", "ad a.n.test. A 0.0.0.0", "ad a.n.test. A 127.0.0.1",
         "ad a.n.test. A 224.0.0.1", "ad a.n.test. AAAA ::1", "ad a.n.test. AAAA ::",
         "ad a.n.test. AAAA ff02::1", "ad a.n.test. AAAA ::ffff:127.0.0.1"});
    assert_int_equal(tree_resolve(tree, "www.n.test.", TYPE_A), 2);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "no server of n.test. has an address that may be asked");
}

// --- forwarders ----------------------------------------------------------------------------------

// MaginotDNS: what a forwarder says is true at and below its zone, and nowhere else.
static void test_forwarder_speaks_for_its_zone_only(void **state)
{
    (void)state;
    struct delegation *zone = rules_add_zone(tree->rules, name_of("corp.test."), true);
    struct address forwarder = address_of("192.0.2.50");
    delegation_add_address(zone, &forwarder, DELEGATION_NO_HOST);
    ROW("192.0.2.50", "a.corp.test.", TYPE_A, TREE_FORWARDS,
        {"an a.corp.test. CNAME www.other.test.", "an www.other.test. A 203.0.113.66",
         "au other.test. NS ns.evil.test.", "au test. NS ns.evil.test."});
    ROW("192.0.2.50", "b.corp.test.", TYPE_A, TREE_FORWARDS, {"an b.corp.test. A 10.0.0.1"});
    assert_int_equal(tree_resolve(tree, "b.corp.test.", TYPE_A), 1);
    assert_answer(tree, "b.corp.test. A 10.0.0.1");
    assert_int_equal(tree_resolve(tree, "b.corp.test.", TYPE_A), 0); // kept, under its source
    tree_resolve(tree, "a.corp.test.", TYPE_A);
    assert_answer(tree, "a.corp.test. CNAME www.other.test.|www.other.test. A 198.51.100.4");
    tree_resolve(tree, "www.other.test.", TYPE_A);
    assert_answer(tree, "www.other.test. A 198.51.100.4");
}

static void test_forwarder_gets_recursion_desired(void **state)
{
    (void)state;
    struct ask ask;
    struct address forwarder = address_of("192.0.2.50");
    rules_set_root(tree->rules, true);
    rules_add_root_server(tree->rules, NAME_ROOT, &forwarder);
    assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, 1), RESOLVE_WAITING);
    assert_true(resolver_next_ask(tree->resolver, &ask));
    assert_true(bytes_get16(ask.octets + 2) & FLAG_RD);
    assert_true(address_equal(&ask.server, &forwarder));
    resolver_forget(tree->resolver, 1);
    assert_true(resolver_next_ask(tree->resolver, &ask));
    assert_int_equal(ask.kind, ASK_CANCEL);
}

// --- delegations ---------------------------------------------------------------------------------

// Ghost domains: taken away by the parent, and kept alive by the child.
static void test_ghost_domain(void **state)
{
    (void)state;
    ROW("192.0.2.2", "ghost.test.", 0, TREE_REFERS,
        {"au60 ghost.test. NS ns.ghost.test.", "ad60 ns.ghost.test. A 192.0.2.30"}, .only = 1);
    ROW("192.0.2.2", "ghost.test.", 0, TREE_DENIES,
        {"au test. SOA ns.nic.test. h.test. 1 2 3 4 600"});
    ROW("192.0.2.2", "x.ghost.test.", 0, TREE_DENIES,
        {"au test. SOA ns.nic.test. h.test. 1 2 3 4 600"});
    ROW("192.0.2.2", "y.sub.ghost.test.", 0, TREE_DENIES,
        {"au test. SOA ns.nic.test. h.test. 1 2 3 4 600"});
    // The child says of itself that it lives long, and makes a zone below that lives long as well.
    ROW("192.0.2.30", "sub.ghost.test.", 0, TREE_REFERS,
        {"au86400 sub.ghost.test. NS ns.ghost.test.", "ad86400 ns.ghost.test. A 192.0.2.30"});
    ROW("192.0.2.30", "w.sub.ghost.test.", 0, TREE_ANSWERS,
        {"an w.sub.ghost.test. A 203.0.113.66"});
    ROW("192.0.2.30", NULL, TYPE_NS, TREE_ANSWERS,
        {"an86400 ghost.test. NS ns.ghost.test.", "ad86400 ns.ghost.test. A 192.0.2.30"});
    ROW("192.0.2.30", "x.ghost.test.", 0, TREE_ANSWERS,
        {"an5 x.ghost.test. A 203.0.113.66", "au86400 ghost.test. NS ns.ghost.test.",
         "ad86400 ns.ghost.test. A 192.0.2.30"});
    tree_resolve(tree, "x.ghost.test.", TYPE_A);
    assert_answer(tree, "x.ghost.test. A 203.0.113.66");
    tree_resolve(tree, "ghost.test.", TYPE_NS);
    tree_resolve(tree, "w.sub.ghost.test.", TYPE_A);
    assert_answer(tree, "w.sub.ghost.test. A 203.0.113.66");
    tree->now_us += (uint64_t)61 * 1000000;
    tree_resolve(tree, "x.ghost.test.", TYPE_A);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
    tree_resolve(tree, "y.sub.ghost.test.", TYPE_A);
    assert_int_equal(tree->last.rcode, RCODE_NXDOMAIN);
}

// NXNSAttack: a referral to many names in a victim's zone.
static void test_nxns_attack(void **state)
{
    (void)state;
    struct tree_row *row = ROW("192.0.2.2", "nx.test.", 0, TREE_REFERS, {NULL});
    static char records[20][64];
    for (unsigned i = 0; i < COUNT(records); i++) {
        snprintf(records[i], sizeof records[i], "au nx.test. NS n%u.other.test.", i);
        row->records[i] = records[i];
    }
    ROW("192.0.2.4", NULL, 0, TREE_DENIES,
        {"au other.test. SOA ns.other.test. h.other.test. 1 2 3 4 600"});
    assert_in_range(tree_resolve(tree, "www.nx.test.", TYPE_A), 3, 10);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

// NRDelegation: the same with as many names as a message holds.
static void test_nrdelegation(void **state)
{
    (void)state;
    ROW("192.0.2.2", "nr.test.", 0, TREE_REFERS, {NULL}, .many_ns = 1500);
    ROW("192.0.2.4", NULL, 0, TREE_DENIES,
        {"au other.test. SOA ns.other.test. h.other.test. 1 2 3 4 600"});
    assert_in_range(tree_resolve(tree, "www.nr.test.", TYPE_A), 3, 20);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

// CAMP: aliases, servers without addresses and names of many labels, one on top of the other.
static void test_camp(void **state)
{
    (void)state;
    static char texts[12][3][800], names[12][60], zones[12][20];
    for (unsigned i = 0; i < 12; i++) {
        snprintf(zones[i], sizeof zones[i], "z%u.test.", i);
        snprintf(names[i], sizeof names[i], "a.b.c.d.e.f.g.h.z%u.test.", i);
        snprintf(texts[i][0], sizeof texts[i][0], "au %s NS n%u.other.test.", zones[i], i);
        snprintf(texts[i][1], sizeof texts[i][1], "au %s NS m%u.other.test.", zones[i], i);
        snprintf(texts[i][2], sizeof texts[i][2], "an %s CNAME a.b.c.d.e.f.g.h.z%u.test.", names[i],
                 i + 1);
        ROW("192.0.2.2", zones[i], 0, TREE_REFERS, {texts[i][0], texts[i][1]});
        ROW("192.0.2.50", names[i], 0, TREE_ANSWERS, {texts[i][2]});
    }
    ROW("192.0.2.50", NULL, 0, TREE_ANSWERS, {NULL});
    static char hosts[24][2][80];
    for (unsigned i = 0; i < 24; i++) {
        snprintf(hosts[i][0], sizeof hosts[i][0], "%c%u.other.test.", i % 2 ? 'm' : 'n', i / 2);
        snprintf(hosts[i][1], sizeof hosts[i][1], "an %.60s A 192.0.2.50", hosts[i][0]);
        ROW("192.0.2.4", hosts[i][0], 0, TREE_ANSWERS, {hosts[i][1]});
    }
    assert_in_range(tree_resolve(tree, names[0], TYPE_A), 20, 50);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

// TsuNAME: two zones whose servers are in each other.
static void test_cyclic_servers(void **state)
{
    (void)state;
    ROW("192.0.2.2", "a.test.", 0, TREE_REFERS,
        {"au a.test. NS ns.b.test.", "au a.test. NS ns2.b.test."});
    ROW("192.0.2.2", "b.test.", 0, TREE_REFERS,
        {"au b.test. NS ns.a.test.", "au b.test. NS ns2.a.test."});
    assert_in_range(tree_resolve(tree, "www.a.test.", TYPE_A), 2, 20);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    tree->now_us += 4000000;
    assert_int_equal(tree_resolve(tree, "www.a.test.", TYPE_A), 0);
    assert_int_equal(tree_resolve(tree, "www2.a.test.", TYPE_A), 0);
}

// Self-pointed and duplicate glue: an address is asked for what it is, once.
static void test_duplicate_glue(void **state)
{
    (void)state;
    ROW("192.0.2.2", "dup.test.", 0, TREE_REFERS,
        {"au dup.test. NS a.dup.test.", "au dup.test. NS b.dup.test.",
         "au dup.test. NS c.dup.test.", "ad a.dup.test. A 192.0.2.2", "ad b.dup.test. A 192.0.2.2",
         "ad c.dup.test. A 192.0.2.2"});
    ROW("192.0.2.2", "www.dup.test.", 0, TREE_REFERS,
        {"au dup.test. NS a.dup.test.", "ad a.dup.test. A 192.0.2.2"});
    assert_in_range(tree_resolve(tree, "www.dup.test.", TYPE_A), 2, 17);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

// --- aliases -------------------------------------------------------------------------------------

static void test_cname_loop(void **state)
{
    (void)state;
    ROW("192.0.2.3", "l1.example.test.", 0, TREE_ANSWERS,
        {"an l1.example.test. CNAME l2.example.test."});
    ROW("192.0.2.3", "l2.example.test.", 0, TREE_ANSWERS,
        {"an l2.example.test. CNAME l3.example.test."});
    ROW("192.0.2.3", "l3.example.test.", 0, TREE_ANSWERS,
        {"an l3.example.test. CNAME l1.example.test."});
    assert_in_range(tree_resolve(tree, "l1.example.test.", TYPE_A), 3, 13);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "the aliases of this name go in a circle");
    assert_int_equal(tree_resolve(tree, "l1.example.test.", TYPE_A), 0);
}

static void test_endless_chain(void **state)
{
    (void)state;
    static char texts[30][80], names[30][32];
    for (unsigned i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "c%u.example.test.", i);
        snprintf(texts[i], sizeof texts[i], "an c%u.example.test. CNAME c%u.example.test.", i,
                 i + 1);
        ROW("192.0.2.3", names[i], 0, TREE_ANSWERS, {texts[i]});
    }
    assert_in_range(tree_resolve(tree, "c0.example.test.", TYPE_A), 5, 13);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "too many aliases, one after the other");
}

static void test_dname_loop(void **state)
{
    (void)state;
    ROW("192.0.2.3", NULL, 0, TREE_ANSWERS, {"an d.example.test. DNAME a.d.example.test."});
    assert_in_range(tree_resolve(tree, "x.d.example.test.", TYPE_A), 3, 13);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
}

// --- floods --------------------------------------------------------------------------------------

// RebirthDay: equal questions are one walk, whoever asks them.
static void test_thousand_equal_questions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(tree_want(tree, "www.example.test.", TYPE_A, i), RESOLVE_WAITING);
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->packets, 3);
    assert_int_equal(tree->resolved_count, 1000);
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.joined, 999);
}

static enum resolve_result want_proven(const char *name, uint64_t token,
                                       const struct address *client, bool proven)
{
    struct want want = {
        .name = name_of(name), .type = TYPE_A, .token = token, .client = client, .proven = proven};
    return resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer);
}

static enum resolve_result want_of(const char *name, uint64_t token, const struct address *client)
{
    return want_proven(name, token, client, false);
}

static void test_one_client_waits_a_limited_number_of_times(void **state)
{
    (void)state;
    struct address client = address_of("10.0.0.1"), other = address_of("10.0.0.2");
    for (unsigned i = 0; i < CLIENT_WAITERS_MAX; i++)
        want_of("www.example.test.", i, &client);
    want_of("www.example.test.", 5000, &client);
    struct resolved resolved;
    assert_true(resolver_next_resolved(tree->resolver, &resolved));
    assert_int_equal(resolved.token, 5000);
    assert_null(resolved.answer);
    assert_false(resolver_next_resolved(tree->resolver, &resolved));
    want_of("www.example.test.", 5001, &other);
    assert_false(resolver_next_resolved(tree->resolver, &resolved));
    tree_run_until(tree, UINT64_MAX);
    assert_int_equal(tree->resolved_count, CLIENT_WAITERS_MAX + 1);
}

// DNSBomb (CVE-2024-33655): what one client piled up does not come all at once.
// `given`: of 100.
static void pile_up(bool proven, unsigned *given)
{
    struct address client = address_of("10.0.0.1");
    ROW("192.0.2.3", "slow.example.test.", 0, TREE_ANSWERS,
        {"an slow.example.test. A 198.51.100.3"}, .delay_us = 2500000);
    for (unsigned i = 0; i < 100; i++)
        want_proven("slow.example.test.", i, &client, proven);
    unsigned answered = 0, dropped = 0;
    uint64_t end = tree->now_us + 8000000;
    while (tree->now_us < end) {
        struct resolved resolved;
        while (resolver_next_resolved(tree->resolver, &resolved))
            *(resolved.answer ? &answered : &dropped) += 1;
        tree->now_us += 1000;
        resolver_tick(tree->resolver, tree->now_us);
        tree_take_asks(tree);
        for (unsigned i = 0; i < 16; i++)
            if (tree->flights[i].used && tree->flights[i].due_us <= tree->now_us)
                tree_reply(tree, &tree->flights[i]);
    }
    assert_int_equal(answered + dropped, 100);
    *given = answered;
}

static void test_pile_of_late_answers_is_dropped(void **state)
{
    (void)state;
    unsigned given;
    pile_up(false, &given);
    assert_in_range(given, 1, LATE_WAITERS_MAX);
}

// Who cannot be somebody else has asked for all of it.
static void test_pile_of_one_who_is_there_is_given(void **state)
{
    (void)state;
    unsigned given;
    pile_up(true, &given);
    assert_int_equal(given, 100);
}

// --- budgets -------------------------------------------------------------------------------------

static void test_time_is_limited(void **state)
{
    (void)state;
    // Each zone's server refers one zone down, after a second.
    static char owners[20][200], texts[20][2][256];
    snprintf(owners[0], sizeof owners[0], "deep.test.");
    for (unsigned i = 0; i < 12; i++) {
        if (i)
            snprintf(owners[i], sizeof owners[i], "z%u.%.150s", i, owners[i - 1]);
        snprintf(texts[i][0], sizeof texts[i][0], "au %.110s NS ns.%.110s", owners[i], owners[i]);
        snprintf(texts[i][1], sizeof texts[i][1], "ad ns.%.150s A 192.0.2.2", owners[i]);
        ROW("192.0.2.2", owners[i], 0, TREE_REFERS, {texts[i][0], texts[i][1]}, .delay_us = 900000);
    }
    uint64_t began = tree->now_us;
    assert_int_equal(tree_want(tree, owners[11], TYPE_A, 1), RESOLVE_WAITING);
    tree_run_until(tree, began + BUDGET_TIME_MS * 1000 - 100000);
    assert_int_equal(tree->resolved_count, 0);
    tree_run_until(tree, began + BUDGET_TIME_MS * 1000 + 1000);
    assert_int_equal(tree->resolved_count, 1);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
}

static void test_packets_are_limited(void **state)
{
    (void)state;
    tree->rules->packets_max = 5;
    ROW("192.0.2.2", "dead.test.", 0, TREE_REFERS,
        {"au dead.test. NS a.dead.test.", "ad a.dead.test. A 192.0.2.11",
         "ad a.dead.test. A 192.0.2.12"});
    assert_int_equal(tree_resolve(tree, "www.dead.test.", TYPE_A), 5);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_non_null(strstr(tree->last.text, "too many packets for one question: 192.0.2.1"));
    assert_non_null(strstr(tree->last.text, " timed out, 192.0.2.1"));
}

// What children spend is their parent's.
static void test_children_spend_their_parents_budget(void **state)
{
    (void)state;
    tree->rules->packets_max = 5; // one of them is the price of asking for a server's address
    ROW("192.0.2.2", "glueless.test.", 0, TREE_REFERS, {"au glueless.test. NS ns.other.test."});
    ROW("192.0.2.4", "ns.other.test.", TYPE_A, TREE_ANSWERS, {"an ns.other.test. A 192.0.2.7"});
    ROW("192.0.2.7", "www.glueless.test.", TYPE_A, TREE_ANSWERS,
        {"an www.glueless.test. A 198.51.100.7"});
    assert_int_equal(tree_resolve(tree, "www.glueless.test.", TYPE_A), 4);
    assert_int_equal(tree->last.rcode, RCODE_SERVFAIL);
    assert_string_equal(tree->last.text, "too many packets for one question");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        walk(test_near_miss_goes_to_tcp),
        walk(test_malformed_reply_is_passed_over),
        walk(test_promiscuous_records),
        walk(test_cousin_glue_is_resolved_afresh),
        walk(test_glue_to_nowhere_is_not_asked),
        walk(test_forwarder_speaks_for_its_zone_only),
        walk(test_forwarder_gets_recursion_desired),
        walk(test_ghost_domain),
        walk(test_nxns_attack),
        walk(test_nrdelegation),
        walk(test_camp),
        walk(test_cyclic_servers),
        walk(test_duplicate_glue),
        walk(test_cname_loop),
        walk(test_endless_chain),
        walk(test_dname_loop),
        walk(test_thousand_equal_questions),
        walk(test_one_client_waits_a_limited_number_of_times),
        walk(test_pile_of_late_answers_is_dropped),
        walk(test_pile_of_one_who_is_there_is_given),
        walk(test_time_is_limited),
        walk(test_packets_are_limited),
        walk(test_children_spend_their_parents_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
