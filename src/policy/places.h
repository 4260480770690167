// Where an address is: databases and the networks of the configuration, compiled into one table.
//
//   country.mmdb  asn.mmdb  nets of rules        only what some rule mentions
//        \           |          /
//         places_compile ----------> runs of addresses -> set of facts, point
//
// Rules mention facts (dns/location.h); the table says which of them hold for an address, and how
// long the prefix is that shares the answer. It is immutable; whoever replaces a database compiles
// another one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/report.h"
#include "dns/location.h"

#define FACTS_MAX 65535 // numbers are 16 bits

enum fact_kind { FACT_CONTINENT, FACT_COUNTRY, FACT_SUBDIVISION, FACT_ASN, FACT_NETS };
#define FACT_KINDS (FACT_NETS + 1)

// Something that a rule asks about a client's place. Its number is its index in the list.
struct fact {
    enum fact_kind kind;
    const char *text;          // CONTINENT "AS"; COUNTRY "SG"; SUBDIVISION "US-CA", "US-California"
    uint32_t asn;              // FACT_ASN
    const struct prefix *nets; // FACT_NETS: the client is in one of them
    size_t net_count;
};
struct places_wants {
    const struct fact *facts;
    size_t count;
    bool points; // coordinates, too
};

struct places;

// Reads the databases, any MMDB. Of two that say the same kind of thing of an address the first
// that knows it counts. Every problem is in `report`. NULL: there were errors. Takes from
// milliseconds to seconds: not for a worker.
struct places *places_compile(const char *const *paths, size_t path_count,
                              const struct places_wants *wants, struct report *report)
    __attribute__((nonnull(3, 4), warn_unused_result));
struct places *places_hold(struct places *places) __attribute__((nonnull, returns_nonnull));
void places_release(struct places *places); // NULL is fine

// A v4-mapped IPv6 address counts as IPv4.
void places_find(const struct places *places, const struct address *address,
                 struct location *location) __attribute__((nonnull));
// How many sets of facts occur; set 0 is the empty one, and always one of them.
size_t places_sets(const struct places *places) __attribute__((nonnull));
struct facts places_set(const struct places *places, size_t number) __attribute__((nonnull));
