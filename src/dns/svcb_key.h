// The registry of SvcParamKeys (IANA "Service Parameter Keys", RFC 9460 14.3): a key's word and the
// kind of its value.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum svcb_key {
    SVCB_MANDATORY = 0,
    SVCB_ALPN = 1,
    SVCB_NO_DEFAULT_ALPN = 2,
    SVCB_PORT = 3,
    SVCB_IPV4HINT = 4,
    SVCB_ECH = 5, // RFC 9848
    SVCB_IPV6HINT = 6,
    SVCB_DOHPATH = 7,              // RFC 9461 5
    SVCB_OHTTP = 8,                // RFC 9540 4
    SVCB_TLS_SUPPORTED_GROUPS = 9, // draft-ietf-tls-key-share-prediction 3.1
    SVCB_DOCPATH = 10,             // RFC 9953 3
    SVCB_PVD = 11,                 // draft-ietf-intarea-proxy-config 2.1
    SVCB_OOTS = 12,                // draft-johani-dnsop-svcb-oots 2
    SVCB_INVALID = 65535,          // RFC 9460 14.3.2: reserved for ever
};

enum svcb_value {
    SVCB_VALUE_OPAQUE, // any octets, escaped text
    SVCB_VALUE_NONE,   // must be empty
    SVCB_VALUE_KEYS,   // SvcParamKeys, ascending
    SVCB_VALUE_LIST,   // items behind length octets, one at least
    SVCB_VALUE_PATH,   // the same, maybe none: "/"
    SVCB_VALUE_SHARES, // the same, behind each an octet of per cent; one at least
    SVCB_VALUE_PORT,   // 16 bits
    SVCB_VALUE_GROUPS, // 16 bits each
    SVCB_VALUE_IP4,    //
    SVCB_VALUE_IP6,    //
    SVCB_VALUE_BASE64, // any octets, base64 in text
    SVCB_VALUE_TEXT,   // any octets but none is too few
};

struct svcb_row {
    const char *word; // NULL: not registered
    enum svcb_value value;
};

// Never NULL: keys that are not registered share a row.
const struct svcb_row *svcb_key_find(uint16_t key) __attribute__((returns_nonnull));
// A key's number from its word or keyNNNNN; -1: none of them. Keys are lower case (RFC 9460 2.1)
// and NNNNN has no leading zeros.
int svcb_key_parse(const char *text, size_t size) __attribute__((nonnull));
// Whether a value's octets have the form of their kind.
bool svcb_key_takes(enum svcb_value kind, const uint8_t *value, size_t size)
    __attribute__((nonnull));
