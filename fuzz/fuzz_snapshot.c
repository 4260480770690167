// A snapshot of the cache from anywhere, with its sums set right: what it says is taken or refused,
// and what is in the cache after is sound, and can be saved and read again.
//
//   input: the records of a block (cache/record.h), or, if it begins with the magic, a whole file
//
// Seeds are of x86-64, as snapshots are: numbers are the machine's.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/epoch.h"
#include "base/memory.h"
#include "cache/snapshot.h"
#include "dns/delegation.h"
#include "dns/rdata.h"
#include "dns/type.h"

#define NOW   2000000000u
#define DATE  1700000000u
#define STALE 86400

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static struct cache *cache;
static const struct hash_key secret = {{1, 2}};
static const struct snapshot_times times = {NOW, DATE};

static void open_cache(void)
{
    const struct cache_options options = {.octets = CACHE_OCTETS_MIN,
                                          .max_ttl_s = INT32_MAX,
                                          .negative_ttl_s = INT32_MAX,
                                          .stale_s = STALE,
                                          .secret = secret};
    cache = cache_open(&options);
    assert(cache);
}

// --- the sums ------------------------------------------------------------------------------------

static uint8_t *file;
static size_t file_size;

// Of as many blocks as their heads say the truth about.
static void set_sums(void)
{
    struct snapshot_head *head = (struct snapshot_head *)file;
    size_t at = sizeof *head;
    struct checksum chain = {0};
    for (uint64_t i = 0; i < head->blocks && file_size - at >= sizeof(struct snapshot_block); i++) {
        struct snapshot_block block;
        memcpy(&block, file + at, sizeof block);
        at += sizeof block;
        if (block.octets > file_size - at)
            break;
        block.sum = checksum_of(file + at, (size_t)block.octets);
        memcpy(file + at - sizeof block, &block, sizeof block);
        chain = snapshot_chain(chain, &block);
        at += (size_t)block.octets;
    }
    head->chain = chain;
    head->sum = snapshot_head_sum(head);
}

static uint64_t count_records(const uint8_t *octets, size_t size)
{
    uint64_t count = 0;
    struct record record;
    for (; size >= sizeof record; count++) {
        memcpy(&record, octets, sizeof record);
        if (record.octets == 0 || record.octets > size)
            break;
        octets += record.octets;
        size -= record.octets;
    }
    return count;
}

static void make_file(const uint8_t *octets, size_t size)
{
    struct snapshot_head head = {.magic = SNAPSHOT_MAGIC, .date_s = DATE - 100, .blocks = 1};
    struct snapshot_block block = {.octets = size, .entries = count_records(octets, size)};
    head.entries = block.entries;
    bool whole = size >= sizeof head && memcmp(octets, &head.magic, sizeof head.magic) == 0;
    file_size = whole ? size : sizeof head + sizeof block + size;
    file = memory_get(file_size);
    if (whole) {
        memcpy(file, octets, size);
    } else {
        memcpy(file, &head, sizeof head);
        memcpy(file + sizeof head, &block, sizeof block);
        memcpy(file + sizeof head + sizeof block, octets, size);
    }
    set_sums();
}

// --- judging -------------------------------------------------------------------------------------

static void judge_rdata(const struct rrset *rrset, uint16_t type)
{
    const uint8_t *entry = rrset->body;
    assert(rrset->type == type && rrset->count > 0 && rrset_size(rrset) <= CACHE_ENTRY_MAX);
    for (unsigned i = 0; i < rrset->count; i++, entry = rrset_next(entry))
        assert(!rdata_check(type, rrset_rdata(entry), rrset_rdata_size(entry)));
    for (unsigned i = 0; i < rrset->signatures; i++)
        entry = rrset_next(entry);
    assert((size_t)(entry - (const uint8_t *)rrset) <= rrset_size(rrset));
}

static void judge_name(struct name name)
{
    struct name again;
    bool valid = name_view(name.wire, name.size, &again);
    assert(valid && again.size == name.size && again.labels == name.labels);
}

static bool judge(void *argument, const struct cache_visited *visited)
{
    const struct cache_found *found = &visited->found;
    struct delegation delegation;
    ++*(uint64_t *)argument;
    judge_name(found->owner);
    assert(found->ttl_s <= found->given_s && visited->source == 0);
    assert(!found->stale || found->expired_s < STALE);
    switch (found->kind) {
    case CACHE_RRSET: judge_rdata(found->rrset, visited->type); break;
    case CACHE_NODATA:
    case CACHE_NXDOMAIN:
        if (found->rrset) {
            judge_name(found->soa_owner);
            judge_rdata(found->rrset, TYPE_SOA);
        }
        break;
    case CACHE_DELEGATION: {
        bool sound = delegation_unpack(found->payload, found->payload_size, &delegation);
        assert(sound && name_equal(delegation.cut, found->owner));
        break;
    }
    case CACHE_FAILURE: assert(false);
    }
    return true;
}

// What came in goes out again.
static void save_again(uint64_t entries)
{
    char path[64];
    uint64_t saved;
    struct snapshot_loaded loaded;
    snprintf(path, sizeof path, "/dev/shm/onym-fuzz-snapshot-%d", (int)getpid());
    int error = cache_save(cache, path, &times, &saved);
    assert(error == 0 && saved == entries);
    cache_flush_tree(cache, NAME_ROOT);
    enum snapshot_result result = cache_load(cache, path, &times, &loaded);
    assert(result == SNAPSHOT_LOADED && loaded.entries == saved);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    char path[64];
    struct snapshot_loaded loaded;
    make_file(octets, size);
    int fd = memfd_create("snapshot", 0);
    if (fd < 0 || write(fd, file, file_size) != (ssize_t)file_size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    open_cache();
    enum snapshot_result result = cache_load(cache, path, &times, &loaded);
    uint64_t entries = 0;
    cache_walk(cache, NOW, judge, &entries);
    assert(entries == loaded.entries && (result == SNAPSHOT_LOADED || entries == 0));
    if (entries > 0)
        save_again(entries);
    cache_close(cache);
    close(fd);
    free(file);
    return 0;
}
