// Messages as octets: what a resolver asked, and what a server of a test says to it.
//
//   asked_read(&asked, octets, size)
//   reply_begin(&reply, &asked, FLAG_AA, RCODE_NOERROR)
//   reply_add(&reply, SECTION_ANSWER, &record)
//   reply_end(&reply)                                    with an OPT if the question had one
//
// Sections come in their order. A reply may break any rule that its maker wants broken: octets are
// there to be changed after reply_end().
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/message.h"
#include "dns/name.h"
#include "zone/records.h"

struct asked {
    uint16_t id, flags;
    struct name name; // with the case that it was asked with; looks at `wire`
    uint16_t type;
    bool edns, dnssec_ok;
    uint16_t payload; // 512 without EDNS
    uint8_t wire[NAME_OCTETS_MAX];
};
// False: not a query with one question of class IN; a resolver never sends such.
bool asked_read(struct asked *asked, const uint8_t *octets, size_t size)
    __attribute__((nonnull, warn_unused_result));

struct reply {
    const struct asked *asked;
    bool overflow;
    bool no_opt; // the server does not know EDNS
    uint32_t size;
    uint8_t octets[MESSAGE_MAX];
};
void reply_begin(struct reply *reply, const struct asked *asked, uint16_t flags, uint16_t rcode)
    __attribute__((nonnull));
void reply_add(struct reply *reply, enum section section, const struct record *record)
    __attribute__((nonnull));
// The same from text: "www.example.com. 3600 IN A 192.0.2.1", any number of lines.
void reply_add_text(struct reply *reply, enum section section, const char *text)
    __attribute__((nonnull));
void reply_end(struct reply *reply) __attribute__((nonnull));
// Cuts it down to header and question, with TC.
void reply_truncate(struct reply *reply) __attribute__((nonnull));
