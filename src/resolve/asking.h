// The message that asks another server, and what makes its reply hard to forge.
//
//   ID                16 bits                          RFC 5452 9.2
//   letters' case     a bit for each letter            0x20; not to servers that do not keep it
//   cookie            64 bits, and the server's own    RFC 7873
//   port and socket   net/outbound's affair
//
// A reply to another ID, name, case or type, or with another cookie than ours, is no reply.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "cache/server.h"
#include "dns/name.h"
#include "resolve/heard.h"

// Header, question, OPT with a cookie.
#define ASKING_OCTETS_MAX (HEADER_SIZE + NAME_OCTETS_MAX + 4 + 11 + 4 + 8 + 32)

struct asking {
    struct name name;
    uint16_t type;
    bool recursive;         // RD
    bool dnssec_ok;         // DO
    bool checking_disabled; // CD, to forwarders
    bool edns, mix_case;
    const uint8_t *client_cookie;      // 8 octets, or NULL: none
    const struct server_known *server; // its cookie goes along
};
// Returns the size of the message.
size_t asking_write(const struct asking *asking, struct luck *luck,
                    uint8_t octets[static ASKING_OCTETS_MAX]) __attribute__((nonnull));

enum asking_match {
    MATCH_YES,
    MATCH_CASE,    // all is right but the case of letters
    MATCH_NOT,     // another ID, question or cookie: somebody guesses
    MATCH_NO_SENSE // no reply at all, or malformed
};
// Compares a reply's head with what was sent.
enum asking_match asking_compare(const uint8_t *sent, size_t sent_size, const uint8_t *reply,
                                 size_t size) __attribute__((nonnull, warn_unused_result));
