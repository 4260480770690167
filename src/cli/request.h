// A question on its way out: flags, name, type and EDNS as the user wants them, as octets.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/edns.h"
#include "dns/name.h"

struct request {
    struct name name;
    uint16_t type;
    uint16_t class;
    uint16_t flags; // of the header: FLAG_RD, FLAG_AD ...
    bool edns;      // the rest only counts with it
    bool dnssec_ok;
    bool nsid;
    uint8_t version;
    uint16_t payload;
    uint8_t cookie_size; // 0: none
    uint8_t cookie[COOKIE_CLIENT_SIZE + COOKIE_SERVER_MAX];
};

// Header, question, OPT with two options.
#define REQUEST_MAX                                                                                \
    (HEADER_SIZE + NAME_OCTETS_MAX + 4 + 11 + 4 + 4 + COOKIE_CLIENT_SIZE + COOKIE_SERVER_MAX)

// Writes the message and returns its size.
size_t request_build(const struct request *request, uint16_t id, uint8_t to[static REQUEST_MAX])
    __attribute__((nonnull));
