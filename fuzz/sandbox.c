// Calls that look at the system, with a door before them (sandbox.h).
#include "sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static enum sandbox door;

void sandbox_close(enum sandbox kind)
{
    door = kind;
}

void sandbox_open(void)
{
    door = SANDBOX_NONE;
}

static bool is_shut(const char *call)
{
    if (door == SANDBOX_FORBIDDEN) {
        fprintf(stderr, "sandbox: %s was called\n", call);
        door = SANDBOX_NONE; // whoever prints the stack may look
        abort();
    }
    errno = ENOENT;
    return door == SANDBOX_EMPTY;
}

typedef int glob_failed(const char *path, int error);

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __real_glob(const char *pattern, int flags, glob_failed *failed, glob_t *found);
int __wrap_glob(const char *pattern, int flags, glob_failed *failed, glob_t *found);
int __real_stat(const char *path, struct stat *status);
int __wrap_stat(const char *path, struct stat *status);
char *__real_getenv(const char *name);
char *__wrap_getenv(const char *name);

int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
    va_end(more);
    return is_shut("open") ? -1 : __real_open(path, flags, mode);
}

DIR *__wrap_opendir(const char *path)
{
    return is_shut("opendir") ? NULL : __real_opendir(path);
}

int __wrap_glob(const char *pattern, int flags, glob_failed *failed, glob_t *found)
{
    return is_shut("glob") ? GLOB_NOMATCH : __real_glob(pattern, flags, failed, found);
}

int __wrap_stat(const char *path, struct stat *status)
{
    return is_shut("stat") ? -1 : __real_stat(path, status);
}

char *__wrap_getenv(const char *name)
{
    return is_shut("getenv") ? NULL : __real_getenv(name);
}
