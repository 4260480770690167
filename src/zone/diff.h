// What differs between two versions of a zone: records that went and records that came, as IXFR
// sends them (RFC 1995 4), history keeps them and a person reads them.
//
// Packed, a list of records is plain octets for files and memory:
//
//   count | owner TYPE TTL RDLENGTH rdata | owner ... |        numbers in network order
//     4     n     2    4      2      n
//
// where an owner that is the one of the record before is the single octet 80, which no label begins
// with.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "dns/name.h"
#include "zone/records.h"

// The SOA of each side is the first record of `removed` and of `added`.
struct diff {
    uint32_t serial_from, serial_to;
    struct records removed, added;
};

void diff_begin(struct diff *diff, struct name origin) __attribute__((nonnull));
void diff_free(struct diff *diff) __attribute__((nonnull));

// A copy of owner and rdata in the list's own memory.
void diff_add(struct records *records, const struct record *record) __attribute__((nonnull));
// Owner (in any case), type and rdata (canonical form) are the same; TTLs may differ.
bool diff_same(const struct record *a, const struct record *b) __attribute__((nonnull));
// The serial of a SOA record.
uint32_t diff_serial(const struct record *soa) __attribute__((nonnull));

// Takes out what is on both sides, in each of which a record stands once at most, sorts both and
// puts the SOA of each first. The serials are those
// of the SOAs; without them they stay as they were.
void diff_settle(struct diff *diff) __attribute__((nonnull));
// True: it changes nothing but, perhaps, the SOA.
bool diff_is_empty(const struct diff *diff) __attribute__((nonnull));

// From `before` to `after`, both sorted (records_sort) and without duplicates.
void diff_make(struct diff *diff, const struct records *before, const struct records *after)
    __attribute__((nonnull));

void records_pack(const struct records *records, struct buffer *to) __attribute__((nonnull));
// Adds what was packed to a list that was begun. False: these octets are no packed list. *used: how
// many were read.
bool records_unpack(const uint8_t *octets, size_t size, struct records *records, size_t *used)
    __attribute__((nonnull, warn_unused_result));
// Both lists, one behind the other.
void diff_pack(const struct diff *diff, struct buffer *to) __attribute__((nonnull));
bool diff_unpack(const uint8_t *octets, size_t size, struct name origin, struct diff *diff)
    __attribute__((nonnull, warn_unused_result));

// The records of what diff_pack wrote, one after the other, where they stand: first all that went,
// then all that came, which is the order of IXFR. For octets that were read once, or are our own.
struct packed_record {
    struct name owner;
    uint16_t type;
    uint32_t ttl;
    const uint8_t *entry; // RDLENGTH and rdata, as in an RRset (dns/rrset.h)
};
struct packed_reader {
    const uint8_t *at, *end;
    uint32_t left; // of the list that is being read
    struct name owner;
};
void packed_begin(struct packed_reader *reader, const uint8_t *octets, size_t size)
    __attribute__((nonnull));
// False: that was the last one.
bool packed_next(struct packed_reader *reader, struct packed_record *record)
    __attribute__((nonnull, warn_unused_result));
