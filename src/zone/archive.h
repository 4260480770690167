// The folder of images: which packs are in it, and how they come and go.
//
//   pack-12.image              images of many small zones
//   zone-91c0a6f0e8d3b257.image    the image of one large zone; the number is its name's hash
//   *.image.tmp                one that was being written when something ended; removed
//
// A file is written beside the others, synced, renamed, and the folder synced: after a crash there
// is all of it or nothing. None is ever changed. What two files have of one zone, the one with the
// higher serial has right. A large zone's new image takes the place of its old one.
//
// Entries are marked as used by whoever answers from them; those that are not are dropped when
// packs are joined. One thread at a time; only archive_read may be called beside others, with a
// pack that was there before them: until archive_tidy no pack is freed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "zone/block.h"
#include "zone/pack.h"

#define ARCHIVE_NAME_MAX 48

struct archive_pack {
    char name[ARCHIVE_NAME_MAX];
    bool large;    // of one zone, whose name has this hash
    bool ours;     // nobody else may write to it
    uint64_t hash; // 0: of many
    struct pack_head head;
    uint8_t *index;       // the entries; NULL once they were let go
    uint64_t *used;       // a bit for each 8 octets of the index: an entry that begins there counts
    uint64_t used_octets; // of used entries and their images
    struct archive_pack *next; // of those that are gone
};

struct archive {
    int folder; // -1: there is none
    char *path; // of it
    struct hash_key key;
    uint64_t fingerprint;
    uint64_t serial, number;     // of the newest pack
    struct archive_pack **packs; // the oldest first
    size_t count, room;
    struct archive_pack *gone; // their files are; somebody may still look at them
};

// A zone to be written.
struct archive_item {
    struct pack_entry *entry;
    const uint8_t *image;
    size_t size;
    uint64_t hash; // of its name
};

// Opens the folder, makes it if it is missing (0700), and reads what the packs in it say. Files
// that are ours and of no use are removed; strange ones stay and are passed over. 0 or a negative
// errno: -EPERM, others may write to it.
int archive_open(struct archive *archive, const char *path, const struct hash_key *key)
    __attribute__((nonnull, warn_unused_result));
void archive_close(struct archive *archive) __attribute__((nonnull));

// Reads a pack's images. NULL: damaged, or unreadable, which is logged; a damaged file is removed.
struct block *archive_read(struct archive *archive, const struct archive_pack *pack)
    __attribute__((nonnull, warn_unused_result));
// Writes a pack; all its entries are used. A large zone's own has one item. 0 or a negative errno.
int archive_write(struct archive *archive, const struct archive_item *items, size_t count,
                  bool large) __attribute__((nonnull, warn_unused_result));
void archive_use(struct archive_pack *pack, const struct pack_entry *entry)
    __attribute__((nonnull));

// Removes what nobody uses; joins the packs of small zones if there are too many, or if more than
// half of their octets are dead, of which `replaced` are known only to the caller. *joined: they
// were joined. 0 or a negative errno.
int archive_tidy(struct archive *archive, uint64_t replaced, bool *joined)
    __attribute__((nonnull, warn_unused_result));
