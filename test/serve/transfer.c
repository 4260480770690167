// Who gets whole zones, and what everybody else is told.
#include "asking.h"

#include "transfer/outgoing.h"

static struct served served;
static struct query_packet query;

#define SOA "an example. 3600 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"

static int open_server(void **state)
{
    (void)state;
    served_of(&served, "example.", APEX "www A 192.0.2.1\n");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    access_free(&served.server.transfer);
    served_close(&served);
    return 0;
}

static void begin(const char *name, unsigned type)
{
    packet_begin(&query, 0x1234, 0);
    packet_question(&query, name, type, CLASS_IN);
}

static void put_soa(const char *owner, unsigned serial)
{
    uint8_t rdata[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    bytes_put32(rdata + 2, serial);
    packet_record(&query, &(struct packet_record){SECTION_AUTHORITY, owner, TYPE_SOA, CLASS_IN, 0,
                                                  (const char *)rdata, 22});
}

static void assert_tcp(const char *expected)
{
    assert_reply(&served, &query, TRANSPORT_TCP, expected);
}

static void nobody_by_default(void **state)
{
    static const uint16_t types[] = {TYPE_AXFR, TYPE_IXFR};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        begin("example.", types[i]);
        packet_opt(&query, 1232, 0, "", 0);
        assert_tcp(i ? "REFUSED\nqd example. IXFR\nopt 1232 ede=18\n"
                     : "REFUSED\nqd example. AXFR\nopt 1232 ede=18\n");
        // Nor is told whether there is such a zone.
        begin("elsewhere.", types[i]);
        packet_opt(&query, 1232, 0, "", 0);
        assert_tcp(i ? "REFUSED\nqd elsewhere. IXFR\nopt 1232 ede=18\n"
                     : "REFUSED\nqd elsewhere. AXFR\nopt 1232 ede=18\n");
    }
    assert_int_equal(served.worker.stats.transfers[0][STATS_TRANSFER_REFUSED], 2);
    assert_int_equal(served.worker.stats.transfers[1][STATS_TRANSFER_REFUSED], 2);
}

static void what_cannot_be_had(void **state)
{
    (void)state;
    served.server.transfer.any = true;
    begin("elsewhere.", TYPE_AXFR);
    assert_tcp("NOTAUTH\nqd elsewhere. AXFR\n");
    begin("www.example.", TYPE_AXFR);
    assert_tcp("NOTAUTH\nqd www.example. AXFR\n");
    packet_begin(&query, 0x1234, 0);
    packet_question(&query, "example.", TYPE_AXFR, CLASS_CH);
    assert_tcp("NOTAUTH\nqd example. AXFR\n");
    begin("example.", TYPE_AXFR);
    assert_reply(&served, &query, TRANSPORT_UDP, "FORMERR\nqd example. AXFR\n");
    begin("example.", TYPE_IXFR);
    assert_tcp("FORMERR\nqd example. IXFR\n");
    begin("example.", TYPE_IXFR);
    put_soa("www.example.", 6);
    assert_tcp("FORMERR\nqd example. IXFR\n");
}

// RFC 1995 2 and 4, RFC 1982 3.2.
static void the_newest_version_is_the_soa(void **state)
{
    static const uint32_t current[] = {7, 8, 0x80000006};
    (void)state;
    served.server.transfer.any = true;
    for (unsigned i = 0; i < COUNT(current); i++) {
        begin("example.", TYPE_IXFR);
        put_soa("EXAMPLE.", current[i]);
        assert_tcp("NOERROR aa\nqd example. IXFR\n" SOA);
    }
    // Over UDP the client is to come again over TCP.
    begin("example.", TYPE_IXFR);
    put_soa("example.", 1);
    assert_reply(&served, &query, TRANSPORT_UDP, "NOERROR aa\nqd example. IXFR\n" SOA);
}

// RFC 7314: also where the answer is but the SOA.
static void the_soa_says_when_it_expires(void **state)
{
    (void)state;
    served.server.transfer.any = true;
    begin("example.", TYPE_IXFR);
    put_soa("example.", 7);
    packet_opt(&query, 1232, 0, "\0\11\0\0", 4);
    assert_tcp("NOERROR aa\nqd example. IXFR\n" SOA "opt 1232 expire=1209600\n");
    served.server.transfer.any = false;
    assert_tcp("REFUSED\nqd example. IXFR\nopt 1232 ede=18\n");
}

// The transfer is the sender's affair, and nothing is said here.
static struct outgoing *ask_transfer(void)
{
    static uint8_t octets[MESSAGE_MAX];
    struct packet packet = {.octets = octets,
                            .size = (uint32_t)query.size,
                            .room = MESSAGE_MAX,
                            .client = &served.client,
                            .transport = TRANSPORT_TCP};
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    memcpy(octets, query.octets, query.size);
    serve_batch(&served.server, &served.worker, &packet, 1, &now);
    assert_int_equal(packet.size, 0);
    assert_null(packet.deferral);
    assert_non_null(packet.outgoing);
    return packet.outgoing;
}

static void whoever_may_gets_it(void **state)
{
    static const uint32_t old[] = {6, 0, 0xffffffff, 0x80000008};
    struct prefix prefix;
    (void)state;
    assert_true(prefix_parse("192.0.2.0/24", &prefix));
    access_add(&served.server.transfer, &prefix);
    begin("EXAMPLE.", TYPE_AXFR);
    struct outgoing *outgoing = ask_transfer();
    assert_false(outgoing_is_incremental(outgoing));
    outgoing_close(outgoing);
    for (unsigned i = 0; i < COUNT(old); i++) {
        begin("example.", TYPE_IXFR);
        put_soa("example.", old[i]);
        outgoing = ask_transfer();
        assert_true(outgoing_is_incremental(outgoing));
        outgoing_close(outgoing);
    }
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(nobody_by_default),
        WITH_SERVER(what_cannot_be_had),
        WITH_SERVER(the_newest_version_is_the_soa),
        WITH_SERVER(the_soa_says_when_it_expires),
        WITH_SERVER(whoever_may_gets_it),
    };
    return cmocka_run_group_tests_name("serve/transfer", tests, NULL, NULL);
}
