// Rdata of every type from text. (dns/rdata.h includes this.)
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "dns/name.h"
#include "dns/text.h"

// What is wrong with a record's text: which word, in words, and the likely fix.
struct rdata_problem {
    const struct token *token; // the word at fault; NULL: there are too few words
    char message[200];         // "'192.0.2.300' is not an IPv4 address (octet 300 > 255)"
    char hint[120];            // "" = none
};

// Reads the words after TYPE into `rdata`, which has room for RDATA_MAX octets. Both the type's own
// form and RFC 3597's "\# length hex" are taken, for known types too (the octets are then checked).
// `origin` completes relative names. False: `problem` says why.
bool rdata_parse(uint16_t type, const struct token *tokens, size_t count, const struct name *origin,
                 uint8_t *rdata, size_t *size, struct rdata_problem *problem)
    __attribute__((nonnull, warn_unused_result));
