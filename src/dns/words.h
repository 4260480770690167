// The words of one record on their way to octets: a cursor over the tokens and the rdata written so
// far, with the problem of the first word that does not fit. Shared by the parsers of fields.
//
//   const struct token *token = words_take(words, "an IPv4 address");
//   if (!token) return false;                                   too few words: already said
//   if (!ip_parse4(...)) return words_refuse(words, token, "is not an IPv4 address");
//   return words_put(words, token, octets, 4);
//
// All that can fail return false with the problem set, and nothing is written to the problem before
// that: a zone of a million good records never formats a text.
#pragma once

#include "dns/rdata.h"

struct words {
    const struct token *at; // the next word
    const struct token *end;
    const struct name *origin; // NULL: names must be absolute
    uint8_t *rdata;            // room for RDATA_MAX octets
    size_t size;               // of what is written there
    struct rdata_problem *problem;
    bool form; // the words are the wrong ones or their count is: a hint should show the whole form
};

static inline size_t words_left(const struct words *words)
{
    return (size_t)(words->end - words->at);
}

// The next word, or NULL: there is none, and the problem says that `what` is missing.
const struct token *words_take(struct words *words, const char *what) __attribute__((nonnull));

// Appends octets to the rdata. False: over 65535 octets, for which `token` gets the blame (NULL:
// none).
bool words_put(struct words *words, const struct token *token, const void *octets, size_t size)
    __attribute__((nonnull(1, 3), warn_unused_result));
bool words_put8(struct words *words, const struct token *token, unsigned value)
    __attribute__((nonnull(1), warn_unused_result));
bool words_put16(struct words *words, const struct token *token, unsigned value)
    __attribute__((nonnull(1), warn_unused_result));
bool words_put32(struct words *words, const struct token *token, uint32_t value)
    __attribute__((nonnull(1), warn_unused_result));

// Notes the problem "'word' " + the sentence (without the word if `token` is NULL) and no hint.
// Always false.
bool words_refuse(struct words *words, const struct token *token, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));
// The likely fix, after words_refuse.
void words_hint(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

// Takes a decimal number up to `most`.
bool words_number(struct words *words, uint32_t most, const struct token **token, uint32_t *value)
    __attribute__((nonnull, warn_unused_result));
// Takes a name and appends it, uncompressed and with its case.
bool words_name(struct words *words) __attribute__((nonnull, warn_unused_result));
// Takes an address and appends its octets.
bool words_ip4(struct words *words) __attribute__((nonnull, warn_unused_result));
bool words_ip6(struct words *words) __attribute__((nonnull, warn_unused_result));

// Takes all words left as the digits of one run of octets and appends them: at least `least`
// octets.
bool words_hex(struct words *words, size_t least) __attribute__((nonnull, warn_unused_result));
bool words_base64(struct words *words, size_t least) __attribute__((nonnull, warn_unused_result));
// The same of (a part of) one word, at least one octet.
bool words_hex_of(struct words *words, const struct token *token)
    __attribute__((nonnull, warn_unused_result));
bool words_base64_of(struct words *words, const struct token *token)
    __attribute__((nonnull, warn_unused_result));
