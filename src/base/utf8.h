// UTF-8 (RFC 3629), one character at a time: for texts that go to a screen, a log or JSON.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The octets (1 to 4) of the character that `octets` begins with, its number in `code`; 0 when they
// are not UTF-8: cut short, overlong, a surrogate or past U+10FFFF. `size` is at least 1.
static inline size_t utf8_get(const char *octets, size_t size, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)octets[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || count > size)
        return 0;
    uint32_t value = first & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        if (((uint8_t)octets[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | ((uint8_t)octets[i] & 0x3f);
    }
    if (value < least[count] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return count;
}

// False for what moves the cursor, ends a line, turns the direction of writing or shows nothing: a
// text from a stranger could otherwise look like another text.
static inline bool utf8_printable(uint32_t code)
{
    static const uint32_t hidden[][2] = {
        {0x00, 0x1f},       // C0 controls
        {0x7f, 0x9f},       // DEL, C1 controls
        {0xad, 0xad},       // soft hyphen
        {0x061c, 0x061c},   // Arabic letter mark
        {0x200b, 0x200f},   // zero width, marks of direction
        {0x2028, 0x202e},   // line and paragraph separators, embeddings and overrides
        {0x2060, 0x206f},   // word joiner, isolates
        {0xfeff, 0xfeff},   // byte order mark
        {0xfff9, 0xfffb},   // interlinear annotation
        {0xe0000, 0xe007f}, // tags
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (code >= hidden[i][0] && code <= hidden[i][1])
            return false;
    return true;
}
