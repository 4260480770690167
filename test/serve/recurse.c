// What is not ours: who may have it, what is answered at once, what waits and how it is answered
// then.
#include "recursing.h"

#define ZONE                                                                                       \
    "@ 60 SOA ns1 host 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\nout 60 CNAME www.other.\n"      \
    "sub 60 NS ns.sub\nns.sub 60 A 192.0.2.9\n"

// Has the resolver's first ask answered with an address, as a forwarder would.
static void answer_ask(const char *octets)
{
    struct ask ask;
    uint8_t reply[512];
    assert_true(resolver_next_ask(served.worker.resolver, &ask));
    size_t question = HEADER_SIZE;
    while (ask.octets[question])
        question += ask.octets[question] + 1u;
    size_t size = question + 5;
    memcpy(reply, ask.octets, size);
    bytes_put16(reply + 2, FLAG_QR | FLAG_RD | FLAG_RA);
    bytes_put16(reply + 6, 1);
    bytes_put16(reply + 10, 0);
    memcpy(reply + size, "\300\14\0\1\0\1\0\0\0\74\0\4", 12);
    memcpy(reply + size + 12, octets, 4);
    assert_int_equal(
        resolver_reply(served.worker.resolver, ask.number, reply, size + 16, SERVED_NOW_US + 1000),
        REPLY_TAKEN);
}

// onym_dns_responses_total{source}: who waited had it from other servers, who did not from the
// cache.
static void test_late_is_recursion_and_known_is_cache(void **state)
{
    (void)state;
    struct packet packet;
    struct late late;
    struct address forwarder;
    struct serve_now now = serve_now_of(SERVED_NOW_US + 1000, SERVED_DATE_S);
    open_with("example.", ZONE);
    assert_true(address_parse("192.0.2.53", 53, &forwarder));
    rules_set_root(served.server.rules, true);
    rules_add_root_server(served.server.rules, name_of("."), &forwarder);
    const struct stats *stats = &served.worker.stats;
    pose("www.other.", TYPE_A, FLAG_RD);
    assert_int_equal(submit(&packet), 0);
    answer_ask("\300\0\2\7");
    assert_true(serve_late(&served.server, &served.worker, &now, &late));
    assert_memory_equal(late.octets + late.size - 4, "\300\0\2\7", 4);
    assert_int_equal(stats->responses[STATS_RECURSION][RCODE_NOERROR], 1);
    assert_int_equal(stats->responses[STATS_CACHE][RCODE_NOERROR], 0);
    assert_int_equal(stats->cache_misses, 1);
    assert_int_equal(stats->cache_hits, 0);
    assert_true(submit(&packet) > 0);
    assert_int_equal(stats->responses[STATS_RECURSION][RCODE_NOERROR], 1);
    assert_int_equal(stats->responses[STATS_CACHE][RCODE_NOERROR], 1);
    assert_int_equal(stats->cache_misses, 1);
    assert_int_equal(stats->cache_hits, 1);
    pose("ns1.example.", TYPE_A, FLAG_RD); // ours is neither
    assert_true(submit(&packet) > 0);
    assert_int_equal(stats->responses[STATS_AUTH][RCODE_NOERROR], 1);
    assert_int_equal(stats->cache_hits + stats->cache_misses, 2);
    end();
}

static void test_access(void **state)
{
    (void)state;
    struct packet packet;
    open_with("example.", ZONE);
    assert_true(address_parse("192.0.2.77:1053", 53, &served.client));
    pose("www.other.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply) & 15, RCODE_REFUSED);
    assert_int_equal(flags_of(served.reply) & FLAG_RA, 0);
    pose("ns1.example.", TYPE_A, FLAG_RD); // ours is everybody's
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_AA | FLAG_RD);
    assert_true(address_parse("127.0.0.1:1053", 53, &served.client));
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_AA | FLAG_RD | FLAG_RA);
    end();
}

static void test_known_at_once(void **state)
{
    (void)state;
    struct packet packet;
    open_with("example.", ZONE);
    know("www.other.", "\300\0\2\7");
    pose("WWW.other.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_null(packet.deferral);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_RD | FLAG_RA);
    assert_int_equal(bytes_get16(served.reply + 6), 1);
    assert_memory_equal(served.reply + packet.size - 4, "\300\0\2\7", 4);
    assert_memory_equal(served.reply + 13, "WWW", 3); // in the client's case
    // Without RD too: it is here (RFC 1034 4.3.1).
    pose("www.other.", TYPE_A, 0);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_RA);
    pose("unknown.other.", TYPE_A, 0);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply) & 15, RCODE_REFUSED);
    end();
}

// A chain of aliases, known whole: one answer, at once.
static void test_known_aliases(void **state)
{
    (void)state;
    struct packet packet;
    open_with("example.", ZONE);
    know_rdata("a.other.", TYPE_CNAME, "\1b\5other", 9);
    know_rdata("b.other.", TYPE_CNAME, "\1C\5other", 9);
    know("c.other.", "\300\0\2\7");
    pose("A.other.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_null(packet.deferral);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_RD | FLAG_RA);
    assert_int_equal(bytes_get16(served.reply + 6), 3);
    assert_memory_equal(served.reply + packet.size - 4, "\300\0\2\7", 4);
    // Each owner is the name that was asked for, or that the alias before it names.
    static const char records[] = "\300\14\0\5\0\1\0\0\0\74\0\4\1b\300\16"
                                  "\300\45\0\5\0\1\0\0\0\74\0\4\1C\300\16"
                                  "\300\65\0\1\0\1\0\0\0\74\0\4\300\0\2\7";
    assert_memory_equal(served.reply + 25, records, sizeof records - 1);
    end();
}

// An alias of ours that leads out goes on in what is known, in one answer with AA.
static void test_alias_out_of_a_zone(void **state)
{
    (void)state;
    struct packet packet;
    open_with("example.", ZONE);
    know("www.other.", "\300\0\2\7");
    pose("out.example.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_AA | FLAG_RD | FLAG_RA);
    assert_int_equal(bytes_get16(served.reply + 6), 2);
    assert_memory_equal(served.reply + packet.size - 4, "\300\0\2\7", 4);
    pose("out.example.", TYPE_A, 0); // who does not want recursion has our part alone
    assert_true(submit(&packet) > 0);
    assert_int_equal(bytes_get16(served.reply + 6), 1);
    end();
}

// A hundred questions of one address that nobody answers: how many of them get a late reply.
static unsigned count_late(const char *client, enum transport transport, bool cookie)
{
    uint8_t option[4 + COOKIE_SIZE] = {0, OPTION_COOKIE, 0, COOKIE_SIZE, 1, 2, 3, 4, 5, 6, 7, 8};
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    unsigned given = 0;
    open_with("example.", ZONE);
    served.server.recurse.any = true;
    assert_true(address_parse(client, 1053, &served.client));
    cookie_make(&served.server.cookies, option + 4, &served.client, SERVED_DATE_S, option + 4);
    option[12] += !cookie; // one that we did not make
    for (unsigned i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.other.", i);
        pose(name, TYPE_A, FLAG_RD);
        packet_opt(&query, 1232, 0, option, sizeof option);
        memcpy(served.reply, query.octets, query.size);
        struct packet packet = {.octets = served.reply,
                                .size = (uint32_t)query.size,
                                .room = SLOT_OCTETS,
                                .client = &served.client,
                                .transport = transport,
                                .may_wait = true};
        serve_batch(&served.server, &served.worker, &packet, 1, &now);
        assert_int_equal(packet.size, 0);
    }
    struct ask unsent;
    struct late late;
    now = serve_now_of(SERVED_NOW_US + 60000000, SERVED_DATE_S);
    for (unsigned i = 0; i < 100; i++) {
        while (resolver_next_ask(served.worker.resolver, &unsent))
            ;
        (void)resolver_tick(served.worker.resolver, SERVED_NOW_US + i * 100000u);
        while (serve_late(&served.server, &served.worker, &now, &late))
            given += late.size > 0;
    }
    assert_int_equal(deferrals_count(served.worker.deferrals), 0);
    end();
    return given;
}

// DNSBomb: the rule is against those who forge an address, and not for those who have one.
static void test_who_is_there_gets_late_answers(void **state)
{
    (void)state;
    assert_in_range(count_late("192.0.2.77", TRANSPORT_UDP, false), 0, LATE_WAITERS_MAX);
    assert_int_equal(count_late("192.0.2.77", TRANSPORT_UDP, true), 100);
    assert_int_equal(count_late("192.0.2.77", TRANSPORT_TCP, false), 100);
    assert_int_equal(count_late("127.0.0.1", TRANSPORT_UDP, false), 100);
    assert_int_equal(count_late("::1", TRANSPORT_UDP, false), 100);
}

// What is not known waits, and is answered when its time is over at the latest.
static void test_waiting(void **state)
{
    (void)state;
    struct packet packet;
    struct late late;
    struct serve_now now = serve_now_of(SERVED_NOW_US + 60000000, SERVED_DATE_S);
    open_with("example.", ZONE);
    static const char *const names[] = {"www.other.", "out.example.", "x.sub.example."};
    for (unsigned i = 0; i < 3; i++) {
        pose(names[i], TYPE_A, FLAG_RD);
        bytes_put16(query.octets, (uint16_t)(100 + i));
        assert_int_equal(submit(&packet), 0);
        assert_non_null(packet.deferral);
        packet.deferral->origin.octets[0] = (uint8_t)i;
    }
    assert_int_equal(deferrals_count(served.worker.deferrals), 3);
    assert_false(serve_late(&served.server, &served.worker, &now, &late));
    // Nobody carries the asks anywhere. The time of all three ends.
    struct ask unsent;
    while (resolver_next_ask(served.worker.resolver, &unsent))
        ;
    for (unsigned i = 0; i < 100; i++)
        (void)resolver_tick(served.worker.resolver, SERVED_NOW_US + i * 1000000u);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(serve_late(&served.server, &served.worker, &now, &late));
        unsigned which = late.origin.octets[0];
        assert_int_equal(late.foreign, 0);
        assert_int_equal(bytes_get16(late.octets), 100 + which);
        assert_int_equal(flags_of(late.octets) & 15, RCODE_SERVFAIL);
        assert_int_equal(flags_of(late.octets) & FLAG_RA, FLAG_RA);
        // Our own part of the answer is in it.
        assert_int_equal(bytes_get16(late.octets + 6), which == 1);
    }
    assert_false(serve_late(&served.server, &served.worker, &now, &late));
    assert_int_equal(deferrals_count(served.worker.deferrals), 0);
    end();
}

// More clients than there are slots: the newest is told so, and nothing is lost.
static void test_all_slots_taken(void **state)
{
    (void)state;
    struct packet packet;
    uint64_t token;
    open_with("example.", ZONE);
    while (deferrals_add(served.worker.deferrals, &token))
        ;
    pose("www.other.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply) & 15, RCODE_SERVFAIL);
    end();
}

static void test_special_and_local_names(void **state)
{
    (void)state;
    struct packet packet;
    struct local_name names = {.name = name_of("nas.lan.")};
    assert_true(address_parse("192.0.2.5", 0, &names.address));
    open_with("example.", ZONE);
    served.server.local = local_make(&names, 1, &test_secret);
    pose("nas.lan.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_int_equal(flags_of(served.reply), FLAG_QR | FLAG_AA | FLAG_RD | FLAG_RA);
    assert_memory_equal(served.reply + packet.size - 4, "\300\0\2\5", 4);
    pose("localhost.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_memory_equal(served.reply + packet.size - 4, "\177\0\0\1", 4);
    local_release(served.server.local);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_known_at_once),
        cmocka_unit_test(test_known_aliases),
        cmocka_unit_test(test_late_is_recursion_and_known_is_cache),
        cmocka_unit_test(test_alias_out_of_a_zone),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_who_is_there_gets_late_answers),
        cmocka_unit_test(test_all_slots_taken),
        cmocka_unit_test(test_special_and_local_names),
    };
    return cmocka_run_group_tests(tests, begin_reading, end_reading);
}
