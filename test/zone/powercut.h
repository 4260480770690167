// A disk whose power goes: a file system of SQLite's in memory that knows what was synced.
//
//   disk_start()             SQLite's files are on it from now on
//   disk_cut_after(seed, n)  the power goes at the n-th write, sync, truncation or deletion
//   disk_return()            the power is back
//
// A file is what was safe when it was last synced, and what was done to it since, in order. When
// the power goes each of those things is lost or not: by luck, writes in sectors of 512 octets
// each, in any order. A file that was made or deleted is that for sure only when its directory was
// synced, which SQLite does with the first sync of a new journal and with some deletions.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define DISK_FILES  4 // the database, its WAL and its journal
#define DISK_SECTOR 512

enum disk_deed { DEED_WRITE, DEED_TRUNCATE, DEED_CREATE, DEED_DELETE };

struct disk_deeds {
    struct {
        enum disk_deed deed;
        bool certain; // of makings and deletions: the directory was synced
        size_t at, size;
        uint8_t *octets;
    } * list;
    size_t count, room;
};

struct disk_octets {
    uint8_t *octets;
    size_t size, room;
    bool exists;
};

struct disk_file {
    char name[256];
    struct disk_octets now, safe;
    struct disk_deeds deeds; // since the last sync
};

enum disk_losses {
    LOSES_ALL,    // nothing that was not synced was written
    LOSES_SOME,   // what the kernel had written by then
    LOSES_LATEST, // the same, in the order in which it was done
    LOSES_NOTHING // only the process was killed
};
#define DISK_LOSSES 4

static struct {
    struct disk_file files[DISK_FILES];
    uint64_t dice;
    uint64_t left; // deeds and syncs until the power goes
    bool off;
    uint64_t syncs; // of its whole life
} disk;

static inline uint32_t disk_luck(uint32_t below)
{
    disk.dice = disk.dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(disk.dice >> 33) % below;
}

// --- what files are ------------------------------------------------------------------------------

static inline void disk_size(struct disk_octets *file, size_t size)
{
    if (size > file->room) {
        file->room = size * 2;
        file->octets = memory_resize(file->octets, file->room);
    }
    if (size > file->size)
        memset(file->octets + file->size, 0, size - file->size);
    file->size = size;
}

static inline void disk_put(struct disk_octets *file, size_t at, const void *octets, size_t size)
{
    if (at + size > file->size)
        disk_size(file, at + size);
    if (size)
        memcpy(file->octets + at, octets, size);
}

// Does deed number `which` to what is safe; of a write, sectors that luck leaves out are not.
static inline void disk_do(struct disk_file *file, size_t which, uint32_t percent)
{
    const uint8_t *octets = file->deeds.list[which].octets;
    size_t at = file->deeds.list[which].at, end = at + file->deeds.list[which].size, next;
    switch (file->deeds.list[which].deed) {
    case DEED_WRITE:
        for (size_t begin = at; begin < end; begin = next) {
            next = (begin / DISK_SECTOR + 1) * DISK_SECTOR;
            next = next < end ? next : end;
            if (disk_luck(100) < percent)
                disk_put(&file->safe, begin, octets + (begin - at), next - begin);
        }
        break;
    case DEED_TRUNCATE: disk_size(&file->safe, at); break;
    case DEED_CREATE: file->safe.exists = true; break;
    case DEED_DELETE:
        file->safe.exists = false;
        file->safe.size = 0;
        break;
    }
}

static inline void disk_forget(struct disk_file *file)
{
    for (size_t i = 0; i < file->deeds.count; i++)
        free(file->deeds.list[i].octets);
    file->deeds.count = 0;
}

// --- deeds ---------------------------------------------------------------------------------------

// One more thing is done; false: the power goes with it, or is off. The last one may be safe yet.
static inline bool disk_goes_on(void)
{
    if (!disk.off && --disk.left == 0)
        disk.off = true;
    return !disk.off;
}

static inline void disk_note(struct disk_file *file, enum disk_deed deed, size_t at,
                             const void *octets, size_t size)
{
    struct disk_deeds *deeds = &file->deeds;
    deeds->list = memory_grow(deeds->list, &deeds->room, deeds->count + 1, sizeof *deeds->list);
    uint8_t *copy = size ? memory_get(size) : NULL;
    if (size)
        memcpy(copy, octets, size);
    deeds->list[deeds->count].deed = deed;
    deeds->list[deeds->count].certain = false;
    deeds->list[deeds->count].at = at;
    deeds->list[deeds->count].size = size;
    deeds->list[deeds->count++].octets = copy;
}

static inline void disk_sync_directory(void)
{
    for (size_t i = 0; i < DISK_FILES; i++)
        for (size_t k = 0; k < disk.files[i].deeds.count; k++)
            disk.files[i].deeds.list[k].certain = true;
}

static inline struct disk_file *disk_find(const char *name)
{
    size_t i = 0;
    while (i < DISK_FILES && disk.files[i].name[0] && strcmp(disk.files[i].name, name))
        i++;
    assert_true(i < DISK_FILES && strlen(name) < sizeof disk.files[i].name);
    strcpy(disk.files[i].name, name);
    return &disk.files[i];
}

// --- as SQLite calls them ------------------------------------------------------------------------

struct disk_handle {
    sqlite3_file base;
    struct disk_file *file;
};

static inline struct disk_file *disk_file_of(sqlite3_file *handle)
{
    return ((struct disk_handle *)handle)->file;
}

static int disk_close(sqlite3_file *handle)
{
    (void)handle;
    return SQLITE_OK;
}

static int disk_read(sqlite3_file *handle, void *to, int size, sqlite3_int64 at)
{
    struct disk_octets *now = &disk_file_of(handle)->now;
    size_t begin = (size_t)at, wanted = (size_t)size;
    size_t there = begin >= now->size ? 0 : now->size - begin < wanted ? now->size - begin : wanted;
    if (disk.off)
        return SQLITE_IOERR_READ;
    if (there)
        memcpy(to, now->octets + begin, there);
    memset((uint8_t *)to + there, 0, wanted - there);
    return there < wanted ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int disk_write(sqlite3_file *handle, const void *octets, int size, sqlite3_int64 at)
{
    struct disk_file *file = disk_file_of(handle);
    if (disk.off)
        return SQLITE_IOERR_WRITE;
    disk_note(file, DEED_WRITE, (size_t)at, octets, (size_t)size);
    disk_put(&file->now, (size_t)at, octets, (size_t)size);
    return disk_goes_on() ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int disk_truncate(sqlite3_file *handle, sqlite3_int64 size)
{
    struct disk_file *file = disk_file_of(handle);
    if (disk.off)
        return SQLITE_IOERR_TRUNCATE;
    disk_note(file, DEED_TRUNCATE, (size_t)size, NULL, 0);
    disk_size(&file->now, (size_t)size);
    return disk_goes_on() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int disk_sync(sqlite3_file *handle, int flags)
{
    struct disk_file *file = disk_file_of(handle);
    (void)flags;
    if (!disk_goes_on())
        return SQLITE_IOERR_FSYNC;
    for (size_t i = 0; i < file->deeds.count; i++)
        if (file->deeds.list[i].deed == DEED_CREATE)
            disk_sync_directory();
    for (size_t i = 0; i < file->deeds.count; i++)
        disk_do(file, i, 100);
    disk_forget(file);
    disk.syncs++;
    return SQLITE_OK;
}

static int disk_file_size(sqlite3_file *handle, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)disk_file_of(handle)->now.size;
    return SQLITE_OK;
}

static int disk_lock(sqlite3_file *handle, int kind)
{
    (void)handle;
    (void)kind;
    return SQLITE_OK;
}

static int disk_reserved(sqlite3_file *handle, int *locked)
{
    (void)handle;
    *locked = 0;
    return SQLITE_OK;
}

static int disk_file_control(sqlite3_file *handle, int what, void *argument)
{
    (void)handle;
    (void)what;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int disk_sector_size(sqlite3_file *handle)
{
    (void)handle;
    return 4096; // as SQLite's own of Unix says
}

static int disk_traits(sqlite3_file *handle)
{
    (void)handle;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *handle, int flags,
                     int *flags_out)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1, // no shared memory: history has the file for itself
        .xClose = disk_close,
        .xRead = disk_read,
        .xWrite = disk_write,
        .xTruncate = disk_truncate,
        .xSync = disk_sync,
        .xFileSize = disk_file_size,
        .xLock = disk_lock,
        .xUnlock = disk_lock,
        .xCheckReservedLock = disk_reserved,
        .xFileControl = disk_file_control,
        .xSectorSize = disk_sector_size,
        .xDeviceCharacteristics = disk_traits,
    };
    struct disk_file *file = name ? disk_find(name) : NULL;
    (void)vfs;
    handle->pMethods = NULL;
    if (!file || disk.off || (!file->now.exists && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    if (!file->now.exists) {
        disk_note(file, DEED_CREATE, 0, NULL, 0);
        file->now.exists = true;
    }
    handle->pMethods = &methods;
    ((struct disk_handle *)handle)->file = file;
    if (flags_out)
        *flags_out = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    struct disk_file *file = disk_find(name);
    (void)vfs;
    if (disk.off)
        return SQLITE_IOERR_DELETE;
    if (!file->now.exists)
        return SQLITE_IOERR_DELETE_NOENT;
    disk_note(file, DEED_DELETE, 0, NULL, 0);
    file->now.exists = false;
    file->now.size = 0;
    if (!disk_goes_on())
        return SQLITE_IOERR_DELETE;
    if (sync_directory)
        disk_sync_directory();
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int what, int *result)
{
    (void)vfs;
    (void)what;
    const struct disk_octets *now = &disk_find(name)->now;
    *result = now->exists && now->size; // an empty journal is none, as SQLite's own of Unix says
    return disk.off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int disk_full_name(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
    (void)vfs;
    sqlite3_snprintf(size, to, "%s", name);
    return SQLITE_OK;
}

// --- power ---------------------------------------------------------------------------------------

static inline void disk_start(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *ordinary = sqlite3_vfs_find(NULL);
    vfs = *ordinary; // its clock and its dice
    vfs.iVersion = 1;
    vfs.szOsFile = sizeof(struct disk_handle);
    vfs.zName = "powercut";
    vfs.pNext = NULL;
    vfs.xOpen = disk_open;
    vfs.xDelete = disk_delete;
    vfs.xAccess = disk_access;
    vfs.xFullPathname = disk_full_name;
    disk.left = UINT64_MAX;
    assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

static inline void disk_cut_after(uint64_t deeds)
{
    disk.left = deeds;
}

static inline void disk_lose(struct disk_file *file, enum disk_losses losses)
{
    struct disk_deeds *deeds = &file->deeds;
    size_t count = losses == LOSES_LATEST ? disk_luck((uint32_t)deeds->count + 1) : deeds->count;
    uint32_t percent = losses == LOSES_SOME ? 1 + disk_luck(99) : losses == LOSES_ALL ? 0 : 100;
    for (size_t i = 0; i < deeds->count; i++) {
        bool other = deeds->list[i].deed == DEED_CREATE || deeds->list[i].deed == DEED_DELETE;
        bool done = (other && deeds->list[i].certain) || (i < count && disk_luck(100) < percent);
        if (other && !done)
            break; // what follows was done to a file that no name leads to
        if (deeds->list[i].deed == DEED_WRITE && i < count)
            disk_do(file, i, percent);
        else if (deeds->list[i].deed != DEED_WRITE && done)
            disk_do(file, i, 100);
    }
    disk_forget(file);
    disk_size(&file->now, 0);
    disk_put(&file->now, 0, file->safe.octets, file->safe.size);
    file->now.exists = file->safe.exists;
}

// What was not safe is lost, and everything may be read and written again.
static inline void disk_return(enum disk_losses losses)
{
    for (size_t i = 0; i < DISK_FILES; i++)
        disk_lose(&disk.files[i], losses);
    disk.left = UINT64_MAX;
    disk.off = false;
}

// Another disk, with nothing on it.
static inline void disk_clear(uint64_t seed)
{
    for (size_t i = 0; i < DISK_FILES; i++) {
        disk_forget(&disk.files[i]);
        free(disk.files[i].deeds.list);
        free(disk.files[i].now.octets);
        free(disk.files[i].safe.octets);
        disk.files[i] = (struct disk_file){0};
    }
    disk.left = UINT64_MAX;
    disk.off = false;
    disk.dice = seed * 2 + 1;
}
