// Updates as they come in: who is turned away at once, and who waits for what reply.
#include "asking.h"

#include "base/memory.h"
#include "serve/update.h"

static struct served served;
static struct query_packet query;

static int open_server(void **state)
{
    (void)state;
    served_of(&served, "example.", APEX "www A 192.0.2.1\n");
    serve_worker_close(&served.worker);
    serve_worker_open(&served.worker, true);
    struct updating *updating = updating_make(1);
    updating->list[0].name = name_of("example.");
    updating->list[0].policy = update_policy_make(2);
    updating->list[0].who = memory_get_zeroed(2, sizeof(struct access));
    updating->list[0].who[1].any = true;
    served.server.updating = updating;
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    updating_release(served.server.updating);
    served_close(&served);
    return 0;
}

static void begin(const char *name, unsigned type, unsigned class)
{
    packet_begin(&query, 0x1234, OPCODE_UPDATE << 11);
    packet_question(&query, name, type, class);
}

static void assert_udp(const char *expected)
{
    assert_reply(&served, &query, TRANSPORT_UDP, expected);
}

static void turned_away(void **state)
{
    (void)state;
    begin("example.", TYPE_A, CLASS_IN);
    assert_udp("FORMERR opcode=5\nqd example. A\n");
    begin("www.example.", TYPE_SOA, CLASS_IN); // a name in a zone is no zone
    assert_udp("NOTAUTH opcode=5\nqd www.example. SOA\n");
    begin("elsewhere.", TYPE_SOA, CLASS_IN);
    assert_udp("NOTAUTH opcode=5\nqd elsewhere. SOA\n");
    begin("example.", TYPE_SOA, CLASS_CH);
    assert_udp("NOTAUTH opcode=5\nqd example. SOA\n");
    served.server.updating->list[0].who[1].any = false;
    begin("example.", TYPE_SOA, CLASS_IN);
    packet_opt(&query, 1232, 0, "", 0);
    assert_udp("REFUSED opcode=5\nqd example. SOA\nopt 1232 ede=18\n");
}

// Who cannot be told later is not let in.
static void no_room(void **state)
{
    (void)state;
    begin("example.", TYPE_SOA, CLASS_IN);
    assert_udp("SERVFAIL opcode=5\nqd example. SOA\n");
}

static void passed_on_and_told(void **state)
{
    uint8_t octets[SLOT_OCTETS];
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    struct late late;
    (void)state;
    begin("example.", TYPE_SOA, CLASS_IN);
    packet_opt(&query, 1232, 0, "", 0);
    memcpy(octets, query.octets, query.size);
    struct packet packet = {.octets = octets,
                            .size = (uint32_t)query.size,
                            .room = sizeof octets,
                            .client = &served.client,
                            .transport = TRANSPORT_UDP,
                            .may_wait = true};
    serve_batch(&served.server, &served.worker, &packet, 1, &now);
    assert_int_equal(packet.size, 0);
    assert_non_null(packet.deferral);
    struct update_want *want = packet.update;
    assert_int_equal(want->size, query.size);
    assert_int_equal(want->admitted, 2); // the second rule
    assert_string_equal(want->view_name, "");
    assert_memory_equal(octets, query.octets, query.size);

    const struct updated updated = {want->token, {RCODE_YXRRSET, EDE_OTHER, "it is there"}};
    update_want_free(want);
    assert_true(serve_updated(&served.server, &served.worker, &updated, &now, &late));
    assert_int_equal(bytes_get16(late.octets), 0x1234);
    assert_int_equal(bytes_get16(late.octets + 2), FLAG_QR | OPCODE_UPDATE << 11 | RCODE_YXRRSET);
    assert_int_equal(late.transport, TRANSPORT_UDP);
    assert_false(serve_updated(&served.server, &served.worker, &updated, &now, &late));
}

// A view's own zone that nobody may change is not everybody's, which somebody may.
static void views(void **state)
{
    struct updating *updating = updating_make(2);
    (void)state;
    updating->list[0] = served.server.updating->list[0];
    served.server.updating->count = 0;
    updating_release(served.server.updating);
    updating->list[1].name = name_of("example.");
    updating->list[1].view = 1;
    served.server.updating = updating;
    begin("example.", TYPE_SOA, CLASS_IN);
    assert_udp("SERVFAIL opcode=5\nqd example. SOA\n"); // it may
    served.server.number = 1;
    assert_udp("REFUSED opcode=5\nqd example. SOA\n");
    served.server.number = 2;
    assert_udp("SERVFAIL opcode=5\nqd example. SOA\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(turned_away, open_server, close_server),
        cmocka_unit_test_setup_teardown(no_room, open_server, close_server),
        cmocka_unit_test_setup_teardown(passed_on_and_told, open_server, close_server),
        cmocka_unit_test_setup_teardown(views, open_server, close_server),
    };
    return cmocka_run_group_tests_name("serve/update", tests, NULL, NULL);
}
