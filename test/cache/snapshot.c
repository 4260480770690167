// cache/snapshot: what was known comes back, older by the time that passed; and nothing of a
// damaged file does.
#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/snapshot.h"
#include "dns/delegation.h"

#define NOW  5000000u
#define DATE 1700000000u

static char folder[] = "/tmp/onym-snapshot-XXXXXX";
static const struct snapshot_times times = {NOW, DATE};

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const uint8_t soa_rdata[] = "\1n\0\1h\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";

static void put(struct cache *cache, const char *name, struct cache_put what, uint16_t type,
                uint16_t source)
{
    struct made made;
    make_name(&made, name);
    name_key_make(made.name, cache_secret(cache), &made.key);
    what.owner = made.name;
    struct cache_key key = make_key(&made, type, source);
    if (what.rrset && what.kind != CACHE_RRSET)
        what.soa_owner = name_suffix(made.name, 1);
    assert_int_equal(cache_put(cache, &key, &what, NOW), CACHE_STORED);
}

static void put_delegation(struct cache *cache, const char *name)
{
    struct made made;
    struct delegation delegation;
    uint8_t octets[DELEGATION_OCTETS_MAX];
    make_name(&made, name);
    delegation_begin(&delegation, made.name);
    (void)delegation_add_host(&delegation, made.name);
    size_t size = delegation_pack(&delegation, octets);
    put(cache, name,
        (struct cache_put){.kind = CACHE_DELEGATION,
                           .rank = RANK_REFERRAL,
                           .ttl_s = 1000,
                           .payload = octets,
                           .payload_size = (uint32_t)size},
        TYPE_NS, 0);
}

static void fill(struct cache *cache)
{
    static struct made_rrset rrset, soa;
    const struct rrset *address = make_rrset(&rrset, TYPE_A, "\300\0\2\1", 4);
    const struct rrset *negative = make_rrset(&soa, TYPE_SOA, soa_rdata, sizeof soa_rdata - 1);
    struct cache_put what = {.kind = CACHE_RRSET,
                             .rank = RANK_AUTHORITATIVE,
                             .security = SECURITY_SECURE,
                             .tag = 0x1234,
                             .ttl_s = 1000,
                             .rrset = address};
    put(cache, "Www.Example.", what, TYPE_A, 0);
    put(cache, "forwarded.example.", what, TYPE_A, 3);
    what.security = SECURITY_BOGUS;
    put(cache, "bogus.example.", what, TYPE_A, 0);
    what.security = SECURITY_UNCHECKED;
    put(cache, "unchecked.example.", what, TYPE_A, 0);
    what.ttl_s = 100;
    put(cache, "short.example.", what, TYPE_A, 0);
    what.rrset = make_rrset(&rrset, TYPE_A, "\300\0\2\1\5", 5);
    put(cache, "unsound.example.", what, TYPE_A, 0);
    what = (struct cache_put){.kind = CACHE_NODATA, .rank = RANK_AUTHORITY, .ttl_s = 1000};
    put(cache, "nodata.example.", what, TYPE_MX, 0);
    what.kind = CACHE_NXDOMAIN;
    what.rrset = negative;
    put(cache, "nothing.example.", what, TYPE_MX, 0);
    what = (struct cache_put){.kind = CACHE_FAILURE, .ttl_s = 1000};
    put(cache, "failed.example.", what, TYPE_MX, 0);
    put_delegation(cache, "example.");
}
#define SAVED 6 // not the forwarder's, what is bogus, what failed, and what is not sound

static bool get(struct cache *cache, const char *name, uint16_t type, uint32_t now_s,
                struct cache_found *found)
{
    struct made made;
    make_name(&made, name);
    name_key_make(made.name, cache_secret(cache), &made.key);
    struct cache_key key = make_key(&made, type, 0);
    return cache_get(cache, &key, now_s, found);
}

static struct cache *saved_cache(void)
{
    uint64_t entries;
    struct cache *cache = make_cache(CACHE_OCTETS_MIN, 300);
    fill(cache);
    assert_int_equal(cache_save(cache, "s", &times, &entries), 0);
    assert_int_equal(entries, SAVED);
    return cache;
}

// Another key, another boot: the clocks have begun anew.
static struct cache *other_cache(void)
{
    const struct cache_options options = {.octets = CACHE_OCTETS_MIN,
                                          .max_ttl_s = 86400,
                                          .negative_ttl_s = 3600,
                                          .stale_s = 300,
                                          .secret = {{3, 4}}};
    return cache_open(&options);
}

static void test_comes_back(void **state)
{
    (void)state;
    struct cache_found found;
    struct snapshot_loaded loaded;
    cache_close(saved_cache());
    struct cache *cache = other_cache();
    const uint32_t now_s = 7; // less than what has passed
    const struct snapshot_times later = {now_s, DATE + 150};
    assert_int_equal(cache_load(cache, "s", &later, &loaded), SNAPSHOT_LOADED);
    assert_int_equal(loaded.entries, SAVED);
    epoch_join();
    assert_true(get(cache, "www.example.", TYPE_A, now_s, &found));
    assert_int_equal(found.ttl_s, 850);
    assert_int_equal(found.given_s, 1000);
    assert_int_equal(found.security, SECURITY_SECURE);
    assert_int_equal(found.rank, RANK_AUTHORITATIVE);
    assert_int_equal(found.tag, 0x1234);
    assert_memory_equal(found.owner.wire, "\3Www\7Example", 13);
    assert_memory_equal(rrset_rdata(found.rrset->body), "\300\0\2\1", 4);
    assert_true(get(cache, "unchecked.example.", TYPE_A, now_s, &found));
    assert_int_equal(found.security, SECURITY_UNCHECKED);
    assert_true(get(cache, "short.example.", TYPE_A, now_s, &found));
    assert_true(found.stale);
    assert_int_equal(found.expired_s, 50);
    assert_true(get(cache, "nodata.example.", TYPE_MX, now_s, &found));
    assert_int_equal(found.kind, CACHE_NODATA);
    assert_null(found.rrset);
    assert_true(get(cache, "nothing.example.", TYPE_A, now_s, &found));
    assert_int_equal(found.kind, CACHE_NXDOMAIN);
    assert_int_equal(found.soa_owner.size, 9);
    assert_memory_equal(rrset_rdata(found.rrset->body), soa_rdata, sizeof soa_rdata - 1);
    static const char *const gone[] = {"forwarded.example.", "bogus.example.", "failed.example.",
                                       "unsound.example."};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_false(get(cache, gone[i], TYPE_A, now_s, &found));
    struct made made;
    make_name(&made, "example.");
    name_key_make(made.name, cache_secret(cache), &made.key);
    struct cache_key key = make_key(&made, 0, 0);
    assert_true(cache_get_delegation(cache, &key, now_s, &found));
    assert_int_equal(found.ttl_s, 850);
    epoch_leave();
    cache_close(cache);
}

static void test_time_passes(void **state)
{
    (void)state;
    static const struct {
        uint64_t down_s;
        unsigned entries, over;
    } rows[] = {
        {0, SAVED, 0},        {399, SAVED, 0},  {400, SAVED - 1, 1},           {999, SAVED - 1, 1},
        {1000, SAVED - 2, 2}, {1300, 0, SAVED}, {(uint64_t)1 << 40, 0, SAVED},
    };
    cache_close(saved_cache());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cache *cache = other_cache();
        struct snapshot_loaded loaded;
        const struct snapshot_times later = {NOW, DATE + rows[i].down_s};
        assert_int_equal(cache_load(cache, "s", &later, &loaded), SNAPSHOT_LOADED);
        assert_int_equal(loaded.entries, rows[i].entries);
        assert_int_equal(loaded.over, rows[i].over);
        cache_close(cache);
    }
}

// What was learned before the snapshot was read is newer.
static void test_newer_stays(void **state)
{
    (void)state;
    struct cache_found found;
    struct snapshot_loaded loaded;
    cache_close(saved_cache());
    struct cache *cache = other_cache();
    static struct made_rrset rrset;
    struct cache_put what = {.kind = CACHE_RRSET,
                             .rank = RANK_ADDITIONAL,
                             .tag = 1,
                             .ttl_s = 10,
                             .rrset = make_rrset(&rrset, TYPE_A, "\300\0\2\2", 4)};
    put(cache, "www.example.", what, TYPE_A, 0);
    assert_int_equal(cache_load(cache, "s", &times, &loaded), SNAPSHOT_LOADED);
    assert_int_equal(loaded.entries, SAVED - 1);
    assert_int_equal(loaded.left, 1);
    epoch_join();
    assert_true(get(cache, "www.example.", TYPE_A, NOW, &found));
    assert_int_equal(found.tag, 1);
    epoch_leave();
    cache_close(cache);
}

// --- damage --------------------------------------------------------------------------------------

static size_t read_file(uint8_t *octets, size_t room)
{
    int fd = open("s", O_RDONLY);
    ssize_t size = read(fd, octets, room);
    close(fd);
    assert_true(size > 0 && (size_t)size < room);
    return (size_t)size;
}

static void write_file(const uint8_t *octets, size_t size)
{
    int fd = open("s", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, octets, size), size);
    close(fd);
}

static enum snapshot_result load(struct snapshot_loaded *loaded)
{
    struct cache *cache = other_cache();
    struct cache_counts counts;
    enum snapshot_result result = cache_load(cache, "s", &times, loaded);
    cache_count(cache, &counts);
    assert_int_equal(counts.stored, loaded->entries);
    cache_close(cache);
    return result;
}

// Any octet that differs, any end that is missing: refused whole.
static void test_damaged(void **state)
{
    (void)state;
    static uint8_t octets[4096];
    struct snapshot_loaded loaded;
    cache_close(saved_cache());
    size_t size = read_file(octets, sizeof octets);
    for (size_t i = 0; i <= size; i++) {
        write_file(octets, i);
        assert_int_equal(load(&loaded), i < size ? SNAPSHOT_DAMAGED : SNAPSHOT_LOADED);
        assert_int_equal(loaded.entries, i < size ? 0 : SAVED);
        if (i == size)
            break;
        octets[i] ^= 0x41;
        write_file(octets, size);
        assert_int_equal(load(&loaded), i < 8 ? SNAPSHOT_STRANGE : SNAPSHOT_DAMAGED);
        assert_int_equal(loaded.entries, 0);
        octets[i] ^= 0x41;
    }
    write_file(octets, size + 1);
    assert_int_equal(load(&loaded), SNAPSHOT_DAMAGED);
}

static void test_other_problems(void **state)
{
    (void)state;
    struct snapshot_loaded loaded;
    struct cache *cache = saved_cache();
    const struct snapshot_times before = {NOW, DATE - 1};
    enum snapshot_result result = cache_load(cache, "s", &before, &loaded);
    assert_int_equal(result, SNAPSHOT_FROM_LATER);
    assert_string_equal(snapshot_problem(result), "has a date that is to come");
    result = cache_load(cache, "nothing", &times, &loaded);
    assert_int_equal(result, SNAPSHOT_NONE);
    assert_null(snapshot_problem(result));
    result = cache_load(cache, ".", &times, &loaded);
    assert_int_equal(result, SNAPSHOT_UNREADABLE);
    assert_int_equal(loaded.error, -EISDIR);
    uint64_t entries;
    assert_int_equal(cache_save(cache, "nowhere/s", &times, &entries), -ENOENT);
    assert_int_equal(cache_save(cache, "/dev/full/s", &times, &entries), -ENOTDIR);
    cache_close(cache);
}

// The file is ours alone, and the old one stays when a new one cannot be written.
static void test_written_whole(void **state)
{
    (void)state;
    struct stat status;
    struct snapshot_loaded loaded;
    uint64_t entries;
    umask(0);
    struct cache *cache = saved_cache();
    assert_int_equal(stat("s", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(access("s.tmp", F_OK) < 0);
    assert_int_equal(symlink("/dev/full", "s.tmp"), 0); // it is not followed
    assert_int_equal(cache_save(cache, "s", &times, &entries), -ELOOP);
    assert_int_equal(load(&loaded), SNAPSHOT_LOADED);
    assert_int_equal(unlink("s.tmp"), 0);
    cache_close(cache);
}

// --- many, beside workers ------------------------------------------------------------------------

#define MANY 30000

static void *load_beside(void *argument)
{
    struct snapshot_loaded loaded;
    assert_int_equal(cache_load(argument, "s", &times, &loaded), SNAPSHOT_LOADED);
    assert_int_equal(loaded.entries + loaded.left, MANY);
    return NULL;
}

static void test_many(void **state)
{
    (void)state;
    static struct made_rrset rrset;
    uint64_t entries;
    struct cache *first = make_cache(8 * CACHE_OCTETS_MIN, 0);
    struct cache *second = make_cache(8 * CACHE_OCTETS_MIN, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        char text[64];
        snprintf(text, sizeof text, "n%u.example.", i);
        struct cache_put what = {
            .kind = CACHE_RRSET, .ttl_s = 500, .rrset = make_rrset(&rrset, TYPE_A, &i, 4)};
        put(first, text, what, TYPE_A, 0);
    }
    assert_int_equal(cache_save(first, "s", &times, &entries), 0);
    assert_int_equal(entries, MANY); // several blocks
    pthread_t thread;
    epoch_join();
    pthread_create(&thread, NULL, load_beside, second);
    for (uint32_t i = 0; i < MANY; i++) {
        char text[64];
        struct cache_found found;
        snprintf(text, sizeof text, "n%u.example.", i);
        if (get(second, text, TYPE_A, NOW, &found))
            assert_memory_equal(rrset_rdata(found.rrset->body), &i, 4);
        epoch_quiet();
    }
    epoch_offline();
    pthread_join(thread, NULL);
    epoch_online();
    unsigned there = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        char text[64];
        struct cache_found found;
        snprintf(text, sizeof text, "n%u.example.", i);
        there += get(second, text, TYPE_A, NOW, &found);
    }
    assert_true(there > MANY * 99 / 100); // some sets of the table may be full
    epoch_leave();
    cache_close(first);
    cache_close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),     cmocka_unit_test(test_time_passes),
        cmocka_unit_test(test_newer_stays),    cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_other_problems), cmocka_unit_test(test_written_whole),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
