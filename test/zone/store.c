// zone/store: what was put is found by the next run, if all of it is as it was, and else never.
#include "from_text.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "zone/block.h"
#include "zone/image.h"
#include "zone/store.h"

static char folder[64], path[96], zone_path[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/zones", folder);
    snprintf(zone_path, sizeof zone_path, "%s/zone", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void put_text(struct store *store, const char *origin, const char *text)
{
    struct records records;
    struct image image;
    records_from_text(&records, origin, text);
    assert_int_equal(image_build(&records, &test_secret, &image), 0);
    assert_int_equal(file_write(zone_path, text, strlen(text), 0644), 0);
    struct pack_made made = {.path = zone_path};
    assert_true(imprint_take(&made.imprint, zone_path, text, strlen(text), imprint_now_ns()));
    store_put(store, &image, pack_make_entry(name_of(origin), 3, &made, 1));
    image_free(&image); // the store has its own count
    records_free(&records);
}

static bool get(struct store *store, const char *origin, uint32_t serial)
{
    struct store_found found;
    if (!store_get(store, name_of(origin), zone_path, &found))
        return false;
    assert_int_equal(found.image.serial, serial);
    assert_int_equal(found.entry->warnings, 3);
    struct name_key key;
    name_key_make(name_of(origin), &test_secret, &key);
    assert_ptr_equal(image_find(&found.image, &key, key.labels), found.image.apex);
    image_free(&found.image);
    free(found.entry);
    return true;
}

static bool is_found(const char *origin)
{
    struct store *store = store_open(path, &test_secret);
    bool found = get(store, origin, 7);
    store_close(store);
    return found;
}

static void put_and_close(const char *origin, const char *text)
{
    struct store *store = store_open(path, &test_secret);
    put_text(store, origin, text);
    store_close(store);
}

static void large_text(struct buffer *text)
{
    buffer_add_text(text, APEX);
    for (unsigned i = 0; i < 30000; i++)
        buffer_format(text, "host-number-%u 60 A 192.0.2.1\n", i);
}

static const char *only_file(void)
{
    static char name[400];
    DIR *list = opendir(path);
    name[0] = 0;
    for (struct dirent *file; (file = readdir(list));)
        if (file->d_name[0] != '.') {
            assert_int_equal(name[0], 0);
            snprintf(name, sizeof name, "%s/%s", path, file->d_name);
        }
    closedir(list);
    return name;
}

static void test_next_run_finds_it(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    assert_true(is_found("x."));
    assert_false(is_found("y."));
    assert_false(is_found("X.")); // answers have the name in this case
}

static void test_large_zone(void **state)
{
    (void)state;
    struct buffer text = {0};
    large_text(&text);
    put_and_close("x.", buffer_text(&text));
    assert_non_null(strstr(only_file(), "/zone-"));
    assert_true(is_found("x."));
    buffer_free(&text);
}

static void test_changed_source(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    static const char other[] = APEX "a 60 A 192.0.2.1\n";
    assert_int_equal(file_write(zone_path, other, strlen(other), 0644), 0);
    assert_false(is_found("x."));
    assert_int_equal(file_write(zone_path, APEX, strlen(APEX), 0644), 0);
    assert_true(is_found("x.")); // as from a backup
}

static void test_after_settling_there_is_nothing(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    struct store *store = store_open(path, &test_secret);
    struct store_found found;
    assert_true(store_get(store, name_of("x."), zone_path, &found));
    store_settle(store);
    assert_false(get(store, "x.", 7));
    store_close(store);
    assert_int_equal(found.image.serial, 7); // zones outlive the store
    image_free(&found.image);
    free(found.entry);
    assert_true(is_found("x.")); // it was used: it stays
}

static void test_what_nobody_asks_for_goes(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    store_close(store_open(path, &test_secret)); // the start failed: nothing was decided
    assert_true(is_found("x."));
    struct store *store = store_open(path, &test_secret);
    store_settle(store);
    for (unsigned i = 0; i < 500 && only_file()[0]; i++)
        usleep(10000);
    assert_string_equal(only_file(), "");
    store_close(store);
}

static void flip(const char *file, off_t at)
{
    int fd = open(file, O_RDWR);
    uint8_t octet;
    assert_true(fd >= 0 && pread(fd, &octet, 1, at) == 1);
    octet ^= 0x04;
    assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    close(fd);
}

static void test_damaged_is_never_found(void **state)
{
    (void)state;
    put_and_close("x.", APEX "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n");
    struct stat status;
    assert_int_equal(stat(only_file(), &status), 0);
    unsigned tried = 0;
    for (off_t at = 0; at < status.st_size; at += 97, tried++) {
        flip(only_file(), at);
        assert_false(is_found("x."));
        if (at < 8) // it has not our magic any more, and stays
            unlink(only_file());
        assert_string_equal(only_file(), "");
        put_and_close("x.", APEX "a 60 A 192.0.2.1\nb 60 A 192.0.2.1\n");
    }
    assert_true(tried > 5);
    assert_true(is_found("x."));
}

static void test_cut_short_is_never_found(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    struct stat status;
    assert_int_equal(stat(only_file(), &status), 0);
    for (off_t size = 0; size < status.st_size; size += 13) {
        assert_int_equal(truncate(only_file(), size), 0);
        assert_false(is_found("x."));
        if (only_file()[0]) // too short to say whose it is
            unlink(only_file());
        put_and_close("x.", APEX);
    }
}

// Cut short between the look at its head and the reading of its images: no SIGBUS, no image.
static void test_cut_short_under_us(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    struct store *store = store_open(path, &test_secret);
    assert_int_equal(truncate(only_file(), 300), 0);
    assert_false(get(store, "x.", 7));
    store_close(store);
}

static void test_other_key(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    struct hash_key other = test_secret;
    other.words[1]++;
    struct store *store = store_open(path, &other);
    struct store_found found;
    assert_false(store_get(store, name_of("x."), zone_path, &found));
    store_close(store);
}

// A file that others may write to is looked through, and this one is an image.
static void test_not_ours_alone(void **state)
{
    (void)state;
    put_and_close("x.", APEX);
    assert_int_equal(chmod(only_file(), 0666), 0);
    assert_true(is_found("x."));
}

static void test_no_folder(void **state)
{
    (void)state;
    struct store *store = store_open("/proc/none", &test_secret);
    put_text(store, "x.", APEX);
    assert_false(get(store, "x.", 7));
    store_settle(store);
    store_close(store);
    store_close(NULL);
}

static void test_outlives_its_opener(void **state)
{
    (void)state;
    struct store *store = store_open(path, &test_secret);
    struct store *held = store_hold(store);
    store_close(store);
    put_text(held, "x.", APEX); // too late
    assert_false(get(held, "x.", 7));
    store_release(held);
    assert_string_equal(only_file(), "");
}

static void test_thousand_zones_in_one_file(void **state)
{
    (void)state;
    char name[32];
    struct store *store = store_open(path, &test_secret);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "z%u.", i);
        put_text(store, name, APEX);
    }
    store_settle(store);
    store_close(store);
    assert_non_null(strstr(only_file(), "/pack-"));
    store = store_open(path, &test_secret);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "z%u.", i);
        assert_true(get(store, name, 7));
    }
    store_close(store);
}

// A disk that takes nothing must not keep all memory.
#define PACKS      4
#define PACK_ZONES 50

// Packs large enough that threads meet at them.
static void put_packs(void)
{
    char name[32];
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 300; i++)
        buffer_format(&text, "h%u A 192.0.2.1\n", i);
    for (size_t pack = 0; pack < PACKS; pack++) {
        struct store *store = store_open(path, &test_secret);
        for (size_t i = 0; i < PACK_ZONES; i++) {
            snprintf(name, sizeof name, "z%03zu.", pack * PACK_ZONES + i);
            put_text(store, name, text.text);
        }
        store_close(store);
    }
    buffer_free(&text);
}

struct getter {
    struct store *store;
    pthread_t thread;
    size_t found, odd;
};

// Asks for all zones, in the order of the packs.
static void *get_all(void *argument)
{
    struct getter *getter = argument;
    for (size_t i = 0; i < PACKS * PACK_ZONES; i++) {
        struct store_found found;
        uint8_t wire[] = {
            4, 'z', (uint8_t)('0' + i / 100), (uint8_t)('0' + i / 10 % 10), (uint8_t)('0' + i % 10),
            0};
        struct name name = {wire, sizeof wire, 1}; // name_of is for one thread
        if (!store_get(getter->store, name, zone_path, &found))
            continue;
        getter->found += found.image.serial == 7;
        getter->odd += found.image.serial != 7 || found.entry->warnings != 3;
        image_free(&found.image);
        free(found.entry);
    }
    return NULL;
}

static void start_getters(struct store *store, struct getter getters[static 4])
{
    for (size_t i = 0; i < 4; i++) {
        getters[i] = (struct getter){.store = store};
        assert_int_equal(pthread_create(&getters[i].thread, NULL, get_all, &getters[i]), 0);
    }
}

// Threads that come to one pack at once read it and the next.
static void test_all_threads_find_all(void **state)
{
    (void)state;
    struct getter getters[4];
    put_packs();
    struct store *store = store_open(path, &test_secret);
    start_getters(store, getters);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(getters[i].thread, NULL);
        assert_int_equal(getters[i].found, PACKS * PACK_ZONES);
        assert_int_equal(getters[i].odd, 0);
    }
    store_close(store);
}

// The table goes when the last one has left it, and what was found stays.
static void test_settling_while_others_get(void **state)
{
    (void)state;
    struct getter getters[4];
    put_packs();
    for (unsigned round = 0; round < 4; round++) {
        struct store *store = store_open(path, &test_secret);
        start_getters(store, getters);
        usleep(round * 1000);
        if (round % 2)
            store_close(store_hold(store));
        else
            store_settle(store_hold(store));
        for (size_t i = 0; i < 4; i++) {
            pthread_join(getters[i].thread, NULL);
            assert_int_equal(getters[i].odd, 0);
        }
        assert_false(get(store, "z000.", 7));
        if (round % 2 == 0)
            store_close(store);
        store_release(store);
        if (round % 2 == 0) // tidied
            put_packs();
    }
}

static void test_waiting_is_limited(void **state)
{
    (void)state;
    struct block *block = block_make(STORE_WAITING_MAX / 4);
    assert_non_null(block);
    struct image_head *head = (struct image_head *)block->octets;
    head->size = STORE_WAITING_MAX / 4; // no image; it is not kept, but it waits
    struct image image = {.head = head, .base = block->octets, .block = block};
    struct pack_made made = {.path = zone_path};
    struct store *store = store_open(path, &test_secret);
    for (unsigned i = 0; i < 6; i++)
        store_put(store, &image, pack_make_entry(name_of("x."), 0, &made, 1));
    assert_in_range(atomic_load(&block->holders), 2, 5); // ours, and four at most
    store_close(store);
    assert_int_equal(atomic_load(&block->holders), 1);
    assert_string_equal(only_file(), "");
    block_release(block);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_next_run_finds_it),
        TEST(test_large_zone),
        TEST(test_changed_source),
        TEST(test_after_settling_there_is_nothing),
        TEST(test_what_nobody_asks_for_goes),
        TEST(test_damaged_is_never_found),
        TEST(test_cut_short_is_never_found),
        TEST(test_cut_short_under_us),
        TEST(test_other_key),
        TEST(test_not_ours_alone),
        TEST(test_no_folder),
        TEST(test_outlives_its_opener),
        TEST(test_thousand_zones_in_one_file),
        TEST(test_all_threads_find_all),
        TEST(test_settling_while_others_get),
        TEST(test_waiting_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
