// The growing text of buffer.h.
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

// Makes room for `more` octets and the NUL. Doubling keeps a long text linear in its length.
static void grow(struct buffer *buffer, size_t more)
{
    size_t needed = buffer->size + more + 1;
    if (needed <= buffer->room)
        return;
    size_t room = buffer->room ? buffer->room : 128;
    while (room < needed)
        room *= 2;
    buffer->text = memory_resize(buffer->text, room);
    buffer->room = room;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->text);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    if (buffer->text)
        buffer->text[0] = 0;
}

void buffer_add(struct buffer *buffer, const void *octets, size_t size)
{
    grow(buffer, size);
    if (size)
        memcpy(buffer->text + buffer->size, octets, size);
    buffer->size += size;
    buffer->text[buffer->size] = 0;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    buffer_add(buffer, &c, 1);
}

void buffer_format_list(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size <= 0)
        return;
    grow(buffer, (size_t)size);
    vsnprintf(buffer->text + buffer->size, (size_t)size + 1, format, arguments);
    buffer->size += (size_t)size;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(buffer, format, arguments);
    va_end(arguments);
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->text ? buffer->text : "";
}
