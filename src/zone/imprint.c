// Imprints of files (imprint.h).
#include "zone/imprint.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"

#define SECOND_NS INT64_C(1000000000)

static int64_t to_ns(struct timespec time)
{
    return (int64_t)time.tv_sec * SECOND_NS + time.tv_nsec;
}

int64_t imprint_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return to_ns(now);
}

bool imprint_take(struct imprint *imprint, const char *path, const void *octets, size_t size,
                  int64_t began_ns)
{
    struct stat status;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    int64_t modified_ns = to_ns(status.st_mtim), changed_ns = to_ns(status.st_ctim);
    int64_t young_ns = began_ns - IMPRINT_SETTLED_S * SECOND_NS;
    *imprint = (struct imprint){
        .device = status.st_dev,
        .inode = status.st_ino,
        .octets = size,
        .modified_ns = modified_ns,
        .changed_ns = changed_ns,
        .content = checksum_of(octets, size),
        .settled =
            modified_ns < young_ns && changed_ns < young_ns && (uint64_t)status.st_size == size,
    };
    return true;
}

static bool has_content(const struct imprint *imprint, const char *path)
{
    char *octets;
    size_t size;
    if (file_read(path, (size_t)imprint->octets, &octets, &size) < 0)
        return false; // gone, larger than it was ...
    bool same =
        size == imprint->octets && checksum_equal(checksum_of(octets, size), imprint->content);
    free(octets);
    return same;
}

bool imprint_is_untouched(const struct imprint *imprint, const char *path)
{
    struct stat status;
    return imprint->settled && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_size == imprint->octets && status.st_dev == imprint->device &&
           status.st_ino == imprint->inode && to_ns(status.st_mtim) == imprint->modified_ns &&
           to_ns(status.st_ctim) == imprint->changed_ns;
}

bool imprint_holds(const struct imprint *imprint, const char *path)
{
    struct stat status;
    if (imprint_is_untouched(imprint, path))
        return true;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && // nobody waits for a pipe
           (uint64_t)status.st_size == imprint->octets && has_content(imprint, path);
}
