// A file of images: of one large zone, or of many small ones.
//
//   head | entries: whose image it is, where it stands, what it was made from | images, each at a
//   multiple of 64
//
// The head is the last thing written, and has a checksum of everything else and of itself. Images
// are only of use to who has the hash key that they were made with: the head has a fingerprint of
// it, from which the key does not follow. Numbers are the machine's own; a file from a machine of
// another kind is as unreadable as one of another format.
//
// Checksums go over pieces of 1 MB, which fit into a core's own cache: what was just read from the
// page cache is summed while it is near. The sum of a region is a chain: sum of (the sum so far,
// the sum of the piece).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/checksum.h"
#include "base/hash.h"
#include "dns/name.h"
#include "zone/imprint.h"

#define PACK_PIECE ((size_t)1024 * 1024)
#define PACK_ALIGN 64

struct pack_head {
    uint8_t magic[8];
    uint32_t machine; // an octet order, seen from here
    uint32_t format;  // of images and of this file
    uint32_t parser;  // PARSER_VERSION
    uint32_t entries;
    uint64_t serial; // what a later file says of a zone counts
    uint64_t key;    // fingerprint
    uint64_t index_octets, images_octets;
    struct checksum index, images; // the images stand behind the index, at a multiple of 64
    struct checksum head;          // of all above
};

// One zone of a pack. Entries stand one behind the other at multiples of 8.
enum pack_flag {
    PACK_ZONEMD = 1, // the digest of the zone was verified
    PACK_MADE = 6,   // enum zonemd_hash of the one that was made here, twice that number
};

struct pack_entry {
    uint64_t at, size; // of its image, from the first image on
    uint32_t octets;   // of this entry
    uint32_t sources;  // how many files it was read from: the zone file first, then its $INCLUDEs
    uint32_t warnings; // that its files gave
    uint16_t flags;    // enum pack_flag
    uint8_t origin_size, origin_labels;
    uint8_t origin[]; // then, at a multiple of 8, the sources
};

struct pack_source {
    struct imprint imprint;
    uint64_t path_octets; // with its NUL and padding: a multiple of 8
    char path[];
};

enum pack_result {
    PACK_GOOD,
    PACK_STRANGE,    // not one of our files
    PACK_DIFFERENT,  // of another version, key or machine
    PACK_DAMAGED,    // a checksum is wrong, or it is cut short
    PACK_UNREADABLE, // the system says no; errno
};

static inline struct name pack_origin(const struct pack_entry *entry)
{
    return (struct name){entry->origin, entry->origin_size, entry->origin_labels};
}
static inline const struct pack_source *pack_first_source(const struct pack_entry *entry)
{
    size_t at = (offsetof(struct pack_entry, origin) + entry->origin_size + 7u) & ~(size_t)7;
    return (const struct pack_source *)((const uint8_t *)entry + at);
}
static inline const struct pack_source *pack_next_source(const struct pack_source *source)
{
    return (const struct pack_source *)((const uint8_t *)source->path + source->path_octets);
}
static inline const struct pack_entry *pack_next_entry(const struct pack_entry *entry)
{
    return (const struct pack_entry *)((const uint8_t *)entry + entry->octets);
}

// Sixty-four bits that tell one key from another and tell nobody the key.
uint64_t pack_fingerprint(const struct hash_key *key) __attribute__((nonnull));

// --- entries

// What a zone was read from.
struct pack_made {
    const char *path;
    struct imprint imprint;
};
// Makes an entry, in memory that the caller frees. Its place is the writer's affair.
struct pack_entry *pack_make_entry(struct name origin, uint32_t warnings,
                                   const struct pack_made *sources, size_t count)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
// True if the entry's files have the content that they had; *untouched: they are the very files.
// `path` is the zone file's name today.
bool pack_is_current(const struct pack_entry *entry, const char *path, bool *untouched)
    __attribute__((nonnull, warn_unused_result));

// --- reading

// Reads the head and judges it.
enum pack_result pack_read_head(int fd, uint64_t fingerprint, struct pack_head *head)
    __attribute__((nonnull, warn_unused_result));
// Reads the entries, into memory that the caller frees. What is good has been walked: every entry
// and source lies inside, and each image in the region of images.
enum pack_result pack_read_index(int fd, const struct pack_head *head, uint8_t **index)
    __attribute__((nonnull, warn_unused_result));
// The walk of pack_read_index over octets from anywhere.
bool pack_pass_index(const uint8_t *index, const struct pack_head *head)
    __attribute__((nonnull, warn_unused_result));
// Reads all images into `to`, which has room for head->images_octets.
enum pack_result pack_read_images(int fd, const struct pack_head *head, uint8_t *to)
    __attribute__((nonnull, warn_unused_result));

// --- writing

struct pack_writer {
    int fd;
    int error; // sticky: 0 or the first negative errno
    uint8_t *piece;
    size_t filled;
    uint64_t written; // of the region under way
    struct checksum sum;
    struct pack_head head;
};
// Into an open, empty file: entries first, then their images in the same order. Entries get their
// places, one behind the other, from `*place` on, which begins with 0.
void pack_begin(struct pack_writer *writer, int fd) __attribute__((nonnull));
void pack_put_entry(struct pack_writer *writer, struct pack_entry *entry, size_t image_size,
                    uint64_t *place) __attribute__((nonnull));
void pack_put_image(struct pack_writer *writer, const uint8_t *image, size_t size)
    __attribute__((nonnull));
// The head, and all of it onto the disk. The caller closes the file. 0 or a negative errno.
int pack_end(struct pack_writer *writer, uint64_t serial, uint64_t fingerprint)
    __attribute__((nonnull, warn_unused_result));
