// Updates on a draft: the order of the checks, what is allowed, and that a refused message changes
// nothing. (What each prerequisite and change means is asked of the whole daemon by
// test/system/test_update.py.)
#include "../dns/packet.h"
#include "../zone/from_text.h"

#include "transfer/update.h"

static struct query_packet message;

static void begin(void)
{
    packet_begin(&message, 1, OPCODE_UPDATE << 11);
    packet_question(&message, "example.", TYPE_SOA, CLASS_IN);
}

// tidy: allow parameters: those of a record, which is what it puts
static void put(enum section section, const char *owner, unsigned type, unsigned class,
                uint32_t ttl, const char *rdata, size_t size)
{
    packet_record(&message, &(struct packet_record){section, owner, type, class, ttl, rdata, size});
}

static void add_address(const char *owner)
{
    put(SECTION_AUTHORITY, owner, TYPE_A, CLASS_IN, 60, "\xc0\0\2\1", 4);
}

#define ZONE_TEXT APEX "www A 192.0.2.1\nwww A 192.0.2.2\nc CNAME www\n"

// The RCODE, and how many records went and came.
static void check(const struct update_policy *policy, uint64_t admitted, enum rcode rcode,
                  size_t removed, size_t added)
{
    struct zone *zone = zone_from_text("example.", ZONE_TEXT);
    struct draft draft;
    struct diff diff;
    struct update_outcome outcome;
    struct update_request request = {message.octets, message.size, policy, admitted};
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    update_apply(&draft, &request, &outcome);
    assert_string_equal(rcode_word(outcome.rcode), rcode_word(rcode));
    draft_take(&draft, &diff);
    assert_int_equal(diff.removed.count, removed);
    assert_int_equal(diff.added.count, added);
    diff_free(&diff);
    draft_free(&draft);
    zone_release(zone);
}

static void all_or_nothing(void **state)
{
    struct update_policy *policy = update_policy_make(1);
    (void)state;
    begin();
    add_address("a.example.");
    add_address("b.example.");
    check(policy, 1, RCODE_NOERROR, 0, 2);
    check(policy, 0, RCODE_REFUSED, 0, 0);
    add_address("b.elsewhere.");
    check(policy, 1, RCODE_NOTZONE, 0, 0);
    begin();
    add_address("a.example.");
    put(SECTION_AUTHORITY, "b.example.", TYPE_A, CLASS_IN, 60, "\xc0\0\2", 3);
    check(policy, 1, RCODE_FORMERR, 0, 0);
    begin();
    add_address("a.example.");
    message.size -= 1;
    check(policy, 1, RCODE_FORMERR, 0, 0);
    update_policy_release(policy);
}

// RFC 2136 3.2 stands before 3.3: who may not change it is told what is there all the same.
static void prerequisites_first(void **state)
{
    struct update_policy *policy = update_policy_make(1);
    (void)state;
    begin();
    put(SECTION_ANSWER, "www.example.", TYPE_ANY, CLASS_NONE, 0, "", 0);
    add_address("a.example.");
    check(policy, 0, RCODE_YXDOMAIN, 0, 0);
    update_policy_release(policy);
}

static void values_are_whole_sets(void **state)
{
    struct update_policy *policy = update_policy_make(1);
    (void)state;
    begin();
    put(SECTION_ANSWER, "www.example.", TYPE_A, CLASS_IN, 0, "\xc0\0\2\2", 4);
    add_address("a.example.");
    check(policy, 1, RCODE_NXRRSET, 0, 0);
    begin();
    for (unsigned i = 0; i < 2; i++) { // twice the same is once
        put(SECTION_ANSWER, "www.example.", TYPE_A, CLASS_IN, 0, "\xc0\0\2\2", 4);
        put(SECTION_ANSWER, "WWW.example.", TYPE_A, CLASS_IN, 0, "\xc0\0\2\1", 4);
    }
    add_address("a.example.");
    check(policy, 1, RCODE_NOERROR, 0, 1);
    update_policy_release(policy);
}

static void rules(void **state)
{
    struct update_policy *policy = update_policy_make(3);
    struct name names[] = {name_of("*.d.example."), name_of("h.example.")};
    uint16_t types[] = {TYPE_A};
    static const struct {
        const char *owner;
        unsigned type, class;
        uint64_t admitted;
        bool allowed;
    } cases[] = {
        {"a.d.example.", TYPE_A, CLASS_ANY, 1, true},
        {"b.a.D.example.", TYPE_A, CLASS_ANY, 1, true},
        {"d.example.", TYPE_A, CLASS_ANY, 1, false},
        {"h.example.", TYPE_A, CLASS_ANY, 1, true},
        {"x.h.example.", TYPE_A, CLASS_ANY, 1, false},
        {"a.d.example.", TYPE_TXT, CLASS_ANY, 1, false},
        {"a.d.example.", TYPE_ANY, CLASS_ANY, 1, false}, // more than its types
        {"_acme-challenge.example.", TYPE_TXT, CLASS_ANY, 2, true},
        {"_ACME-challenge.x.example.", TYPE_TXT, CLASS_ANY, 2, true},
        {"_acme-challenge.example.", TYPE_ANY, CLASS_ANY, 2, false},
        {"_acme-challengex.example.", TYPE_TXT, CLASS_ANY, 2, false},
        {"x._acme-challenge.example.", TYPE_TXT, CLASS_ANY, 2, false},
        {"example.", TYPE_TXT, CLASS_ANY, 2, false},
        {"example.", TYPE_TXT, CLASS_ANY, 4, true},
        {"a.d.example.", TYPE_TXT, CLASS_ANY, 3, false}, // neither rule has both
        {"a.d.example.", TYPE_TXT, CLASS_ANY, 5, true},
        {"www.example.", TYPE_RRSIG, CLASS_ANY, 7, false},
        {"www.example.", TYPE_NSEC3, CLASS_ANY, 7, false},
    };
    (void)state;
    policy->rules[0] =
        (struct update_rule){.names = names, .name_count = 2, .types = types, .type_count = 1};
    policy->rules[1].acme = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin();
        put(SECTION_AUTHORITY, cases[i].owner, cases[i].type, cases[i].class, 0, "", 0);
        check(policy, cases[i].admitted, cases[i].allowed ? RCODE_NOERROR : RCODE_REFUSED, 0, 0);
    }
    update_policy_release(policy);
}

static void whole_names(void **state)
{
    struct update_policy *policy = update_policy_make(1);
    (void)state;
    begin();
    put(SECTION_AUTHORITY, "www.example.", TYPE_ANY, CLASS_ANY, 0, "", 0);
    check(policy, 1, RCODE_NOERROR, 2, 0);
    begin();
    put(SECTION_AUTHORITY, "example.", TYPE_ANY, CLASS_ANY, 0, "", 0);
    put(SECTION_AUTHORITY, "c.example.", TYPE_CNAME, CLASS_ANY, 0, "", 0);
    add_address("c.example."); // nothing is in its way any more
    check(policy, 1, RCODE_NOERROR, 1, 1);
    update_policy_release(policy);
}

static void whose_zone(void **state)
{
    struct message cursor;
    struct message_record zone;
    (void)state;
    begin();
    assert_true(message_open(&cursor, message.octets, message.size));
    assert_true(update_zone(&cursor, &zone));
    assert_true(name_equal(zone.owner, name_of("example.")));
    packet_begin(&message, 1, OPCODE_UPDATE << 11);
    packet_question(&message, "example.", TYPE_A, CLASS_IN);
    assert_true(message_open(&cursor, message.octets, message.size));
    assert_false(update_zone(&cursor, &zone));
    packet_begin(&message, 1, OPCODE_UPDATE << 11);
    assert_true(message_open(&cursor, message.octets, message.size));
    assert_false(update_zone(&cursor, &zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_or_nothing),        cmocka_unit_test(prerequisites_first),
        cmocka_unit_test(values_are_whole_sets), cmocka_unit_test(rules),
        cmocka_unit_test(whole_names),           cmocka_unit_test(whose_zone),
    };
    return cmocka_run_group_tests_name("transfer/update", tests, NULL, NULL);
}
