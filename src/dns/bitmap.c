// The type bitmaps of bitmap.h.
#include "dns/bitmap.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "dns/type.h"
#include "dns/words.h"

void bitmap_add(struct bitmap *bitmap, uint16_t type)
{
    unsigned window = type >> 8;
    uint64_t bit = (uint64_t)1 << (window % 64);
    if (!(bitmap->used[window / 64] & bit)) {
        memset(bitmap->bits[window], 0, sizeof bitmap->bits[window]);
        bitmap->used[window / 64] |= bit;
    }
    bitmap->bits[window][(type & 0xff) / 8] |= (uint8_t)(0x80 >> (type % 8));
}

// One window. Trailing zero octets are omitted (RFC 4034 4.1.2); a used window has a bit somewhere.
static size_t write_window(const struct bitmap *bitmap, unsigned window, uint8_t *to)
{
    size_t size = sizeof bitmap->bits[window];
    while (bitmap->bits[window][size - 1] == 0)
        size--;
    to[0] = (uint8_t)window;
    to[1] = (uint8_t)size;
    memcpy(to + 2, bitmap->bits[window], size);
    return 2 + size;
}

size_t bitmap_write(const struct bitmap *bitmap, uint8_t to[static BITMAP_OCTETS_MAX])
{
    size_t used = 0;
    for (unsigned word = 0; word < 4; word++)
        for (uint64_t left = bitmap->used[word]; left; left &= left - 1)
            used += write_window(bitmap, word * 64 + (unsigned)__builtin_ctzll(left), to + used);
    assert(used <= BITMAP_OCTETS_MAX);
    return used;
}

const char *bitmap_check(const uint8_t *octets, size_t size)
{
    int last = -1;
    for (size_t at = 0; at < size;) {
        if (size - at < 2 || size - at - 2 < octets[at + 1])
            return "type bitmap ends within a window";
        if (octets[at] <= last)
            return "type bitmap windows out of order";
        if (octets[at + 1] < 1 || octets[at + 1] > 32)
            return "type bitmap window not 1 to 32 octets long";
        if (octets[at + 1 + octets[at + 1]] == 0)
            return "type bitmap window with a zero octet at its end";
        last = octets[at];
        at += 2 + (size_t)octets[at + 1];
    }
    return NULL;
}

bool bitmap_holds(const uint8_t *octets, size_t size, uint16_t type)
{
    unsigned window = type >> 8, octet = (type & 0xff) / 8;
    for (size_t at = 0; at < size; at += 2 + (size_t)octets[at + 1])
        if (octets[at] == window)
            return octet < octets[at + 1] && octets[at + 2 + octet] & 0x80 >> (type % 8);
    return false;
}

bool bitmap_parse(struct words *words)
{
    struct bitmap bitmap;
    uint8_t octets[BITMAP_OCTETS_MAX];
    bitmap_begin(&bitmap);
    for (; words->at < words->end; words->at++) {
        uint16_t type;
        if (!type_parse(words->at->text, words->at->size, &type))
            return words_refuse(words, words->at, "is not an RR type");
        bitmap_add(&bitmap, type);
    }
    return words_put(words, NULL, octets, bitmap_write(&bitmap, octets));
}

void bitmap_print(const uint8_t *octets, size_t size, struct buffer *to)
{
    char word[TYPE_TEXT_MAX];
    bool first = true;
    for (size_t at = 0; at < size; at += 2 + (size_t)octets[at + 1]) {
        for (unsigned bit = 0; bit < octets[at + 1] * 8u; bit++) {
            if (!(octets[at + 2 + bit / 8] & 0x80 >> (bit % 8)))
                continue;
            type_print((uint16_t)(octets[at] << 8 | bit), word);
            if (!first)
                buffer_add_char(to, ' ');
            buffer_add_text(to, word);
            first = false;
        }
    }
}
