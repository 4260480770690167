// The address texts of ip.h.
//
// The readers only say yes or no, since they see every A and AAAA record of a zone; finding words
// for a fault is left to the explainers, which read the same text once more.
#include "dns/ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dns/encode.h"

static unsigned decimal(char c)
{
    return (unsigned char)c - (unsigned)'0';
}

bool ip_parse4(const char *text, size_t size, uint8_t to[static 4])
{
    const char *end = text + size;
    for (unsigned octet = 0; octet < 4; octet++) {
        if (octet > 0 && (text == end || *text++ != '.'))
            return false;
        if (text == end || decimal(*text) > 9)
            return false;
        unsigned value = decimal(*text++);
        // A further digit may follow any but a leading zero; 25 * 10 + 9 is the most before the
        // test.
        while (text < end && decimal(*text) <= 9 && value > 0 && value <= 25)
            value = value * 10 + decimal(*text++);
        if (value > 255)
            return false;
        to[octet] = (uint8_t)value;
    }
    return text == end;
}

static unsigned hexadecimal(char c)
{
    if (decimal(c) <= 9)
        return decimal(c);
    unsigned letter = byte_fold((uint8_t)c) - (unsigned)'a';
    return letter < 6 ? letter + 10 : 16;
}

// Reads one group of 1 to 4 digits. Returns how many characters it has, 0: none.
static size_t read_group(const char *text, const char *end, unsigned *value)
{
    size_t digits = 0;
    for (*value = 0; digits < 4 && text + digits < end; digits++) {
        unsigned digit = hexadecimal(text[digits]);
        if (digit > 15)
            break;
        *value = *value << 4 | digit;
    }
    return digits;
}

bool ip_parse6(const char *text, size_t size, uint8_t to[static 16])
{
    const char *end = text + size;
    size_t used = 0, gap = SIZE_MAX; // octets written; how many of them stand before "::"
    if (size >= 2 && text[0] == ':' && text[1] == ':') {
        gap = 0;
        text += 2;
    }
    while (text < end && used < 16) {
        unsigned value;
        size_t digits = read_group(text, end, &value);
        if (digits == 0)
            return false;
        if (text + digits < end && text[digits] == '.') { // the rest must be a dotted tail
            if (used > 12 || !ip_parse4(text, (size_t)(end - text), to + used))
                return false;
            used += 4;
            text = end;
            break;
        }
        bytes_put16(to + used, (uint16_t)value);
        used += 2;
        text += digits;
        if (text == end)
            break;
        if (*text++ != ':' || text == end)
            return false;
        if (*text == ':') {
            if (gap != SIZE_MAX)
                return false;
            gap = used;
            text++;
        }
    }
    if (text != end || (gap == SIZE_MAX) != (used == 16))
        return false;
    if (gap != SIZE_MAX) {
        memmove(to + 16 - (used - gap), to + gap, used - gap);
        memset(to + gap, 0, 16 - used);
    }
    return true;
}

// The first character that cannot stand in an address of this kind.
static bool explain_character(const char *text, size_t size, bool v6, char why[static IP_WHY_MAX])
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '.' || decimal(c) <= 9 || (v6 && (c == ':' || hexadecimal(c) <= 15)))
            continue;
        if (c > 0x20 && c < 0x7f)
            snprintf(why, IP_WHY_MAX, "'%c' cannot stand in it", c);
        else
            snprintf(why, IP_WHY_MAX, "octet %u cannot stand in it", (unsigned char)c);
        return true;
    }
    return false;
}

// What is wrong with the octet of `digits` digits, the first of them at `text`.
static bool explain_octet(const char *text, size_t digits, unsigned number,
                          char why[static IP_WHY_MAX])
{
    int shown = digits < 10 ? (int)digits : 10;
    unsigned value = 0;
    for (size_t i = 0; i < digits && value <= 255; i++)
        value = value * 10 + decimal(text[i]);
    if (digits == 0)
        snprintf(why, IP_WHY_MAX, "octet %u is empty", number);
    else if (value > 255)
        snprintf(why, IP_WHY_MAX, "octet %.*s%s > 255", shown, text, digits > 10 ? "..." : "");
    else if (digits > 1 && *text == '0')
        snprintf(why, IP_WHY_MAX, "octet %.*s has a leading zero", shown, text);
    else
        return false;
    return true;
}

void ip_explain4(const char *text, size_t size, char why[static IP_WHY_MAX])
{
    if (explain_character(text, size, false, why))
        return;
    const char *end = text + size;
    for (unsigned octets = 1;; octets++) {
        const char *dot = memchr(text, '.', (size_t)(end - text));
        if (explain_octet(text, (size_t)((dot ? dot : end) - text), octets, why))
            return;
        if (!dot) {
            snprintf(why, IP_WHY_MAX, "%u octet%s where 4 belong", octets, octets == 1 ? "" : "s");
            return;
        }
        text = dot + 1;
    }
}

// A group over four digits, or more than one "::".
static bool explain_groups(const char *text, size_t size, char why[static IP_WHY_MAX])
{
    size_t digits = 0, gaps = 0;
    for (size_t i = 0; i < size; i++) {
        digits = hexadecimal(text[i]) <= 15 ? digits + 1 : 0;
        if (digits > 4) {
            snprintf(why, IP_WHY_MAX, "a group over four digits");
            return true;
        }
        if (i > 0 && text[i] == ':' && text[i - 1] == ':' && ++gaps > 1) {
            snprintf(why, IP_WHY_MAX, "'::' may stand once only");
            return true;
        }
    }
    return false;
}

void ip_explain6(const char *text, size_t size, char why[static IP_WHY_MAX])
{
    uint8_t octets[4];
    if (size == 0) {
        snprintf(why, IP_WHY_MAX, "no text");
        return;
    }
    if (ip_parse4(text, size, octets)) {
        snprintf(why, IP_WHY_MAX, "it is IPv4");
        return;
    }
    if (explain_character(text, size, true, why) || explain_groups(text, size, why))
        return;
    const char *dot = memchr(text, '.', size);
    const char *tail = dot ? memrchr(text, ':', (size_t)(dot - text)) : NULL;
    if (dot && (!tail || !ip_parse4(tail + 1, (size_t)(text + size - tail - 1), octets))) {
        snprintf(why, IP_WHY_MAX, "its dotted part is not an IPv4 address");
        return;
    }
    unsigned groups = dot ? 1 : 0; // a dotted tail stands for two groups
    for (size_t i = 0; i < size; i++)
        groups += text[i] != ':' && (i == 0 || text[i - 1] == ':');
    if (memmem(text, size, "::", 2))
        snprintf(why, IP_WHY_MAX, "%u groups and '::' where 8 belong", groups);
    else if (groups != 8)
        snprintf(why, IP_WHY_MAX, "%u group%s where 8 belong", groups, groups == 1 ? "" : "s");
    else
        snprintf(why, IP_WHY_MAX, "a ':' too many");
}

void ip_print4(const uint8_t from[static 4], struct buffer *to)
{
    for (unsigned i = 0; i < 4; i++) {
        if (i > 0)
            buffer_add_char(to, '.');
        encode_number(from[i], to);
    }
}

void ip_print6(const uint8_t from[static 16], struct buffer *to)
{
    char text[INET6_ADDRSTRLEN];
    const char *done = inet_ntop(AF_INET6, from, text, sizeof text);
    assert(done);
    buffer_add_text(to, text);
    (void)done;
}
