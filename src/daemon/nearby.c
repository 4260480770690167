// Reading hosts files and the copy of the root (nearby.h).
//
// What is wanted is a copy of the options, shared by count: a thread that hangs outlives the house
// that it read for. `done` and `loop` of a reading are under its lock; the rest is the thread's
// until `done`, then the main thread's. A reading that nobody wants any more is freed by its
// thread.
#include "daemon/nearby.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "daemon/hosts.h"
#include "daemon/house.h"

#define FAR_MS ((uint64_t)INT32_MAX) // a loop sleeps no longer; then it is looked at again

struct nearby_wanted {
    atomic_uint holders;
    struct arena memory;
    bool resolves; // names are wanted
    struct hosts_options hosts;
    const char *root_copy; // NULL: none
    bool zonemd;
    struct hash_key secret;
};

struct nearby_reading {
    pthread_mutex_t lock;
    bool done;
    struct loop *loop; // NULL: nobody listens any more
    struct nearby_wanted *wanted;
    struct zone *copy; // that was there before; NULL: none
    struct nearby_found found;
    struct watching watching;
    uint64_t expires_s; // date; UINT64_MAX: nothing does
};

// --- what is wanted ------------------------------------------------------------------------------

static void release_wanted(struct nearby_wanted *wanted)
{
    if (!wanted || atomic_fetch_sub_explicit(&wanted->holders, 1, memory_order_acq_rel) != 1)
        return;
    arena_free(&wanted->memory);
    free(wanted);
}

static struct nearby_wanted *hold_wanted(struct nearby_wanted *wanted)
{
    atomic_fetch_add_explicit(&wanted->holders, 1, memory_order_relaxed);
    return wanted;
}

static char *copy_text(struct arena *memory, const char *text)
{
    return arena_copy(memory, text, strlen(text) + 1);
}

static void copy_hosts(struct nearby_wanted *wanted, const struct hosts_options *from)
{
    struct arena *memory = &wanted->memory;
    struct hosts_options *to = &wanted->hosts;
    *to = *from;
    to->domain.wire = arena_copy(memory, from->domain.wire, from->domain.size);
    to->files = arena_get(memory, from->file_count * sizeof *to->files);
    for (size_t i = 0; i < from->file_count; i++)
        to->files[i] = (struct path_option){.path = copy_text(memory, from->files[i].path)};
    to->names = arena_get(memory, from->name_count * sizeof *to->names);
    for (size_t i = 0; i < from->name_count; i++) {
        const struct named_option *name = &from->names[i];
        size_t size = name->addresses.count * sizeof *name->addresses.some;
        to->names[i] = *name;
        to->names[i].name.wire = arena_copy(memory, name->name.wire, name->name.size);
        to->names[i].addresses.some = arena_copy(memory, name->addresses.some, size);
    }
}

// NULL: nothing.
static struct nearby_wanted *make_wanted(const struct options *options,
                                         const struct hash_key *secret)
{
    const struct resolve_options *resolve = &options->resolve;
    if (!house_may_resolve(options))
        return NULL;
    struct nearby_wanted *wanted = memory_get_zeroed(1, sizeof *wanted);
    atomic_init(&wanted->holders, 1);
    wanted->secret = *secret;
    copy_hosts(wanted, &options->hosts);
    if (resolve->root_copy.path && resolve->otherwise == RESOLVE_RECURSIVE)
        wanted->root_copy = copy_text(&wanted->memory, resolve->root_copy.path);
    wanted->zonemd = resolve->root_copy_zonemd;
    return wanted;
}

// --- a reading -----------------------------------------------------------------------------------

static void begin_watching(struct nearby_reading *reading)
{
    const struct nearby_wanted *wanted = reading->wanted;
    size_t count = wanted->hosts.file_count;
    const char **paths = memory_get((count + 1) * sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = wanted->hosts.files[i].path;
    if (wanted->root_copy)
        paths[count++] = wanted->root_copy;
    reading->watching = watching_begin(paths, count);
    free(paths);
}

static bool is_as_before(const struct nearby_wanted *wanted, const struct zone *copy)
{
    return copy && strcmp(copy->path, wanted->root_copy) == 0 &&
           (copy->zonemd || !wanted->zonemd) && zone_is_current(copy);
}

// RFC 8806 2: a copy that is older than its expire must not be used. How old it is says the time of
// its file, which a good transfer keeps or sets.
static void judge_age(struct nearby_reading *reading, uint64_t changed_s)
{
    struct nearby_found *found = &reading->found;
    uint64_t date_s = clock_date_s(), expire_s = zone_expire_s(found->root_copy);
    uint64_t age_s = date_s > changed_s ? date_s - changed_s : 0;
    if (age_s >= expire_s) {
        report_add(&found->report, SEVERITY_WARNING,
                   &(struct place){.file = reading->wanted->root_copy}, NULL,
                   "this copy of the root is %" PRIu64 " s old and expires after %" PRIu64
                   " s: the root servers are asked",
                   age_s, expire_s);
        zone_release(found->root_copy);
        found->root_copy = NULL;
        return;
    }
    uint64_t left_s = expire_s - age_s;
    found->root_copy_end_us = clock_now_us() + left_s * 1000000;
    if (date_s + left_s < reading->expires_s)
        reading->expires_s = date_s + left_s;
}

static void read_root_copy(struct nearby_reading *reading)
{
    const struct nearby_wanted *wanted = reading->wanted;
    struct nearby_found *found = &reading->found;
    struct zone_load_options options = {.zonemd = wanted->zonemd, .secret = &wanted->secret};
    struct stat status;
    bool there = stat(wanted->root_copy, &status) == 0;
    found->root_copy = is_as_before(wanted, reading->copy)
                           ? zone_hold(reading->copy)
                           : zone_load(NAME_ROOT, wanted->root_copy, &options, &found->report);
    found->root_copy_bad = found->root_copy->state != ZONE_SERVED;
    if (!found->root_copy_bad) {
        judge_age(reading, there ? (uint64_t)status.st_mtim.tv_sec : 0);
        return;
    }
    zone_release(found->root_copy);
    found->root_copy = NULL;
}

static void free_reading(struct nearby_reading *reading)
{
    local_release(reading->found.local);
    zone_release(reading->found.root_copy);
    report_free(&reading->found.report);
    watching_end(&reading->watching);
    zone_release(reading->copy);
    release_wanted(reading->wanted);
    pthread_mutex_destroy(&reading->lock);
    free(reading);
}

// True: somebody still wants it.
static bool read_all(struct nearby_reading *reading)
{
    const struct nearby_wanted *wanted = reading->wanted;
    begin_watching(reading);
    reading->found.local =
        hosts_read(&wanted->hosts, &wanted->secret, clock_date_s(), &reading->expires_s);
    if (wanted->root_copy)
        read_root_copy(reading);
    pthread_mutex_lock(&reading->lock);
    reading->done = true;
    bool listens = reading->loop;
    if (listens)
        loop_ring(reading->loop);
    pthread_mutex_unlock(&reading->lock);
    return listens;
}

static void *run(void *argument)
{
    struct nearby_reading *reading = argument;
    if (!read_all(reading))
        free_reading(reading);
    return NULL;
}

static struct nearby_reading *begin_reading(struct nearby *nearby, struct zone *copy)
{
    struct nearby_reading *reading = memory_get_zeroed(1, sizeof *reading);
    pthread_mutex_init(&reading->lock, NULL);
    reading->loop = nearby->loop;
    reading->wanted = hold_wanted(nearby->wanted);
    reading->copy = copy ? zone_hold(copy) : NULL;
    reading->watching.fd = -1;
    reading->expires_s = UINT64_MAX;
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, run, reading) != 0)
        (void)read_all(reading); // without a thread of its own it is only in our way
    pthread_attr_destroy(&attributes);
    return reading;
}

static void abandon(struct nearby_reading *reading)
{
    if (!reading)
        return;
    pthread_mutex_lock(&reading->lock);
    bool done = reading->done;
    reading->loop = NULL;
    pthread_mutex_unlock(&reading->lock);
    if (done)
        free_reading(reading);
}

// --- the main thread's ---------------------------------------------------------------------------

void nearby_open(struct nearby *nearby, struct loop *loop, uint8_t kind,
                 const struct hash_key *secret)
{
    *nearby = (struct nearby){.loop = loop, .kind = kind, .secret = *secret, .watching.fd = -1};
}

static void stop_watching(struct nearby *nearby)
{
    if (nearby->watching.fd >= 0)
        loop_remove(nearby->loop, nearby->watching.fd);
    watching_end(&nearby->watching);
}

static void read_again(struct nearby *nearby, struct zone *copy, uint64_t now_ms)
{
    nearby->due_ms = nearby->expiry_ms = 0;
    nearby->last_ms = now_ms;
    nearby->reading = begin_reading(nearby, copy);
}

void nearby_begin(struct nearby *nearby, const struct options *options, struct zone *copy,
                  uint64_t now_ms)
{
    abandon(nearby->reading);
    nearby->reading = NULL;
    release_wanted(nearby->wanted);
    nearby->wanted = make_wanted(options, &nearby->secret);
    stop_watching(nearby);
    nearby->due_ms = nearby->expiry_ms = 0;
    if (nearby->wanted)
        read_again(nearby, copy, now_ms);
}

struct local *nearby_names(const struct nearby *nearby)
{
    if (!nearby->wanted)
        return NULL;
    struct hosts_options names = nearby->wanted->hosts;
    uint64_t expires_s;
    names.file_count = 0;
    return hosts_read(&names, &nearby->secret, 0, &expires_s);
}

static void watch(struct nearby *nearby, struct watching *watching)
{
    stop_watching(nearby);
    nearby->watching = *watching;
    *watching = (struct watching){.fd = -1};
    if (nearby->watching.fd < 0)
        return;
    int failed = loop_add(nearby->loop, nearby->watching.fd, EPOLLIN,
                          (struct loop_tag){.kind = nearby->kind});
    if (failed)
        log_warning("hosts files cannot be watched: %s", strerror(-failed));
}

static void note_expiry(struct nearby *nearby, uint64_t expires_s, uint64_t now_ms)
{
    uint64_t date_s = clock_date_s();
    if (expires_s == UINT64_MAX)
        return;
    uint64_t left_ms = expires_s > date_s ? (expires_s - date_s) * 1000 : 0;
    nearby->expiry_ms = now_ms + (left_ms < FAR_MS ? left_ms : FAR_MS);
}

bool nearby_take(struct nearby *nearby, struct nearby_found *found, uint64_t now_ms)
{
    struct nearby_reading *reading = nearby->reading;
    if (!reading)
        return false;
    pthread_mutex_lock(&reading->lock);
    bool done = reading->done;
    pthread_mutex_unlock(&reading->lock);
    if (!done)
        return false;
    nearby->reading = NULL;
    *found = reading->found;
    reading->found = (struct nearby_found){0};
    watch(nearby, &reading->watching);
    note_expiry(nearby, reading->expires_s, now_ms);
    free_reading(reading);
    return true;
}

void nearby_event(struct nearby *nearby, uint64_t now_ms)
{
    if (!watching_take(&nearby->watching) || nearby->due_ms)
        return;
    uint64_t settled_ms = now_ms + HOSTS_SETTLE_MS, next_ms = nearby->last_ms + HOSTS_EVERY_MS;
    nearby->due_ms = settled_ms > next_ms ? settled_ms : next_ms;
}

// When a reading is to begin; 0: not at all.
static uint64_t find_due(const struct nearby *nearby)
{
    uint64_t due_ms = nearby->due_ms, expiry_ms = nearby->expiry_ms;
    if (expiry_ms && expiry_ms < nearby->last_ms + HOSTS_EVERY_MS)
        expiry_ms = nearby->last_ms + HOSTS_EVERY_MS;
    if (!due_ms || !expiry_ms)
        return due_ms ? due_ms : expiry_ms;
    return due_ms < expiry_ms ? due_ms : expiry_ms;
}

void nearby_look(struct nearby *nearby, struct zone *copy, uint64_t now_ms)
{
    uint64_t due_ms = find_due(nearby);
    if (due_ms && due_ms <= now_ms && nearby->wanted && !nearby->reading)
        read_again(nearby, copy, now_ms);
}

int nearby_rest(const struct nearby *nearby, uint64_t now_ms)
{
    uint64_t due_ms = find_due(nearby);
    if (!due_ms || nearby->reading)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

void nearby_close(struct nearby *nearby)
{
    abandon(nearby->reading);
    nearby->reading = NULL;
    release_wanted(nearby->wanted);
    nearby->wanted = NULL;
    stop_watching(nearby);
}
