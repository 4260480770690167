// The codecs of encode.h.
//
// All three decoders are one: shift the digit's bits in, take octets out at the top. What differs
// is the width of a digit (4, 5, 6 bits) and what may be left over at the end: nothing for hex;
// fewer bits than one digit, and all zero, for the others. Leftover bits that are not zero are a
// typing error that would otherwise vanish silently (RFC 4648 3.5).
#include "dns/encode.h"

#include <assert.h>

#include "base/buffer.h"

static const char hex_digits[] = "0123456789ABCDEF";
static const char base32hex_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void encode_number(uint32_t number, struct buffer *to)
{
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    buffer_add(to, digits + at, sizeof digits - at);
}

// Writes `size` octets as digits of `width` bits, the last one filled up with zeros.
static void encode_digits(const uint8_t *octets, size_t size, unsigned width, const char *digits,
                          struct buffer *to)
{
    char chunk[64] = {0}; // the compiler cannot see that "used" of it are written
    size_t used = 0;
    uint32_t bits = 0;
    unsigned held = 0, mask = (1u << width) - 1;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | octets[i];
        held += 8;
        for (; held >= width; held -= width)
            chunk[used++] = digits[bits >> (held - width) & mask];
        if (used > sizeof chunk - 8) {
            buffer_add(to, chunk, used);
            used = 0;
        }
    }
    if (held)
        chunk[used++] = digits[bits << (width - held) & mask];
    buffer_add(to, chunk, used);
}

void encode_hex(const uint8_t *octets, size_t size, struct buffer *to)
{
    encode_digits(octets, size, 4, hex_digits, to);
}

void encode_base32hex(const uint8_t *octets, size_t size, struct buffer *to)
{
    encode_digits(octets, size, 5, base32hex_digits, to);
}

void encode_base64(const uint8_t *octets, size_t size, struct buffer *to)
{
    encode_digits(octets, size, 6, base64_digits, to);
    if (size % 3)
        buffer_add(to, "==", 3 - size % 3);
}

void encode_quoted_octet(uint8_t octet, struct buffer *to)
{
    char text[4] = {'\\', (char)octet, 0, 0};
    if (octet == '"' || octet == '\\') {
        buffer_add(to, text, 2);
    } else if (octet >= 0x20 && octet < 0x7f) {
        buffer_add(to, text + 1, 1);
    } else {
        text[1] = (char)('0' + octet / 100);
        text[2] = (char)('0' + octet / 10 % 10);
        text[3] = (char)('0' + octet % 10);
        buffer_add(to, text, 4);
    }
}

static bool is_plain(uint8_t octet)
{
    return octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
}

void encode_quoted(const uint8_t *octets, size_t size, struct buffer *to)
{
    buffer_add_char(to, '"');
    for (size_t i = 0; i < size;) {
        size_t plain = i;
        while (plain < size && is_plain(octets[plain]))
            plain++;
        buffer_add(to, octets + i, plain - i);
        if (plain < size)
            encode_quoted_octet(octets[plain], to);
        i = plain + 1;
    }
    buffer_add_char(to, '"');
}

// The digits of hex and base32hex, which share their alphabet, and their values plus one; 0: none.
static const uint8_t digit_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['a'] = 11, ['B'] = 12, ['b'] = 12, ['C'] = 13, ['c'] = 13,
    ['D'] = 14, ['d'] = 14, ['E'] = 15, ['e'] = 15, ['F'] = 16, ['f'] = 16, ['G'] = 17, ['g'] = 17,
    ['H'] = 18, ['h'] = 18, ['I'] = 19, ['i'] = 19, ['J'] = 20, ['j'] = 20, ['K'] = 21, ['k'] = 21,
    ['L'] = 22, ['l'] = 22, ['M'] = 23, ['m'] = 23, ['N'] = 24, ['n'] = 24, ['O'] = 25, ['o'] = 25,
    ['P'] = 26, ['p'] = 26, ['Q'] = 27, ['q'] = 27, ['R'] = 28, ['r'] = 28, ['S'] = 29, ['s'] = 29,
    ['T'] = 30, ['t'] = 30, ['U'] = 31, ['u'] = 31, ['V'] = 32, ['v'] = 32,
};

// One digit of `width` bits more.
static inline enum decode_result take_digit(struct decode *decode, unsigned value, unsigned width)
{
    assert(value < 1u << width && decode->held < 8);
    decode->bits = decode->bits << width | value;
    decode->held += width;
    if (decode->held < 8)
        return DECODE_OK;
    if (decode->to == decode->end)
        return DECODE_FULL;
    decode->held -= 8;
    *decode->to++ = (uint8_t)(decode->bits >> decode->held);
    return DECODE_OK;
}

static inline enum decode_result decode_digits(struct decode *decode, const char *text, size_t size,
                                               unsigned width)
{
    for (size_t i = 0; i < size; i++) {
        unsigned value = digit_values[(unsigned char)text[i]];
        if (value == 0 || value > 1u << width) {
            decode->bad = text[i];
            return DECODE_BAD_DIGIT;
        }
        enum decode_result result = take_digit(decode, value - 1, width);
        if (result != DECODE_OK)
            return result;
    }
    return DECODE_OK;
}

enum decode_result decode_hex(struct decode *decode, const char *text, size_t size)
{
    return decode_digits(decode, text, size, 4);
}

enum decode_result decode_hex_end(const struct decode *decode)
{
    return decode->held ? DECODE_CUT : DECODE_OK;
}

// Bits that are held but belong to no octet must be fewer than a digit has, and zero.
static bool is_whole(const struct decode *decode, unsigned width)
{
    return decode->held < width && (decode->bits & ((1u << decode->held) - 1)) == 0;
}

enum decode_result decode_base32hex(struct decode *decode, const char *text, size_t size)
{
    return decode_digits(decode, text, size, 5);
}

enum decode_result decode_base32hex_end(const struct decode *decode)
{
    return is_whole(decode, 5) ? DECODE_OK : DECODE_CUT;
}

// Base64 digits and their values plus one; 0: no digit.
static const uint8_t base64_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

// Whole groups of four digits, as long as nothing is special: signatures are most of a signed
// zone's text. Returns how many characters it took.
static size_t take_groups(struct decode *decode, const char *text, size_t size)
{
    size_t taken = 0;
    if (decode->held || decode->padding)
        return 0;
    for (; size - taken >= 4 && decode->end - decode->to >= 3; taken += 4) {
        uint32_t bits = 0;
        bool digits = true;
        for (unsigned i = 0; i < 4; i++) {
            uint8_t value = base64_values[(unsigned char)text[taken + i]];
            digits &= value != 0;
            bits = bits << 6 | (uint8_t)(value - 1);
        }
        if (!digits)
            break;
        decode->to[0] = (uint8_t)(bits >> 16);
        decode->to[1] = (uint8_t)(bits >> 8);
        decode->to[2] = (uint8_t)bits;
        decode->to += 3;
    }
    return taken;
}

enum decode_result decode_base64(struct decode *decode, const char *text, size_t size)
{
    for (size_t i = take_groups(decode, text, size); i < size; i++) {
        unsigned value = base64_values[(unsigned char)text[i]];
        if (text[i] == '=') {
            decode->padding++;
            continue;
        }
        if (value == 0) {
            decode->bad = text[i];
            return DECODE_BAD_DIGIT;
        }
        if (decode->padding)
            return DECODE_PADDING;
        enum decode_result result = take_digit(decode, value - 1, 6);
        if (result != DECODE_OK)
            return result;
    }
    return DECODE_OK;
}

enum decode_result decode_base64_end(const struct decode *decode)
{
    if (!is_whole(decode, 6))
        return DECODE_CUT;
    // 4 bits held: two digits of a group stood there, so "==" fills it; 2 bits: "="; none: nothing.
    return decode->padding == decode->held / 2 ? DECODE_OK : DECODE_PADDING;
}
