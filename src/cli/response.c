// Reading a reply (response.h). RFC 1035 4.1, 6891 6.1, 5001, 7873, 7828, 8914.
#include "cli/response.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"

static bool refuse(struct response *response, const char *problem)
{
    response->problem = problem;
    return false;
}

// --- EDNS ----------------------------------------------------------------------------------------

static bool take_option(struct response *response, unsigned code, struct response_option option)
{
    switch (code) {
    case OPTION_NSID: response->nsid = option; break;
    case OPTION_KEEPALIVE: response->keepalive = option; break;
    case OPTION_COOKIE:
        if (option.size != COOKIE_CLIENT_SIZE &&
            (option.size < 16 || option.size > COOKIE_CLIENT_SIZE + COOKIE_SERVER_MAX))
            return refuse(response, "its cookie has no size that cookies have (RFC 7873 4)");
        response->cookie = option;
        break;
    case OPTION_EDE:
        if (option.size < 2)
            return refuse(response, "its extended error has no code (RFC 8914 2)");
        if (response->ede_count == RESPONSE_EDES_MAX)
            break;
        response->edes[response->ede_count].code = bytes_get16(option.octets);
        response->edes[response->ede_count++].text =
            (struct response_option){option.octets + 2, option.size - 2};
        break;
    default: break;
    }
    return true;
}

static bool take_opt(struct response *response, const struct message *message,
                     const struct message_record *record)
{
    if (response->edns)
        return refuse(response, "it has more than one OPT record");
    if (record->section != SECTION_ADDITIONAL || record->owner.labels != 0)
        return refuse(response, "its OPT record is not where such records are");
    response->edns = true;
    response->payload = record->class;
    response->version = (uint8_t)(record->ttl >> 16);
    response->dnssec_ok = record->ttl & EDNS_FLAG_DO;
    response->rcode |= (uint16_t)(record->ttl >> 24 << 4);
    const uint8_t *at = message->octets + record->rdata_at, *end = at + record->rdata_size;
    while (at != end) {
        if (end - at < 4 || end - at - 4 < bytes_get16(at + 2))
            return refuse(response, "an EDNS option in it is cut short");
        struct response_option option = {at + 4, bytes_get16(at + 2)};
        if (!take_option(response, bytes_get16(at), option))
            return false;
        at = option.octets + option.size;
    }
    return true;
}

// --- records -------------------------------------------------------------------------------------

static struct name keep_name(struct response *response, struct name name)
{
    return (struct name){arena_copy(&response->arena, name.wire, name.size), name.size,
                         name.labels};
}

static bool take_record(struct response *response, const struct message *message,
                        const struct message_record *record, size_t *room)
{
    uint8_t rdata[RDATA_MAX];
    size_t size;
    if (!rdata_expand(record->type, message->octets, message->size, record->rdata_at,
                      record->rdata_size, rdata, &size))
        return refuse(response, "the rdata of a record in it is malformed");
    response->records =
        memory_grow(response->records, room, response->count + 1, sizeof *response->records);
    response->records[response->count++] = (struct response_record){
        .section = record->section,
        .owner = keep_name(response, record->owner),
        .type = record->type,
        .class = record->class,
        .ttl = record->ttl,
        .rdata = arena_copy(&response->arena, rdata, size),
        .rdata_size = size,
    };
    return true;
}

bool response_read(struct response *response, const uint8_t *octets, size_t size)
{
    *response = (struct response){.size = size};
    struct message message;
    if (!message_open(&message, octets, size))
        return refuse(response, "it is shorter than a header");
    response->id = message.id;
    response->flags = message.flags;
    response->rcode = message.flags & 15;
    struct message_record record;
    size_t room = 0;
    while (message_next(&message, &record)) {
        if (record.section == SECTION_QUESTION)
            response->question =
                (struct response_record){.owner = keep_name(response, record.owner),
                                         .type = record.type,
                                         .class = record.class};
        else if (record.type == TYPE_OPT ? !take_opt(response, &message, &record)
                                         : !take_record(response, &message, &record, &room))
            return false;
    }
    if (message.malformed)
        return refuse(response, "it ends in the middle of a record");
    response->left_over = size - message.at;
    return true;
}

void response_free(struct response *response)
{
    free(response->records);
    arena_free(&response->arena);
    *response = (struct response){0};
}

const char *response_ede_words(unsigned code)
{
    static const char *const words[] = {
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDOMAIN Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
        "Signature Expired before Valid",
        "Too Early",
        "Unsupported NSEC3 Iterations Value",
        "Unable to conform to policy",
        "Synthesized",
        "Invalid Query Type",
    };
    return code < sizeof words / sizeof words[0] ? words[code] : NULL;
}
