// Whole files (file.h).
//
// A write goes: temporary file in the same folder (rename does not cross file systems) -> octets ->
// mode -> fsync -> rename -> fsync of the folder, without which the rename itself may be lost. The
// temporary name begins with a dot, so that no pattern of an include ("zones/*") catches it.
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define READ_MIN ((size_t)4096) // the first try where no size is known: a pipe, /proc

// Up to `size` octets, as many as there are. Of a regular file that was `expected` octets long a
// read that gives these and comes back short has seen its end, so that a small file is read with
// one call. Returns how many or a negative errno.
static ssize_t read_all(int file, char *to, size_t size, size_t expected)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(file, to + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        done += (size_t)got;
        if (got == 0 || (done >= expected && done < size))
            break;
    }
    return (ssize_t)done;
}

// Reads to the end. The size that the kernel told is a first guess only: the file may grow under
// us.
static int read_open(int file, size_t size_max, char **octets, size_t *size)
{
    struct stat status;
    if (fstat(file, &status) < 0)
        return -errno;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    if (status.st_size > 0 && (uint64_t)status.st_size > size_max)
        return -EFBIG;
    // One octet more than there should be: only a read that comes back short has seen the end.
    size_t room = status.st_size > 0 ? (size_t)status.st_size + 1 : READ_MIN;
    size_t filled = 0;
    size_t expected = S_ISREG(status.st_mode) && status.st_size > 0 ? room - 1 : SIZE_MAX;
    char *text = memory_get_large(room + FILE_PADDING);
    for (;; expected = SIZE_MAX) {
        ssize_t got = read_all(file, text + filled, room - filled, expected);
        if (got < 0 || filled + (size_t)got > size_max) {
            free(text);
            return got < 0 ? (int)got : -EFBIG;
        }
        filled += (size_t)got;
        if (filled < room)
            break;
        room *= 2;
        text = memory_resize(text, room + FILE_PADDING);
    }
    memset(text + filled, 0, FILE_PADDING);
    *octets = text;
    *size = filled;
    return 0;
}

int file_read(const char *path, size_t size_max, char **octets, size_t *size)
{
    *octets = NULL;
    *size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        return -errno;
    int result = read_open(file, size_max, octets, size);
    close(file);
    return result;
}

static int write_all(int file, const char *octets, size_t size)
{
    while (size) {
        ssize_t put = write(file, octets, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        octets += put;
        size -= (size_t)put;
    }
    return 0;
}

// The octets of `path` up to and with its last slash; 0: it has none.
static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

int file_sync_folder(const char *path)
{
    char *folder = folder_size(path) ? memory_format("%.*s", (int)folder_size(path), path)
                                     : memory_copy_text(".");
    int result = 0;
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // EINVAL: a file system that cannot sync folders; it has no more to give.
    if (file < 0 || (fsync(file) < 0 && errno != EINVAL))
        result = -errno;
    if (file >= 0)
        close(file);
    free(folder);
    return result;
}

// Fills the temporary file and closes it. A close may be the first to tell that the disk was full.
static int fill(int file, const void *octets, size_t size, unsigned mode)
{
    int result = write_all(file, octets, size);
    if (result == 0 && (fchmod(file, mode) < 0 || fsync(file) < 0))
        result = -errno;
    if (close(file) < 0 && result == 0 && errno != EINTR)
        result = -errno;
    return result;
}

int file_write(const char *path, const void *octets, size_t size, unsigned mode)
{
    assert((mode & ~07777u) == 0);
    size_t folder = folder_size(path);
    if (path[folder] == 0)
        return path[0] ? -EISDIR : -ENOENT;
    char *temporary = memory_format("%.*s.%s.XXXXXX", (int)folder, path, path + folder);
    int result = 0;
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        result = -errno;
    } else {
        result = fill(file, octets, size, mode);
        if (result == 0 && rename(temporary, path) < 0)
            result = -errno;
        if (result < 0)
            unlink(temporary);
    }
    free(temporary);
    return result < 0 ? result : file_sync_folder(path);
}

char *file_path_beside(const char *beside, const char *path)
{
    if (path[0] == '/')
        return memory_copy_text(path);
    return memory_format("%.*s%s", (int)folder_size(beside), beside, path);
}
