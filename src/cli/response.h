// A reply, taken apart: every record with its rdata made whole, and what EDNS says beside them.
//
// All that is pointed to lives in the response's arena or in the message it was read from, which
// must outlive it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/message.h"
#include "dns/name.h"

struct response_record {
    enum section section;
    struct name owner;
    uint16_t type;
    uint16_t class;
    uint32_t ttl;
    const uint8_t *rdata; // uncompressed and well-formed
    size_t rdata_size;
};

struct response_option { // of EDNS; `octets` NULL: not there
    const uint8_t *octets;
    size_t size;
};

#define RESPONSE_EDES_MAX 8

struct response {
    uint16_t id;
    uint16_t flags;                  // of the header
    uint16_t rcode;                  // with the eight bits of EDNS (RFC 6891 6.1.3)
    size_t size;                     // of the whole message
    size_t left_over;                // octets behind the last record
    struct response_record question; // type 0 and no name: none
    struct response_record *records; // all but the question and OPT, in order
    size_t count;
    bool edns;
    uint8_t version;
    bool dnssec_ok;
    uint16_t payload;
    struct response_option nsid, cookie, keepalive;
    struct {
        uint16_t code;
        struct response_option text; // UTF-8, they say (RFC 8914 2)
    } edes[RESPONSE_EDES_MAX];
    size_t ede_count;
    const char *problem; // what is malformed, NULL: nothing
    struct arena arena;
};

// False: malformed, `problem` says how; what stood before it is there. The caller frees.
bool response_read(struct response *response, const uint8_t *octets, size_t size)
    __attribute__((nonnull, warn_unused_result));
void response_free(struct response *response) __attribute__((nonnull));

// The words of IANA's registry for an INFO-CODE of RFC 8914, or NULL.
const char *response_ede_words(unsigned code);
