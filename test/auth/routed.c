// Routes beside a zone's own names: what is answered, and what exists because of them.
#include "asking.h"

#include "../zone/routing.h"

struct routed_world {
    struct world world;
    struct routes *routes;
    struct auth_client client;
    struct location location;
    struct dice dice;
    unsigned located;
};

static struct routed_world *current;

static void locate(struct auth_client *client)
{
    current->located++;
    client->client.location = &current->location;
}

static const uint16_t fact = 0;
static const struct route_item items[] = {
    {.rdata = routing_octets[1], .rdata_size = 4, .weight = 1, .target = ROUTE_NO_TARGET},
    {.rdata = routing_octets[2], .rdata_size = 4, .weight = 1, .target = ROUTE_NO_TARGET}};
static const struct route_item to_www = {.rdata = (const uint8_t *)"\3www\7example",
                                         .rdata_size = 13,
                                         .weight = 1,
                                         .target = ROUTE_NO_TARGET};

#define ZONE                                                                                       \
    APEX "www TXT own\n*.w TXT wild\nb.c TXT deep\n"                                               \
         "cut NS ns.cut\nmoved DNAME w\nalias CNAME www\nsvc HTTPS 1 www\nwww 60 A 192.0.2.100\n"

static void open_routed(struct routed_world *routed)
{
    static uint8_t wires[8][NAME_OCTETS_MAX];
    static const char *const owners[] = {"www.example.", "a.new.example.",  "*.r.example.",
                                         "x.w.example.", "in.cut.example.", "al.example."};
    static struct route_rule rules[2], alias;
    struct route_spec specs[6];
    struct name root = NAME_ROOT;
    memset(routed, 0, sizeof *routed);
    world_of(&routed->world, "example.", ZONE);
    rules[0] = routing_rule(items, 1);
    rules[0].where = routing_where(1, &fact, NULL);
    rules[1] = routing_rule(items, 2);
    rules[1].ttl = 7;
    alias = routing_rule(&to_www, 1);
    for (unsigned i = 0; i < 6; i++) {
        specs[i] =
            (struct route_spec){.zone_labels = 1, .type = TYPE_A, .rules = rules, .rule_count = 2};
        assert_int_equal(name_parse(owners[i], strlen(owners[i]), &root, wires[i], &specs[i].owner),
                         NAME_TEXT_OK);
    }
    specs[5].type = TYPE_CNAME;
    specs[5].rules = &alias;
    specs[5].rule_count = 1;
    routed->routes = routes_build(specs, 6, routing_sets, ROUTING_SETS, &test_secret);
    routed->world.options.routes = routed->routes;
    routed->location = routing_location(1, 20);
    current = routed;
}

static void close_routed(struct routed_world *routed)
{
    routes_release(routed->routes);
    world_close(&routed->world);
}

static void check(struct routed_world *routed, const char *question, const char *expected)
{
    static struct answer answer;
    struct buffer text = {0};
    routed->client = (struct auth_client){.client = {.dice = &routed->dice}, .locate = locate};
    routed->world.client = &routed->client;
    assert_int_equal(ask(&routed->world, question, &answer), AUTH_ANSWERED);
    print_answer(&answer, &text);
    if (answer.by_place)
        buffer_format(&text, "scope %u\n", answer.scope);
    if (strcmp(buffer_text(&text), expected) != 0)
        fail_msg("%s\n%sis not\n%s", question, buffer_text(&text), expected);
    buffer_free(&text);
}

#define SOA_LINE "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"

static void test_answers(void **state)
{
    struct routed_world routed;
    (void)state;
    open_routed(&routed);
    // TTL of the RRset that is replaced; the rule's own; the zone's.
    check(&routed, "www.example. A",
          "NOERROR aa placed\nan www.example. 60 A 192.0.2.1\nscope 20\n");
    check(&routed, "a.new.example. A",
          "NOERROR aa placed\nan a.new.example. 300 A 192.0.2.1\nscope 20\n");
    routed.location = routing_location(2, 16);
    check(&routed, "www.example. A",
          "NOERROR aa placed\nan www.example. 7 A 192.0.2.1\nan www.example. 7 A 192.0.2.2\n"
          "scope 16\n");
    check(&routed, "www.example. TXT", "NOERROR aa answer\nan www.example. 3600 TXT \"own\"\n");
    check(&routed, "alias.example. A",
          "NOERROR aa placed\nan alias.example. 3600 CNAME www.example.\n"
          "an www.example. 7 A 192.0.2.1\nan www.example. 7 A 192.0.2.2\nscope 16\n");
    check(&routed, "al.example. A",
          "NOERROR aa placed\nan al.example. 300 CNAME www.example.\n"
          "an www.example. 7 A 192.0.2.1\nan www.example. 7 A 192.0.2.2\nscope 16\n");
    check(&routed, "al.example. CNAME",
          "NOERROR aa placed\nan al.example. 300 CNAME www.example.\n");
    close_routed(&routed);
}

static void test_names(void **state)
{
    struct routed_world routed;
    (void)state;
    open_routed(&routed);
    check(&routed, "new.example. A", "NOERROR aa nodata\n" SOA_LINE);
    check(&routed, "a.new.example. AAAA", "NOERROR aa nodata\n" SOA_LINE);
    check(&routed, "b.new.example. A", "NXDOMAIN aa nxdomain\n" SOA_LINE);
    check(&routed, "q.r.example. A",
          "NOERROR aa placed\nan q.r.example. 300 A 192.0.2.1\nscope 20\n");
    check(&routed, "q.s.r.example. A",
          "NOERROR aa placed\nan q.s.r.example. 300 A 192.0.2.1\nscope 20\n");
    check(&routed, "r.example. A", "NOERROR aa nodata\n" SOA_LINE);
    check(&routed, "q.r.example. TXT", "NOERROR aa nodata\n" SOA_LINE);
    // A name that a route makes hides the zone's wildcard.
    check(&routed, "x.w.example. TXT", "NOERROR aa nodata\n" SOA_LINE);
    check(&routed, "y.w.example. TXT", "NOERROR aa wildcard\nan y.w.example. 3600 TXT \"wild\"\n");
    check(&routed, "y.x.w.example. TXT", "NXDOMAIN aa nxdomain\n" SOA_LINE);
    check(&routed, "in.cut.example. A",
          "NOERROR referral\nau cut.example. 3600 NS ns.cut.example.\n");
    close_routed(&routed);
}

// A host whose addresses are a matter of place does not come along with another answer.
static void test_additional(void **state)
{
    struct routed_world routed;
    (void)state;
    open_routed(&routed);
    check(&routed, "svc.example. HTTPS",
          "NOERROR aa answer\nan svc.example. 3600 HTTPS 1 www.example.\n");
    assert_int_equal(routed.located, 0); // nobody wanted to know
    check(&routed, "www.example. ANY",
          "NOERROR aa placed\nan www.example. 60 A 192.0.2.1\nscope 20\n");
    assert_int_equal(routed.located, 1);
    close_routed(&routed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_additional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
