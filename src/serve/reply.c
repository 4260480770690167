// Writing replies (reply.h).
//
// The question stays where the client put it, in its case. Room for OPT is kept back before
// anything else is written, so that an error can always say what it is. Then RRset by RRset, each
// whole or not at all (RFC 2181 9): the first required one that does not fit sets TC and ends the
// message; others are left out, which RFC 2181 9 allows without TC for what is only additional.
#include "serve/reply.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/builder.h"
#include "dns/tsig.h"

#define OPT_FIXED 11 // root, type, class, TTL, RDLENGTH

// How much of a reply may be sent (RFC 6891 6.2.5, RFC 9715 3.1, RFC 1035 4.2.1).
static uint32_t size_limit(const struct query *query, const struct packet *packet)
{
    uint32_t limit = MESSAGE_MAX;
    if (packet->transport == TRANSPORT_UDP) {
        limit = UDP_PAYLOAD_PLAIN;
        if (query->edns.present && query->edns.payload > limit)
            limit = query->edns.payload < UDP_PAYLOAD_MAX ? query->edns.payload : UDP_PAYLOAD_MAX;
    }
    return limit < packet->room ? limit : packet->room;
}

// What the OPT record will have. All that a client cannot do without fits beside any question; what
// is only good to know is left out where it would not.
struct opt_plan {
    uint32_t size;    // of the record; 0: there is none
    uint8_t ede_text; // octets of it
    bool zone;        // RFC 9660, RFC 7314
};

static bool take_room(struct opt_plan *plan, uint32_t size, uint32_t room)
{
    if (plan->size + size > room)
        return false;
    plan->size += size;
    return true;
}

static struct opt_plan plan_opt(const struct reply *reply, uint32_t room)
{
    const struct answer *answer = reply->answer;
    struct opt_plan plan = {0};
    if (!reply->query->edns.present)
        return plan;
    plan.size = OPT_FIXED;
    if (reply->nsid)
        plan.size += 4u + reply->identity->nsid_size;
    if (reply->cookie)
        plan.size += 4 + COOKIE_SIZE;
    if (reply->keepalive)
        plan.size += 4 + 2;
    if (reply->subnet)
        plan.size += 4u + SUBNET_FIXED + subnet_octets(&reply->query->edns.subnet);
    if (answer->ede != EDE_NONE) {
        size_t text = answer->ede_text ? strlen(answer->ede_text) : 0;
        plan.size += 4 + 2;
        if (text <= UINT8_MAX && take_room(&plan, (uint32_t)text, room))
            plan.ede_text = (uint8_t)text;
    }
    uint32_t zone =
        (answer->tells_version ? 4u + ZONEVERSION_SIZE : 0) + (answer->tells_expire ? 4u + 4 : 0);
    plan.zone = zone && take_room(&plan, zone, room);
    return plan;
}

static uint8_t *put_option(uint8_t *to, enum edns_option code, const void *octets, size_t size)
{
    bytes_put16(to, (uint16_t)code);
    bytes_put16(to + 2, (uint16_t)size);
    memcpy(to + 4, octets, size);
    return to + 4 + size;
}

// RFC 7871 7.2.1: family, prefix and address as they were asked, and how much of it decided.
static uint8_t *put_subnet(uint8_t *to, const struct subnet *subnet, uint8_t scope)
{
    uint8_t option[SUBNET_FIXED + sizeof subnet->octets];
    bytes_put16(option, subnet->family);
    option[2] = subnet->bits;
    option[3] = subnet->bits ? scope : 0;
    memcpy(option + SUBNET_FIXED, subnet->octets, sizeof subnet->octets);
    return put_option(to, OPTION_SUBNET, option, SUBNET_FIXED + subnet_octets(subnet));
}

// RFC 9660 2.1: how many labels the zone's name has, and the only type that there is, the serial.
static uint8_t *put_zone_version(uint8_t *to, const struct answer *answer)
{
    uint8_t option[ZONEVERSION_SIZE] = {answer->zone_labels, ZONEVERSION_SOA_SERIAL};
    bytes_put32(option + 2, answer->zone_serial);
    return put_option(to, OPTION_ZONEVERSION, option, sizeof option);
}

static uint8_t *put_expire(uint8_t *to, uint32_t expire_s)
{
    uint8_t option[4];
    bytes_put32(option, expire_s);
    return put_option(to, OPTION_EXPIRE, option, sizeof option);
}

// RFC 8914 2: the code, then text without a NUL.
static uint8_t *put_ede(uint8_t *to, const struct answer *answer, size_t text_size)
{
    bytes_put16(to, OPTION_EDE);
    bytes_put16(to + 2, (uint16_t)(2 + text_size));
    bytes_put16(to + 4, (uint16_t)answer->ede);
    if (text_size)
        memcpy(to + 6, answer->ede_text, text_size);
    return to + 6 + text_size;
}

// Room was kept for exactly this. Returns where the message ends.
static uint8_t *put_opt(const struct reply *reply, const struct opt_plan *plan, uint8_t *to)
{
    uint8_t *begin = to;
    uint32_t flags = reply->query->edns.dnssec_ok ? EDNS_FLAG_DO : 0; // RFC 3225 3: as it was asked
    to[0] = 0;
    bytes_put16(to + 1, TYPE_OPT);
    bytes_put16(to + 3, UDP_PAYLOAD_MAX);
    bytes_put32(to + 5, (uint32_t)(reply->answer->rcode >> 4) << 24 | flags);
    to += OPT_FIXED;
    if (reply->nsid)
        to = put_option(to, OPTION_NSID, reply->identity->nsid, reply->identity->nsid_size);
    if (reply->cookie)
        to = put_option(to, OPTION_COOKIE, reply->cookie_octets, COOKIE_SIZE);
    if (reply->keepalive) {
        uint8_t idle[2];
        bytes_put16(idle, reply->keepalive_ds);
        to = put_option(to, OPTION_KEEPALIVE, idle, sizeof idle);
    }
    if (reply->subnet)
        to = put_subnet(to, &reply->query->edns.subnet, reply->answer->scope);
    if (plan->zone && reply->answer->tells_version)
        to = put_zone_version(to, reply->answer);
    if (plan->zone && reply->answer->tells_expire)
        to = put_expire(to, reply->answer->zone_expire_s);
    if (reply->answer->ede != EDE_NONE)
        to = put_ede(to, reply->answer, plan->ede_text);
    bytes_put16(begin + 9, (uint16_t)(to - begin - OPT_FIXED));
    return to;
}

static struct builder_rrset to_write(const struct answer_rrset *entry, uint32_t start)
{
    return (struct builder_rrset){.owner = entry->owner,
                                  .rrset = entry->rrset,
                                  .ttl = entry->ttl,
                                  .start = start,
                                  .data = entry->part != PART_SIGNATURES,
                                  .signatures = entry->part != PART_DATA};
}

// Writes the sections and counts their records. Returns true if something required did not fit.
static bool put_sections(struct builder *builder, const struct reply *reply,
                         uint16_t counts[static 4])
{
    const struct answer *answer = reply->answer;
    for (unsigned i = 0; i < answer->count; i++) {
        const struct answer_rrset *entry = &answer->rrsets[i];
        struct builder_rrset rrset = to_write(entry, reply->start);
        struct builder_mark mark = builder_mark(builder);
        unsigned written = builder_put_rrset(builder, &rrset);
        if (builder->overflow) {
            builder_roll_back(builder, mark);
            if (entry->required)
                return true;
            continue;
        }
        counts[entry->section] = (uint16_t)(counts[entry->section] + written);
    }
    return false;
}

// Most answers are one RRset of addresses under the name that was asked for: they need no builder.
// Returns where the message ends then; else 0.
static uint32_t put_addresses(const struct reply *reply, uint8_t *octets, uint32_t limit)
{
    const struct answer_rrset *entry = &reply->answer->rrsets[0];
    const struct rrset *rrset = entry->rrset;
    if (reply->answer->count != 1 || (rrset->type != TYPE_A && rrset->type != TYPE_AAAA) ||
        entry->part == PART_SIGNATURES || (entry->part == PART_SIGNED && rrset->signatures) ||
        entry->owner.wire != reply->query->name.wire)
        return 0;
    unsigned count = rrset->count, record = 12u + (rrset->type == TYPE_A ? 4 : 16);
    uint32_t size = reply->query->question_end;
    if (limit - size < count * record)
        return 0;
    uint8_t head[10]; // of each record: a pointer to the question's name, type, class, TTL
    bytes_put16(head, 0xc000 | HEADER_SIZE);
    bytes_put16(head + 2, rrset->type);
    bytes_put16(head + 4, reply->answer->class);
    bytes_put32(head + 6, entry->ttl);
    const uint8_t *first = rrset->body, *behind = first + count * (record - 10);
    const uint8_t *from = first + (count > 1 ? reply->start % count * (record - 10) : 0);
    uint8_t *to = octets + size;
    for (unsigned i = 0; i < count; i++, to += record) {
        memcpy(to, head, sizeof head);
        if (record == 16)
            memcpy(to + 10, from, 6);
        else
            memcpy(to + 10, from, 18);
        from += record - 10;
        if (from == behind)
            from = first;
    }
    return size + count * record;
}

static uint16_t reply_flags(const struct reply *reply, bool truncated)
{
    unsigned flags =
        FLAG_QR | (reply->query->flags & (0x7800 | FLAG_RD)) | (reply->answer->rcode & 15);
    // RFC 4035 3.1.6: CD is copied; it means something in a query only.
    if (message_opcode(reply->query->flags) == OPCODE_QUERY)
        flags |= reply->query->flags & FLAG_CD;
    if (reply->answer->authoritative)
        flags |= FLAG_AA;
    if (reply->recursion)
        flags |= FLAG_RA;
    if (truncated)
        flags |= FLAG_TC;
    return (uint16_t)flags;
}

bool reply_encode(const struct reply *reply, struct packet *packet)
{
    const struct query *query = reply->query;
    bool has_question = query->question_end > HEADER_SIZE;
    uint16_t counts[4] = {has_question};
    uint32_t limit = size_limit(query, packet);
    struct opt_plan opt = plan_opt(reply, limit - query->question_end);
    uint32_t kept = opt.size;
    uint32_t signature = reply->tsig ? (uint32_t)tsig_size(reply->tsig) : 0;
    assert(query->question_end + kept <= limit);
    // Only a long key beside a plain 512-octet limit has no room for itself: then it is left out.
    if (query->question_end + kept + signature > limit)
        signature = 0;
    limit -= signature;
    uint32_t size = query->question_end;
    bool truncated = false;
    uint32_t end = reply->answer->count && has_question
                       ? put_addresses(reply, packet->octets, limit - kept)
                       : 0;
    if (end) {
        size = end;
        counts[reply->answer->rrsets[0].section] = reply->answer->rrsets[0].rrset->count;
    } else if (reply->answer->count) {
        struct builder builder;
        struct builder_start start = {.octets = packet->octets,
                                      .size = size,
                                      .limit = limit - kept,
                                      .class = reply->answer->class,
                                      .question = has_question ? &query->key : NULL,
                                      .secret = reply->secret};
        builder_begin(&builder, &start);
        truncated = put_sections(&builder, reply, counts);
        size = builder.size;
    }
    if (opt.size) {
        size = (uint32_t)(put_opt(reply, &opt, packet->octets + size) - packet->octets);
        counts[SECTION_ADDITIONAL]++;
    }
    bytes_put16(packet->octets + 2, reply_flags(reply, truncated));
    for (unsigned i = 0; i < 4; i++)
        bytes_put16(packet->octets + 4 + 2 * i, counts[i]);
    if (signature) // RFC 8945 5.1: last
        size = (uint32_t)tsig_append(reply->tsig, packet->octets, size, reply->date_s);
    packet->size = size;
    return truncated;
}
