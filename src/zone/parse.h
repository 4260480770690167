// Zone files: RFC 1035 5 with $ORIGIN, $TTL (RFC 2308 4), $INCLUDE, and $GENERATE with BIND's
// modifiers; units in TTLs and SOA; quotes, \DDD, parentheses, CRLF, lines of any length.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "zone/records.h"

// Told now and then how far the reading is; for progress bars. May be NULL.
struct parse_progress {
    void (*tell)(struct parse_progress *progress, uint64_t octets_read, uint64_t octets_total);
};

struct parse_options {
    uint32_t ttl_default; // where no TTL was ever given: 3600 and a warning
    struct parse_progress *progress;
    unsigned threads;   // that read a large file at once, the caller's among them; 0 or 1: only it
    size_t part_octets; // that a thread takes at a time, for tests; 0: as many as are good
};

// Reads the file and all it includes into `records` (begun with the zone's origin). Goes on after a
// problem to find them all. Syntax, unknown words, bad rdata, out-of-zone owners, classes other
// than IN and meta types are errors in `report`; false if there was any error. Relative paths of
// $INCLUDE are looked up beside the file that has them.
bool parse_file(const char *path, struct records *records, const struct parse_options *options,
                struct report *report) __attribute__((nonnull, warn_unused_result));
// With any number of threads records, problems and their order are the same. `progress` is told by
// the caller's thread only.
// The same from memory; `path` is only its name in problems (and for $INCLUDE).
bool parse_text(const char *path, const char *octets, size_t size, struct records *records,
                const struct parse_options *options, struct report *report)
    __attribute__((nonnull, warn_unused_result));
