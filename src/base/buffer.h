// A text that grows: what the printers write into. Always ends in a NUL that `size` does not count.
//
// Memory failure is fatal here (see memory.h): buffers belong to commands, checks and the control
// socket, never to the packet path.
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct buffer {
    char *text; // NULL until something was added; owned; buffer_free gives it back
    size_t size;
    size_t room;
};

void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); // size 0, the memory stays
void buffer_add(struct buffer *buffer, const void *octets, size_t size);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_format_list(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
// The text, "" when nothing was added; valid until the next change.
const char *buffer_text(const struct buffer *buffer);
