// A cache saved, and read by the next run.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "daemon/keeping.h"

static const struct cache_options options = {
    .octets = 4 << 20, .max_ttl_s = 86400, .negative_ttl_s = 3600, .stale_s = 0};

static uint64_t count(const struct cache *cache)
{
    struct cache_counts counts;
    cache_count(cache, &counts);
    return counts.entries[CACHE_NXDOMAIN];
}

static void put(struct cache *cache)
{
    struct name name = name_trust((const uint8_t *)"\1a\7example");
    struct name_key key;
    name_key_make(name, &options.secret, &key);
    struct cache_put put = {
        .kind = CACHE_NXDOMAIN, .rank = RANK_AUTHORITATIVE, .ttl_s = 600, .owner = name};
    assert_int_equal(cache_put(cache, &(struct cache_key){.name = &key, .depth = key.labels}, &put,
                               (uint32_t)(clock_now_ms() / 1000)),
                     CACHE_STORED);
}

static void test_keep(void **state)
{
    char path[] = "/tmp/onym-keeping-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(unlink(path), 0);
    struct cache *cache = cache_open(&options);
    keeping_end(keeping_begin(cache, path)); // there is no file
    put(cache);
    assert_int_equal(count(cache), 1);
    keeping_save(cache, path);
    cache_close(cache);

    cache = cache_open(&options);
    keeping_end(keeping_begin(cache, path));
    assert_int_equal(count(cache), 1);
    cache_close(cache);

    assert_int_equal(file_write(path, "none of ours", 12, 0600), 0);
    cache = cache_open(&options);
    keeping_end(keeping_begin(cache, path)); // a line in the log
    assert_int_equal(count(cache), 0);
    keeping_save(cache, "/nix/nowhere"); // another one
    cache_close(cache);
    keeping_end(NULL);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_keep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
