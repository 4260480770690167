// The fields of rdata: the alphabet in which type.c writes each type, and how far each one reaches
// on the wire.
//
// Three switches give a field its meaning: field_pass (octets: how long, is it sound), put_field in
// rdata_parse.c (words to octets) and print_field in rdata_print.c (octets to words).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
    FIELD_END,
    FIELD_NAME,            // a domain name
    FIELD_NAMES,           // names up to the end, maybe none
    FIELD_U8,              // numbers
    FIELD_U16,             //
    FIELD_U32,             //
    FIELD_PERIOD,          // 32 bits of seconds; units are taken in text
    FIELD_TIME,            // 32 bits, YYYYMMDDHHmmSS in text
    FIELD_TYPE,            // 16 bits, an RR type's mnemonic
    FIELD_ALGORITHM,       // 8 bits, number or mnemonic; printed as a number
    FIELD_ALGORITHM_WORD,  // the same, printed as a mnemonic (CERT)
    FIELD_CERTIFICATE,     // 16 bits, CERT's type
    FIELD_SCHEME,          // 8 bits, DSYNC's scheme
    FIELD_IP4,             //
    FIELD_IP6,             //
    FIELD_LOCATOR,         // 64 bits as hhhh:hhhh:hhhh:hhhh (NID, L64)
    FIELD_EUI48,           // hh-hh-hh-hh-hh-hh
    FIELD_EUI64,           //
    FIELD_STRING,          // one character-string
    FIELD_STRING_OPTIONAL, // one or none, last
    FIELD_STRINGS,         // one or more, last
    FIELD_TAG,             // CAA's tag: letters and digits behind a length octet
    FIELD_TEXT,            // one string without length octet up to the end (CAA, URI)
    FIELD_HEX,             // the rest, in hex, one octet or more
    FIELD_BASE64,          // the rest, in base64, one octet or more
    FIELD_BASE64_OPTIONAL, // the rest, no word at all when empty (KEY, IPSECKEY)
    FIELD_BASE64_DASH,     // the rest, "-" when empty (DOA)
    FIELD_SALT,            // length octet, hex, "-" when empty (NSEC3)
    FIELD_HASH,            // length octet, base32hex (NSEC3)
    FIELD_BITMAP,          // types, RFC 4034 4.1.2
    FIELD_NXT,             // types, RFC 2535 5.2
    FIELD_SVCPARAMS,       // RFC 9460 2.2
    FIELD_LOC,             // RFC 1876 2, all of it
    FIELD_APL,             // RFC 3123 4, all of it
    FIELD_NSAP,            // RFC 1706 5, all of it
    FIELD_WKS,             // RFC 1035 3.4.2 behind the address
    FIELD_A6,              // RFC 2874 3.1.1: prefix length and address suffix ...
    FIELD_A6_NAME,         // ... and the name, which stands there unless the prefix length is 0
    FIELD_GATEWAY,         // IPSECKEY: the gateway; its type stands two octets before it
    FIELD_RELAY,           // AMTRELAY: discovery bit, type, relay
    FIELD_HIP,             // RFC 8005 5 up to the servers
};

// A look at rdata, field by field.
struct octets {
    const uint8_t *start; // of the rdata
    const uint8_t *at;
    const uint8_t *end;
};

static inline struct octets octets_begin(const uint8_t *rdata, size_t size)
{
    return (struct octets){rdata, rdata, rdata + size};
}

static inline size_t octets_left(const struct octets *octets)
{
    return (size_t)(octets->end - octets->at);
}

// Moves on past the field. NULL: it is sound; else what is wrong with it, and `at` is anywhere.
const char *field_pass(enum field field, struct octets *octets)
    __attribute__((nonnull, warn_unused_result));

// True when there is a name at `at`: for folding and decompression.
bool field_is_name(enum field field, const struct octets *octets) __attribute__((nonnull));
