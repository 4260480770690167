// The state folder (state.h).
#include "daemon/state.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"

#define SECRET_OCTETS (sizeof(struct hash_key) + sizeof(struct cookie_secret))
static_assert(SECRET_OCTETS == 32, "sixteen octets for each key");

// The images that root kept (zone/archive.h), which are 0600.
static void give_images(int folder, const struct privilege *privilege)
{
    int fd = openat(folder, "zones", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *file;
    struct stat status;
    bool ours = list && fstat(fd, &status) == 0 && status.st_uid == 0 &&
                !(status.st_mode & (S_IWGRP | S_IWOTH));
    while (ours && (file = readdir(list)))
        if (file->d_type == DT_REG)
            (void)!fchownat(fd, file->d_name, privilege->user, privilege->group,
                            AT_SYMLINK_NOFOLLOW); // who cannot read it reads the zone file
    if (ours)
        (void)!fchown(fd, privilege->user, privilege->group);
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
}

// A folder that root used until now, given to the user. Only while it is root's alone may its files
// be trusted to be what their names say, so all is done by descriptor and only then.
static void give(const char *folder, const struct privilege *privilege)
{
    static const char *const files[] = {"lock", "secret", "history", "history-wal", "history-shm"};
    struct stat status;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && status.st_uid == 0 && !(status.st_mode & (S_IWGRP | S_IWOTH))) {
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
            if (fchownat(fd, files[i], privilege->user, privilege->group, AT_SYMLINK_NOFOLLOW) <
                    0 &&
                errno != ENOENT)
                log_warning("cannot give %s/%s to user %s: %s", folder, files[i], privilege->name,
                            strerror(errno));
        give_images(fd, privilege);
        if (fchown(fd, privilege->user, privilege->group) < 0)
            log_warning("cannot give %s to user %s: %s", folder, privilege->name, strerror(errno));
    }
    close(fd);
}

static pid_t read_pid(int fd)
{
    char text[32];
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    if (size <= 0)
        return 0;
    text[size] = 0;
    return (pid_t)strtol(text, NULL, 10);
}

// Is it locked now? Nothing is made and nothing is written: who asks may be root, and the folder
// another user's.
static bool is_locked(const char *folder, pid_t *holder)
{
    char *path = memory_format("%s/lock", folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    free(path);
    if (fd < 0)
        return false;
    bool locked = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    if (locked)
        *holder = read_pid(fd);
    close(fd);
    return locked;
}

int state_prepare(const char *folder, const struct privilege *privilege, pid_t *holder)
{
    *holder = 0;
    int made = privilege_make_folder(folder, privilege);
    if (made < 0)
        log_warning("cannot make the state folder %s: %s; nothing is kept between runs", folder,
                    strerror(-made));
    if (made < 0)
        return 0;
    if (is_locked(folder, holder))
        return -EWOULDBLOCK;
    if (made == 0 && privilege->change)
        give(folder, privilege);
    return 0;
}

// 0: locked, or not to be locked at all (a warning said so).
static int take_lock(struct state *state, const char *folder, pid_t *holder)
{
    char *path = memory_format("%s/lock", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0644);
    if (fd < 0)
        log_warning("cannot lock the state folder: %s: %s", path, strerror(errno));
    free(path);
    if (fd < 0)
        return 0;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int error = errno;
        *holder = error == EWOULDBLOCK ? read_pid(fd) : 0;
        close(fd);
        if (error == EWOULDBLOCK)
            return -error;
        log_warning("cannot lock the state folder %s: %s", folder, strerror(error));
        return 0;
    }
    // The pid is only for people; a full disk does not make the lock weaker.
    char text[32];
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)size, 0) != size)
        log_warning("cannot write to the state folder %s: %s", folder, strerror(errno));
    state->lock = fd;
    return 0;
}

static void split_secret(struct state *state, const uint8_t *octets)
{
    memcpy(&state->hash, octets, sizeof state->hash);
    memcpy(&state->cookies, octets + sizeof state->hash, sizeof state->cookies);
}

static bool read_secret(struct state *state, const char *path)
{
    char *octets;
    size_t size;
    int failed = file_read(path, SECRET_OCTETS, &octets, &size);
    if (failed == -ENOENT)
        return false;
    bool good = !failed && size == SECRET_OCTETS;
    if (good)
        split_secret(state, (const uint8_t *)octets);
    else
        log_warning("%s: %s; a new one is made", path,
                    failed ? strerror(-failed) : "not a secret of onym");
    free(octets);
    return good;
}

static void make_secret(struct state *state, uint8_t octets[static SECRET_OCTETS])
{
    random_fill(octets, SECRET_OCTETS);
    split_secret(state, octets);
}

static void take_secret(struct state *state, const char *folder)
{
    char *path = memory_format("%s/secret", folder);
    if (!read_secret(state, path)) {
        uint8_t octets[SECRET_OCTETS];
        make_secret(state, octets);
        int failed = file_write(path, octets, sizeof octets, 0600);
        if (failed)
            log_warning("cannot keep the secret: %s: %s; this run has one of its own, so clients' "
                        "cookies do not outlive it",
                        path, strerror(-failed));
    }
    free(path);
}

int state_open(struct state *state, const char *folder, pid_t *holder)
{
    *state = (struct state){.lock = -1};
    *holder = 0;
    uint8_t octets[SECRET_OCTETS];
    if (access(folder, F_OK) < 0) { // it could not be made, and that was said
        make_secret(state, octets);
        return 0;
    }
    int failed = take_lock(state, folder, holder);
    if (!failed)
        take_secret(state, folder);
    return failed;
}

void state_close(struct state *state)
{
    if (state->lock >= 0)
        close(state->lock);
    state->lock = -1;
}
