// Files of images (pack.h).
#include "zone/pack.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "crypto/siphash.h"
#include "zone/image.h"
#include "zone/judge.h"

static_assert(sizeof(struct pack_head) == 104 && sizeof(struct pack_source) == 72 &&
                  offsetof(struct pack_entry, origin) == 32,
              "the file's format");

static const uint8_t magic[8] = "onym\rimg";
#define MACHINE     0x01020304u
#define PACK_FORMAT (IMAGE_FORMAT << 16 | 1)

// --- sums ----------------------------------------------------------------------------------------

static struct checksum chain(struct checksum so_far, const uint8_t *piece, size_t size)
{
    struct checksum links[2] = {so_far, checksum_of(piece, size)};
    return checksum_of(links, sizeof links);
}

static struct checksum sum_head(const struct pack_head *head)
{
    return checksum_of(head, offsetof(struct pack_head, head));
}

uint64_t pack_fingerprint(const struct hash_key *key)
{
    static const uint8_t words[] = "the key of onym's images";
    return siphash24((const uint8_t *)key->words, words, sizeof words - 1);
}

static uint64_t images_at(const struct pack_head *head)
{
    uint64_t end = sizeof *head + head->index_octets;
    return (end + PACK_ALIGN - 1) / PACK_ALIGN * PACK_ALIGN;
}

// --- entries -------------------------------------------------------------------------------------

struct pack_entry *pack_make_entry(struct name origin, uint32_t warnings,
                                   const struct pack_made *sources, size_t count)
{
    size_t at = (offsetof(struct pack_entry, origin) + origin.size + 7u) & ~(size_t)7;
    size_t size = at;
    for (size_t i = 0; i < count; i++)
        size += sizeof(struct pack_source) + ((strlen(sources[i].path) + 8) & ~(size_t)7);
    struct pack_entry *entry = memory_get_zeroed(1, size);
    *entry = (struct pack_entry){.octets = (uint32_t)size,
                                 .sources = (uint32_t)count,
                                 .warnings = warnings,
                                 .origin_size = origin.size,
                                 .origin_labels = origin.labels};
    memcpy(entry->origin, origin.wire, origin.size);
    for (size_t i = 0; i < count; i++) {
        struct pack_source *source = (struct pack_source *)((uint8_t *)entry + at);
        size_t path_size = strlen(sources[i].path) + 1;
        source->imprint = sources[i].imprint;
        source->path_octets = (path_size + 7) & ~(size_t)7;
        memcpy(source->path, sources[i].path, path_size);
        at += sizeof *source + source->path_octets;
    }
    assert(at == size);
    return entry;
}

bool pack_is_current(const struct pack_entry *entry, const char *path, bool *untouched)
{
    *untouched = true;
    const struct pack_source *source = pack_first_source(entry);
    if (entry->sources == 0 || strcmp(source->path, path) != 0)
        return false;
    for (uint32_t i = 0; i < entry->sources; i++, source = pack_next_source(source)) {
        if (imprint_is_untouched(&source->imprint, source->path))
            continue;
        *untouched = false;
        if (!imprint_holds(&source->imprint, source->path))
            return false;
    }
    return true;
}

static bool pass_sources(const struct pack_entry *entry)
{
    size_t at = (offsetof(struct pack_entry, origin) + entry->origin_size + 7u) & ~(size_t)7;
    for (uint32_t i = 0; i < entry->sources; i++) {
        if (at > entry->octets || entry->octets - at < sizeof(struct pack_source))
            return false;
        const struct pack_source *source =
            (const struct pack_source *)((const uint8_t *)entry + at);
        at += sizeof *source;
        if (source->path_octets == 0 || source->path_octets % 8 ||
            source->path_octets > entry->octets - at || source->path[source->path_octets - 1] != 0)
            return false;
        at += source->path_octets;
    }
    return at == entry->octets;
}

static bool pass_entry(const struct pack_entry *entry, uint64_t left, uint64_t images_octets)
{
    struct name origin;
    if (left < sizeof *entry || entry->octets < sizeof *entry || entry->octets > left ||
        entry->octets % 8 || !name_view(entry->origin, entry->octets - sizeof *entry, &origin))
        return false;
    return origin.size == entry->origin_size && origin.labels == entry->origin_labels &&
           entry->at % PACK_ALIGN == 0 && entry->at <= images_octets &&
           entry->size <= images_octets - entry->at && pass_sources(entry);
}

bool pack_pass_index(const uint8_t *index, const struct pack_head *head)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < head->entries; i++) {
        const struct pack_entry *entry = (const struct pack_entry *)(index + at);
        if (!pass_entry(entry, head->index_octets - at, head->images_octets))
            return false;
        at += entry->octets;
    }
    return at == head->index_octets;
}

// --- reading -------------------------------------------------------------------------------------

// 1: all of it, 0: the file ends before, -1: errno.
static int read_whole(int fd, uint8_t *to, size_t size, uint64_t at)
{
    while (size > 0) {
        ssize_t got = pread(fd, to, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        to += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return 1;
}

static enum pack_result read_region(int fd, uint8_t *to, uint64_t size, uint64_t at,
                                    struct checksum expected)
{
    struct checksum sum = {0};
    while (size > 0) {
        size_t piece = size < PACK_PIECE ? (size_t)size : PACK_PIECE;
        int got = read_whole(fd, to, piece, at);
        if (got <= 0)
            return got < 0 ? PACK_UNREADABLE : PACK_DAMAGED;
        sum = chain(sum, to, piece);
        to += piece;
        at += piece;
        size -= piece;
    }
    return checksum_equal(sum, expected) ? PACK_GOOD : PACK_DAMAGED;
}

enum pack_result pack_read_head(int fd, uint64_t fingerprint, struct pack_head *head)
{
    off_t end = lseek(fd, 0, SEEK_END);
    int got = end < 0 ? -1 : read_whole(fd, (uint8_t *)head, sizeof *head, 0);
    if (got < 0)
        return PACK_UNREADABLE;
    if (got == 0 || memcmp(head->magic, magic, sizeof magic) != 0)
        return PACK_STRANGE;
    if (head->machine != MACHINE || head->format != PACK_FORMAT || head->parser != PARSER_VERSION ||
        head->key != fingerprint)
        return PACK_DIFFERENT;
    if (!checksum_equal(sum_head(head), head->head))
        return PACK_DAMAGED;
    // The sums say that these are whole; that the file is, only its size says.
    uint64_t size = (uint64_t)end;
    if (head->index_octets > size || head->images_octets > size ||
        images_at(head) + head->images_octets != size)
        return PACK_DAMAGED;
    return PACK_GOOD;
}

enum pack_result pack_read_index(int fd, const struct pack_head *head, uint8_t **index)
{
    size_t size = (size_t)(images_at(head) - sizeof *head); // with the padding
    *index = memory_get_large(size);
    enum pack_result result = read_region(fd, *index, size, sizeof *head, head->index);
    if (result == PACK_GOOD && !pack_pass_index(*index, head))
        result = PACK_DAMAGED;
    if (result != PACK_GOOD) {
        free(*index);
        *index = NULL;
    }
    return result;
}

enum pack_result pack_read_images(int fd, const struct pack_head *head, uint8_t *to)
{
    return read_region(fd, to, head->images_octets, images_at(head), head->images);
}

// --- writing -------------------------------------------------------------------------------------

static void write_octets(struct pack_writer *writer, const uint8_t *octets, size_t size)
{
    while (size > 0 && !writer->error) {
        ssize_t put = write(writer->fd, octets, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            writer->error = -errno;
            return;
        }
        octets += put;
        size -= (size_t)put;
    }
}

static void flush(struct pack_writer *writer)
{
    if (writer->filled == 0)
        return;
    writer->sum = chain(writer->sum, writer->piece, writer->filled);
    write_octets(writer, writer->piece, writer->filled);
    writer->filled = 0;
}

static void put(struct pack_writer *writer, const uint8_t *octets, size_t size)
{
    writer->written += size;
    while (size > 0) {
        size_t room = PACK_PIECE - writer->filled, part = size < room ? size : room;
        memcpy(writer->piece + writer->filled, octets, part);
        writer->filled += part;
        octets += part;
        size -= part;
        if (writer->filled == PACK_PIECE)
            flush(writer);
    }
}

static struct checksum end_region(struct pack_writer *writer)
{
    flush(writer);
    struct checksum sum = writer->sum;
    writer->sum = (struct checksum){0};
    writer->written = 0;
    return sum;
}

// What stands there until the end says whose file it is, and that it is not ready.
void pack_begin(struct pack_writer *writer, int fd)
{
    *writer = (struct pack_writer){.fd = fd, .piece = memory_get(PACK_PIECE)};
    memcpy(writer->head.magic, magic, sizeof magic);
    write_octets(writer, (const uint8_t *)&writer->head, sizeof writer->head);
}

static void pad(struct pack_writer *writer, uint64_t size)
{
    static const uint8_t zeros[PACK_ALIGN];
    size_t odd = size % PACK_ALIGN;
    if (odd)
        put(writer, zeros, PACK_ALIGN - odd);
}

void pack_put_entry(struct pack_writer *writer, struct pack_entry *entry, size_t image_size,
                    uint64_t *place)
{
    entry->at = *place;
    entry->size = image_size;
    *place += (image_size + PACK_ALIGN - 1) / PACK_ALIGN * PACK_ALIGN;
    put(writer, (const uint8_t *)entry, entry->octets);
    writer->head.entries++;
}

static void end_index(struct pack_writer *writer)
{
    writer->head.index_octets = writer->written;
    pad(writer, sizeof writer->head + writer->written);
    writer->head.index = end_region(writer);
}

void pack_put_image(struct pack_writer *writer, const uint8_t *image, size_t size)
{
    if (writer->head.index_octets == 0)
        end_index(writer);
    put(writer, image, size);
    pad(writer, writer->written);
}

int pack_end(struct pack_writer *writer, uint64_t serial, uint64_t fingerprint)
{
    struct pack_head *head = &writer->head;
    head->images_octets = writer->written;
    head->images = end_region(writer);
    head->machine = MACHINE;
    head->format = PACK_FORMAT;
    head->parser = PARSER_VERSION;
    head->serial = serial;
    head->key = fingerprint;
    head->head = sum_head(head);
    free(writer->piece);
    writer->piece = NULL;
    // All else must be on the disk before the head that vouches for it.
    if (!writer->error && fdatasync(writer->fd) < 0)
        writer->error = -errno;
    if (!writer->error && pwrite(writer->fd, head, sizeof *head, 0) != (ssize_t)sizeof *head)
        writer->error = -EIO;
    if (!writer->error && fsync(writer->fd) < 0)
        writer->error = -errno;
    return writer->error;
}
