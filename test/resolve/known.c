// Answers from the cache: chains, denials, failures, stale data, what may not answer.
#include "../dns/rrsets.h"

#include "base/epoch.h"
#include "resolve/known.h"

static struct cache *cache;
static struct rules *rules;
static struct answer answer;
static struct name next;
static uint32_t now_s;

static int set_up(void **state)
{
    (void)state;
    struct cache_options options = {.octets = 4 * 1024 * 1024,
                                    .max_ttl_s = 86400,
                                    .negative_ttl_s = 3600,
                                    .stale_s = 86400,
                                    .secret = test_secret};
    epoch_join();
    cache = cache_open(&options);
    rules = rules_make();
    now_s = 1000;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rules_release(rules);
    epoch_leave();
    cache_close(cache);
    return 0;
}

static void put(struct cache_put put, const char *owner, uint16_t type, uint16_t source)
{
    struct name_key key;
    put.owner = name_of(owner);
    put.ttl_s = put.ttl_s ? put.ttl_s : 600;
    name_key_make(put.owner, &test_secret, &key);
    struct cache_key where = {&key, key.labels, type, source};
    assert_int_equal(cache_put(cache, &where, &put, now_s), CACHE_STORED);
}

static void put_rrset(const char *owner, uint16_t type, const char *rdata, uint32_t ttl)
{
    struct rrset *rrset = rrset_of(type, rdata, NULL, NULL);
    put(
        (struct cache_put){
            .kind = CACHE_RRSET, .rank = RANK_AUTHORITATIVE, .ttl_s = ttl, .rrset = rrset},
        owner, type, 0);
    free(rrset);
}

static void put_denial(const char *owner, uint16_t type, enum cache_kind kind)
{
    struct rrset *soa = rrset_of(TYPE_SOA, "ns.x. h.x. 1 2 3 4 600", NULL, NULL);
    put(
        (struct cache_put){
            .kind = kind, .rank = RANK_AUTHORITY, .rrset = soa, .soa_owner = name_of("x.")},
        owner, type, 0);
    free(soa);
}

static enum known_result ask(const char *name, uint16_t type, bool dnssec_ok, bool stale)
{
    static struct name_key key;
    struct known_question question = {.key = &key,
                                      .secret = &test_secret,
                                      .name = name_of(name),
                                      .type = type,
                                      .dnssec_ok = dnssec_ok,
                                      .accept_stale = stale};
    name_key_make(question.name, &test_secret, &key);
    answer_begin(&answer);
    return known_answer(cache, rules, &question, now_s, &answer, &next);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_int_equal(ask("www.x.", TYPE_A, false, false), KNOWN_NOTHING);
    assert_int_equal(ask("www.x.", TYPE_ANY, false, false), KNOWN_NOTHING);
    assert_int_equal(answer.count, 0);
}

static void test_answer_and_chain(void **state)
{
    (void)state;
    put_rrset("b.x.", TYPE_A, "192.0.2.1", 600);
    put_rrset("w.x.", TYPE_CNAME, "b.x.", 300);
    now_s += 100;
    assert_int_equal(ask("W.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.count, 2);
    assert_name(answer.rrsets[0].owner, "W.x."); // as asked
    assert_int_equal(answer.rrsets[0].ttl, 200);
    assert_name(answer.rrsets[1].owner, "b.x.");
    assert_int_equal(answer.rrsets[1].ttl, 500);
    assert_int_equal(answer.reason, REASON_RESOLVED);
    assert_int_equal(ask("w.x.", TYPE_CNAME, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.count, 1);
    assert_int_equal(ask("w.x.", TYPE_MX, false, false), KNOWN_PARTLY);
    assert_name(next, "b.x.");
    assert_int_equal(answer.count, 1);
}

static void test_denials(void **state)
{
    (void)state;
    put_denial("w.x.", TYPE_A, CACHE_NODATA);
    put_denial("no.x.", TYPE_A, CACHE_NXDOMAIN);
    assert_int_equal(ask("w.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    assert_name(answer.rrsets[0].owner, "x.");
    assert_int_equal(answer.rrsets[0].section, SECTION_AUTHORITY);
    assert_int_equal(answer.rrsets[0].ttl, 600);
    assert_int_equal(ask("w.x.", TYPE_MX, false, false), KNOWN_NOTHING);
    assert_int_equal(ask("no.x.", TYPE_MX, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_NXDOMAIN);
    assert_int_equal(ask("a.b.no.x.", TYPE_MX, false, false), KNOWN_ANSWER); // RFC 8020 2
    assert_int_equal(answer.rcode, RCODE_NXDOMAIN);
}

static void test_dname(void **state)
{
    (void)state;
    put_rrset("d.x.", TYPE_DNAME, "e.x.", 300);
    put_rrset("www.e.x.", TYPE_A, "192.0.2.1", 600);
    assert_int_equal(ask("www.d.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.count, 3);
    assert_int_equal(answer.rrsets[1].rrset->type, TYPE_CNAME);
    assert_int_equal(answer.rrsets[1].ttl, 300); // RFC 6672 3.1
    assert_name(name_trust(rrset_rdata(answer.rrsets[1].rrset->body)), "www.e.x.");
    assert_int_equal(ask("www.d.x.", TYPE_CNAME, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.count, 2);
    assert_int_equal(ask("d.x.", TYPE_A, false, false), KNOWN_NOTHING); // not its owner
}

static void test_dname_that_is_too_long(void **state)
{
    (void)state;
    char target[NAME_TEXT_MAX] = "", name[NAME_TEXT_MAX];
    for (unsigned i = 0; i < 120; i++)
        strcat(target, "a.");
    put_rrset("d.", TYPE_DNAME, target, 300);
    snprintf(name, sizeof name, "%.30sd.", target);
    assert_int_equal(ask(name, TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_YXDOMAIN); // RFC 6672 2.2
    assert_int_equal(answer.count, 1);
}

static void test_circles_and_endless_chains(void **state)
{
    (void)state;
    put_rrset("a.x.", TYPE_CNAME, "b.x.", 300);
    put_rrset("b.x.", TYPE_CNAME, "a.x.", 300);
    assert_int_equal(ask("a.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_SERVFAIL);
    assert_string_equal(answer.ede_text, "the aliases of this name go in a circle");
    for (unsigned i = 0; i < 20; i++) {
        char from[16], to[16];
        snprintf(from, sizeof from, "c%u.x.", i);
        snprintf(to, sizeof to, "c%u.x.", i + 1);
        put_rrset(from, TYPE_CNAME, to, 300);
    }
    assert_int_equal(ask("c0.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_SERVFAIL);
    assert_int_equal(answer.reason, REASON_FAILED);
}

static void put_failure(const char *owner)
{
    static const uint8_t payload[] = "\0\26nobody answered";
    put((struct cache_put){.kind = CACHE_FAILURE,
                           .rank = RANK_ANSWER,
                           .ttl_s = 5,
                           .payload = payload,
                           .payload_size = sizeof payload},
        owner, TYPE_A, 0);
}

static void test_failure(void **state)
{
    (void)state;
    put_failure("f.x.");
    assert_int_equal(ask("f.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_SERVFAIL);
    assert_int_equal(answer.ede, EDE_NO_REACHABLE_AUTHORITY);
    assert_string_equal(answer.ede_text, "nobody answered");
    now_s += 6;
    assert_int_equal(ask("f.x.", TYPE_A, false, false), KNOWN_NOTHING);
}

static void test_stale(void **state)
{
    (void)state;
    put_rrset("s.x.", TYPE_A, "192.0.2.1", 300);
    put_denial("n.x.", TYPE_A, CACHE_NXDOMAIN);
    now_s += 1000;
    assert_int_equal(ask("s.x.", TYPE_A, false, false), KNOWN_NOTHING);
    assert_int_equal(ask("s.x.", TYPE_A, false, true), KNOWN_STALE);
    assert_int_equal(answer.rrsets[0].ttl, STALE_TTL_S);
    assert_int_equal(answer.ede, EDE_STALE_ANSWER);
    assert_int_equal(ask("n.x.", TYPE_A, false, true), KNOWN_STALE);
    assert_int_equal(answer.ede, EDE_STALE_NXDOMAIN);
    // RFC 8767 5: it failed a moment ago, so nobody waits for it again.
    put_failure("s.x.");
    assert_int_equal(ask("s.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rcode, RCODE_SERVFAIL);
    rules->stale_s = 86400;
    assert_int_equal(ask("s.x.", TYPE_A, false, false), KNOWN_STALE);
}

static void test_glue_and_other_sources_do_not_answer(void **state)
{
    (void)state;
    struct rrset *rrset = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct cache_put glue = {.kind = CACHE_RRSET, .rank = RANK_ADDITIONAL, .rrset = rrset};
    put(glue, "g.x.", TYPE_A, 0);
    assert_int_equal(ask("g.x.", TYPE_A, false, false), KNOWN_NOTHING);
    glue.rank = RANK_ANSWER;
    struct rules *forwarding = rules_make(); // a zone's number is of its name
    uint16_t source = rules_add_zone(forwarding, name_of("corp."), true)->source;
    rules_release(forwarding);
    put(glue, "h.corp.", TYPE_A, source);
    assert_int_equal(ask("h.corp.", TYPE_A, false, false), KNOWN_NOTHING);
    assert_int_equal(rules_add_zone(rules, name_of("corp."), true)->source, source);
    assert_int_equal(ask("h.corp.", TYPE_A, false, false), KNOWN_ANSWER);
    free(rrset);
}

// What came without signatures is no answer for who wants them.
static void test_asked_for_without_dnssec(void **state)
{
    (void)state;
    struct rrset *rrset = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct cache_put plain = {.kind = CACHE_RRSET, .rank = RANK_AUTHORITATIVE, .rrset = rrset};
    put(plain, "w.x.", TYPE_A, 0);
    assert_int_equal(ask("w.x.", TYPE_A, true, false), KNOWN_NOTHING);
    plain.tag = KNOWN_TAG_DNSSEC;
    put(plain, "w.x.", TYPE_A, 0);
    assert_int_equal(ask("w.x.", TYPE_A, true, false), KNOWN_ANSWER);
    assert_int_equal(answer.rrsets[0].part, PART_SIGNED);
    assert_int_equal(ask("w.x.", TYPE_A, false, false), KNOWN_ANSWER);
    assert_int_equal(answer.rrsets[0].part, PART_DATA);
    free(rrset);
}

#define known(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        known(test_nothing),
        known(test_answer_and_chain),
        known(test_denials),
        known(test_dname),
        known(test_dname_that_is_too_long),
        known(test_circles_and_endless_chains),
        known(test_failure),
        known(test_stale),
        known(test_glue_and_other_sources_do_not_answer),
        known(test_asked_for_without_dnssec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
