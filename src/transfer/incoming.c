// Incoming transfers (incoming.h).
//
//   FIRST --SOA--> SECOND --SOA of ours--> REMOVED --SOA--> ADDED --SOA--> REMOVED ...
//     | AXFR          | other record                           \--SOA of the newest--> OVER
//     +--> ALL <------+
//           \--SOA of the newest--> OVER
//
// What is out of the zone, of another class or no record that a zone may hold ends the transfer: a
// primary that sends one such record is broken or hostile, and the version that we have is better.
#include "transfer/incoming.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/memory.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/serial.h"

#define OPT_SIZE    15 // root, type, class, TTL, RDLENGTH; an option without content
#define SOA_NUMBERS 20 // octets of a SOA's rdata behind its names

// --- the request ---------------------------------------------------------------------------------

static uint16_t type_of(enum incoming_kind kind)
{
    switch (kind) {
    case INCOMING_SOA: return TYPE_SOA;
    case INCOMING_IXFR: return TYPE_IXFR;
    case INCOMING_AXFR: break;
    }
    return TYPE_AXFR;
}

// RFC 1995 3: the SOA of our version in the authority section. Of its names and numbers only the
// serial is looked at by anybody.
static size_t put_our_soa(const struct incoming *incoming, uint8_t *octets, size_t size)
{
    static const uint8_t rdata[2 + SOA_NUMBERS];
    uint8_t *to = octets + size;
    bytes_put16(octets + 8, 1);
    bytes_put16(to, 0xc000 | HEADER_SIZE);
    bytes_put16(to + 2, TYPE_SOA);
    bytes_put16(to + 4, CLASS_IN);
    bytes_put32(to + 6, 0);
    bytes_put16(to + 10, sizeof rdata);
    memcpy(to + 12, rdata, sizeof rdata);
    bytes_put32(to + 14, incoming->serial);
    return size + 12 + sizeof rdata;
}

// An OPT record with an EXPIRE option, which has nothing in it in a request (RFC 7314 2).
static size_t put_opt(uint8_t *octets, size_t size)
{
    uint8_t *to = octets + size;
    memset(to, 0, OPT_SIZE);
    bytes_put16(to + 1, TYPE_OPT);
    bytes_put16(to + 3, UDP_PAYLOAD_MAX);
    bytes_put16(to + 9, 4);
    bytes_put16(to + 11, OPTION_EXPIRE);
    bytes_put16(octets + 10, 1);
    return size + OPT_SIZE;
}

static size_t write_request(const struct incoming *incoming, bool plain, uint8_t *octets)
{
    size_t size = HEADER_SIZE + incoming->zone.size;
    memset(octets, 0, HEADER_SIZE);
    bytes_put16(octets, incoming->id);
    bytes_put16(octets + 4, 1);
    memcpy(octets + HEADER_SIZE, incoming->zone.wire, incoming->zone.size);
    bytes_put16(octets + size, type_of(incoming->kind));
    bytes_put16(octets + size + 2, CLASS_IN);
    size += 4;
    if (incoming->kind == INCOMING_IXFR)
        size = put_our_soa(incoming, octets, size);
    return plain ? size : put_opt(octets, size);
}

size_t incoming_begin(struct incoming *incoming, const struct incoming_options *options,
                      uint8_t octets[static INCOMING_REQUEST_MAX], uint64_t date_s)
{
    assert(options->kind != INCOMING_IXFR || options->has_serial);
    *incoming = (struct incoming){.kind = options->kind,
                                  .has_serial = options->has_serial,
                                  .serial = options->serial,
                                  .id = options->id,
                                  .expire_s = INCOMING_NOT_TOLD,
                                  .image = options->image,
                                  .secret = options->secret,
                                  .is_signed = options->key != NULL};
    incoming->zone = name_fold(options->zone, incoming->wire);
    records_begin(&incoming->records, incoming->zone);
    size_t size = write_request(incoming, options->plain, octets);
    if (options->key)
        size = tsig_ask(&incoming->tsig, options->key, octets, size, date_s);
    return size;
}

void incoming_free(struct incoming *incoming)
{
    tsig_abandon(&incoming->tsig);
    compare_free(incoming->compare);
    incoming->compare = NULL;
    records_free(&incoming->records);
    for (size_t i = 0; i < incoming->diff_count; i++)
        diff_free(&incoming->diffs[i]);
    free(incoming->diffs);
    incoming->diffs = NULL;
    incoming->diff_count = 0;
}

void incoming_give_records(struct incoming *incoming, struct records *records)
{
    *records = incoming->records;
    records->origin.wire = records->origin_wire;
    incoming->records = (struct records){0};
}

struct diff *incoming_give_diffs(struct incoming *incoming, size_t *count)
{
    struct diff *diffs = incoming->diffs;
    *count = incoming->diff_count;
    for (size_t i = 0; i < *count; i++) { // growing has moved them
        diffs[i].removed.origin.wire = diffs[i].removed.origin_wire;
        diffs[i].added.origin.wire = diffs[i].added.origin_wire;
    }
    incoming->diffs = NULL;
    incoming->diff_count = 0;
    return diffs;
}

// --- records -------------------------------------------------------------------------------------

static enum incoming_result fail(struct incoming *incoming, const char *problem)
{
    incoming->problem = problem;
    incoming->stage = INCOMING_OVER;
    return INCOMING_WRONG;
}

static void keep(struct records *records, const struct record *record)
{
    diff_add(records, record);
}

static struct diff *last_diff(struct incoming *incoming)
{
    return &incoming->diffs[incoming->diff_count - 1];
}

static enum incoming_result begin_diff(struct incoming *incoming, const struct record *soa)
{
    uint32_t expected = incoming->diff_count ? last_diff(incoming)->serial_to : incoming->serial;
    if (diff_serial(soa) != expected)
        return fail(incoming, "the differences do not follow one another");
    if (incoming->diff_count == INCOMING_DIFFS_MAX)
        return fail(incoming, "there are too many differences");
    incoming->diffs = memory_grow(incoming->diffs, &incoming->diff_room, incoming->diff_count + 1,
                                  sizeof *incoming->diffs);
    incoming->diff_count++;
    struct diff *diff = last_diff(incoming);
    diff_begin(diff, incoming->zone);
    diff->serial_from = expected;
    keep(&diff->removed, soa);
    incoming->stage = INCOMING_REMOVED;
    return INCOMING_MORE;
}

// --- a whole zone --------------------------------------------------------------------------------

static void begin_all(struct incoming *incoming)
{
    incoming->stage = INCOMING_ALL;
    if (incoming->image)
        incoming->compare = compare_begin(incoming->image, incoming->secret);
}

// It is taken like one that nothing is known of: what was the same so far comes to the rest.
static void stop_comparing(struct incoming *incoming)
{
    compare_put(incoming->compare, true, &incoming->records);
    compare_free(incoming->compare);
    incoming->compare = NULL;
}

// As a side of a difference is: each record once, and the SOA in front.
static void settle(struct records *side)
{
    size_t kept = 0, soa = 0;
    records_sort(side);
    for (size_t i = 0; i < side->count; i++)
        if (i == 0 || !diff_same(&side->list[i], &side->list[kept - 1]))
            side->list[kept++] = side->list[i];
    side->count = kept;
    while (soa < kept && side->list[soa].type != TYPE_SOA)
        soa++;
    if (soa == kept)
        return;
    struct record first = side->list[soa];
    memmove(side->list + 1, side->list, soa * sizeof first);
    side->list[0] = first;
}

// What differs from the version that we have, as the one difference.
static enum incoming_result end_compared(struct incoming *incoming)
{
    struct record soa = incoming->records.list[0];
    enum compare_result result = compare_note(incoming->compare, &soa);
    if (result == COMPARE_ODD) {
        stop_comparing(incoming);
        return INCOMING_WHOLE;
    }
    incoming->diffs =
        memory_grow(incoming->diffs, &incoming->diff_room, 1, sizeof *incoming->diffs);
    incoming->diff_count = 1;
    struct diff *diff = last_diff(incoming);
    diff_begin(diff, incoming->zone);
    diff->serial_from = incoming->image->serial;
    diff->serial_to = incoming->newest;
    compare_put(incoming->compare, false, &diff->removed);
    diff->added = incoming->records;
    diff->added.origin.wire = diff->added.origin_wire;
    incoming->records = (struct records){0};
    if (result == COMPARE_SAME)
        diff->added.list[0] = diff->added.list[--diff->added.count];
    settle(&diff->removed);
    settle(&diff->added);
    compare_free(incoming->compare);
    incoming->compare = NULL;
    incoming->compared = true;
    return INCOMING_DIFFS;
}

static enum incoming_result take_all(struct incoming *incoming, const struct record *record,
                                     bool soa)
{
    if (!soa) {
        enum compare_result result =
            incoming->compare ? compare_note(incoming->compare, record) : COMPARE_OTHER;
        if (result == COMPARE_ODD)
            stop_comparing(incoming);
        if (result != COMPARE_SAME)
            keep(&incoming->records, record);
        return INCOMING_MORE;
    }
    if (diff_serial(record) != incoming->newest)
        return fail(incoming, "the zone ends with another SOA than it begins with");
    incoming->stage = INCOMING_OVER;
    return incoming->compare ? end_compared(incoming) : INCOMING_WHOLE;
}

// --- differences ---------------------------------------------------------------------------------

static enum incoming_result take_first(struct incoming *incoming, const struct record *record,
                                       bool soa)
{
    if (!soa)
        return fail(incoming, "the first record is not the zone's SOA");
    incoming->newest = diff_serial(record);
    bool news = !incoming->has_serial || serial_is_newer(incoming->newest, incoming->serial);
    incoming->stage = INCOMING_OVER;
    if (incoming->kind == INCOMING_SOA)
        return news ? INCOMING_NEWER : INCOMING_CURRENT;
    if (incoming->kind == INCOMING_IXFR && !news)
        return INCOMING_CURRENT; // RFC 1995 4: that SOA is all of it
    keep(&incoming->records, record);
    if (incoming->kind == INCOMING_IXFR)
        incoming->stage = INCOMING_SECOND;
    else
        begin_all(incoming);
    return INCOMING_MORE;
}

static enum incoming_result take_difference(struct incoming *incoming, const struct record *record,
                                            bool soa)
{
    struct diff *diff = last_diff(incoming);
    if (!soa) {
        keep(incoming->stage == INCOMING_REMOVED ? &diff->removed : &diff->added, record);
        return INCOMING_MORE;
    }
    if (incoming->stage == INCOMING_REMOVED) {
        diff->serial_to = diff_serial(record);
        keep(&diff->added, record);
        incoming->stage = INCOMING_ADDED;
        return INCOMING_MORE;
    }
    if (diff_serial(record) != incoming->newest || diff->serial_to != incoming->newest)
        return begin_diff(incoming, record);
    incoming->stage = INCOMING_OVER;
    return INCOMING_DIFFS;
}

static enum incoming_result take_record(struct incoming *incoming, const struct record *record)
{
    bool soa = record->type == TYPE_SOA;
    if (soa && !name_equal(record_owner(record), incoming->zone))
        return fail(incoming, "a SOA stands below the zone's name");
    switch (incoming->stage) {
    case INCOMING_FIRST: return take_first(incoming, record, soa);
    case INCOMING_SECOND:
        if (soa && diff_serial(record) != incoming->newest)
            return begin_diff(incoming, record);
        begin_all(incoming);
        return take_all(incoming, record, soa);
    case INCOMING_ALL: return take_all(incoming, record, soa);
    case INCOMING_REMOVED:
    case INCOMING_ADDED: return take_difference(incoming, record, soa);
    case INCOMING_OVER: break;
    }
    return fail(incoming, "records follow the end of the zone");
}

static enum incoming_result read_record(struct incoming *incoming, const struct message *message,
                                        const struct message_record *read)
{
    static _Thread_local uint8_t rdata[RDATA_MAX];
    size_t size;
    if (!name_is_within(read->owner, incoming->zone))
        return fail(incoming, "a record is not of the zone");
    if (read->class != CLASS_IN || type_is_meta(read->type))
        return fail(incoming, "a record is of a kind that no zone has");
    if (!rdata_expand(read->type, message->octets, message->size, read->rdata_at, read->rdata_size,
                      rdata, &size))
        return fail(incoming, "a record is malformed");
    struct record record = {.owner = read->owner.wire,
                            .owner_size = read->owner.size,
                            .owner_labels = read->owner.labels,
                            .type = read->type,
                            .ttl = read->ttl >> 31 ? 0 : read->ttl, // RFC 2181 8
                            .rdata = rdata,
                            .rdata_size = (uint16_t)size};
    return take_record(incoming, &record);
}

// --- messages ------------------------------------------------------------------------------------

// Where the TSIG begins, which is the last record (RFC 8945 5.1). False: there is none.
static bool find_tsig(const uint8_t *octets, size_t size, size_t *at)
{
    struct message message;
    struct message_record record;
    bool found = false;
    if (!message_open(&message, octets, size))
        return false;
    size_t before = message.at;
    while (message_next(&message, &record)) {
        found = record.section == SECTION_ADDITIONAL && record.type == TYPE_TSIG;
        *at = before;
        before = message.at;
    }
    return found && !message.malformed && message.at == size;
}

static const char *doubt(const struct incoming *incoming)
{
    switch (incoming->tsig.error) {
    case TSIG_BADKEY: return "the primary does not know our key (BADKEY)";
    case TSIG_BADSIG:
        return "the primary says our signature is wrong (BADSIG): is it the same key?";
    case TSIG_BADTIME: return "the primary says our clock is wrong (BADTIME)";
    case TSIG_BADTRUNC: return "the primary wants longer signatures (BADTRUNC)";
    case TSIG_NO_ERROR: break;
    }
    return "it is not signed by the key that we share with the primary";
}

static bool check_head(struct incoming *incoming, const struct message *message)
{
    incoming->rcode = message->flags & 15;
    if (message->id != incoming->id || !(message->flags & FLAG_QR) ||
        message_opcode(message->flags) != OPCODE_QUERY)
        (void)fail(incoming, "a message is no answer to what was asked");
    else if (incoming->rcode != RCODE_NOERROR)
        (void)fail(incoming, "the primary refuses");
    else if (message->flags & FLAG_TC)
        (void)fail(incoming, "the answer is cut short");
    else if (message->counts[SECTION_QUESTION] > 1)
        (void)fail(incoming, "a message has several questions");
    else
        return true;
    return false;
}

// Of the first message; others may be without (RFC 5936 2.2.1).
static bool check_question(struct incoming *incoming, const struct message_record *question)
{
    if (question->type == type_of(incoming->kind) && question->class == CLASS_IN &&
        name_equal(question->owner, incoming->zone))
        return true;
    (void)fail(incoming, "a message answers another question");
    return false;
}

static bool check_signature(struct incoming *incoming, const uint8_t *octets, size_t size,
                            uint64_t date_s)
{
    size_t at;
    if (!incoming->is_signed)
        return true;
    incoming->doubtful = !find_tsig(octets, size, &at);
    bool good = incoming->doubtful ? tsig_pass(&incoming->tsig, octets, size)
                                   : tsig_confirm(&incoming->tsig, octets, size, at, date_s);
    if (!good)
        (void)fail(incoming, doubt(incoming));
    return good;
}

// What the primary says of its own copy (RFC 7314 3).
static void read_opt(struct incoming *incoming, const uint8_t *octets, size_t size)
{
    for (size_t at = 0; size - at >= 4;) {
        size_t option_size = bytes_get16(octets + at + 2);
        if (option_size > size - at - 4)
            return;
        if (bytes_get16(octets + at) == OPTION_EXPIRE && option_size == 4)
            incoming->expire_s = bytes_get32(octets + at + 4);
        at += 4 + option_size;
    }
}

static enum incoming_result read_sections(struct incoming *incoming, struct message *message)
{
    struct message_record record;
    enum incoming_result result = INCOMING_MORE;
    bool any = false;
    while (result != INCOMING_WRONG && message_next(message, &record)) {
        if (record.section == SECTION_QUESTION && !check_question(incoming, &record))
            return INCOMING_WRONG;
        if (record.section == SECTION_ADDITIONAL && record.type == TYPE_OPT)
            read_opt(incoming, message->octets + record.rdata_at, record.rdata_size);
        if (record.section != SECTION_ANSWER)
            continue;
        any = true;
        if (incoming->kind == INCOMING_SOA && incoming->stage == INCOMING_OVER)
            continue; // its signature, say
        result = read_record(incoming, message, &record);
    }
    if (message->malformed)
        return fail(incoming, "a message is malformed");
    return any || result == INCOMING_WRONG ? result : fail(incoming, "a message has no records");
}

enum incoming_result incoming_take(struct incoming *incoming, const uint8_t *octets, size_t size,
                                   uint64_t date_s)
{
    struct message message;
    incoming->messages++;
    incoming->octets += size;
    if (incoming->stage == INCOMING_OVER)
        return fail(incoming, "messages follow the end of the zone");
    if (incoming->octets > INCOMING_OCTETS_MAX)
        return fail(incoming, "it is larger than any zone");
    if (!message_open(&message, octets, size))
        return fail(incoming, "a message is malformed");
    // The signature first: what is not the primary's is nobody's word. But an error may be unsigned
    // (RFC 8945 5.3.2), and says more than that it is.
    if ((message.flags & 15) != RCODE_NOERROR && message.id == incoming->id) {
        bool is_confirmed = check_signature(incoming, octets, size, date_s);
        incoming->rcode = message.flags & 15;
        if (is_confirmed || incoming->tsig.error == TSIG_NO_ERROR)
            (void)fail(incoming, "the primary refuses");
        return INCOMING_WRONG;
    }
    if (!check_signature(incoming, octets, size, date_s) || !check_head(incoming, &message))
        return INCOMING_WRONG;
    enum incoming_result result = read_sections(incoming, &message);
    if (incoming->doubtful && result != INCOMING_MORE && result != INCOMING_WRONG)
        return fail(incoming, doubt(incoming)); // RFC 8945 5.3.1: the last one is signed
    return result;
}
