// The folder of images (archive.h).
#include "zone/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

#define TEMPORARY ".tmp"

// --- names ---------------------------------------------------------------------------------------

// What a name in the folder says.
struct file_name {
    bool ours, large, temporary;
    uint64_t number; // or the hash
};

static struct file_name read_name(const char *name)
{
    static const struct file_name strange;
    struct file_name read = {.ours = true};
    char again[ARCHIVE_NAME_MAX];
    size_t size = strlen(name), tail = strlen(TEMPORARY);
    read.temporary = size > tail && strcmp(name + size - tail, TEMPORARY) == 0;
    const char *end = read.temporary ? TEMPORARY : "";
    if (sscanf(name, "pack-%" SCNu64 ".image", &read.number) == 1) {
        snprintf(again, sizeof again, "pack-%" PRIu64 ".image%s", read.number, end);
    } else if (sscanf(name, "zone-%" SCNx64 ".image", &read.number) == 1) {
        snprintf(again, sizeof again, "zone-%016" PRIx64 ".image%s", read.number, end);
        read.large = true;
    } else {
        return strange;
    }
    return strcmp(name, again) == 0 ? read : strange; // no blank, no sign, no other tail
}

// --- packs ---------------------------------------------------------------------------------------

static void free_pack(struct archive_pack *pack)
{
    free(pack->index);
    free(pack->used);
    free(pack);
}

static void add_pack(struct archive *archive, struct archive_pack *pack)
{
    archive->packs =
        memory_grow(archive->packs, &archive->room, archive->count + 1, sizeof *archive->packs);
    archive->packs[archive->count++] = pack;
}

static void forget_pack(struct archive *archive, size_t index)
{
    archive->packs[index]->next = archive->gone;
    archive->gone = archive->packs[index];
    archive->count--;
    memmove(archive->packs + index, archive->packs + index + 1,
            (archive->count - index) * sizeof *archive->packs);
}

static void free_gone(struct archive *archive)
{
    while (archive->gone) {
        struct archive_pack *next = archive->gone->next;
        free_pack(archive->gone);
        archive->gone = next;
    }
}

static void remove_pack(struct archive *archive, size_t index)
{
    unlinkat(archive->folder, archive->packs[index]->name, 0);
    forget_pack(archive, index);
}

static void make_marks(struct archive_pack *pack)
{
    pack->used = memory_get_zeroed(pack->head.index_octets / 8 / 64 + 1, sizeof *pack->used);
}

static void use(struct archive_pack *pack, uint64_t at, const struct pack_entry *entry)
{
    uint64_t *word = &pack->used[at / 8 / 64], bit = 1ull << at / 8 % 64;
    pack->used_octets += *word & bit ? 0 : entry->octets + entry->size;
    *word |= bit;
}

static bool is_used(const struct archive_pack *pack, uint64_t at)
{
    return pack->used[at / 8 / 64] >> at / 8 % 64 & 1;
}

void archive_use(struct archive_pack *pack, const struct pack_entry *entry)
{
    use(pack, (uint64_t)((const uint8_t *)entry - pack->index), entry);
}

static uint64_t pack_octets(const struct archive_pack *pack)
{
    return pack->head.index_octets + pack->head.images_octets;
}

// --- reading -------------------------------------------------------------------------------------

static int open_file(const struct archive *archive, const char *name)
{
    return openat(archive->folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
}

// True if only we, or root, may write to it.
static bool is_ours(const struct stat *status)
{
    return (status->st_uid == geteuid() || status->st_uid == 0) &&
           !(status->st_mode & (S_IWGRP | S_IWOTH));
}

// What the file is worth.
static enum pack_result read_file(struct archive *archive, struct archive_pack *pack)
{
    struct stat status = {0};
    int fd = open_file(archive, pack->name);
    if (fd < 0)
        return PACK_UNREADABLE;
    enum pack_result result = PACK_STRANGE;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        result = pack_read_head(fd, archive->fingerprint, &pack->head);
    pack->ours = is_ours(&status);
    if (result == PACK_GOOD)
        result = pack_read_index(fd, &pack->head, &pack->index);
    close(fd);
    return result;
}

static void take_file(struct archive *archive, const char *name, const struct file_name *read)
{
    struct archive_pack *pack = memory_get_zeroed(1, sizeof *pack);
    snprintf(pack->name, sizeof pack->name, "%s", name);
    pack->large = read->large;
    pack->hash = read->large ? read->number : 0;
    switch (read_file(archive, pack)) {
    case PACK_GOOD:
        make_marks(pack);
        add_pack(archive, pack);
        return;
    case PACK_STRANGE: log_warning("%s/%s is no image; it stays", archive->path, name); break;
    case PACK_UNREADABLE:
        log_warning("cannot read %s/%s: %s", archive->path, name, strerror(errno));
        break;
    case PACK_DIFFERENT:
        log_info("%s/%s is of another version or secret; its zones are read from their files",
                 archive->path, name);
        unlinkat(archive->folder, name, 0);
        break;
    case PACK_DAMAGED:
        log_warning("%s/%s is damaged; its zones are read from their files", archive->path, name);
        unlinkat(archive->folder, name, 0);
        break;
    }
    free_pack(pack);
}

static int by_serial(const void *a, const void *b)
{
    uint64_t left = (*(struct archive_pack *const *)a)->head.serial;
    uint64_t right = (*(struct archive_pack *const *)b)->head.serial;
    return (left > right) - (left < right);
}

static int list_folder(struct archive *archive)
{
    int fd = openat(archive->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (!list) {
        int error = -errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    struct dirent *file;
    while ((file = readdir(list))) {
        struct file_name read = read_name(file->d_name);
        if (!read.ours)
            continue;
        if (!read.large && read.number > archive->number)
            archive->number = read.number;
        if (read.temporary)
            unlinkat(archive->folder, file->d_name, 0);
        else
            take_file(archive, file->d_name, &read);
    }
    closedir(list);
    if (archive->count)
        qsort(archive->packs, archive->count, sizeof *archive->packs, by_serial);
    if (archive->count)
        archive->serial = archive->packs[archive->count - 1]->head.serial;
    return 0;
}

int archive_open(struct archive *archive, const char *path, const struct hash_key *key)
{
    *archive = (struct archive){.folder = -1, .key = *key, .fingerprint = pack_fingerprint(key)};
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0)
        return -errno;
    struct stat status;
    int error = fstat(folder, &status) < 0 ? -errno : is_ours(&status) ? 0 : -EPERM;
    if (error) {
        close(folder);
        return error;
    }
    archive->folder = folder;
    archive->path = memory_copy_text(path);
    error = list_folder(archive);
    if (error)
        archive_close(archive);
    return error;
}

void archive_close(struct archive *archive)
{
    for (size_t i = 0; i < archive->count; i++)
        free_pack(archive->packs[i]);
    free_gone(archive);
    free(archive->packs);
    free(archive->path);
    if (archive->folder >= 0)
        close(archive->folder);
    *archive = (struct archive){.folder = -1};
}

// The file may have become another one since its head was read: a large zone's newer image.
static enum pack_result read_images(int fd, const struct archive *archive,
                                    const struct archive_pack *pack, uint8_t *to)
{
    struct pack_head head;
    enum pack_result result = pack_read_head(fd, archive->fingerprint, &head);
    if (result == PACK_GOOD && memcmp(&head, &pack->head, sizeof head) != 0)
        result = PACK_DIFFERENT;
    return result == PACK_GOOD ? pack_read_images(fd, &head, to) : result;
}

struct block *archive_read(struct archive *archive, const struct archive_pack *pack)
{
    int fd = open_file(archive, pack->name);
    struct block *block = fd < 0 ? NULL : block_make((size_t)pack->head.images_octets);
    enum pack_result result = PACK_UNREADABLE;
    if (block)
        result = read_images(fd, archive, pack, block->octets);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (result == PACK_GOOD)
        return block;
    block_release(block);
    if (result == PACK_UNREADABLE)
        log_warning("cannot read %s/%s: %s", archive->path, pack->name, strerror(error));
    if (result == PACK_DAMAGED || result == PACK_STRANGE) {
        log_warning("%s/%s is damaged; its zones are read from their files", archive->path,
                    pack->name);
        unlinkat(archive->folder, pack->name, 0);
    }
    return NULL;
}

// --- writing -------------------------------------------------------------------------------------

static void put_items(struct pack_writer *writer, const struct archive_item *items, size_t count)
{
    uint64_t place = 0;
    for (size_t i = 0; i < count; i++)
        pack_put_entry(writer, items[i].entry, items[i].size, &place);
    for (size_t i = 0; i < count; i++)
        pack_put_image(writer, items[i].image, items[i].size);
}

static int fill_file(struct archive *archive, struct archive_pack *pack, const char *temporary,
                     const struct archive_item *items, size_t count)
{
    int fd = openat(archive->folder, temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    if (fd < 0)
        return -errno;
    struct pack_writer writer;
    pack_begin(&writer, fd);
    put_items(&writer, items, count);
    int error = pack_end(&writer, archive->serial + 1, archive->fingerprint);
    pack->head = writer.head;
    if (close(fd) < 0 && !error && errno != EINTR)
        error = -errno;
    return error;
}

// The old file of this name has gone.
static void forget_replaced(struct archive *archive, const char *name)
{
    for (size_t i = archive->count; i-- > 0;)
        if (strcmp(archive->packs[i]->name, name) == 0)
            forget_pack(archive, i);
}

// Zones that were large once are in a pack now.
static void remove_outgrown(struct archive *archive, const struct archive_item *items, size_t count)
{
    for (size_t i = archive->count; i-- > 0;) {
        bool found = false;
        for (size_t j = 0; archive->packs[i]->large && j < count; j++)
            found |= items[j].hash == archive->packs[i]->hash;
        if (found)
            remove_pack(archive, i);
    }
}

static void use_all(struct archive_pack *pack, const struct archive_item *items, size_t count)
{
    uint64_t at = 0;
    make_marks(pack);
    for (size_t i = 0; i < count; i++) {
        use(pack, at, items[i].entry);
        at += items[i].entry->octets;
    }
}

int archive_write(struct archive *archive, const struct archive_item *items, size_t count,
                  bool large)
{
    char temporary[ARCHIVE_NAME_MAX + sizeof TEMPORARY];
    struct archive_pack *pack = memory_get_zeroed(1, sizeof *pack);
    pack->large = large;
    pack->hash = large ? items[0].hash : 0;
    pack->ours = true;
    if (large)
        snprintf(pack->name, sizeof pack->name, "zone-%016" PRIx64 ".image", pack->hash);
    else
        snprintf(pack->name, sizeof pack->name, "pack-%" PRIu64 ".image", archive->number + 1);
    snprintf(temporary, sizeof temporary, "%s" TEMPORARY, pack->name);
    unlinkat(archive->folder, temporary, 0);
    int error = fill_file(archive, pack, temporary, items, count);
    if (!error && renameat(archive->folder, temporary, archive->folder, pack->name) < 0)
        error = -errno;
    if (error) {
        unlinkat(archive->folder, temporary, 0);
        free_pack(pack);
        return error;
    }
    archive->serial++;
    archive->number += !large;
    use_all(pack, items, count);
    forget_replaced(archive, pack->name);
    add_pack(archive, pack);
    error = fsync(archive->folder) < 0 && errno != EINVAL ? -errno : 0;
    if (!error && !large)
        remove_outgrown(archive, items, count);
    return error;
}

// --- joining packs -------------------------------------------------------------------------------

// What goes into the next pack, and the memory that it stands in.
struct joining {
    struct archive *archive;
    struct archive_item *items;
    size_t count, room;
    uint64_t octets;
    struct block **blocks;
    size_t block_count, block_room;
    uint8_t **indexes;
    size_t index_count, index_room;
    // Names that newer packs had, by hash: open addressing, 0 is free.
    uint64_t *seen;
    size_t seen_count, seen_slots;
};

static bool see(struct joining *joining, uint64_t hash)
{
    size_t at = hash & (joining->seen_slots - 1);
    while (joining->seen[at] && joining->seen[at] != hash)
        at = (at + 1) & (joining->seen_slots - 1);
    bool before = joining->seen[at] == hash;
    joining->seen[at] = hash;
    return before;
}

static void open_seen(struct joining *joining)
{
    size_t names = 0;
    for (size_t i = 0; i < joining->archive->count; i++)
        names += joining->archive->packs[i]->head.entries;
    joining->seen_slots = 64;
    while (joining->seen_slots < names * 2)
        joining->seen_slots *= 2;
    joining->seen = memory_get_zeroed(joining->seen_slots, sizeof *joining->seen);
    for (size_t i = 0; i < joining->archive->count; i++)
        if (joining->archive->packs[i]->large)
            see(joining, joining->archive->packs[i]->hash);
}

static void let_go(struct joining *joining)
{
    for (size_t i = 0; i < joining->block_count; i++)
        block_release(joining->blocks[i]);
    for (size_t i = 0; i < joining->index_count; i++)
        free(joining->indexes[i]);
    joining->block_count = joining->index_count = joining->count = 0;
    joining->octets = 0;
}

static int write_joined(struct joining *joining)
{
    int error = 0;
    if (joining->count)
        error = archive_write(joining->archive, joining->items, joining->count, false);
    let_go(joining);
    return error;
}

static uint64_t hash_name(const struct archive *archive, struct name name)
{
    struct name_key key;
    name_key_make(name, &archive->key, &key);
    return key.hash[name.labels];
}

// The later one of two entries of a name counts, so they are looked at from the last one.
static void take_entries(struct joining *joining, const struct archive_pack *pack, uint8_t *index,
                         const struct block *block)
{
    uint32_t count = pack->head.entries;
    uint64_t *places = memory_get(count * sizeof *places), at = 0;
    for (uint32_t i = 0; i < count; i++) {
        places[i] = at;
        at += ((const struct pack_entry *)(index + at))->octets;
    }
    for (uint32_t i = count; i-- > 0;) {
        struct pack_entry *entry = (struct pack_entry *)(index + places[i]);
        uint64_t hash = hash_name(joining->archive, pack_origin(entry));
        if (!is_used(pack, places[i]) || see(joining, hash))
            continue;
        joining->items =
            memory_grow(joining->items, &joining->room, joining->count + 1, sizeof *joining->items);
        joining->items[joining->count++] =
            (struct archive_item){entry, block->octets + entry->at, (size_t)entry->size, hash};
        joining->octets += entry->octets + entry->size;
    }
    free(places);
}

// Adds what counts of a pack. One that cannot be read any more has nothing that counts.
static void join_pack(struct joining *joining, const struct archive_pack *pack)
{
    struct archive *archive = joining->archive;
    uint8_t *index = NULL;
    int fd = open_file(archive, pack->name);
    enum pack_result result = fd < 0 ? PACK_UNREADABLE : pack_read_index(fd, &pack->head, &index);
    if (fd >= 0)
        close(fd);
    struct block *block = result == PACK_GOOD ? archive_read(archive, pack) : NULL;
    if (!block) {
        free(index);
        return;
    }
    joining->blocks = memory_grow(joining->blocks, &joining->block_room, joining->block_count + 1,
                                  sizeof *joining->blocks);
    joining->blocks[joining->block_count++] = block;
    joining->indexes = memory_grow(joining->indexes, &joining->index_room, joining->index_count + 1,
                                   sizeof(uint8_t *));
    joining->indexes[joining->index_count++] = index;
    take_entries(joining, pack, index, block);
}

// From the newest to the oldest, so that the first entry of a name is the one that counts. The old
// packs are removed when the last new one is on the disk.
static int join(struct archive *archive)
{
    struct joining joining = {.archive = archive};
    size_t old = archive->count;
    int error = 0;
    open_seen(&joining);
    for (size_t i = old; i-- > 0 && !error;) {
        if (archive->packs[i]->large)
            continue;
        join_pack(&joining, archive->packs[i]);
        if (joining.octets >= PACK_OCTETS_MAX)
            error = write_joined(&joining);
    }
    if (!error)
        error = write_joined(&joining);
    for (size_t i = old; i-- > 0 && !error;)
        if (!archive->packs[i]->large)
            remove_pack(archive, i);
    let_go(&joining);
    free(joining.items);
    free(joining.blocks);
    free(joining.indexes);
    free(joining.seen);
    return error;
}

int archive_tidy(struct archive *archive, uint64_t replaced, bool *joined)
{
    uint64_t octets = 0, used = 0;
    size_t packs = 0;
    free_gone(archive);
    for (size_t i = archive->count; i-- > 0;) {
        const struct archive_pack *pack = archive->packs[i];
        if (pack->used_octets == 0) {
            remove_pack(archive, i);
            continue;
        }
        if (pack->large)
            continue;
        packs++;
        octets += pack_octets(pack);
        used += pack->used_octets;
    }
    used -= replaced < used ? replaced : used;
    *joined = packs > PACKS_MAX + octets / PACK_OCTETS_MAX || (packs && used < octets / 2);
    return *joined ? join(archive) : 0;
}
