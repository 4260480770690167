// Octets as text: numbers, quoted strings, hex, base32hex and base64 (RFC 4648), both ways.
//
// Decoding takes the digits word by word, since the presentation format lets people break a key or
// a digest wherever they like (RFC 4034 2.2):
//
//   struct decode decode = {.to = rdata, .end = rdata + room};
//   for each word: result = decode_base64(&decode, text, size);
//   result = decode_base64_end(&decode);           decode.to is behind the last octet
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;

void encode_number(uint32_t number, struct buffer *to);
// Digits in upper case, as dig prints them; no spaces.
void encode_hex(const uint8_t *octets, size_t size, struct buffer *to);
void encode_base32hex(const uint8_t *octets, size_t size, struct buffer *to); // without padding
void encode_base64(const uint8_t *octets, size_t size, struct buffer *to);    // with padding
// In quotes, with '"', '\' and what is not printable ASCII escaped (RFC 1035 5.1).
void encode_quoted(const uint8_t *octets, size_t size, struct buffer *to);
// One octet of such a string.
void encode_quoted_octet(uint8_t octet, struct buffer *to);

enum decode_result {
    DECODE_OK,
    DECODE_BAD_DIGIT, // a character that is no digit of this base
    DECODE_PADDING,   // digits behind '=', or too few or too many '='
    DECODE_CUT,       // the digits do not make whole octets
    DECODE_FULL,      // more octets than there is room for
};

struct decode {
    uint8_t *to;        // where the next octet goes
    const uint8_t *end; // one past the room
    uint32_t bits;      // the digits not yet written, in the low `held` bits
    unsigned held;
    unsigned padding; // '=' seen
    char bad;         // the character of BAD_DIGIT
};

enum decode_result decode_hex(struct decode *decode, const char *text, size_t size)
    __attribute__((nonnull, warn_unused_result));
enum decode_result decode_hex_end(const struct decode *decode)
    __attribute__((nonnull, warn_unused_result));
// Without padding, as NSEC3 wants it (RFC 5155 3.3).
enum decode_result decode_base32hex(struct decode *decode, const char *text, size_t size)
    __attribute__((nonnull, warn_unused_result));
enum decode_result decode_base32hex_end(const struct decode *decode)
    __attribute__((nonnull, warn_unused_result));
enum decode_result decode_base64(struct decode *decode, const char *text, size_t size)
    __attribute__((nonnull, warn_unused_result));
enum decode_result decode_base64_end(const struct decode *decode)
    __attribute__((nonnull, warn_unused_result));
