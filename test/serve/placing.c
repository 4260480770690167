// Who is placed where: the client's own address, or what a believed resolver tells of it; and what
// the reply says of that (RFC 7871).
#include "asking.h"

#include "policy/places.h"
#include "zone/board.h"
#include "zone/route.h"

static struct served served;
static struct prefix nets[3];
static const struct fact facts[] = {{.kind = FACT_NETS, .nets = nets, .net_count = 1},
                                    {.kind = FACT_NETS, .nets = nets + 1, .net_count = 2}};
static const uint16_t fact_numbers[] = {0, 1};

static struct routes *make_routes(const struct places *places)
{
    static const uint8_t octets[3][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}, {192, 0, 2, 9}};
    static struct route_item items[3];
    static struct route_rule rules[3], sticky;
    static uint8_t www[] = "\3www\7example", st[] = "\2st\7example";
    struct facts sets[8];
    for (unsigned i = 0; i < 3; i++) {
        items[i] = (struct route_item){
            .rdata = octets[i], .rdata_size = 4, .weight = 1, .target = ROUTE_NO_TARGET};
        rules[i] = (struct route_rule){.items = &items[i], .item_count = 1, .ttl = 30};
        rules[i].where.count = i < 2;
        rules[i].where.kinds[0] = (struct facts){&fact_numbers[i % 2], 1};
    }
    sticky = (struct route_rule){
        .items = items, .item_count = 3, .count = 1, .ttl = 30, .sticky_v4 = 24, .sticky_v6 = 56};
    const struct route_spec specs[] = {
        {{www, sizeof www, 2}, 1, TYPE_A, rules, 3, NULL},
        {{st, sizeof st, 2}, 1, TYPE_A, &sticky, 1, NULL},
    };
    assert_true(places_sets(places) <= 8);
    for (size_t i = 0; i < places_sets(places); i++)
        sets[i] = places_set(places, i);
    return routes_build(specs, 2, sets, places_sets(places), &test_secret);
}

static int open_served(void **state)
{
    static const char *const texts[] = {"10.1.0.0/16", "10.2.0.0/16", "2001:db8::/32"};
    const struct places_wants wants = {.facts = facts, .count = 2};
    struct report report = {0};
    struct prefix local;
    (void)state;
    served_of(&served, "example.", APEX "www 60 A 192.0.2.77\nplain A 192.0.2.3\nto CNAME www\n");
    for (unsigned i = 0; i < 3; i++)
        assert_true(prefix_parse(texts[i], &nets[i]));
    assert_true(prefix_parse("192.0.2.53", &local));
    access_add(&served.server.ecs, &local);
    served.server.places = places_compile(NULL, 0, &wants, &report);
    served.server.auth.routes = make_routes(served.server.places);
    served.server.board = board_open(0);
    return 0;
}

static int close_served(void **state)
{
    (void)state;
    routes_release((struct routes *)served.server.auth.routes);
    places_release(served.server.places);
    board_release(served.server.board);
    access_free(&served.server.ecs);
    served_close(&served);
    return 0;
}

// Asks with these octets of a client-subnet option ("": none) and gives the reply as text.
static void check(const char *from, const char *name, const char *option, size_t size,
                  const char *expected)
{
    static struct query_packet query;
    struct buffer text = {0};
    uint8_t octets[64] = {0, OPTION_SUBNET, 0, (uint8_t)size};
    assert_true(address_parse(from, 53, &served.client));
    packet_begin(&query, 1, 0);
    packet_question(&query, name, TYPE_A, CLASS_IN);
    memcpy(octets + 4, option, size);
    packet_opt(&query, 1232, 0, (const char *)octets, size ? size + 4 : 0);
    assert_true(served_send(&served, &query, TRANSPORT_UDP) > 0);
    print_reply(served.reply, served.size, &text);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("%s %s\n%sis not\n%s", from, name, buffer_text(&text), expected);
    buffer_free(&text);
}

#define WWW(n) "NOERROR aa\nqd www.example. A\nan www.example. 30 A 192.0.2." #n "\n"

static void test_own_address(void **state)
{
    (void)state;
    check("10.1.2.3", "www.example.", "", 0, WWW(1) "opt 1232\n");
    check("10.2.2.3", "www.example.", "", 0, WWW(2) "opt 1232\n");
    check("::ffff:10.2.2.3", "www.example.", "", 0, WWW(2) "opt 1232\n");
    check("2001:db8::1", "www.example.", "", 0, WWW(2) "opt 1232\n");
    check("192.0.2.53", "www.example.", "", 0, WWW(9) "opt 1232\n");
    check("192.0.2.53", "plain.example.", "", 0,
          "NOERROR aa\nqd plain.example. A\nan plain.example. 60 A 192.0.2.3\nopt 1232\n");
}

// Believed of 192.0.2.53, and of nobody else.
static void test_told_address(void **state)
{
    (void)state;
    check("192.0.2.53", "www.example.", "\0\1\30\0\12\1\2", 7, WWW(1) "opt 1232 subnet=1/24/16\n");
    check("192.0.2.53", "www.example.", "\0\1\10\0\12", 5, WWW(9) "opt 1232 subnet=1/8/16\n");
    check("192.0.2.53", "www.example.", "\0\2\60\0\40\1\15\270\0\7", 10,
          WWW(2) "opt 1232 subnet=2/48/32\n");
    check("192.0.2.53", "www.example.", "\0\1\0\0", 4, WWW(9) "opt 1232 subnet=1/0/0\n");
    check("192.0.2.53", "www.example.", "\0\0\0\0", 4, WWW(9) "opt 1232 subnet=0/0/0\n");
    check("192.0.2.54", "www.example.", "\0\1\30\0\12\1\2", 7, WWW(9) "opt 1232\n");
    check("10.2.0.1", "www.example.", "\0\1\30\0\12\1\2", 7, WWW(2) "opt 1232\n");
    // The same for what an alias leads to, and not a word of it where place makes no difference.
    check("192.0.2.53", "to.example.", "\0\1\30\0\12\1\2", 7,
          "NOERROR aa\nqd to.example. A\nan to.example. 60 CNAME www.example.\n"
          "an www.example. 30 A 192.0.2.1\nopt 1232 subnet=1/24/16\n");
    check("192.0.2.53", "plain.example.", "\0\1\30\0\12\1\2", 7,
          "NOERROR aa\nqd plain.example. A\nan plain.example. 60 A 192.0.2.3\nopt 1232\n");
    check("192.0.2.53", "www.example.", "\0\1\27\0\12\1\3", 7,
          "FORMERR\nqd www.example. A\nopt 1232\n");
}

static void test_sticky(void **state)
{
    static struct query_packet query;
    uint8_t first[4] = {0}, seen = 0;
    (void)state;
    packet_begin(&query, 1, 0);
    packet_question(&query, "st.example.", TYPE_A, CLASS_IN);
    for (unsigned i = 0; i < 64; i++) {
        char from[32];
        snprintf(from, sizeof from, "10.9.%u.%u", i / 4, 10 + i);
        assert_true(address_parse(from, 53, &served.client));
        uint32_t size = served_send(&served, &query, TRANSPORT_UDP);
        const uint8_t *octets = served.reply + size - 4;
        if (i % 4 == 0)
            memcpy(first, octets, 4);
        assert_memory_equal(octets, first, 4); // one /24
        seen |= (uint8_t)(1u << (octets[3] & 7));
    }
    assert_true(seen & (seen - 1)); // and not the same for all of them
    check("192.0.2.53", "st.example.", "\0\1\20\0\12\11", 6,
          "NOERROR aa\nqd st.example. A\nan st.example. 30 A 192.0.2.2\nopt 1232 subnet=1/16/16\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_address),
        cmocka_unit_test(test_told_address),
        cmocka_unit_test(test_sticky),
    };
    return cmocka_run_group_tests(tests, open_served, close_served);
}
