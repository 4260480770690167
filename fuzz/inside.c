// A server inside a fuzz target (inside.h).
#include "inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/check.h"
#include "zone/parse.h"

// Short labels, so that a mutation often lands on something.
static const char zone_x[] = "$TTL 60\n"
                             "@ SOA n h 1 2 3 4 5\n"
                             "@ NS n\n@ NS n.c\n@ MX 1 m\n@ TXT t\n@ A 192.0.2.1\n"
                             "n A 192.0.2.2\nn AAAA 2001:db8::2\nm A 192.0.2.3\n"
                             "* A 192.0.2.4\n*.w CNAME m\n*.v MX 1 n.c\n"
                             "c NS n.c\nc NS n.d\nc DS 1 13 250 00\nn.c A 192.0.2.5\nd NS n.c\n"
                             "y NS n.y\nn.y A 192.0.2.6\n"
                             "a CNAME b\nb CNAME m\nl CNAME l\nk CNAME j\nj CNAME k\n"
                             "e.f.g A 192.0.2.7\n"
                             "p DNAME q\np TXT beside\nm.q A 192.0.2.8\nr DNAME r\nu DNAME p.u\n"
                             "o DNAME x.\nz CNAME a.y\n"
                             "s SRV 1 2 3 m\nsv SVCB 1 . port=1\nsv A 192.0.2.9\nht HTTPS 1 sv\n"
                             "t TYPE65280 \\# 3 010203\n";
static const char zone_y[] = "$TTL 60\n@ SOA n h 1 2 3 4 5\n@ NS n\nn A 192.0.2.6\n"
                             "a CNAME m.x.\nb DNAME x.\nm TXT t\n* TXT w\n";

const struct hash_key inside_key = {{0x0123456789abcdef, 0xfedcba9876543210}};
static struct address client;

static struct server *make_server(struct zone **list, size_t count)
{
    struct server *server = memory_get_zeroed(1, sizeof *server);
    server->secret = inside_key;
    memcpy(server->identity.hostname, "host", 4);
    server->identity.hostname_size = 4;
    memcpy(server->identity.version, "onym", 4);
    server->identity.version_size = 4;
    // The largest: what an OPT may have to hold.
    memset(server->identity.nsid, 'n', NSID_MAX);
    server->identity.nsid_size = NSID_MAX;
    zones_build(&server->zones, list, count, &server->secret);
    return server;
}

static struct zone *make_zone(const struct records *records)
{
    struct zone *zone = zone_empty(records->origin, "inside", ZONE_BROKEN, NULL);
    if (image_build(records, &inside_key, &zone->image) != 0) {
        zone_release(zone);
        return NULL;
    }
    zone->state = ZONE_SERVED;
    return zone;
}

static struct zone *parse_zone(const char *text, const uint8_t *origin)
{
    struct records records;
    struct report report = {0};
    struct parse_options parse = {.ttl_default = 60};
    struct check_options check = {0};
    records_begin(&records, name_trust(origin));
    bool good = parse_text("inside", text, strlen(text), &records, &parse, &report);
    records_sort(&records);
    good = check_records(&records, &check, &report) && good;
    if (!good)
        report_print(&report, stderr, false);
    assert(good);
    struct zone *zone = make_zone(&records);
    assert(zone);
    report_free(&report);
    records_free(&records);
    return zone;
}

const struct server *inside_server(bool minimal)
{
    static struct server *servers[2];
    if (!servers[minimal]) {
        struct zone **list = memory_get(2 * sizeof *list);
        list[0] = parse_zone(zone_x, (const uint8_t *)"\1x");
        list[1] = parse_zone(zone_y, (const uint8_t *)"\1y\1x");
        servers[minimal] = make_server(list, 2);
        servers[minimal]->auth.minimal = minimal;
        servers[minimal]->rotate = minimal;
    }
    return servers[minimal];
}

struct server *inside_make(const struct records *records)
{
    struct zone *zone = make_zone(records);
    if (!zone)
        return NULL;
    struct zone **list = memory_get(sizeof *list);
    list[0] = zone;
    return make_server(list, 1);
}

struct server *inside_serve(struct name origin, const struct image *image)
{
    struct zone *zone = zone_empty(origin, "inside", ZONE_BROKEN, NULL);
    zone->image = *image;
    zone->state = ZONE_SERVED;
    struct zone **list = memory_get(sizeof *list);
    list[0] = zone;
    return make_server(list, 1);
}

void inside_free(struct server *server)
{
    zones_free(&server->zones);
    free(server);
}

// --- judging -------------------------------------------------------------------------------------

// What the client said that it takes over UDP: 512, or what its OPT says, at most what we send.
static uint32_t size_allowed(const struct query *query, enum transport transport)
{
    if (transport == TRANSPORT_TCP)
        return MESSAGE_MAX;
    if (!query->edns.present || query->edns.payload < UDP_PAYLOAD_PLAIN)
        return UDP_PAYLOAD_PLAIN;
    return query->edns.payload < UDP_PAYLOAD_MAX ? query->edns.payload : UDP_PAYLOAD_MAX;
}

static void judge_records(const struct packet *reply)
{
    struct message message;
    struct message_record record;
    static uint8_t rdata[RDATA_MAX];
    assert(message_open(&message, reply->octets, reply->size));
    unsigned opts = 0;
    enum section section = SECTION_QUESTION;
    while (message_next(&message, &record)) {
        assert(record.section >= section);
        section = record.section;
        if (section == SECTION_QUESTION)
            continue;
        size_t size;
        opts += record.type == TYPE_OPT;
        assert(rdata_expand(record.type, reply->octets, reply->size, record.rdata_at,
                            record.rdata_size, rdata, &size));
    }
    assert(!message.malformed && message.at == reply->size && opts <= 1);
}

static void judge(const uint8_t *asked, size_t size, const struct packet *reply)
{
    bool is_query = size >= HEADER_SIZE && !(asked[2] & 0x80);
    assert((reply->size > 0) == is_query);
    if (!is_query)
        return;
    struct query query;
    query.over_stream = reply->transport == TRANSPORT_TCP;
    enum query_result result = query_decode(asked, size, &inside_key, &query);
    assert(reply->size >= HEADER_SIZE && reply->size <= size_allowed(&query, reply->transport));
    assert(memcmp(reply->octets, asked, 2) == 0 && reply->octets[2] & 0x80);
    assert((reply->octets[2] & 0x78) == (asked[2] & 0x78));
    if (result == QUERY_OK) {
        assert(bytes_get16(reply->octets + 4) == 1);
        assert(memcmp(reply->octets + HEADER_SIZE, asked + HEADER_SIZE,
                      query.question_end - HEADER_SIZE) == 0);
    }
    judge_records(reply);
}

void inside_ask(const struct server *server, const uint8_t *octets, size_t size)
{
    static struct serve_worker worker;
    if (!worker.slots) {
        serve_worker_open(&worker, false);
        bool good = address_parse("192.0.2.99", 5353, &client);
        assert(good);
    }
    for (enum transport transport = TRANSPORT_UDP; transport <= TRANSPORT_TCP; transport++) {
        uint32_t room = transport == TRANSPORT_UDP ? SLOT_OCTETS : MESSAGE_MAX;
        if (size > room)
            continue;
        struct packet packet = {.octets = memory_get(room),
                                .size = (uint32_t)size,
                                .room = room,
                                .client = &client,
                                .transport = transport,
                                .keepalive_ds = 100};
        memset(packet.octets, 0xa5, room);
        memcpy(packet.octets, octets, size);
        struct serve_now now = serve_now_of(5000000000u, 1700000000);
        serve_batch(server, &worker, &packet, 1, &now);
        assert(packet.size <= room);
        judge(octets, size, &packet);
        free(packet.octets);
    }
}

size_t inside_query(struct name name, uint16_t type, uint16_t payload, uint8_t to[static 512])
{
    memset(to, 0, HEADER_SIZE);
    to[5] = 1;
    size_t size = HEADER_SIZE;
    memcpy(to + size, name.wire, name.size);
    size += name.size;
    bytes_put16(to + size, type);
    bytes_put16(to + size + 2, CLASS_IN);
    size += 4;
    if (payload) {
        to[11] = 1;
        memset(to + size, 0, 11);
        bytes_put16(to + size + 1, TYPE_OPT);
        bytes_put16(to + size + 3, payload);
        size += 11;
    }
    return size;
}
