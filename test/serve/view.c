// Views: the first that matches by client and by the address that was asked, in one batch.
#include "asking.h"

#include "serve/view.h"

static struct served served;
static struct view views[2];
static struct address listen_at;

static int open_served(void **state)
{
    struct prefix prefix;
    (void)state;
    served_of(&served, "example.", APEX "www A 192.0.2.1\n");
    for (unsigned i = 0; i < 2; i++) {
        views[i].server = served.server;
        views[i].server.number = (uint8_t)(i + 1);
        views[i].server.id = 100 + i;
        zones_open(&views[i].server.zones,
                   &(struct world_zone){"example.",
                                        i ? APEX "www A 192.0.2.3\n" : APEX "www A 192.0.2.2\n",
                                        ZONE_SERVED},
                   1);
    }
    assert_true(prefix_parse("10.0.0.0/8", &prefix));
    access_add(&views[0].match, &prefix);
    views[0].by_client = true;
    assert_true(address_parse("127.0.0.9", 0, &listen_at));
    views[1].listen = &listen_at;
    views[1].listen_count = 1;
    served.server.views = views;
    served.server.view_count = 2;
    return 0;
}

static int close_served(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++)
        zones_free(&views[i].server.zones);
    access_free(&views[0].match);
    served_close(&served);
    return 0;
}

static void check(const char *client, const char *local, unsigned number)
{
    struct address from, at;
    assert_true(address_parse(client, 1053, &from));
    if (local)
        assert_true(address_parse(local, 53, &at));
    const struct packet packet = {.client = &from, .local = local ? &at : NULL};
    assert_int_equal(view_choose(&served.server, &packet)->number, number);
}

static void test_choose(void **state)
{
    (void)state;
    check("192.0.2.9", "127.0.0.1", 0);
    check("10.1.1.1", "127.0.0.1", 1);
    check("10.1.1.1", "127.0.0.9", 1); // the first
    check("192.0.2.9", "127.0.0.9", 2);
    check("192.0.2.9", NULL, 0);
    address_set_port(&listen_at, 5300);
    check("192.0.2.9", "127.0.0.9", 0);
    check("192.0.2.9", "127.0.0.9:5300", 2);
    address_set_port(&listen_at, 0);
    views[1].by_client = true; // and nobody is matched
    check("192.0.2.9", "127.0.0.9", 0);
    views[1].by_client = false;
}

static void test_find(void **state)
{
    (void)state;
    assert_ptr_equal(view_find(&served.server, 0), &served.server);
    assert_ptr_equal(view_find(&served.server, 101), &views[1].server);
    assert_null(view_find(&served.server, 7));
}

// Clients of several views in one batch.
static void test_batch(void **state)
{
    enum { COUNT_OF = 24 };
    static uint8_t octets[COUNT_OF][SLOT_OCTETS];
    static struct packet packets[COUNT_OF];
    static struct address clients[COUNT_OF], local;
    struct query_packet query;
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    (void)state;
    packet_begin(&query, 1, 0);
    packet_question(&query, "www.example.", TYPE_A, CLASS_IN);
    assert_true(address_parse("127.0.0.9", 53, &local));
    for (unsigned i = 0; i < COUNT_OF; i++) {
        assert_true(address_parse(i % 3 == 1 ? "10.0.0.1" : "192.0.2.9", 53, &clients[i]));
        memcpy(octets[i], query.octets, query.size);
        packets[i] = (struct packet){.octets = octets[i],
                                     .size = (uint32_t)query.size,
                                     .room = SLOT_OCTETS,
                                     .client = &clients[i],
                                     .local = i % 3 == 2 ? &local : NULL};
    }
    serve_batch(&served.server, &served.worker, packets, COUNT_OF, &now);
    for (unsigned i = 0; i < COUNT_OF; i++)
        assert_int_equal(octets[i][packets[i].size - 1], i % 3 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choose),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, open_served, close_served);
}
