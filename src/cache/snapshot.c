// Snapshots (snapshot.h).
#include "cache/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

struct checksum snapshot_chain(struct checksum before, const struct snapshot_block *block)
{
    struct {
        struct checksum before;
        struct snapshot_block block;
    } both = {before, *block};
    return checksum_of(&both, sizeof both);
}

struct checksum snapshot_head_sum(const struct snapshot_head *head)
{
    struct snapshot_head copy = *head;
    copy.sum = (struct checksum){0};
    return checksum_of(&copy, sizeof copy);
}

// --- writing -------------------------------------------------------------------------------------

struct writer {
    int fd;
    int error; // sticky
    struct snapshot_head head;
    uint64_t entries; // of the block that is being filled
    size_t filled;
    uint8_t *octets;
};

static void write_all(struct writer *writer, const void *octets, size_t size)
{
    const uint8_t *next = octets;
    while (size && !writer->error) {
        ssize_t put = write(writer->fd, next, size);
        if (put < 0 && errno != EINTR)
            writer->error = -errno;
        if (put > 0) {
            next += put;
            size -= (size_t)put;
        }
    }
}

static void end_block(struct writer *writer)
{
    if (writer->filled == 0)
        return;
    struct snapshot_block block = {
        .octets = writer->filled,
        .entries = writer->entries,
        .sum = checksum_of(writer->octets, writer->filled),
    };
    write_all(writer, &block, sizeof block);
    write_all(writer, writer->octets, writer->filled);
    writer->head.chain = snapshot_chain(writer->head.chain, &block);
    writer->head.blocks++;
    writer->head.entries += writer->entries;
    writer->entries = writer->filled = 0;
}

static bool put_entry(void *argument, const struct cache_visited *visited)
{
    struct writer *writer = argument;
    if (!record_is_kept(visited))
        return true;
    uint8_t *to = writer->octets + writer->filled;
    struct record_entry entry;
    size_t size = record_write(to, visited);
    if (record_read(to, size, &entry) != size) // it would have all the others refused
        return true;
    writer->filled += size;
    writer->entries++;
    if (writer->filled > SNAPSHOT_BLOCK_LAST)
        end_block(writer);
    return writer->error == 0;
}

// The head comes last: what has none is no snapshot.
static void put_head(struct writer *writer)
{
    writer->head.sum = snapshot_head_sum(&writer->head);
    if (!writer->error && lseek(writer->fd, 0, SEEK_SET) < 0)
        writer->error = -errno;
    write_all(writer, &writer->head, sizeof writer->head);
    if (!writer->error && fsync(writer->fd) < 0)
        writer->error = -errno;
}

static void fill(struct writer *writer, const struct cache *cache,
                 const struct snapshot_times *times)
{
    static const struct snapshot_head none;
    writer->octets = memory_get(SNAPSHOT_BLOCK_MAX);
    writer->head = (struct snapshot_head){.magic = SNAPSHOT_MAGIC, .date_s = times->date_s};
    write_all(writer, &none, sizeof none);
    cache_walk(cache, times->now_s, put_entry, writer);
    end_block(writer);
    put_head(writer);
    free(writer->octets);
}

int cache_save(const struct cache *cache, const char *path, const struct snapshot_times *times,
               uint64_t *entries)
{
    char *temporary = memory_format("%s.tmp", path);
    struct writer writer = {0};
    *entries = 0;
    writer.fd =
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (writer.fd < 0) {
        writer.error = -errno;
    } else {
        fill(&writer, cache, times);
        if (close(writer.fd) < 0 && !writer.error && errno != EINTR)
            writer.error = -errno;
        if (!writer.error && rename(temporary, path) < 0)
            writer.error = -errno;
        if (writer.error)
            unlink(temporary);
    }
    free(temporary);
    if (!writer.error)
        writer.error = file_sync_folder(path);
    if (!writer.error)
        *entries = writer.head.entries;
    return writer.error;
}

// --- reading -------------------------------------------------------------------------------------

struct reader {
    int fd;
    const struct snapshot_times *times;
    struct cache *cache; // NULL: only to be checked
    struct snapshot_head head;
    struct snapshot_loaded *loaded;
    uint8_t *octets;
};

// Octets read, less than `size` at the end of the file; or a negative errno.
static ssize_t read_all(int fd, void *to, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, (uint8_t *)to + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static enum snapshot_result get(struct reader *reader, void *to, size_t size)
{
    ssize_t got = read_all(reader->fd, to, size);
    if (got < 0) {
        reader->loaded->error = (int)got;
        return SNAPSHOT_UNREADABLE;
    }
    return (size_t)got == size ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED;
}

static void restore(struct reader *reader, const struct record_entry *entry)
{
    struct name_key name;
    uint64_t down_s = reader->times->date_s - reader->head.date_s;
    uint64_t age_s = (uint64_t)((int64_t)entry->put.ttl_s - entry->left_s) + down_s;
    name_key_make(entry->put.owner, cache_secret(reader->cache), &name);
    struct cache_key key = {&name, name.labels, entry->type, 0};
    enum cache_stored stored = cache_restore(reader->cache, &key, &entry->put, reader->times->now_s,
                                             age_s < UINT32_MAX ? (uint32_t)age_s : UINT32_MAX);
    if (stored == CACHE_STORED)
        reader->loaded->entries++;
    else if (stored == CACHE_NOT_KEPT && age_s >= entry->put.ttl_s)
        reader->loaded->over++;
    else
        reader->loaded->left++;
}

// Checks a block, or takes what is in it. The records come one behind the other to its very end.
static bool take_block(struct reader *reader, const struct snapshot_block *block)
{
    const uint8_t *next = reader->octets;
    size_t left = (size_t)block->octets;
    for (uint64_t i = 0; i < block->entries; i++) {
        struct record_entry entry;
        size_t size = record_read(next, left, &entry);
        if (size == 0)
            return false;
        if (reader->cache)
            restore(reader, &entry);
        next += size;
        left -= size;
    }
    return left == 0;
}

static enum snapshot_result read_block(struct reader *reader, struct checksum *chain,
                                       uint64_t *entries)
{
    struct snapshot_block block;
    enum snapshot_result result = get(reader, &block, sizeof block);
    if (result != SNAPSHOT_LOADED)
        return result;
    if (block.octets > SNAPSHOT_BLOCK_MAX)
        return SNAPSHOT_DAMAGED;
    *chain = snapshot_chain(*chain, &block);
    *entries += block.entries;
    result = get(reader, reader->octets, (size_t)block.octets);
    if (result != SNAPSHOT_LOADED)
        return result;
    if (!checksum_equal(checksum_of(reader->octets, (size_t)block.octets), block.sum) ||
        !take_block(reader, &block))
        return SNAPSHOT_DAMAGED;
    return SNAPSHOT_LOADED;
}

static enum snapshot_result read_blocks(struct reader *reader)
{
    struct checksum chain = {0};
    uint64_t entries = 0;
    for (uint64_t i = 0; i < reader->head.blocks; i++) {
        enum snapshot_result result = read_block(reader, &chain, &entries);
        if (result != SNAPSHOT_LOADED)
            return result;
    }
    uint8_t more;
    bool whole = checksum_equal(chain, reader->head.chain) && entries == reader->head.entries &&
                 read_all(reader->fd, &more, 1) == 0;
    return whole ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED;
}

static enum snapshot_result read_head(struct reader *reader)
{
    struct snapshot_head *head = &reader->head;
    enum snapshot_result result = get(reader, head, sizeof *head);
    if (result != SNAPSHOT_LOADED)
        return result;
    if (head->magic != SNAPSHOT_MAGIC)
        return SNAPSHOT_STRANGE;
    if (!checksum_equal(snapshot_head_sum(head), head->sum))
        return SNAPSHOT_DAMAGED;
    return head->date_s <= reader->times->date_s ? SNAPSHOT_LOADED : SNAPSHOT_FROM_LATER;
}

static enum snapshot_result check_and_take(struct reader *reader, struct cache *cache)
{
    enum snapshot_result result = read_head(reader);
    if (result == SNAPSHOT_LOADED)
        result = read_blocks(reader);
    if (result != SNAPSHOT_LOADED)
        return result;
    reader->cache = cache;
    if (lseek(reader->fd, sizeof reader->head, SEEK_SET) < 0) {
        reader->loaded->error = -errno;
        return SNAPSHOT_UNREADABLE;
    }
    return read_blocks(reader);
}

enum snapshot_result cache_load(struct cache *cache, const char *path,
                                const struct snapshot_times *times, struct snapshot_loaded *loaded)
{
    *loaded = (struct snapshot_loaded){0};
    struct reader reader = {.times = times, .loaded = loaded};
    reader.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (reader.fd < 0) {
        loaded->error = -errno;
        return errno == ENOENT ? SNAPSHOT_NONE : SNAPSHOT_UNREADABLE;
    }
    reader.octets = memory_get(SNAPSHOT_BLOCK_MAX);
    enum snapshot_result result = check_and_take(&reader, cache);
    free(reader.octets);
    close(reader.fd);
    return result;
}

const char *snapshot_problem(enum snapshot_result result)
{
    switch (result) {
    case SNAPSHOT_LOADED:
    case SNAPSHOT_NONE: return NULL;
    case SNAPSHOT_UNREADABLE: return "cannot be read";
    case SNAPSHOT_STRANGE: return "is no snapshot of this version";
    case SNAPSHOT_DAMAGED: return "is damaged";
    case SNAPSHOT_FROM_LATER: return "has a date that is to come";
    }
    return NULL;
}
