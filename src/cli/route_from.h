// `--from`: where a client is, as it is written on the command line.
//
//   203.0.113.7  2001:db8::1          an address
//   203.0.113.0/24                    what a resolver tells of its client's (RFC 7871)
//   SG  US-CA  AS64500  EU            a code: country, part of one, autonomous system, continent
//   1.35,103.82                       latitude and longitude
//   country:AS  continent:AS          where a code is two things, a country's counts
#pragma once

#include <stdbool.h>

#include "base/address.h"
#include "policy/mmdb.h"

enum route_from_kind {
    ROUTE_FROM_ADDRESS, // or a prefix
    ROUTE_FROM_COUNTRY,
    ROUTE_FROM_CONTINENT,
    ROUTE_FROM_SUBDIVISION,
    ROUTE_FROM_ASN,
    ROUTE_FROM_POINT,
};

struct route_from {
    const char *text; // as it was written
    enum route_from_kind kind;
    struct address address; // ROUTE_FROM_ADDRESS
    unsigned bits;
    struct mmdb_record record; // the others: what a database would say of an address there
};

// False after a complaint. Looks at `text` as long as it lives.
bool route_from_read(const char *text, struct route_from *from) __attribute__((nonnull));
// "address", "country": for JSON.
const char *route_from_word(enum route_from_kind kind);
