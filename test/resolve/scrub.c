// What is kept of a reply, and at what rank.
#include "replies.h"

#include "resolve/scrub.h"

static struct scrub scrub;

static void scrub_of(struct reply_text text, const char *zone, bool recursive)
{
    struct classify_question question = {{name_of(text.name), text.type, name_of(zone)}, recursive};
    static struct classified classified;
    const struct heard *heard = reply_of(&text);
    classify(heard, &question, &classified);
    scrub_answer(heard, &question, &classified, &scrub);
}

static void assert_kept(unsigned index, const char *owner, uint16_t type, enum cache_rank rank,
                        const char *records)
{
    char text[2000] = "";
    assert_in_range(index, 0, scrub.count - 1);
    const struct kept *kept = &scrub.kept[index];
    assert_name(kept->owner, owner);
    assert_int_equal(kept->type, type);
    assert_int_equal(kept->rank, rank);
    if (kept->rrset)
        rrset_print(kept->rrset, text, sizeof text);
    assert_string_equal(text, records);
}

static void test_own_chain_is_kept(void **state)
{
    (void)state;
    scrub_of(
        (struct reply_text){FLAG_AA,
                            "w.x.",
                            TYPE_A,
                            {"an w.x. CNAME b.x.", "an60 b.x. A 192.0.2.2", "an30 b.x. A 192.0.2.1",
                             "an b.x. A 192.0.2.1", "an evil.x. A 203.0.113.66",
                             "au x. NS ns.evil.", "ad ns.evil. A 203.0.113.66"}},
        "x.", false);
    assert_false(scrub.overflow);
    assert_int_equal(scrub.count, 2);
    assert_kept(0, "w.x.", TYPE_CNAME, RANK_AUTHORITATIVE, "b.x.");
    // In canonical order, equal ones once, the least TTL (RFC 2181 5).
    assert_kept(1, "b.x.", TYPE_A, RANK_AUTHORITATIVE, "192.0.2.1|192.0.2.2");
    assert_int_equal(scrub.kept[1].ttl_s, 30);
    assert_int_equal(scrub.kept[1].rrset->ttl, 30);
}

static void test_rank_without_authority(void **state)
{
    (void)state;
    struct reply_text text = {FLAG_RA, "w.x.", TYPE_A, {"an w.x. A 192.0.2.2"}};
    scrub_of(text, ".", true);
    assert_kept(0, "w.x.", TYPE_A, RANK_ANSWER, "192.0.2.2");
    text.flags = FLAG_AA; // a forwarder's word for it
    scrub_of(text, ".", true);
    assert_kept(0, "w.x.", TYPE_A, RANK_ANSWER, "192.0.2.2");
}

static void test_signatures_go_along(void **state)
{
    (void)state;
    scrub_of(
        (struct reply_text){FLAG_AA,
                            "w.x.",
                            TYPE_A,
                            {"an w.x. RRSIG MX 13 2 3600 20300101000000 20200101000000 1 x. AAEC",
                             "an w.x. RRSIG A 13 2 3600 20300101000000 20200101000000 1 x. AAEC",
                             "an w.x. A 192.0.2.2"}},
        "x.", false);
    assert_int_equal(scrub.count, 1);
    assert_int_equal(scrub.kept[0].rrset->count, 1);
    assert_int_equal(scrub.kept[0].rrset->signatures, 1);
}

static void test_denials(void **state)
{
    (void)state;
    struct reply_text text = {
        FLAG_AA | RCODE_NXDOMAIN, "a.w.x.", TYPE_A, {"au900 x. SOA ns.x. h.x. 1 2 3 4 600"}};
    scrub_of(text, "x.", false);
    assert_int_equal(scrub.count, 1);
    assert_int_equal(scrub.kept[0].kind, CACHE_NXDOMAIN);
    assert_kept(0, "a.w.x.", TYPE_A, RANK_AUTHORITY, "ns.x. h.x. 1 2 3 4 600");
    assert_name(scrub.kept[0].soa_owner, "x.");
    assert_int_equal(scrub.kept[0].ttl_s, 600); // RFC 2308 5
    text.flags = FLAG_AA;
    text.records[0] = "au60 x. SOA ns.x. h.x. 1 2 3 4 600";
    scrub_of(text, "x.", false);
    assert_int_equal(scrub.kept[0].kind, CACHE_NODATA);
    assert_int_equal(scrub.kept[0].ttl_s, 60);
    text.records[0] = NULL;
    scrub_of(text, "x.", false);
    assert_null(scrub.kept[0].rrset);
    assert_int_equal(scrub.kept[0].ttl_s, 0);
}

static void test_malformed_rdata(void **state)
{
    (void)state;
    struct reply_text text = {FLAG_AA, "w.x.", TYPE_A, {"an w.x. TXT 123"}};
    static uint8_t reply[MESSAGE_MAX];
    static struct heard heard;
    struct classify_question question = {{name_of("w.x."), TYPE_A, name_of("x.")}, false};
    static struct classified classified;
    size_t size = reply_write(&text, reply);
    reply[size - 4 - 2 - 8 + 1] = TYPE_A; // now an A of four octets; then of three
    assert_true(heard_read(&heard, reply, size, &test_secret));
    classify(&heard, &question, &classified);
    scrub_answer(&heard, &question, &classified, &scrub);
    assert_false(scrub.overflow);
    reply[size - 4 - 1] = 3;
    assert_true(heard_read(&heard, reply, size - 1, &test_secret));
    classify(&heard, &question, &classified);
    scrub_answer(&heard, &question, &classified, &scrub);
    assert_true(scrub.overflow);
}

static void test_any_keeps_each_type_once(void **state)
{
    (void)state;
    scrub_of((struct reply_text){FLAG_AA,
                                 "w.x.",
                                 TYPE_ANY,
                                 {"an w.x. A 192.0.2.2", "an w.x. MX 1 m.x.", "an w.x. A 192.0.2.1",
                                  "an v.x. A 192.0.2.3"}},
             "x.", false);
    assert_int_equal(scrub.count, 2);
    assert_kept(0, "w.x.", TYPE_A, RANK_AUTHORITATIVE, "192.0.2.1|192.0.2.2");
    assert_kept(1, "w.x.", TYPE_MX, RANK_AUTHORITATIVE, "1 m.x.");
}

static void test_referral(void **state)
{
    (void)state;
    struct delegation found;
    const struct heard *heard = reply_of(&(struct reply_text){
        0,
        "w.x.t.",
        TYPE_A,
        {"au600 x.t. NS ns.x.t.", "au300 x.t. NS ns.s.t.", "au x.t. NS ns.other.", "au t. NS ns.t.",
         "ad ns.x.t. A 192.0.2.1", "ad ns.x.t. AAAA 2001:db8::1", "ad ns.s.t. A 192.0.2.2",
         "ad ns.other. A 203.0.113.66", "ad ns.t. A 192.0.2.9", "ad ns.x.t. A 192.0.2.1"}});
    assert_true(scrub_referral(heard, name_of("t."), name_of("x.t."), &scrub, &found));
    assert_name(found.cut, "x.t.");
    assert_int_equal(found.host_count, 3);
    assert_int_equal(found.ttl_s, 300);
    // Of the hosts below the zone that was asked; others' addresses are looked up (cousins).
    assert_int_equal(found.address_count, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_not_equal(found.addresses[i].host, 2);
    assert_false(scrub_referral(heard, name_of("t."), name_of("y.t."), &scrub, &found));
}

// NRDelegation: so many names and no more.
static void test_hosts_are_limited(void **state)
{
    (void)state;
    struct delegation found;
    static char records[15][40];
    struct reply_text text = {0, "w.x.", TYPE_A, {NULL}};
    for (unsigned i = 0; i < 15; i++) {
        snprintf(records[i], sizeof records[i], "au x. NS n%u.x.", i);
        text.records[i] = records[i];
    }
    assert_true(scrub_referral(reply_of(&text), NAME_ROOT, name_of("x."), &scrub, &found));
    assert_int_equal(found.host_count, DELEGATION_HOSTS_MAX);
}

static void test_priming(void **state)
{
    (void)state;
    struct delegation root;
    struct reply_text text = {FLAG_AA, ".", TYPE_NS, {"an . NS a.root.", "ad a.root. A 192.0.2.1"}};
    assert_true(scrub_priming(reply_of(&text), &scrub, &root));
    assert_int_equal(root.address_count, 1);
    text.records[1] = NULL;
    assert_false(scrub_priming(reply_of(&text), &scrub, &root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_chain_is_kept),
        cmocka_unit_test(test_rank_without_authority),
        cmocka_unit_test(test_signatures_go_along),
        cmocka_unit_test(test_denials),
        cmocka_unit_test(test_malformed_rdata),
        cmocka_unit_test(test_any_keeps_each_type_once),
        cmocka_unit_test(test_referral),
        cmocka_unit_test(test_hosts_are_limited),
        cmocka_unit_test(test_priming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
