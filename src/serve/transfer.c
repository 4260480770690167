// Transfers asked for (transfer.h).
#include "serve/transfer.h"

#include "auth/authority.h"
#include "base/bytes.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "transfer/outgoing.h"
#include "zone/serial.h"

// The serial of the SOA in the authority section (RFC 1995 3). False: none is there.
static bool read_serial(const struct query *query, const struct packet *packet, uint32_t *serial)
{
    static _Thread_local uint8_t rdata[RDATA_MAX];
    struct message message;
    struct message_record record;
    size_t size;
    if (!message_open(&message, packet->octets, packet->size))
        return false;
    while (message_next(&message, &record)) {
        if (record.section != SECTION_AUTHORITY || record.type != TYPE_SOA ||
            !name_equal(record.owner, query->name) ||
            !rdata_expand(TYPE_SOA, packet->octets, packet->size, record.rdata_at,
                          record.rdata_size, rdata, &size))
            continue;
        *serial = bytes_get32(rdata + size - 20);
        return true;
    }
    return false;
}

// Has the client of this serial our version, or a newer one?
static bool is_current(const struct zone *zone, uint32_t serial)
{
    return serial == zone->image.serial || serial_is_newer(serial, zone->image.serial);
}

static void say_soa(const struct zone *zone, const struct query *query, struct answer *answer)
{
    const struct rrset *soa = zone->image.soa;
    answer->authoritative = true;
    answer->reason = REASON_ANSWER;
    struct answer_rrset entry = {.owner = image_origin(&zone->image),
                                 .rrset = soa,
                                 .ttl = soa->ttl,
                                 .section = SECTION_ANSWER,
                                 .part = PART_DATA,
                                 .required = true};
    (void)!answer_add(answer, &entry);
    auth_tell_of_zone(zone, query, answer);
}

// The zone of exactly this name, as it can be given away. NULL: the answer says why not.
static struct zone *find_zone(const struct server *server, const struct query *query,
                              struct answer *answer)
{
    struct zone *zone = query->class == CLASS_IN
                            ? zones_find(&server->zones, &query->key, query->key.labels)
                            : NULL;
    if (!zone || zone->origin.labels != query->key.labels) { // RFC 5936 2.2.1
        answer_fail(answer, RCODE_NOTAUTH, REASON_NOT_OURS, EDE_NOT_AUTHORITATIVE,
                    "not a zone served here");
        return NULL;
    }
    if (zone->state != ZONE_SERVED) {
        answer_fail(answer, RCODE_SERVFAIL, REASON_NOT_LOADED, EDE_NOT_READY,
                    "the zone is not loaded");
        return NULL;
    }
    return zone;
}

void transfer_answer(const struct server *server, struct serve_worker *worker,
                     const struct query *query, struct packet *packet, struct answer *answer)
{
    bool incremental = query->type == TYPE_IXFR;
    uint32_t serial = 0;
    if (!incremental && !query->over_stream) {
        answer_fail(answer, RCODE_FORMERR, REASON_BAD_QUERY, EDE_INVALID_QUERY_TYPE,
                    "AXFR needs TCP"); // RFC 5936 4.2
        return;
    }
    if (!access_admits(&server->transfer, packet->client, packet->key)) {
        worker->stats.transfers[incremental][STATS_TRANSFER_REFUSED]++;
        answer_fail(answer, RCODE_REFUSED, REASON_REFUSED, EDE_PROHIBITED,
                    "zone transfer is not allowed");
        return;
    }
    struct zone *zone = find_zone(server, query, answer);
    if (!zone)
        return;
    if (incremental && !read_serial(query, packet, &serial)) {
        answer_fail(answer, RCODE_FORMERR, REASON_BAD_QUERY, EDE_OTHER,
                    "IXFR without the SOA of the client's version");
    } else if (incremental && (!query->over_stream || is_current(zone, serial))) {
        worker->stats.transfers[incremental][STATS_TRANSFER_CURRENT]++;
        say_soa(zone, query, answer);
    } else {
        packet->outgoing = outgoing_open(&(struct outgoing_options){.zone = zone,
                                                                    .query = query,
                                                                    .packet = packet->octets,
                                                                    .secret = &server->secret,
                                                                    .tsig = packet->tsig,
                                                                    .keys = server->keys,
                                                                    .has_serial = incremental,
                                                                    .serial = serial});
    }
}
