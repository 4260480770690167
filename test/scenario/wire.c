// Reads queries, writes replies (see wire.h). Owners that end as the question does are compressed,
// so that large referrals fit; nothing else is.
#include "wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/edns.h"
#include "dns/type.h"
#include "zone/parse.h"

bool asked_read(struct asked *asked, const uint8_t *octets, size_t size)
{
    struct message message;
    static struct message_record record;
    if (!message_open(&message, octets, size) || (message.flags & FLAG_QR) ||
        message.counts[0] != 1 || !message_next(&message, &record) || record.class != CLASS_IN)
        return false;
    *asked = (struct asked){.id = message.id,
                            .flags = message.flags,
                            .type = record.type,
                            .payload = UDP_PAYLOAD_PLAIN};
    memcpy(asked->wire, record.owner.wire, record.owner.size);
    asked->name = (struct name){asked->wire, record.owner.size, record.owner.labels};
    while (message_next(&message, &record)) {
        if (record.type != TYPE_OPT)
            continue;
        asked->edns = true;
        asked->payload = record.class;
        asked->dnssec_ok = record.ttl & EDNS_FLAG_DO;
    }
    return !message.malformed;
}

static void put(struct reply *reply, const void *octets, size_t size)
{
    if (reply->overflow || sizeof reply->octets - reply->size < size) {
        reply->overflow = true;
        return;
    }
    memcpy(reply->octets + reply->size, octets, size);
    reply->size += (uint32_t)size;
}

static void put16(struct reply *reply, unsigned value)
{
    uint8_t octets[2];
    bytes_put16(octets, (uint16_t)value);
    put(reply, octets, 2);
}

static void count(struct reply *reply, enum section section)
{
    uint8_t *at = reply->octets + 4 + 2 * section;
    bytes_put16(at, (uint16_t)(bytes_get16(at) + 1));
}

void reply_begin(struct reply *reply, const struct asked *asked, uint16_t flags, uint16_t rcode)
{
    reply->asked = asked;
    reply->overflow = reply->no_opt = false;
    reply->size = HEADER_SIZE;
    memset(reply->octets, 0, HEADER_SIZE);
    bytes_put16(reply->octets, asked->id);
    bytes_put16(reply->octets + 2,
                (uint16_t)(FLAG_QR | flags | (asked->flags & FLAG_RD) | (rcode & 15)));
    put(reply, asked->wire, asked->name.size);
    put16(reply, asked->type);
    put16(reply, CLASS_IN);
    count(reply, SECTION_QUESTION);
}

// As many labels as the question's name ends with, too, become a pointer.
static void put_owner(struct reply *reply, struct name owner)
{
    struct name question = reply->asked->name;
    unsigned shared = name_shared_labels(owner, question);
    if (shared == 0) {
        put(reply, owner.wire, owner.size);
        return;
    }
    unsigned own = owner.size - name_suffix(owner, shared).size;
    put(reply, owner.wire, own);
    put16(reply, 0xc000u | (HEADER_SIZE + question.size - name_suffix(question, shared).size));
}

void reply_add(struct reply *reply, enum section section, const struct record *record)
{
    put_owner(reply, record_owner(record));
    put16(reply, record->type);
    put16(reply, CLASS_IN);
    put16(reply, record->ttl >> 16);
    put16(reply, record->ttl & 0xffff);
    put16(reply, record->rdata_size);
    put(reply, record->rdata, record->rdata_size);
    if (!reply->overflow)
        count(reply, section);
}

void reply_add_text(struct reply *reply, enum section section, const char *text)
{
    static const struct parse_options options = {.ttl_default = 3600};
    struct records records;
    struct report report = {0};
    records_begin(&records, NAME_ROOT);
    if (!parse_text("reply", text, strlen(text), &records, &options, &report)) {
        report_print(&report, stderr, false);
        abort();
    }
    for (size_t i = 0; i < records.count; i++)
        reply_add(reply, section, &records.list[i]);
    records_free(&records);
    report_free(&report);
}

void reply_end(struct reply *reply)
{
    static const uint8_t opt[] = {
        0, 0, TYPE_OPT, UDP_PAYLOAD_MAX >> 8, UDP_PAYLOAD_MAX & 255, 0, 0, 0, 0, 0, 0};
    if (!reply->asked->edns || reply->no_opt)
        return;
    put(reply, opt, sizeof opt);
    if (!reply->overflow)
        count(reply, SECTION_ADDITIONAL);
}

void reply_truncate(struct reply *reply)
{
    reply->size = HEADER_SIZE + reply->asked->name.size + 4u;
    reply->overflow = false;
    reply->octets[2] |= FLAG_TC >> 8;
    memset(reply->octets + 6, 0, 6);
    reply_end(reply);
}
