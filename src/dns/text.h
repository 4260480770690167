// Words of the presentation format (RFC 1035 5.1, RFC 9460 appendix A): what a scanner hands to the
// parsers of names, numbers and rdata.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One word of a record's text. Escapes are still in it: who reads it knows what they mean there.
struct token {
    const char *text; // not terminated; quotes are not part of it
    uint32_t size;
    uint32_t line;   // from 1
    uint32_t column; // from 1, in octets; of the opening quote if quoted
    bool quoted;     // stood (wholly) in quotes: then "@" is no origin and "" is a value
};

// Decimal, no sign, no escapes. False: not a number, or above `most`.
bool text_number(const struct token *token, uint32_t most, uint32_t *value)
    __attribute__((nonnull, warn_unused_result));
// Seconds with optional units: "3600", "1h", "1w2d3h4m5s", letters folded. Up to 2^31-1.
bool text_period(const struct token *token, uint32_t *seconds)
    __attribute__((nonnull, warn_unused_result));
// Undoes \X and \DDD into `to` (room for token->size octets). Returns the length, or -1: bad
// escape.
int text_unescape(const struct token *token, uint8_t *to)
    __attribute__((nonnull, warn_unused_result));
// One octet of escaped text: a plain character, \X or \DDD. Moves `at` (which is before `end`) on
// past it. -1: bad escape, `at` stays.
int text_octet(const char **at, const char *end) __attribute__((nonnull, warn_unused_result));
// Equal to a word, letters folded.
bool text_is(const struct token *token, const char *word) __attribute__((nonnull));
