// malloc that cannot fail, for start, load, check and commands.
//
// Out of memory there has one honest end: a line that says so, and exit. The packet path does not
// allocate at all (it lives in slots and arenas sized by limits.h), and what a stranger sends never
// decides a size here without a limit before it.
#pragma once

#include <stddef.h>

void *memory_get(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *memory_get_zeroed(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, warn_unused_result));
// `align` is a power of two; not zeroed; freed with free() like the others.
void *memory_get_aligned(size_t align, size_t size)
    __attribute__((malloc, returns_nonnull, warn_unused_result));
// For arrays that may be of many megabytes and are written from end to end: on huge pages where
// there are any, which makes a fault of each 2 MB instead of each 4 kB. Given back with free.
void *memory_get_large(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *memory_resize(void *old, size_t size) __attribute__((returns_nonnull, warn_unused_result));
char *memory_copy_text(const char *text)
    __attribute__((malloc, nonnull, returns_nonnull, warn_unused_result));
// A printf into fresh memory; the caller frees it.
char *memory_format(const char *format, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull, warn_unused_result));

// Makes an array of `*room` members of `size` octets hold at least `count`, doubling. Returns the
// array, moved or not.
void *memory_grow(void *array, size_t *room, size_t count, size_t size)
    __attribute__((warn_unused_result));
