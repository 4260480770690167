// Outgoing transfers (outgoing.h).
//
// A message takes RRsets as long as they fit. One that fits no message as a whole goes out record
// by record (RFC 5936 2.2: an RRset may be cut between messages): `entry` is where it goes on.
//
//   STAGE_FIRST --SOA--> STAGE_ALL --all but the SOA--> STAGE_LAST --SOA--> STAGE_OVER
//             \--SOA--> STAGE_STEPS --what has changed--/
#include "transfer/outgoing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/builder.h"
#include "dns/message.h"
#include "dns/type.h"
#include "zone/diff.h"
#include "zone/journal.h"
#include "zone/walk.h"

#define OPT_FIXED   11      // root, type, class, TTL, RDLENGTH
#define EXPIRE_SIZE (4 + 4) // RFC 7314 3

enum stage { STAGE_FIRST, STAGE_ALL, STAGE_STEPS, STAGE_LAST, STAGE_OVER };

struct outgoing {
    struct zone *zone;
    struct tsig_keys *keys;
    struct image_walk walk;
    enum stage stage;
    bool pending;         // walk.rrset has yet to go out, or the rest of it
    const uint8_t *entry; // the record of it that is next; NULL: the first
    uint32_t entries_left;
    bool difference; // STAGE_STEPS instead of STAGE_ALL:
    size_t step;     // of the zone's journal, that is being read; their count: that was the last
    struct packed_reader reader;
    struct packed_record record; // pending
    bool incremental, edns, dnssec_ok, expire, is_signed;
    uint16_t flags;
    uint16_t question_size;
    uint64_t records, octets;
    uint32_t messages;
    struct hash_key secret;
    struct tsig tsig;
    struct name_key key; // of the question
    uint8_t question[NAME_OCTETS_MAX + 4];
    uint8_t id[2];
};

// Does the last step of the journal end with what the zone is? A file that was read without anybody
// telling what has changed has no step.
static bool leads_here(const struct zone *zone)
{
    const struct journal *journal = zone->journal;
    return journal && journal->steps[journal->count - 1]->serial_to == zone->image.serial;
}

static void begin_step(struct outgoing *outgoing)
{
    const struct journal_step *step = outgoing->zone->journal->steps[outgoing->step];
    packed_begin(&outgoing->reader, step->octets, step->size);
}

struct outgoing *outgoing_open(const struct outgoing_options *options)
{
    const struct query *query = options->query;
    assert(options->zone->state == ZONE_SERVED);
    struct outgoing *outgoing = memory_get_zeroed(1, sizeof *outgoing);
    outgoing->zone = zone_hold(options->zone);
    outgoing->flags = FLAG_QR | FLAG_AA | (query->flags & FLAG_RD);
    outgoing->incremental = query->type == TYPE_IXFR;
    outgoing->edns = query->edns.present;
    outgoing->dnssec_ok = query->edns.present && query->edns.dnssec_ok;
    outgoing->expire = query->edns.present && query->edns.expire;
    outgoing->secret = *options->secret;
    outgoing->question_size = (uint16_t)(query->question_end - HEADER_SIZE);
    memcpy(outgoing->question, options->packet + HEADER_SIZE, outgoing->question_size);
    memcpy(outgoing->id, options->packet, sizeof outgoing->id);
    name_key_make(name_trust(outgoing->question), &outgoing->secret, &outgoing->key);
    if (options->tsig) {
        outgoing->is_signed = true;
        outgoing->tsig = *options->tsig;
        outgoing->keys = tsig_keys_hold(options->keys);
    }
    image_walk_begin(&outgoing->walk, &outgoing->zone->image);
    const struct journal *journal = outgoing->zone->journal;
    outgoing->difference = options->has_serial && leads_here(outgoing->zone) &&
                           journal_find(journal, options->serial, &outgoing->step);
    if (outgoing->difference)
        begin_step(outgoing);
    return outgoing;
}

void outgoing_close(struct outgoing *outgoing)
{
    if (!outgoing)
        return;
    zone_release(outgoing->zone);
    tsig_keys_release(outgoing->keys);
    free(outgoing);
}

bool outgoing_is_under_way(const struct outgoing *outgoing)
{
    return outgoing->stage != STAGE_OVER;
}

bool outgoing_is_incremental(const struct outgoing *outgoing)
{
    return outgoing->incremental;
}

bool outgoing_is_difference(const struct outgoing *outgoing)
{
    return outgoing->difference;
}

struct outgoing_sum outgoing_sum(const struct outgoing *outgoing)
{
    return (struct outgoing_sum){.zone = image_origin(&outgoing->zone->image),
                                 .serial = outgoing->zone->image.serial,
                                 .records = outgoing->records,
                                 .octets = outgoing->octets,
                                 .messages = outgoing->messages};
}

// --- a message -----------------------------------------------------------------------------------

struct writing {
    struct builder builder;
    unsigned records; // of this message
};

static void begin_message(struct outgoing *outgoing, uint8_t *octets, uint32_t limit,
                          struct writing *writing)
{
    memset(octets, 0, HEADER_SIZE);
    memcpy(octets, outgoing->id, 2);
    bytes_put16(octets + 2, outgoing->flags);
    bytes_put16(octets + 4, 1);
    memcpy(octets + HEADER_SIZE, outgoing->question, outgoing->question_size);
    struct builder_start start = {.octets = octets,
                                  .size = HEADER_SIZE + outgoing->question_size,
                                  .limit = limit,
                                  .class = CLASS_IN,
                                  .question = &outgoing->key,
                                  .secret = &outgoing->secret};
    builder_begin(&writing->builder, &start);
    writing->records = 0;
}

// Only the first message has an OPT record (RFC 5936 2.2.5).
static uint32_t opt_size(const struct outgoing *outgoing)
{
    if (!outgoing->edns || outgoing->messages > 0)
        return 0;
    return OPT_FIXED + (outgoing->expire ? EXPIRE_SIZE : 0);
}

// What a message has behind its records.
static uint32_t kept(const struct outgoing *outgoing)
{
    return opt_size(outgoing) + (outgoing->is_signed ? (uint32_t)tsig_size(&outgoing->tsig) : 0);
}

static void put_opt(const struct outgoing *outgoing, uint8_t *opt)
{
    memset(opt, 0, OPT_FIXED);
    bytes_put16(opt + 1, TYPE_OPT);
    bytes_put16(opt + 3, UDP_PAYLOAD_MAX);
    bytes_put16(opt + 7, outgoing->dnssec_ok ? EDNS_FLAG_DO : 0);
    if (!outgoing->expire)
        return;
    bytes_put16(opt + 9, EXPIRE_SIZE);
    bytes_put16(opt + 11, OPTION_EXPIRE);
    bytes_put16(opt + 13, 4);
    bytes_put32(opt + 15, zone_expires_in_s(outgoing->zone));
}

static uint32_t end_message(struct outgoing *outgoing, struct writing *writing, uint64_t date_s)
{
    uint8_t *octets = writing->builder.octets;
    uint32_t size = writing->builder.size;
    bytes_put16(octets + 6, (uint16_t)writing->records);
    if (opt_size(outgoing)) {
        put_opt(outgoing, octets + size);
        bytes_put16(octets + 10, 1);
        size += opt_size(outgoing);
    }
    if (outgoing->is_signed)
        size = (uint32_t)tsig_append(&outgoing->tsig, octets, size, date_s);
    outgoing->messages++;
    outgoing->records += writing->records;
    outgoing->octets += size;
    return size;
}

// True: it is in the message. False: there is no room, and nothing of it is.
static bool put_rrset(struct writing *writing, struct name owner, const struct rrset *rrset)
{
    struct builder *builder = &writing->builder;
    struct builder_mark mark = builder_mark(builder);
    unsigned count = builder_put_rrset(
        builder,
        &(struct builder_rrset){
            .owner = owner, .rrset = rrset, .ttl = rrset->ttl, .data = true, .signatures = true});
    if (builder->overflow) {
        builder_roll_back(builder, mark);
        return false;
    }
    writing->records += count;
    return true;
}

static bool put_record(struct outgoing *outgoing, struct writing *writing)
{
    const struct rrset *rrset = outgoing->walk.rrset;
    struct builder *builder = &writing->builder;
    struct builder_mark mark = builder_mark(builder);
    bool signature = outgoing->entries_left <= rrset->signatures;
    builder_put_record(builder,
                       &(struct builder_record){.owner = outgoing->walk.owner,
                                                .type = signature ? TYPE_RRSIG : rrset->type,
                                                .ttl = rrset->ttl,
                                                .entry = outgoing->entry});
    if (builder->overflow) {
        builder_roll_back(builder, mark);
        return false;
    }
    writing->records++;
    outgoing->entry = rrset_next(outgoing->entry);
    outgoing->entries_left--;
    return true;
}

// The pending RRset, or what the message takes of it. False: it is full.
static bool put_pending(struct outgoing *outgoing, struct writing *writing)
{
    const struct rrset *rrset = outgoing->walk.rrset;
    if (!outgoing->entry) {
        if (put_rrset(writing, outgoing->walk.owner, rrset)) {
            outgoing->pending = false;
            return true;
        }
        if (writing->records)
            return false; // the next message may hold it as a whole
        outgoing->entry = rrset->body;
        outgoing->entries_left = (uint32_t)rrset->count + rrset->signatures;
    }
    while (outgoing->entries_left)
        if (!put_record(outgoing, writing))
            return false;
    outgoing->entry = NULL;
    outgoing->pending = false;
    return true;
}

static bool put_soa(struct outgoing *outgoing, struct writing *writing)
{
    const struct image *image = &outgoing->zone->image;
    const struct rrset *soa = image->soa;
    struct builder *builder = &writing->builder;
    // Without its signatures, which stand among the records (RFC 5936 2.2).
    struct builder_mark mark = builder_mark(builder);
    struct builder_rrset data = {
        .owner = image_origin(image), .rrset = soa, .ttl = soa->ttl, .data = true};
    unsigned count = builder_put_rrset(builder, &data);
    if (builder->overflow) {
        builder_roll_back(builder, mark);
        return false;
    }
    writing->records += count;
    return true;
}

// The SOA's own signatures, in the place that the SOA would have among the records.
static bool put_soa_signatures(struct outgoing *outgoing, struct writing *writing)
{
    const struct rrset *soa = outgoing->walk.rrset;
    struct builder *builder = &writing->builder;
    struct builder_mark mark = builder_mark(builder);
    struct builder_rrset signatures = {
        .owner = outgoing->walk.owner, .rrset = soa, .ttl = soa->ttl, .signatures = true};
    unsigned count = builder_put_rrset(builder, &signatures);
    if (builder->overflow) {
        builder_roll_back(builder, mark);
        return false;
    }
    writing->records += count;
    outgoing->pending = false;
    return true;
}

// Takes as much of the zone as the message holds. False: it is full.
static bool put_all(struct outgoing *outgoing, struct writing *writing)
{
    const struct image *image = &outgoing->zone->image;
    for (;;) {
        if (!outgoing->pending) {
            const struct node *node = outgoing->walk.node;
            if (!image_walk_next(&outgoing->walk))
                return true;
            outgoing->pending = true;
            if (outgoing->walk.node != node)
                builder_forget_known(&writing->builder);
        }
        bool done = outgoing->walk.rrset == image->soa ? put_soa_signatures(outgoing, writing)
                                                       : put_pending(outgoing, writing);
        if (!done)
            return false;
    }
}

// The record that is next. False: there is none.
static bool next_changed(struct outgoing *outgoing)
{
    const struct journal *journal = outgoing->zone->journal;
    while (!packed_next(&outgoing->reader, &outgoing->record)) {
        if (++outgoing->step >= journal->count)
            return false;
        begin_step(outgoing);
    }
    return true;
}

// Takes as much of what has changed as the message holds. False: it is full.
static bool put_steps(struct outgoing *outgoing, struct writing *writing)
{
    struct builder *builder = &writing->builder;
    for (;;) {
        if (!outgoing->pending && !next_changed(outgoing))
            return true;
        const struct packed_record *record = &outgoing->record;
        struct builder_mark mark = builder_mark(builder);
        outgoing->pending = true;
        builder_put_record(builder, &(struct builder_record){.owner = record->owner,
                                                             .type = record->type,
                                                             .ttl = record->ttl,
                                                             .entry = record->entry});
        if (builder->overflow) {
            builder_roll_back(builder, mark);
            return false;
        }
        writing->records++;
        outgoing->pending = false;
    }
}

static void fill_message(struct outgoing *outgoing, struct writing *writing)
{
    if (outgoing->stage == STAGE_FIRST && put_soa(outgoing, writing))
        outgoing->stage = outgoing->difference ? STAGE_STEPS : STAGE_ALL;
    if (outgoing->stage == STAGE_STEPS && put_steps(outgoing, writing))
        outgoing->stage = STAGE_LAST;
    if (outgoing->stage == STAGE_ALL && put_all(outgoing, writing))
        outgoing->stage = STAGE_LAST;
    if (outgoing->stage == STAGE_LAST && put_soa(outgoing, writing))
        outgoing->stage = STAGE_OVER;
}

uint32_t outgoing_next(struct outgoing *outgoing, uint8_t octets[static MESSAGE_MAX],
                       uint64_t date_s)
{
    static const uint32_t limits[] = {OUTGOING_MESSAGE_MAX, MESSAGE_MAX};
    struct writing writing;
    assert(outgoing->stage != STAGE_OVER);
    for (unsigned i = 0; i < 2; i++) {
        begin_message(outgoing, octets, limits[i] - kept(outgoing), &writing);
        fill_message(outgoing, &writing);
        if (writing.records)
            return end_message(outgoing, &writing, date_s);
    }
    outgoing->stage = STAGE_OVER;
    return 0;
}
