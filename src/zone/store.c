// The store of images (store.h).
//
// One lock for the table, the marks and the queue. A pack's images are read when the first of its
// zones is asked for, under a lock of their own, and are one block that all of its zones look into.
// Zones are asked for in about the order in which they were written, so all threads come to the
// next pack at once: one reads it, and who finds it busy reads the pack after it.
// The archive is the opener's, then, from the moment that the thread runs, only the thread's; but
// store_get looks at the packs and the table that were there at the start, without the lock: to
// wait for memory under it would make the other threads wait as well. The packs stay until the
// thread tidies, the table and the entries until the last thread leaves store_get, once it has
// settled.
//
// A thread that loads zones may hang in a read when all else ends, so the store is counted.
#include "zone/store.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "zone/archive.h"
#include "zone/block.h"
#include "zone/inspect.h"

#define QUIET_MS   1000 // zones that are loaded together are written together
#define CLOSE_S    5    // a disk that hangs must not hang the end
#define WRITE_NICE 10

// A pack of the start, and its images in memory.
struct held {
    struct archive_pack *pack;
    pthread_mutex_t lock; // of reading it
    atomic_bool tried;    // block is what it stays
    struct block *block;  // one count is ours until the table goes; NULL: not read, or damaged
};

struct slot {
    uint64_t hash;
    struct pack_entry *entry; // in the index of the pack; NULL: free
    uint32_t held;
};

// A zone that waits to be written.
struct waiting {
    struct waiting *next;
    struct pack_entry *entry;
    struct block *block;
    const uint8_t *image;
    size_t size;
    uint64_t hash;
};

// What one file is for. All of it is in its arena: pieces that live for a moment only, strewn among
// a million zones, would keep their pages for ever.
struct batch {
    struct batch *next;
    struct arena arena;
    struct waiting *first, *last;
    size_t octets;
};

struct store {
    atomic_uint holders;
    struct archive archive;
    pthread_mutex_t lock;
    pthread_cond_t news;
    // Until it has settled and nobody gets.
    struct slot *slots;
    size_t slot_mask;
    struct held *held;
    size_t held_count;
    size_t getting; // threads in store_get
    bool settled;

    struct batch *first, *last;
    size_t waiting_octets;
    struct timespec quiet_at; // when what waits is written, if nothing more comes
    uint64_t replaced;        // octets put since it has settled
    bool untidy;
    bool running, closing;
    bool warned; // of the trouble that goes on
    pthread_t thread;
};

// --- the table -----------------------------------------------------------------------------------

static struct slot *find_slot(const struct store *store, uint64_t hash, struct name origin)
{
    size_t at = hash & store->slot_mask;
    for (; store->slots[at].entry; at = (at + 1) & store->slot_mask)
        if (store->slots[at].hash == hash &&
            name_equal(pack_origin(store->slots[at].entry), origin))
            break;
    return &store->slots[at];
}

static uint64_t hash_name(const struct store *store, struct name name)
{
    struct name_key key;
    name_key_make(name, &store->archive.key, &key);
    return key.hash[name.labels];
}

// Packs come from the oldest to the newest, so that a later entry takes the place of an earlier
// one.
static void fill_table(struct store *store)
{
    size_t entries = 0, slots = 16;
    for (size_t i = 0; i < store->held_count; i++)
        entries += store->held[i].pack->head.entries;
    while (slots < entries * 2)
        slots *= 2;
    store->slots = memory_get_large(slots * sizeof *store->slots); // looked at in no order
    memset(store->slots, 0, slots * sizeof *store->slots);
    store->slot_mask = slots - 1;
    for (size_t i = 0; i < store->held_count; i++) {
        const struct archive_pack *pack = store->held[i].pack;
        struct pack_entry *entry = (struct pack_entry *)pack->index;
        for (uint32_t j = 0; j < pack->head.entries; j++) {
            uint64_t hash = hash_name(store, pack_origin(entry));
            *find_slot(store, hash, pack_origin(entry)) = (struct slot){hash, entry, (uint32_t)i};
            entry = (struct pack_entry *)pack_next_entry(entry);
        }
    }
}

struct store *store_open(const char *folder, const struct hash_key *key)
{
    struct store *store = memory_get_zeroed(1, sizeof *store);
    atomic_init(&store->holders, 1);
    pthread_mutex_init(&store->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&store->news, &attributes);
    pthread_condattr_destroy(&attributes);
    int error = archive_open(&store->archive, folder, key);
    if (error == -EPERM)
        log_warning("others may write to %s: images of zones are neither read nor kept", folder);
    else if (error)
        log_warning("no images of zones: %s: %s; each start reads the zone files", folder,
                    strerror(-error));
    store->held_count = store->archive.count;
    store->held = memory_get_zeroed(store->held_count, sizeof *store->held);
    for (size_t i = 0; i < store->held_count; i++) {
        store->held[i].pack = store->archive.packs[i];
        pthread_mutex_init(&store->held[i].lock, NULL);
    }
    fill_table(store);
    return store;
}

// --- getting -------------------------------------------------------------------------------------

// Under the pack's lock.
static void read_images(struct store *store, struct held *held)
{
    if (!held->tried)
        held->block = archive_read(&store->archive, held->pack);
    held->tried = true;
}

// Instead of waiting for a pack that another thread reads just now. A pack of one large zone is
// read by the thread that wants the zone.
static void read_ahead(struct store *store, size_t after)
{
    size_t at = after + 1;
    while (at < store->held_count && store->held[at].pack->large)
        at++;
    if (at == store->held_count || pthread_mutex_trylock(&store->held[at].lock) != 0)
        return;
    read_images(store, &store->held[at]);
    pthread_mutex_unlock(&store->held[at].lock);
}

static void wait_for_images(struct store *store, size_t at)
{
    struct held *held = &store->held[at];
    if (pthread_mutex_trylock(&held->lock) != 0) {
        read_ahead(store, at);
        pthread_mutex_lock(&held->lock);
    }
    read_images(store, held);
    pthread_mutex_unlock(&held->lock);
}

// The memory of a pack's images, with a count for the caller; NULL: there is none.
static struct block *hold_images(struct store *store, size_t at)
{
    struct held *held = &store->held[at];
    if (!held->tried)
        wait_for_images(store, at);
    return held->block ? block_hold(held->block) : NULL;
}

static bool is_sound(const struct store *store, const struct archive_pack *pack,
                     const struct pack_entry *entry, const uint8_t *image)
{
    if (pack->ours) // then its writer has inspected it, and the checksum was right
        return true;
    enum inspect_result result =
        inspect_image(image, (size_t)entry->size, pack_origin(entry), &store->archive.key);
    if (result != INSPECT_SOUND)
        log_warning("%s/%s: not an image: %s is wrong", store->archive.path, pack->name,
                    inspect_word(result));
    return result == INSPECT_SOUND;
}

static bool get(struct store *store, const struct slot *slot, const char *path,
                struct store_found *found)
{
    struct held *held = &store->held[slot->held];
    if (!pack_is_current(found->entry, path, &found->untouched))
        return false;
    struct block *block = hold_images(store, slot->held);
    if (!block)
        return false;
    const uint8_t *image = block->octets + found->entry->at;
    if (!is_sound(store, held->pack, found->entry, image)) {
        block_release(block);
        return false;
    }
    image_look_at(&found->image, image);
    found->image.block = block;
    return true;
}

// Under the lock, when it has settled and nobody gets. Zones hold what they look into.
static void let_go(struct store *store)
{
    for (size_t i = 0; i < store->held_count; i++) {
        struct held *held = &store->held[i];
        block_release(held->block);
        held->block = NULL;
        free(held->pack->index);
        held->pack->index = NULL;
    }
    free(store->slots);
    store->slots = NULL;
}

// Under the lock.
static void settle(struct store *store)
{
    bool before = store->settled;
    store->settled = true;
    if (!before && store->getting == 0)
        let_go(store);
}

static bool enter(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    bool open = !store->settled;
    store->getting += open;
    pthread_mutex_unlock(&store->lock);
    return open;
}

static void leave(struct store *store, const struct slot *used)
{
    pthread_mutex_lock(&store->lock);
    if (used && !store->settled)
        archive_use(store->held[used->held].pack, used->entry);
    store->getting--;
    if (store->settled && store->getting == 0) {
        let_go(store);
        pthread_cond_signal(&store->news); // it may be tidied now
    }
    pthread_mutex_unlock(&store->lock);
}

// The name is in answers, so its case counts.
static bool is_of(const struct slot *slot, struct name origin)
{
    return slot->entry && memcmp(slot->entry->origin, origin.wire, origin.size) == 0;
}

bool store_get(struct store *store, struct name origin, const char *path, struct store_found *found)
{
    *found = (struct store_found){0};
    if (!enter(store))
        return false;
    const struct slot *slot = find_slot(store, hash_name(store, origin), origin);
    bool good = is_of(slot, origin);
    if (good) {
        found->entry = memory_get(slot->entry->octets);
        memcpy(found->entry, slot->entry, slot->entry->octets);
        good = get(store, slot, path, found);
    }
    leave(store, good ? slot : NULL);
    if (!good) {
        free(found->entry);
        found->entry = NULL;
    }
    return good;
}

// --- putting -------------------------------------------------------------------------------------

static void free_batch(struct batch *batch)
{
    for (struct waiting *waiting = batch ? batch->first : NULL; waiting; waiting = waiting->next)
        block_release(waiting->block);
    if (batch)
        arena_free(&batch->arena);
    free(batch);
}

// Once, until it has worked again.
static void warn(struct store *store, const char *why)
{
    if (!store->warned)
        log_warning("cannot keep images of zones in %s: %s; the next start reads their zone files",
                    store->archive.path, why);
    store->warned = true;
}

static void *run(void *argument);

// Under the lock. False: there is nobody who would write.
static bool start_thread(struct store *store)
{
    if (store->running)
        return true;
    int failed = store->closing ? ECANCELED : pthread_create(&store->thread, NULL, run, store);
    if (failed && !store->closing)
        warn(store, strerror(failed));
    store->running = !failed;
    return store->running;
}

// Under the lock: the batch that is being filled.
static struct batch *last_batch(struct store *store)
{
    if (store->last && store->last->octets < PACK_OCTETS_MAX)
        return store->last;
    struct batch *batch = memory_get_zeroed(1, sizeof *batch);
    if (store->last)
        store->last->next = batch;
    else
        store->first = batch;
    return store->last = batch;
}

// Under the lock.
static void append(struct store *store, const struct waiting *from)
{
    struct batch *batch = last_batch(store);
    struct waiting *waiting = arena_copy(&batch->arena, from, sizeof *from);
    waiting->entry = arena_copy(&batch->arena, from->entry, from->entry->octets);
    if (batch->last)
        batch->last->next = waiting;
    else
        batch->first = waiting;
    batch->last = waiting;
    size_t octets = waiting->size + waiting->entry->octets;
    batch->octets += octets;
    store->waiting_octets += octets;
    store->replaced += store->settled ? octets : 0;
    clock_gettime(CLOCK_MONOTONIC, &store->quiet_at);
    store->quiet_at.tv_sec += QUIET_MS / 1000;
}

void store_put(struct store *store, const struct image *image, struct pack_entry *entry)
{
    struct waiting waiting = {.entry = entry,
                              .image = image->base,
                              .size = (size_t)image->head->size,
                              .hash = hash_name(store, pack_origin(entry))};
    pthread_mutex_lock(&store->lock);
    bool room = store->waiting_octets < STORE_WAITING_MAX;
    if (store->archive.folder >= 0 && room && start_thread(store)) {
        waiting.block = block_hold(image->block);
        append(store, &waiting);
        pthread_cond_signal(&store->news);
    } else if (!room) {
        warn(store, "the disk is too slow");
    }
    pthread_mutex_unlock(&store->lock);
    free(entry);
}

// --- the thread ----------------------------------------------------------------------------------

static bool inspect_waiting(const struct store *store, const struct waiting *waiting)
{
    enum inspect_result result = inspect_image(waiting->image, waiting->size,
                                               pack_origin(waiting->entry), &store->archive.key);
    if (result == INSPECT_SOUND)
        return true;
    char name[NAME_TEXT_MAX];
    name_print(pack_origin(waiting->entry), name);
    log_error("the image of zone %s is not sound: %s is wrong; it is not kept. This is an error in "
              "onym, or of this machine's memory",
              name, inspect_word(result));
    return false;
}

static struct archive_item item_of(const struct waiting *waiting)
{
    return (struct archive_item){waiting->entry, waiting->image, waiting->size, waiting->hash};
}

// Large zones each by themselves, small ones together. Returns 0 or the first negative errno.
static int write_batch(struct store *store, const struct batch *batch)
{
    struct archive_item *items = NULL;
    size_t count = 0, room = 0;
    int error = 0;
    for (const struct waiting *waiting = batch->first; waiting && !error; waiting = waiting->next) {
        if (!inspect_waiting(store, waiting))
            continue;
        struct archive_item item = item_of(waiting);
        if (waiting->size >= PACK_OWN_OCTETS) {
            error = archive_write(&store->archive, &item, 1, true);
            continue;
        }
        items = memory_grow(items, &room, count + 1, sizeof *items);
        items[count++] = item;
    }
    if (count && !error)
        error = archive_write(&store->archive, items, count, false);
    free(items);
    return error;
}

static bool is_over(const struct timespec *time)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > time->tv_sec ||
           (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static bool may_tidy(const struct store *store)
{
    return store->untidy && store->settled && store->getting == 0 && !store->closing;
}

static bool is_due(const struct store *store)
{
    return store->first &&
           (store->closing || store->first->octets >= PACK_OCTETS_MAX || is_over(&store->quiet_at));
}

static struct batch *take_batch(struct store *store)
{
    struct batch *batch = store->first;
    store->first = batch->next;
    store->last = store->first ? store->last : NULL;
    store->waiting_octets -= batch->octets;
    return batch;
}

// Without the lock: the archive is the thread's.
static int work(struct store *store, struct batch *batch, bool tidy, uint64_t *replaced)
{
    int error = batch ? write_batch(store, batch) : 0;
    free_batch(batch);
    bool joined = false;
    if (tidy && !error)
        error = archive_tidy(&store->archive, *replaced, &joined);
    *replaced = joined && !error ? *replaced : 0;
    return error;
}

// Under the lock, which is let go meanwhile.
static void take_turn(struct store *store)
{
    struct batch *batch = is_due(store) ? take_batch(store) : NULL;
    bool tidy = may_tidy(store) && !store->first;
    store->untidy = store->untidy && !tidy;
    uint64_t replaced = store->replaced;
    pthread_mutex_unlock(&store->lock);
    int error = work(store, batch, tidy, &replaced);
    pthread_mutex_lock(&store->lock);
    store->replaced -= tidy ? replaced : 0; // they have been dropped
    store->untidy |= batch && store->settled;
    if (error)
        warn(store, strerror(-error));
    else if (batch)
        store->warned = false;
}

static void *run(void *argument)
{
    struct store *store = argument;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), WRITE_NICE);
    pthread_mutex_lock(&store->lock);
    while (!store->closing || store->first) {
        if (is_due(store) || (may_tidy(store) && !store->first))
            take_turn(store);
        else if (store->first)
            pthread_cond_timedwait(&store->news, &store->lock, &store->quiet_at);
        else
            pthread_cond_wait(&store->news, &store->lock);
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}

// --- settling and closing ------------------------------------------------------------------------

void store_settle(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    if (!store->settled && !store->closing) {
        settle(store); // store_get finds nothing from here on
        store->untidy = true;
        store->quiet_at = (struct timespec){0};
        if (store->archive.folder >= 0 && (store->archive.count || store->first))
            start_thread(store);
        pthread_cond_signal(&store->news);
    }
    pthread_mutex_unlock(&store->lock);
}

// False: it still writes, and what it looks at must stay.
static bool stop_thread(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    settle(store); // and untidy it is not: who knows what would have been asked for
    bool running = store->running;
    pthread_cond_signal(&store->news);
    pthread_mutex_unlock(&store->lock);
    if (!running)
        return true;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += CLOSE_S;
    return pthread_clockjoin_np(store->thread, NULL, CLOCK_MONOTONIC, &end) == 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (stop_thread(store))
        store_release(store);
}

struct store *store_hold(struct store *store)
{
    atomic_fetch_add_explicit(&store->holders, 1, memory_order_relaxed);
    return store;
}

void store_release(struct store *store)
{
    if (!store || atomic_fetch_sub_explicit(&store->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < store->held_count; i++)
        pthread_mutex_destroy(&store->held[i].lock);
    free(store->held);
    archive_close(&store->archive);
    pthread_cond_destroy(&store->news);
    pthread_mutex_destroy(&store->lock);
    free(store);
}
