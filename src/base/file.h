// Whole files in, whole files out.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buffer;

#define FILE_PADDING 64

// Reads the file into fresh memory, FILE_PADDING NULs past its end (so that scanners may look at a
// block of octets that begins before it). Returns 0, or a negative errno: -EFBIG past `size_max`,
// -EISDIR for a folder. The caller frees.
int file_read(const char *path, size_t size_max, char **octets, size_t *size)
    __attribute__((nonnull, warn_unused_result));

// Writes to a temporary name beside `path`, fsync, rename, fsync of the folder: after a crash there
// is the old file or the new one, never a part. Returns 0 or a negative errno, nothing left behind.
int file_write(const char *path, const void *octets, size_t size, unsigned mode)
    __attribute__((nonnull, warn_unused_result));

// The last step of it, for who writes a file piece by piece: the folder that `path` is in, onto the
// disk. 0 or a negative errno.
int file_sync_folder(const char *path) __attribute__((nonnull, warn_unused_result));

// `path` as seen from the folder of the file `beside` (absolute paths stay). Fresh memory.
char *file_path_beside(const char *beside, const char *path)
    __attribute__((nonnull, warn_unused_result));
