// $GENERATE, BIND's shorthand for a series of records:
//
//   $GENERATE 10-30/10 host-${0,3,d} A 192.0.2.$   ->  host-010 A 192.0.2.10, host-020 ...,
//   host-030
//
//   $$ and \$              the character
//   $                      the counter
//   ${offset}              the counter plus offset, which may be negative
//   ${offset,width}        filled up with zeros to that width
//   ${offset,width,base}   in base d (decimal, the default), o, x, X, or in nibbles n, N:
//   hexadecimal
//                          digits from the lowest with dots between, as ip6.arpa wants them; the
//                          width counts the dots too
//
// Everything behind the range is a template. It becomes text again for each value of the counter,
// and that text is read like any other record.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/text.h"

struct buffer;

struct generate_range {
    uint32_t start, stop, step; // start <= stop, step >= 1, at most GENERATE_MAX values
};

// Reads "start-stop" or "start-stop/step". False: `problem` (of `problem_size` octets) says why.
bool generate_read_range(const struct token *token, struct generate_range *range, char *problem,
                         size_t problem_size) __attribute__((nonnull, warn_unused_result));

// Adds to `to` the record's text that the words of a template (owner, TTL, class, type, rdata) make
// for one value, without an end of line. NULL: done; else what is wrong with the word `*at_fault`.
const char *generate_write(const struct token *words, size_t count, uint32_t value,
                           struct buffer *to, size_t *at_fault)
    __attribute__((nonnull, warn_unused_result));
