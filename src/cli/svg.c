// Pieces of SVG (svg.h).
#include "cli/svg.h"

#include <string.h>

#include "base/buffer.h"

void svg_text(struct buffer *to, const char *text, unsigned most)
{
    size_t size = strlen(text), end = size;
    if (size > most)
        for (end = most; end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80; end--)
            ; // not in the middle of a character of UTF-8
    for (size_t i = 0; i < end; i++) {
        switch (text[i]) {
        case '<': buffer_add_text(to, "&lt;"); break;
        case '>': buffer_add_text(to, "&gt;"); break;
        case '&': buffer_add_text(to, "&amp;"); break;
        case '"': buffer_add_text(to, "&quot;"); break;
        default: buffer_add_char(to, (unsigned char)text[i] < 0x20 ? '?' : text[i]);
        }
    }
    if (end < size)
        buffer_add_text(to, "...");
}
