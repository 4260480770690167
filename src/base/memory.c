// malloc that cannot fail (memory.h).
#include "base/memory.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buffer.h"

#define HUGE_PAGE ((size_t)2 * 1024 * 1024) // of x86-64 and of arm64 with pages of 4 kB

static void *checked(void *memory, size_t size)
{
    if (memory)
        return memory;
    fprintf(stderr, "onym: out of memory (asked for %zu octets)\n", size);
    exit(1);
}

void *memory_get(size_t size)
{
    return checked(malloc(size ? size : 1), size);
}

// Whatever is large goes back to the system when it is freed: without this malloc would soon keep
// it in its heap, where blocks on huge pages leave gaps, and a reload would cost memory for good.
__attribute__((constructor)) static void return_large(void)
{
    mallopt(M_MMAP_THRESHOLD, 2 * HUGE_PAGE);
    mallopt(M_TRIM_THRESHOLD, 2 * HUGE_PAGE);
}

// Of less than two huge pages one could be half empty, and the alignment costs more than it saves.
void *memory_get_large(size_t size)
{
    if (size < 2 * HUGE_PAGE)
        return memory_get(size);
    void *memory = NULL;
    if (posix_memalign(&memory, HUGE_PAGE, size) != 0)
        memory = NULL;
    if (memory)
        (void)madvise(memory, size & ~(HUGE_PAGE - 1), MADV_HUGEPAGE); // without them: slower
    return checked(memory, size);
}

void *memory_get_zeroed(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1), count * size);
}

void *memory_get_aligned(size_t align, size_t size)
{
    return checked(aligned_alloc(align, (size + align - 1) & ~(align - 1)), size);
}

void *memory_resize(void *old, size_t size)
{
    return checked(realloc(old, size ? size : 1), size);
}

char *memory_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_get(size), text, size);
}

char *memory_format(const char *format, ...)
{
    struct buffer buffer = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&buffer, format, arguments);
    va_end(arguments);
    if (!buffer.text)
        return memory_copy_text("");
    return buffer.text;
}

void *memory_grow(void *array, size_t *room, size_t count, size_t size)
{
    if (count <= *room)
        return array;
    size_t more = *room ? *room : 16;
    while (more < count)
        more *= 2;
    *room = more;
    return memory_resize(array, more * size);
}
