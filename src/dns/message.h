// A DNS message as received: a view on its bytes. No allocation, no copy, no byte trusted.
//
// RFC 1035 4.1. Used where a message must be read record by record (what other servers send us,
// queries with more than a question and an OPT); the usual query is read by query.c in one pass.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/name.h"

enum header_flag {
    FLAG_QR = 0x8000,
    FLAG_AA = 0x0400,
    FLAG_TC = 0x0200,
    FLAG_RD = 0x0100,
    FLAG_RA = 0x0080,
    FLAG_AD = 0x0020,
    FLAG_CD = 0x0010,
};

enum section { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

// Reads a name at `*at`, following pointers, into `storage`; `*at` moves behind it. False:
// malformed (past the end, a pointer that does not point strictly backwards, over 255 octets, over
// POINTERS_MAX pointers).
bool message_name(const uint8_t *octets, size_t size, size_t *at,
                  uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
    __attribute__((nonnull, warn_unused_result));
// Moves `*at` behind a name without reading it. False: runs past the end.
bool message_skip_name(const uint8_t *octets, size_t size, size_t *at)
    __attribute__((nonnull, warn_unused_result));

// A cursor over the records of a message, with a sticky error.
struct message {
    const uint8_t *octets;
    size_t size;
    size_t at;
    uint16_t id;
    uint16_t flags;     // of the header, enum header_flag; opcode and RCODE are in it too
    uint16_t counts[4]; // by enum section, as the header says
    uint16_t left;      // records of the current section not yet read
    enum section section;
    bool malformed;
};

// One record or question where it stands in the message.
struct message_record {
    enum section section;
    struct name owner; // looks at owner_wire
    uint16_t type;
    uint16_t class;
    uint32_t ttl;    // 0 for a question
    size_t rdata_at; // offset in the message; names in it may point back (rdata_expand)
    uint16_t rdata_size;
    uint8_t owner_wire[NAME_OCTETS_MAX];
};

// False: shorter than a header.
bool message_open(struct message *message, const uint8_t *octets, size_t size)
    __attribute__((nonnull, warn_unused_result));
// The next question or record, in order. False: no more, or malformed (message->malformed tells).
bool message_next(struct message *message, struct message_record *record)
    __attribute__((nonnull, warn_unused_result));
// Cuts a reply down, where it stands, to header, question and OPT, with TC. The size that is left;
// 0, and nothing is changed: it is not well-formed, is no longer than that, or has a signature of
// the whole (RFC 8945), which would be of another message then.
size_t message_truncate(uint8_t *octets, size_t size) __attribute__((nonnull, warn_unused_result));
static inline unsigned message_opcode(uint16_t flags)
{
    return flags >> 11 & 15;
}
