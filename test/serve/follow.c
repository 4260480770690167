// Answers that lead from our zones into the world and back: known at once, or found on the way.
#include "recursing.h"

#include "../resolve/replies.h"

#define ZONE                                                                                       \
    "@ 60 SOA ns1 host 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\nin 60 A 192.0.2.2\n"            \
    "out 60 CNAME www.other.\nsub 60 NS ns.sub\nns.sub 60 A 192.0.2.9\n"                           \
    "deep 60 CNAME x.sub\nto 60 CNAME in\n"

static uint64_t now_us;
static char expected_server[ADDRESS_TEXT_MAX];

static void open_zone(void)
{
    open_with("example.", ZONE);
    served.server.rules->minimise = false; // one ask for each name
    now_us = SERVED_NOW_US;
}

// The next ask is about this name; what the server says of it. What is cancelled is passed over.
static void reply_to(const char *name, const char *const *records)
{
    static uint8_t reply[MESSAGE_MAX];
    struct ask ask;
    struct name asked;
    char text[NAME_TEXT_MAX];
    do
        assert_true(resolver_next_ask(served.worker.resolver, &ask));
    while (ask.kind == ASK_CANCEL);
    assert_true(name_view(ask.octets + HEADER_SIZE, ask.size - HEADER_SIZE, &asked));
    if (!name_equal(asked, name_of(name))) {
        name_print(asked, text);
        fail_msg("%s was asked for, not %s", text, name);
    }
    address_print_host(&ask.server, expected_server);
    size_t size = HEADER_SIZE + asked.size + 4u;
    memcpy(reply, ask.octets, size);
    bytes_put16(reply + 2, FLAG_QR | FLAG_AA);
    memset(reply + 6, 0, 6);
    for (; *records; records++) {
        unsigned section;
        size += reply_put_record(*records, reply + size, &section);
        reply[5 + 2 * section]++;
    }
    assert_int_equal(resolver_reply(served.worker.resolver, ask.number, reply, size, now_us),
                     REPLY_TAKEN);
}
#define REPLY_TO(name, ...) reply_to(name, (const char *const[]){__VA_ARGS__, NULL})

static void assert_text(const uint8_t *octets, size_t size, const char *expected)
{
    struct buffer text = {0};
    print_reply(octets, size, &text);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("\n%sis not\n%s", buffer_text(&text), expected);
    buffer_free(&text);
}

static bool take_late(struct late *late)
{
    struct serve_now now = serve_now_of(now_us, SERVED_DATE_S);
    return serve_late(&served.server, &served.worker, &now, late);
}

// The reply that is ready now, to the query of this origin.
static void assert_late(unsigned origin, const char *expected)
{
    struct late late;
    assert_true(take_late(&late));
    assert_int_equal(late.origin.octets[0], origin);
    assert_int_equal(bytes_get16(late.octets), 0x1234);
    assert_text(late.octets, late.size, expected);
    assert_false(take_late(&late));
    assert_int_equal(deferrals_count(served.worker.deferrals), 0);
}

// The query waits, under this origin.
static void ask_and_wait(const char *name, unsigned origin)
{
    struct packet packet;
    struct late late;
    pose(name, TYPE_A, FLAG_RD);
    assert_int_equal(submit(&packet), 0);
    assert_non_null(packet.deferral);
    packet.deferral->origin.octets[0] = (uint8_t)origin;
    assert_false(take_late(&late));
}

static void assert_at_once(const char *name, const char *expected)
{
    struct packet packet;
    struct ask ask;
    pose(name, TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_text(served.reply, packet.size, expected);
    assert_false(resolver_next_ask(served.worker.resolver, &ask));
}

static void test_known_alias_into_our_zone(void **state)
{
    (void)state;
    open_zone();
    know_alias("www.third.", "to.example.");
    know("to.example.", "\1\2\3\4"); // the world's word on our name does not count
    assert_at_once("www.third.", "NOERROR rd ra\nqd www.third. A\n"
                                 "an www.third. 60 CNAME to.example.\n"
                                 "an to.example. 60 CNAME in.example.\n"
                                 "an in.example. 60 A 192.0.2.2\n");
    know_alias("gone.third.", "gone.example.");
    assert_at_once("gone.third.", "NXDOMAIN rd ra\nqd gone.third. A\n"
                                  "an gone.third. 60 CNAME gone.example.\n"
                                  "au example. 5 SOA ns1.example. host.example. 1 2 3 4 5\n");
    end();
}

// Our names are not asked of others, whatever leads to them.
static void test_alias_into_our_zone_is_walked(void **state)
{
    (void)state;
    struct ask ask;
    open_zone();
    ask_and_wait("www.third.", 7);
    REPLY_TO("www.third.", "an0 www.third. CNAME in.example.", "an0 in.example. A 203.0.113.66");
    assert_late(7, "NOERROR rd ra\nqd www.third. A\nan www.third. 0 CNAME in.example.\n"
                   "an in.example. 60 A 192.0.2.2\n");
    while (resolver_next_ask(served.worker.resolver, &ask))
        assert_int_equal(ask.kind, ASK_CANCEL);
    end();
}

// The world, our zone, the world again; with TTLs of 0 nothing of it can be found a second time.
static void test_world_ours_world(void **state)
{
    (void)state;
    struct late late;
    open_zone();
    ask_and_wait("www.third.", 9);
    REPLY_TO("www.third.", "an0 www.third. CNAME out.example.");
    assert_false(take_late(&late));
    assert_int_equal(deferrals_count(served.worker.deferrals), 1);
    REPLY_TO("www.other.", "an0 www.other. A 203.0.113.1");
    assert_late(9, "NOERROR rd ra\nqd www.third. A\nan www.third. 0 CNAME out.example.\n"
                   "an out.example. 60 CNAME www.other.\nan www.other. 0 A 203.0.113.1\n");
    end();
}

// Each part has its time, but all of them have no more than one.
static void test_time_is_the_clients(void **state)
{
    (void)state;
    open_zone();
    ask_and_wait("www.third.", 9);
    now_us += 3000000;
    REPLY_TO("www.third.", "an0 www.third. CNAME out.example.");
    now_us += 60000000; // the worker was held up
    struct late late;
    assert_true(take_late(&late));
    assert_int_equal(flags_of(late.octets) & 15, RCODE_SERVFAIL);
    assert_int_equal(deferrals_count(served.worker.deferrals), 0);
    end();
}

// Who asks for no recursion is told what is here.
static void test_without_recursion(void **state)
{
    (void)state;
    struct packet packet;
    open_zone();
    know_alias("www.third.", "out.example.");
    pose("www.third.", TYPE_A, 0);
    assert_true(submit(&packet) > 0);
    assert_text(served.reply, packet.size,
                "NOERROR ra\nqd www.third. A\nan www.third. 60 CNAME out.example.\n"
                "an out.example. 60 CNAME www.other.\n");
    pose("x.sub.example.", TYPE_A, 0);
    assert_true(submit(&packet) > 0);
    assert_text(served.reply, packet.size,
                "NOERROR ra\nqd x.sub.example. A\nau sub.example. 60 NS ns.sub.example.\n"
                "ad ns.sub.example. 60 A 192.0.2.9\n");
    end();
}

// Back and forth, CHAIN_MAX times and no more.
static void test_chain_ends(void **state)
{
    (void)state;
    char zone[2048] = "@ 60 SOA ns1 host 1 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n", line[64];
    struct packet packet;
    for (unsigned i = 0; i < 20; i++) {
        snprintf(line, sizeof line, "p%u 60 CNAME q%u.other.\n", i, i);
        strcat(zone, line);
    }
    open_with("example.", zone);
    for (unsigned i = 0; i < 20; i++) {
        char from[32], to[32];
        snprintf(from, sizeof from, "q%u.other.", i);
        snprintf(to, sizeof to, "p%u.example.", i + 1);
        know_alias(from, to);
    }
    pose("p0.example.", TYPE_A, FLAG_RD);
    assert_true(submit(&packet) > 0);
    assert_int_equal(bytes_get16(served.reply + 6), CHAIN_MAX);
    assert_int_equal(served.worker.stats.reasons[REASON_CHAIN_LIMIT], 1);
    end();
}

// --- below a cut of ours -------------------------------------------------------------------------

static void test_walk_begins_at_our_cut(void **state)
{
    (void)state;
    static const char answer[] =
        "NOERROR rd ra\nqd x.sub.example. A\nan x.sub.example. %u A 10.0.0.1\n";
    char text[128];
    open_zone();
    ask_and_wait("x.sub.example.", 3);
    REPLY_TO("x.sub.example.", "an60 x.sub.example. A 10.0.0.1");
    assert_string_equal(expected_server, "192.0.2.9");
    snprintf(text, sizeof text, answer, 60);
    assert_late(3, text);
    assert_at_once("x.sub.example.", text);
    end();
}

static void test_alias_of_ours_to_below_our_cut(void **state)
{
    (void)state;
    static const char answer[] = "NOERROR aa rd ra\nqd deep.example. A\n"
                                 "an deep.example. 60 CNAME x.sub.example.\n"
                                 "an x.sub.example. 60 A 10.0.0.1\n";
    open_zone();
    ask_and_wait("deep.example.", 3);
    REPLY_TO("x.sub.example.", "an60 x.sub.example. A 10.0.0.1");
    assert_string_equal(expected_server, "192.0.2.9");
    assert_late(3, answer);
    assert_at_once("deep.example.", answer);
    end();
}

// An alias below our cut may point below it as well, which goes on there; or into our zone.
static void test_aliases_below_our_cut(void **state)
{
    (void)state;
    open_zone();
    ask_and_wait("a.sub.example.", 3);
    REPLY_TO("a.sub.example.", "an0 a.sub.example. CNAME b.sub.example.",
             "an0 b.sub.example. A 10.0.0.2"); // in one walk
    assert_late(3, "NOERROR rd ra\nqd a.sub.example. A\n"
                   "an a.sub.example. 0 CNAME b.sub.example.\nan b.sub.example. 0 A 10.0.0.2\n");
    ask_and_wait("c.sub.example.", 4);
    REPLY_TO("c.sub.example.", "an60 c.sub.example. CNAME in.example.");
    assert_late(4, "NOERROR rd ra\nqd c.sub.example. A\n"
                   "an c.sub.example. 60 CNAME in.example.\nan in.example. 60 A 192.0.2.2\n");
    // And an alias of the world to there.
    ask_and_wait("www.third.", 5);
    REPLY_TO("www.third.", "an60 www.third. CNAME d.sub.example.");
    struct late late;
    assert_false(take_late(&late));
    REPLY_TO("d.sub.example.", "an60 d.sub.example. A 10.0.0.4");
    assert_string_equal(expected_server, "192.0.2.9");
    assert_late(5, "NOERROR rd ra\nqd www.third. A\nan www.third. 60 CNAME d.sub.example.\n"
                   "an d.sub.example. 60 A 10.0.0.4\n");
    end();
}

// What waits when the worker ends is given back.
static void test_end_while_waiting(void **state)
{
    (void)state;
    open_zone();
    ask_and_wait("deep.example.", 3);
    ask_and_wait("out.example.", 4);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_alias_into_our_zone),
        cmocka_unit_test(test_alias_into_our_zone_is_walked),
        cmocka_unit_test(test_world_ours_world),
        cmocka_unit_test(test_time_is_the_clients),
        cmocka_unit_test(test_without_recursion),
        cmocka_unit_test(test_chain_ends),
        cmocka_unit_test(test_walk_begins_at_our_cut),
        cmocka_unit_test(test_alias_of_ours_to_below_our_cut),
        cmocka_unit_test(test_aliases_below_our_cut),
        cmocka_unit_test(test_end_while_waiting),
    };
    return cmocka_run_group_tests(tests, begin_reading, end_reading);
}
