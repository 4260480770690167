// EDNS(0) (RFC 6891): what a query's OPT record says, read in one pass over at most
// EDNS_OPTIONS_MAX options.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum edns_option {
    OPTION_NSID = 3,         // RFC 5001
    OPTION_SUBNET = 8,       // RFC 7871
    OPTION_EXPIRE = 9,       // RFC 7314
    OPTION_COOKIE = 10,      // RFC 7873
    OPTION_KEEPALIVE = 11,   // RFC 7828
    OPTION_PADDING = 12,     // RFC 7830
    OPTION_EDE = 15,         // RFC 8914
    OPTION_ZONEVERSION = 19, // RFC 9660
};

// INFO-CODEs of RFC 8914 that are used so far.
enum ede {
    EDE_NONE = -1,
    EDE_OTHER = 0,
    EDE_STALE_ANSWER = 3,
    EDE_FORGED_ANSWER = 4,
    EDE_CACHED_ERROR = 13,
    EDE_NOT_READY = 14,
    EDE_PROHIBITED = 18,
    EDE_STALE_NXDOMAIN = 19,
    EDE_NOT_AUTHORITATIVE = 20,
    EDE_NOT_SUPPORTED = 21,
    EDE_NO_REACHABLE_AUTHORITY = 22,
    EDE_NETWORK_ERROR = 23,
    EDE_INVALID_DATA = 24,
    EDE_INVALID_QUERY_TYPE = 30
};

#define COOKIE_CLIENT_SIZE 8
#define COOKIE_SERVER_MAX  32
#define EDNS_FLAG_DO       0x8000 // RFC 3225

// ADDRESS FAMILY NUMBERS of RFC 7871 6. "None" is said by clients that want no answer to be about
// their place (BIND's dig +subnet=0); its prefix is empty.
enum subnet_family { SUBNET_NONE = 0, SUBNET_IPV4 = 1, SUBNET_IPV6 = 2 };

// A part of a client's address, as its resolver tells it.
struct subnet {
    uint8_t family;     // enum subnet_family
    uint8_t bits;       // SOURCE PREFIX-LENGTH
    uint8_t octets[16]; // all that are not said are zero
};

#define ZONEVERSION_SIZE       6 // label count, type, serial
#define ZONEVERSION_SOA_SERIAL 0 // the type (RFC 9660 7.2)

#define SUBNET_FIXED 4 // octets of the option before the address
static inline unsigned subnet_octets(const struct subnet *subnet)
{
    return (subnet->bits + 7u) / 8;
}

struct edns {
    bool present;
    bool dnssec_ok;
    bool nsid;         // asked for
    bool keepalive;    // asked for
    bool zone_version; // asked for
    bool expire;       // asked for
    bool has_subnet;
    uint8_t version;
    uint8_t cookie_size; // 0: none; 8: the client's half only; 16 to 40: both
    uint16_t payload;    // as said; never below 512 here (RFC 6891 6.2.3)
    uint8_t cookie[COOKIE_CLIENT_SIZE + COOKIE_SERVER_MAX];
    struct subnet subnet; // with has_subnet
};

enum edns_result { EDNS_OK, EDNS_FORMERR };

// Reads an OPT record's CLASS, TTL and rdata. The options of a version above 0 are not looked at
// (RFC 6891 6.1.3): the caller answers BADVERS.
enum edns_result edns_read(uint16_t class, uint32_t ttl, const uint8_t *rdata, size_t size,
                           struct edns *edns) __attribute__((nonnull, warn_unused_result));
