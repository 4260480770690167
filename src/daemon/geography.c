// What a house knows of places (geography.h).
#include "daemon/geography.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/memory.h"

// By which a replaced file is known: a rename gives another inode, a write another time.
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec written;
};

struct geography {
    atomic_uint holders;
    struct arena memory;
    const char **paths;
    struct stamp *stamps;
    size_t path_count;
    struct fact *facts;
    struct places_wants wants;
    struct places *places;
};

static struct stamp take_stamp(const char *path)
{
    struct stat status;
    struct stamp stamp = {0};
    if (stat(path, &status) == 0)
        stamp = (struct stamp){status.st_dev, status.st_ino, status.st_size, status.st_mtim};
    return stamp;
}

static bool is_same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

static void copy_facts(struct geography *geography, const struct fact *facts, size_t count)
{
    struct arena *memory = &geography->memory;
    geography->facts = arena_copy(memory, facts, count * sizeof *facts);
    for (size_t i = 0; i < count; i++) {
        struct fact *fact = &geography->facts[i];
        if (fact->text)
            fact->text = arena_copy(memory, fact->text, strlen(fact->text) + 1);
        if (fact->nets)
            fact->nets = arena_copy(memory, fact->nets, fact->net_count * sizeof *fact->nets);
    }
    geography->wants.facts = geography->facts;
    geography->wants.count = count;
}

static struct geography *begin(size_t path_count)
{
    struct geography *geography = memory_get_zeroed(1, sizeof *geography);
    atomic_init(&geography->holders, 1);
    geography->path_count = path_count;
    geography->paths = arena_get(&geography->memory, path_count * sizeof *geography->paths);
    geography->stamps = arena_get(&geography->memory, path_count * sizeof *geography->stamps);
    return geography;
}

// The times are taken before the files are read: what changes meanwhile is seen as a change.
static struct geography *compile(struct geography *geography, struct report *report)
{
    for (size_t i = 0; i < geography->path_count; i++)
        geography->stamps[i] = take_stamp(geography->paths[i]);
    geography->places =
        places_compile(geography->paths, geography->path_count, &geography->wants, report);
    if (geography->places)
        return geography;
    geography_release(geography);
    return NULL;
}

static bool is_same_fact(const struct fact *a, const struct fact *b)
{
    if (a->kind != b->kind || a->asn != b->asn || a->net_count != b->net_count ||
        (a->text != NULL) != (b->text != NULL))
        return false;
    return (!a->text || strcmp(a->text, b->text) == 0) &&
           (!a->net_count || memcmp(a->nets, b->nets, a->net_count * sizeof *a->nets) == 0);
}

static bool is_same(const struct geography *a, const struct geography *b)
{
    if (a->path_count != b->path_count || a->wants.count != b->wants.count ||
        a->wants.points != b->wants.points)
        return false;
    for (size_t i = 0; i < a->path_count; i++)
        if (strcmp(a->paths[i], b->paths[i]) != 0)
            return false;
    for (size_t i = 0; i < a->wants.count; i++)
        if (!is_same_fact(&a->facts[i], &b->facts[i]))
            return false;
    return true;
}

struct geography *geography_make(const struct options *options, struct geography *old,
                                 struct report *report)
{
    const struct places_options *places = &options->places;
    struct geography *geography = begin(places->database_count);
    for (size_t i = 0; i < places->database_count; i++) {
        const char *path = places->databases[i].path;
        geography->paths[i] = arena_copy(&geography->memory, path, strlen(path) + 1);
    }
    copy_facts(geography, places->facts, places->fact_count);
    geography->wants.points = places->points;
    if (old && is_same(old, geography) && geography_look(old) == 0) {
        geography_release(geography);
        return geography_hold(old);
    }
    return compile(geography, report);
}

struct geography *geography_remake(const struct geography *old, struct report *report)
{
    struct geography *geography = begin(old->path_count);
    for (size_t i = 0; i < old->path_count; i++)
        geography->paths[i] =
            arena_copy(&geography->memory, old->paths[i], strlen(old->paths[i]) + 1);
    copy_facts(geography, old->facts, old->wants.count);
    geography->wants.points = old->wants.points;
    return compile(geography, report);
}

struct geography *geography_hold(struct geography *geography)
{
    atomic_fetch_add_explicit(&geography->holders, 1, memory_order_relaxed);
    return geography;
}

void geography_release(struct geography *geography)
{
    if (!geography || atomic_fetch_sub_explicit(&geography->holders, 1, memory_order_acq_rel) != 1)
        return;
    places_release(geography->places);
    arena_free(&geography->memory);
    free(geography);
}

uint64_t geography_look(const struct geography *geography)
{
    uint64_t look = 0;
    bool same = true;
    for (size_t i = 0; i < geography->path_count; i++) {
        struct stamp now = take_stamp(geography->paths[i]);
        const uint64_t words[] = {(uint64_t)now.inode, (uint64_t)now.size,
                                  (uint64_t)now.written.tv_sec, (uint64_t)now.written.tv_nsec};
        for (unsigned word = 0; word < sizeof words / sizeof words[0]; word++)
            look = hash_mix(look ^ words[word] ^ 0x9e3779b97f4a7c15u, 0xa0761d6478bd642fu);
        same = same && is_same_stamp(&now, &geography->stamps[i]);
    }
    return same ? 0 : look | 1;
}

struct places *geography_places(const struct geography *geography)
{
    return geography->places;
}
