// The cursor of words.h, and the words that many types share: numbers, names, addresses, digits.
#include "dns/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/encode.h"
#include "dns/ip.h"

#define SHOWN_MAX                                                                                  \
    60 // characters of a word in a message; the report shows its place and line anyway

const struct token *words_take(struct words *words, const char *what)
{
    if (words->at < words->end)
        return words->at++;
    words_refuse(words, NULL, "%s is missing at the end of the record", what);
    words->form = true;
    return NULL;
}

bool words_put(struct words *words, const struct token *token, const void *octets, size_t size)
{
    assert(words->size <= RDATA_MAX);
    if (size > RDATA_MAX - words->size)
        return words_refuse(words, token, "makes the record longer than %d octets", RDATA_MAX);
    memcpy(words->rdata + words->size, octets, size);
    words->size += size;
    return true;
}

bool words_put8(struct words *words, const struct token *token, unsigned value)
{
    uint8_t octet = (uint8_t)value;
    assert(value <= UINT8_MAX);
    return words_put(words, token, &octet, 1);
}

bool words_put16(struct words *words, const struct token *token, unsigned value)
{
    uint8_t octets[2];
    assert(value <= UINT16_MAX);
    bytes_put16(octets, (uint16_t)value);
    return words_put(words, token, octets, sizeof octets);
}

bool words_put32(struct words *words, const struct token *token, uint32_t value)
{
    uint8_t octets[4];
    bytes_put32(octets, value);
    return words_put(words, token, octets, sizeof octets);
}

// Copies a word for a message: cut to what one can read, no control characters for the terminal.
static void show_word(const struct token *token, char shown[static SHOWN_MAX + 8])
{
    size_t size = token->size < SHOWN_MAX ? token->size : SHOWN_MAX, used = 0;
    shown[used++] = '\'';
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)token->text[i];
        shown[used++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    strcpy(shown + used, token->size > size ? "...' " : "' ");
}

bool words_refuse(struct words *words, const struct token *token, const char *format, ...)
{
    struct rdata_problem *problem = words->problem;
    char shown[SHOWN_MAX + 8] = "";
    if (token)
        show_word(token, shown);
    problem->token = token;
    problem->hint[0] = 0;
    int used = snprintf(problem->message, sizeof problem->message, "%s", shown);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->message + used, sizeof problem->message - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

void words_hint(struct words *words, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words->problem->hint, sizeof words->problem->hint, format, arguments);
    va_end(arguments);
}

static bool is_digits(const struct token *token)
{
    for (uint32_t i = 0; i < token->size; i++)
        if ((unsigned char)token->text[i] - (unsigned)'0' > 9)
            return false;
    return token->size > 0;
}

bool words_number(struct words *words, uint32_t most, const struct token **token, uint32_t *value)
{
    *token = words_take(words, "a number");
    if (!*token)
        return false;
    if (text_number(*token, most, value))
        return true;
    if (is_digits(*token))
        return words_refuse(words, *token, "is above %u, the most that fits here", most);
    words->form = true;
    return words_refuse(words, *token, "is not a number from 0 to %u", most);
}

bool words_name(struct words *words)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    const struct token *token = words_take(words, "a name");
    if (!token)
        return false;
    const char *text = token->text;
    size_t size = token->size;
    // In quotes "@" is the label @, not the origin (RFC 1035 5.1 knows the free standing one only).
    if (token->quoted && size == 1 && *text == '@') {
        text = "\\@";
        size = 2;
    }
    enum name_text_result result = name_parse(text, size, words->origin, storage, &name);
    if (result == NAME_TEXT_OK)
        return words_put(words, token, name.wire, name.size);
    words_refuse(words, token, "is not a name: %s", name_text_problem(result));
    if (result == NAME_TEXT_RELATIVE)
        words_hint(words, "there is no origin here: end the name with a dot");
    return false;
}

bool words_ip4(struct words *words)
{
    uint8_t octets[16];
    const struct token *token = words_take(words, "an IPv4 address");
    if (!token)
        return false;
    if (ip_parse4(token->text, token->size, octets))
        return words_put(words, token, octets, 4);
    char why[IP_WHY_MAX];
    ip_explain4(token->text, token->size, why);
    words_refuse(words, token, "is not an IPv4 address (%s)", why);
    if (ip_parse6(token->text, token->size, octets))
        words_hint(words, "it is an IPv6 address, which an AAAA record takes");
    return false;
}

bool words_ip6(struct words *words)
{
    uint8_t octets[16];
    const struct token *token = words_take(words, "an IPv6 address");
    if (!token)
        return false;
    if (ip_parse6(token->text, token->size, octets))
        return words_put(words, token, octets, 16);
    char why[IP_WHY_MAX];
    ip_explain6(token->text, token->size, why);
    words_refuse(words, token, "is not an IPv6 address (%s)", why);
    if (ip_parse4(token->text, token->size, octets))
        words_hint(words, "it is an IPv4 address, which an A record takes");
    return false;
}

// Says what is wrong with digits of the base named.
static bool refuse_digits(struct words *words, const struct token *token,
                          const struct decode *decode, enum decode_result result, const char *base)
{
    switch (result) {
    case DECODE_OK: return true;
    case DECODE_BAD_DIGIT:
        if (decode->bad > 0x20 && decode->bad < 0x7f)
            return words_refuse(words, token, "is not %s ('%c' is no digit of it)", base,
                                decode->bad);
        return words_refuse(words, token, "is not %s", base);
    case DECODE_PADDING: return words_refuse(words, token, "is not %s ('=' out of place)", base);
    case DECODE_CUT:
        return words_refuse(words, token, "ends within an octet of %s: a digit too few or too many",
                            base);
    case DECODE_FULL:
        return words_refuse(words, token, "makes the record longer than %d octets", RDATA_MAX);
    }
    return false;
}

static struct decode begin_decode(struct words *words)
{
    return (struct decode){.to = words->rdata + words->size, .end = words->rdata + RDATA_MAX};
}

// Counts what was decoded as written; at least `least` octets.
static bool end_decode(struct words *words, const struct decode *decode, size_t least,
                       const char *base)
{
    size_t size = (size_t)(decode->to - words->rdata);
    assert(size >= words->size && size <= RDATA_MAX);
    if (size - words->size < least) {
        words->form = true;
        return words_refuse(words, NULL, "%s is missing at the end of the record", base);
    }
    words->size = size;
    return true;
}

bool words_hex(struct words *words, size_t least)
{
    static const char base[] = "hexadecimal";
    struct decode decode = begin_decode(words);
    for (; words->at < words->end; words->at++) {
        enum decode_result result = decode_hex(&decode, words->at->text, words->at->size);
        if (result != DECODE_OK)
            return refuse_digits(words, words->at, &decode, result, base);
    }
    if (decode_hex_end(&decode) != DECODE_OK)
        return refuse_digits(words, words->at - 1, &decode, DECODE_CUT, base);
    return end_decode(words, &decode, least, "a hexadecimal text");
}

bool words_hex_of(struct words *words, const struct token *token)
{
    struct decode decode = begin_decode(words);
    enum decode_result result = decode_hex(&decode, token->text, token->size);
    if (result == DECODE_OK)
        result = decode_hex_end(&decode);
    if (result != DECODE_OK)
        return refuse_digits(words, token, &decode, result, "hexadecimal");
    return end_decode(words, &decode, 1, "a hexadecimal text");
}

bool words_base64(struct words *words, size_t least)
{
    static const char base[] = "base64";
    struct decode decode = begin_decode(words);
    for (; words->at < words->end; words->at++) {
        enum decode_result result = decode_base64(&decode, words->at->text, words->at->size);
        if (result != DECODE_OK)
            return refuse_digits(words, words->at, &decode, result, base);
    }
    enum decode_result result = decode_base64_end(&decode);
    if (result != DECODE_OK)
        return refuse_digits(words, words->at - 1, &decode, result, base);
    return end_decode(words, &decode, least, "a base64 text");
}

bool words_base64_of(struct words *words, const struct token *token)
{
    struct decode decode = begin_decode(words);
    enum decode_result result = decode_base64(&decode, token->text, token->size);
    if (result == DECODE_OK)
        result = decode_base64_end(&decode);
    if (result != DECODE_OK)
        return refuse_digits(words, token, &decode, result, "base64");
    return end_decode(words, &decode, 1, "a base64 text");
}
