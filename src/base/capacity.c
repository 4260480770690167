// Memory counted (capacity.h). A container's limit is in memory.max of its group or of one above,
// and "max" there means that this one has none. A part that cannot be read limits nothing.
#include "base/capacity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define SMALL_FILE_MAX (64 * 1024)

static uint64_t read_limit(const char *path)
{
    char *text, *end;
    size_t size;
    if (file_read(path, SMALL_FILE_MAX, &text, &size) != 0)
        return UINT64_MAX;
    uint64_t limit = strtoull(text, &end, 10);
    bool some = end > text && limit > 0;
    free(text);
    return some ? limit : UINT64_MAX;
}

uint64_t capacity_of_group(const char *root, const char *path)
{
    uint64_t least = UINT64_MAX;
    char *group = memory_copy_text(path);
    for (;;) {
        char *file = memory_format("%s%s/memory.max", root, group);
        uint64_t limit = read_limit(file);
        least = limit < least ? limit : least;
        free(file);
        char *slash = strrchr(group, '/');
        if (!slash)
            break;
        *slash = 0;
    }
    free(group);
    return least;
}

// The line of version 2 is "0::/path".
static uint64_t limit_of_groups(void)
{
    char *text;
    size_t size;
    if (file_read("/proc/self/cgroup", SMALL_FILE_MAX, &text, &size) != 0)
        return UINT64_MAX;
    char *line = strstr(text, "0::/");
    uint64_t limit = UINT64_MAX;
    if (line && (line == text || line[-1] == '\n')) {
        line[strcspn(line, "\n")] = 0;
        limit = capacity_of_group("/sys/fs/cgroup", line + strlen("0::"));
    }
    free(text);
    return limit;
}

uint64_t capacity_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), octets = sysconf(_SC_PAGESIZE);
    uint64_t machine = pages > 0 && octets > 0 ? (uint64_t)pages * (uint64_t)octets : 1u << 30;
    uint64_t groups = limit_of_groups();
    return groups < machine ? groups : machine;
}
