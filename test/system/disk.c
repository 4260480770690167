// Loaded before libc: a disk that hangs. Syncs do not end while the file HANGING_DISK_FILE exists.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hang(void)
{
    const char *path = getenv("HANGING_DISK_FILE");
    while (path && access(path, F_OK) == 0)
        usleep(10000);
}

int fsync(int fd)
{
    hang();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    hang();
    return (int)syscall(SYS_fdatasync, fd);
}
