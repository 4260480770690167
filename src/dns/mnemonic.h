// The small dictionaries of rdata: numbers that have a word in text (DNSSEC algorithms, certificate
// types and so on). Numbers are always taken as well.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/text.h"

struct mnemonic {
    const char *word; // NULL ends a dictionary
    uint16_t value;   // the first word of a value is the one that is printed
};

extern const struct mnemonic mnemonic_algorithms[];   // IANA "DNS Security Algorithm Numbers"
extern const struct mnemonic mnemonic_certificates[]; // RFC 4398 2.1
extern const struct mnemonic mnemonic_schemes[];      // DSYNC: RFC 9859 2.1
extern const struct mnemonic mnemonic_protocols[];    // WKS: RFC 1035 3.4.2
extern const struct mnemonic mnemonic_services[];     // WKS: the ports of its days

// NULL: no word for that value.
const char *mnemonic_word(const struct mnemonic *dictionary, unsigned value)
    __attribute__((nonnull));
// Letters folded. False: no such word.
bool mnemonic_value(const struct mnemonic *dictionary, const struct token *token, uint32_t *value)
    __attribute__((nonnull, warn_unused_result));
