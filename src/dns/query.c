// Reading a query (query.h): the usual one, a question and perhaps an OPT, takes one pass without
// looking at anything twice; everything unusual goes on to read_records.
#include "dns/query.h"

#include "base/bytes.h"
#include "dns/message.h"

// The question's name stands at the very start and so has nothing to point back to: a pointer there
// is malformed, and the reply can keep its octets where they are.
static bool read_question(const uint8_t *packet, size_t size, const struct hash_key *secret,
                          struct query *query)
{
    const uint8_t *wire = packet + HEADER_SIZE;
    if (!name_key_read(wire, size - HEADER_SIZE, secret, &query->key))
        return false;
    query->name = (struct name){wire, query->key.size, query->key.labels};
    size_t at = HEADER_SIZE + query->name.size;
    if (size - at < 4)
        return false;
    query->type = bytes_get16(packet + at);
    query->class = bytes_get16(packet + at + 2);
    query->question_end = (uint16_t)(at + 4);
    return true;
}

// Reads one record at `*at`; an OPT is read into the query, a TSIG's place is kept.
static bool read_record(const uint8_t *packet, size_t size, size_t *at, bool additional, bool last,
                        struct query *query)
{
    size_t begin = *at;
    if (!message_skip_name(packet, size, at) || size - *at < 10)
        return false;
    const uint8_t *fixed = packet + *at;
    unsigned type = bytes_get16(fixed), rdata_size = bytes_get16(fixed + 8);
    *at += 10;
    if (size - *at < rdata_size)
        return false;
    const uint8_t *rdata = packet + *at;
    *at += rdata_size;
    if (type == TYPE_OPT) {
        // RFC 6891 6.1.1: one at most, in the additional section, its owner the root.
        if (!additional || query->edns.present || packet[begin] != 0)
            return false;
        return edns_read(bytes_get16(fixed + 2), bytes_get32(fixed + 4), rdata, rdata_size,
                         &query->edns) == EDNS_OK;
    }
    if (type == TYPE_TSIG) {
        // RFC 8945 5.1: last in the additional section, else FORMERR.
        query->has_tsig = true;
        query->tsig_at = (uint16_t)begin;
        return additional && last;
    }
    return true;
}

static bool read_records(const uint8_t *packet, size_t size, struct query *query)
{
    unsigned before = (unsigned)bytes_get16(packet + 6) + bytes_get16(packet + 8);
    unsigned total = before + bytes_get16(packet + 10);
    size_t at = query->question_end;
    for (unsigned i = 0; i < total; i++)
        if (!read_record(packet, size, &at, i >= before, i + 1 == total, query))
            return false;
    return at == size; // octets behind the last record: something else than a DNS message
}

enum query_result query_decode(const uint8_t *packet, size_t size, const struct hash_key *secret,
                               struct query *query)
{
    if (size < HEADER_SIZE || packet[2] & FLAG_QR >> 8)
        return QUERY_DROP;
    query->id = bytes_get16(packet);
    query->flags = bytes_get16(packet + 2);
    query->question_end = HEADER_SIZE;
    query->type = query->class = 0;
    query->has_tsig = false;
    query->edns.present = false;
    query->edns.dnssec_ok = query->edns.nsid = query->edns.keepalive = false;
    query->edns.zone_version = query->edns.expire = query->edns.has_subnet = false;
    query->edns.cookie_size = 0;
    // RFC 8906 3.1.4: an opcode we do not know is NOTIMP whatever follows; its sections may have
    // another meaning, so they are not looked at.
    if (message_opcode(query->flags) != OPCODE_QUERY &&
        message_opcode(query->flags) != OPCODE_UPDATE &&
        message_opcode(query->flags) != OPCODE_NOTIFY)
        return QUERY_NOTIMP;
    unsigned questions = bytes_get16(packet + 4);
    if (questions > 1) // RFC 9619 4
        return QUERY_FORMERR;
    if (questions == 1 && !read_question(packet, size, secret, query))
        return QUERY_FORMERR;
    if (!read_records(packet, size, query))
        return QUERY_FORMERR;
    if (query->edns.present && query->edns.version != 0)
        return QUERY_BADVERS;
    bool cookie = query->edns.cookie_size && message_opcode(query->flags) == OPCODE_QUERY;
    if (questions == 0)
        return cookie ? QUERY_COOKIE : QUERY_FORMERR;
    return QUERY_OK;
}
