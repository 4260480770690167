// The words of text.h: numbers, periods and escapes of the presentation format.
//
// Numbers are read without strtoul: no locale, no sign, no base, no terminating NUL needed.
#include "dns/text.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

#define PERIOD_MAX 0x7fffffff // RFC 2181 8: a TTL is 31 bits

bool text_number(const struct token *token, uint32_t most, uint32_t *value)
{
    uint64_t sum = 0;
    if (token->size == 0)
        return false;
    for (uint32_t i = 0; i < token->size; i++) {
        unsigned digit = (unsigned char)token->text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
        if (sum > most)
            return false;
    }
    *value = (uint32_t)sum;
    return true;
}

// Seconds in a unit of a period, 0: no such unit.
static uint32_t unit_seconds(char unit)
{
    switch (byte_fold((uint8_t)unit)) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3600;
    case 'd': return 86400;
    case 'w': return 604800;
    default: return 0;
    }
}

bool text_period(const struct token *token, uint32_t *seconds)
{
    if (text_number(token, PERIOD_MAX, seconds))
        return true;
    uint64_t sum = 0;
    const char *at = token->text, *end = at + token->size;
    if (at == end)
        return false;
    // Each round takes a number and its unit; "1h30" has a number without one and is refused.
    while (at < end) {
        uint64_t number = 0;
        const char *digits = at;
        for (; at < end && (unsigned char)(*at - '0') <= 9 && number <= PERIOD_MAX; at++)
            number = number * 10 + (unsigned char)(*at - '0');
        if (at == digits || at == end)
            return false;
        uint32_t unit = unit_seconds(*at++);
        sum += number * unit;
        if (unit == 0 || sum > PERIOD_MAX)
            return false;
    }
    *seconds = (uint32_t)sum;
    return true;
}

int text_octet(const char **at, const char *end)
{
    const char *next = *at;
    assert(next < end);
    if (*next != '\\') {
        *at = next + 1;
        return (unsigned char)*next;
    }
    if (end - next < 2)
        return -1;
    unsigned first = (unsigned char)next[1] - (unsigned)'0';
    if (first > 9) {
        *at = next + 2;
        return (unsigned char)next[1];
    }
    if (end - next < 4)
        return -1;
    unsigned second = (unsigned char)next[2] - (unsigned)'0';
    unsigned third = (unsigned char)next[3] - (unsigned)'0';
    unsigned octet = first * 100 + second * 10 + third;
    if (second > 9 || third > 9 || octet > 255)
        return -1;
    *at = next + 4;
    return (int)octet;
}

int text_unescape(const struct token *token, uint8_t *to)
{
    const char *at = token->text, *end = at + token->size;
    if (token->size == 0)
        return 0;
    if (!memchr(at, '\\', token->size)) {
        memcpy(to, at, token->size);
        return (int)token->size;
    }
    uint8_t *start = to;
    while (at < end) {
        int octet = text_octet(&at, end);
        if (octet < 0)
            return -1;
        *to++ = (uint8_t)octet;
    }
    return (int)(to - start);
}

bool text_is(const struct token *token, const char *word)
{
    for (uint32_t i = 0; i < token->size; i++)
        if (byte_fold((uint8_t)token->text[i]) != byte_fold((uint8_t)word[i]) || !word[i])
            return false;
    return word[token->size] == 0;
}
