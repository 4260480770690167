// Images of zones between two runs: a start reads what the run before it had pressed.
//
//   loader threads                     the store's own thread
//     store_get   the image of a zone whose files are what they were then
//     store_put   a zone that was read from its files  ->  written a moment later, many in one file
//   main thread
//     store_open ... store_settle (the start is over) ... store_close
//
// An image is used if its file's checksum is right, the file was made with this hash key, image
// format and parser, the zone has the same name and zone file, and every source file is what it was
// (imprint.h). What the store writes has passed inspect_image before; what others could have
// written is inspected when it is read. All else is read from the zone file, and nobody notices but
// by the time it takes.
//
// Nothing here is a failure: a folder that cannot be read or written is worth one warning.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "zone/image.h"
#include "zone/pack.h"

struct store;

// Never NULL; without a usable folder nothing is found in it and nothing kept. `folder` is made if
// it is missing.
struct store *store_open(const char *folder, const struct hash_key *key)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

struct store_found {
    struct image image;       // with its count of the memory
    struct pack_entry *entry; // a copy that the caller frees: sources and warnings
    bool untouched;           // the sources are the very files that they were
};
// From any thread. False: there is none, or not of these files. After store_settle there never is.
bool store_get(struct store *store, struct name origin, const char *path, struct store_found *found)
    __attribute__((nonnull, warn_unused_result));
// From any thread: keeps the image for the next run. Takes the entry over, and a count of the
// image's memory for as long as that takes.
void store_put(struct store *store, const struct image *image, struct pack_entry *entry)
    __attribute__((nonnull));
// All zones of the start have been asked for. Gives back what finding them took, and tidies the
// folder: what nobody asked for is of no use any more. What waits is written at once.
void store_settle(struct store *store) __attribute__((nonnull));
// Writes what waits, for some seconds at most. From then on nothing is found and nothing kept, and
// the opener's count is gone. NULL is fine.
void store_close(struct store *store);
// Counts, for threads that may outlive the opener.
struct store *store_hold(struct store *store) __attribute__((nonnull, returns_nonnull));
void store_release(struct store *store); // NULL is fine
