// Reading messages (message.h). Every offset is checked against the size before it is used, and a
// compression pointer must point before the place where the name's current part began, so that no
// chain of them can loop (RFC 1035 4.1.4: "a prior occurrence"). More than POINTERS_MAX of them are
// refused: thousands of names at the end of one long chain would be work for nothing.
#include "dns/message.h"

#include <string.h>

#include "base/bytes.h"
#include "dns/type.h"

bool message_name(const uint8_t *octets, size_t size, size_t *at,
                  uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
{
    size_t from = *at, part = *at; // `part`: where the current run of labels began
    size_t behind = 0;             // where the name ends in the message, once a pointer was seen
    unsigned used = 0, labels = 0, pointers = 0;
    for (;;) {
        if (from >= size)
            return false;
        unsigned length = octets[from];
        if (length >= 0xc0) {
            if (from + 2 > size || ++pointers > POINTERS_MAX)
                return false;
            size_t to = bytes_get16(octets + from) & 0x3fff;
            if (to >= part)
                return false;
            if (behind == 0)
                behind = from + 2;
            from = part = to;
            continue;
        }
        if (length > LABEL_OCTETS_MAX || from + 1 + length > size ||
            used + 1 + length > NAME_OCTETS_MAX)
            return false;
        memcpy(storage + used, octets + from, 1 + length);
        used += 1 + length;
        from += 1 + length;
        if (length == 0)
            break;
        labels++;
    }
    *at = behind ? behind : from;
    *name = (struct name){storage, (uint8_t)used, (uint8_t)labels};
    return true;
}

bool message_skip_name(const uint8_t *octets, size_t size, size_t *at)
{
    size_t from = *at;
    while (from < size) {
        unsigned length = octets[from];
        if (length >= 0xc0) {
            *at = from + 2;
            return *at <= size;
        }
        if (length > LABEL_OCTETS_MAX)
            return false;
        from += 1 + length;
        if (length == 0) {
            *at = from;
            return true;
        }
    }
    return false;
}

bool message_open(struct message *message, const uint8_t *octets, size_t size)
{
    *message = (struct message){.octets = octets, .size = size, .at = HEADER_SIZE};
    if (size < HEADER_SIZE)
        return false;
    message->id = bytes_get16(octets);
    message->flags = bytes_get16(octets + 2);
    for (unsigned i = 0; i < 4; i++)
        message->counts[i] = bytes_get16(octets + 4 + 2 * i);
    message->left = message->counts[SECTION_QUESTION];
    return true;
}

// The rest of a record behind its owner.
static bool read_fixed(struct message *message, struct message_record *record)
{
    bool question = record->section == SECTION_QUESTION;
    size_t fixed = question ? 4 : 10;
    if (message->size - message->at < fixed)
        return false;
    const uint8_t *octets = message->octets + message->at;
    record->type = bytes_get16(octets);
    record->class = bytes_get16(octets + 2);
    record->ttl = question ? 0 : bytes_get32(octets + 4);
    record->rdata_size = question ? 0 : bytes_get16(octets + 8);
    record->rdata_at = message->at + fixed;
    if (message->size - record->rdata_at < record->rdata_size)
        return false;
    message->at = record->rdata_at + record->rdata_size;
    return true;
}

bool message_next(struct message *message, struct message_record *record)
{
    while (message->left == 0) {
        if (message->section == SECTION_ADDITIONAL)
            return false;
        message->section++;
        message->left = message->counts[message->section];
    }
    record->section = message->section;
    if (message->malformed ||
        !message_name(message->octets, message->size, &message->at, record->owner_wire,
                      &record->owner) ||
        !read_fixed(message, record)) {
        message->malformed = true;
        return false;
    }
    message->left--;
    return true;
}

size_t message_truncate(uint8_t *octets, size_t size)
{
    struct message message;
    struct message_record record;
    size_t opt_at = 0, opt_end = 0;
    if (!message_open(&message, octets, size))
        return 0;
    size_t start = message.at, kept = message.at;
    for (; message_next(&message, &record); start = message.at) {
        if (record.section == SECTION_QUESTION)
            kept = message.at;
        if (record.type == TYPE_TSIG)
            return 0;
        if (record.section == SECTION_ADDITIONAL && record.type == TYPE_OPT) {
            opt_at = start;
            opt_end = message.at;
        }
    }
    if (message.malformed || kept + (opt_end - opt_at) >= size)
        return 0;
    memmove(octets + kept, octets + opt_at, opt_end - opt_at);
    bytes_put16(octets + 2, message.flags | FLAG_TC);
    memset(octets + 6, 0, 6);
    octets[11] = opt_end > opt_at;
    return kept + (opt_end - opt_at);
}
