// What is wrong with a zone's records as a whole.
//
// Errors refuse the zone: no SOA, two SOA, no NS at the apex, out of zone, CNAME and other data
// (RFC 1034 3.6.2, but for RRSIG, NSEC and KEY: RFC 2181 10.1, RFC 4034), two CNAME, two DNAME at
// one name (RFC 6672 2.4), DNAME beside CNAME. Warnings are served: records below a cut (that are
// not glue) or below a DNAME, in-zone name servers without address, a missing glue address, MX, NS
// or SRV that name a CNAME, TTLs that differ in an RRset (the lowest counts: RFC 2181 5.2),
// duplicates.
#pragma once

#include <stdbool.h>

#include "zone/records.h"

struct check_options {
    bool strict; // warnings are errors
};

// `records` are sorted (records_sort). Sets the TTL of each RRset's records to its lowest and drops
// duplicates, so that image.c may trust both. False: the report has at least one error from here.
bool check_records(struct records *records, const struct check_options *options,
                   struct report *report) __attribute__((nonnull, warn_unused_result));
