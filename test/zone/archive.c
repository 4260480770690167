// zone/archive: files come and go whole, the newer one counts, and what nobody uses goes.
#include "from_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "zone/archive.h"

static char folder[64], path[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-archive-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/zones", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void open_archive(struct archive *archive)
{
    assert_int_equal(archive_open(archive, path, &test_secret), 0);
}

static uint64_t hash_of(const char *name)
{
    struct name_key key;
    name_key_make(name_of(name), &test_secret, &key);
    return key.hash[name_of(name).labels];
}

// An image of `octet`, as the archive does not look into them.
static void write_zones(struct archive *archive, const char *const *names, size_t count,
                        uint8_t octet, bool large)
{
    static uint8_t image[2048];
    struct archive_item items[8];
    struct pack_made made = {.path = "a.zone"};
    memset(image, octet, sizeof image);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct archive_item){pack_make_entry(name_of(names[i]), 0, &made, 1), image,
                                         sizeof image, hash_of(names[i])};
    assert_int_equal(archive_write(archive, items, count, large), 0);
    for (size_t i = 0; i < count; i++)
        free(items[i].entry);
}

static void write_zone(struct archive *archive, const char *name, uint8_t octet, bool large)
{
    write_zones(archive, &name, 1, octet, large);
}

// What the newest entry of the name has, 0: there is none. Marks it as used.
static uint8_t read_zone(struct archive *archive, const char *name)
{
    uint8_t octet = 0;
    for (size_t i = archive->count; i-- > 0 && !octet;) {
        struct archive_pack *pack = archive->packs[i];
        const struct pack_entry *entry = (const struct pack_entry *)pack->index;
        for (uint32_t j = 0; j < pack->head.entries; j++, entry = pack_next_entry(entry)) {
            if (!name_equal(pack_origin(entry), name_of(name)))
                continue;
            struct block *block = archive_read(archive, pack);
            octet = block ? block->octets[entry->at] : 0;
            block_release(block);
            archive_use(pack, entry);
        }
    }
    return octet;
}

static size_t count_files(void)
{
    DIR *list = opendir(path);
    size_t count = 0;
    for (struct dirent *file; (file = readdir(list));)
        count += file->d_name[0] != '.';
    closedir(list);
    return count;
}

static bool has_file(const char *name)
{
    char file[256];
    snprintf(file, sizeof file, "%s/%s", path, name);
    return access(file, F_OK) == 0;
}

static void make_file(const char *name, const char *text, unsigned mode)
{
    char file[256];
    snprintf(file, sizeof file, "%s/%s", path, name);
    assert_int_equal(file_write(file, text, strlen(text), mode), 0);
}

static void test_folder_is_made_for_us_alone(void **state)
{
    (void)state;
    struct archive archive;
    struct stat status;
    open_archive(&archive);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    write_zone(&archive, "x.", 1, false);
    char file[128];
    snprintf(file, sizeof file, "%s/pack-1.image", path);
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    archive_close(&archive);
}

static void test_folder_of_others(void **state)
{
    (void)state;
    struct archive archive;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(archive_open(&archive, path, &test_secret), -EPERM);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(symlink("/tmp", path), 0);
    assert_true(archive_open(&archive, path, &test_secret) < 0);
    assert_int_equal(unlink(path), 0);
}

static void test_newer_counts(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    const char *const names[] = {"x.", "y.", "z."};
    write_zones(&archive, names, 3, 1, false);
    write_zone(&archive, "y.", 2, false);
    write_zone(&archive, "z.", 3, true);
    assert_int_equal(count_files(), 3);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(archive.count, 3);
    assert_int_equal(read_zone(&archive, "x."), 1);
    assert_int_equal(read_zone(&archive, "y."), 2);
    assert_int_equal(read_zone(&archive, "z."), 3);
    write_zone(&archive, "z.", 4, true); // in the place of its old one
    assert_int_equal(count_files(), 3);
    write_zone(&archive, "z.", 5, false); // small now
    assert_int_equal(count_files(), 3);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(read_zone(&archive, "z."), 5);
    archive_close(&archive);
}

static void test_leftovers_go_and_strangers_stay(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    write_zone(&archive, "x.", 1, false);
    archive_close(&archive);
    static const char *const ours[] = {"pack-7.image.tmp", "zone-0123456789abcdef.image.tmp"};
    static const char *const strange[] = {"pack-8.image",
                                          "pack-08.image.tmp",
                                          "pack- 9.image.tmp",
                                          "zone-12.image.tmp",
                                          "notes",
                                          "pack-1.image.old",
                                          "x.image"};
    for (size_t i = 0; i < COUNT(ours); i++)
        make_file(ours[i], "", 0600);
    for (size_t i = 0; i < COUNT(strange); i++)
        make_file(strange[i],
                  "no image of ours, though it is as long as a head of one has to be, "
                  "which are over a hundred octets",
                  0600);
    open_archive(&archive);
    assert_int_equal(archive.count, 1);
    for (size_t i = 0; i < COUNT(ours); i++)
        assert_false(has_file(ours[i]));
    for (size_t i = 0; i < COUNT(strange); i++)
        assert_true(has_file(strange[i]));
    write_zone(&archive, "y.", 2, false); // and nothing is written over them
    assert_true(has_file("pack-9.image"));
    archive_close(&archive);
}

static void test_other_key_is_of_no_use(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    write_zone(&archive, "x.", 1, false);
    archive_close(&archive);
    struct hash_key other = test_secret;
    other.words[0]++;
    assert_int_equal(archive_open(&archive, path, &other), 0);
    assert_int_equal(archive.count, 0);
    assert_int_equal(count_files(), 0);
    archive_close(&archive);
}

static void flip(const char *name, off_t at)
{
    char file[256];
    snprintf(file, sizeof file, "%s/%s", path, name);
    int fd = open(file, O_RDWR);
    uint8_t octet;
    assert_int_equal(pread(fd, &octet, 1, at), 1);
    octet ^= 0x10;
    assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    close(fd);
}

static void test_damaged_file_goes(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    write_zone(&archive, "x.", 1, false);
    write_zone(&archive, "y.", 2, false);
    flip("pack-1.image", 60); // its head
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(archive.count, 1);
    assert_false(has_file("pack-1.image"));
    flip("pack-2.image", 1000); // an image
    assert_int_equal(read_zone(&archive, "y."), 0);
    assert_false(has_file("pack-2.image"));
    archive_close(&archive);
}

// A large zone's newer image has the name of the old one: who remembers the old head gets nothing,
// and the new file stays.
static void test_replaced_since_it_was_seen(void **state)
{
    (void)state;
    struct archive archive, other;
    open_archive(&archive);
    write_zone(&archive, "x.", 1, true);
    open_archive(&other);
    write_zone(&other, "x.", 2, true);
    assert_null(archive_read(&archive, archive.packs[0]));
    assert_int_equal(count_files(), 1);
    archive_close(&other);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(read_zone(&archive, "x."), 2);
    archive_close(&archive);
}

static void tidy(struct archive *archive, uint64_t replaced, bool expected)
{
    bool joined;
    assert_int_equal(archive_tidy(archive, replaced, &joined), 0);
    assert_int_equal(joined, expected);
}

static void test_many_packs_are_joined(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    char name[16];
    for (unsigned i = 0; i < PACKS_MAX; i++) {
        snprintf(name, sizeof name, "z%u.", i % 12);
        write_zone(&archive, name, (uint8_t)(i + 1), false);
    }
    write_zone(&archive, "large.", 99, true);
    tidy(&archive, 0, false);
    assert_int_equal(count_files(), PACKS_MAX + 1);
    write_zone(&archive, "z1.", 77, false);
    tidy(&archive, 0, true);
    assert_int_equal(count_files(), 2);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(read_zone(&archive, "z0."), 13);
    assert_int_equal(read_zone(&archive, "z1."), 77);
    assert_int_equal(read_zone(&archive, "z11."), 12);
    assert_int_equal(read_zone(&archive, "large."), 99);
    archive_close(&archive);
}

static void test_unused_goes(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    const char *const names[] = {"a.", "b.", "c.", "d.", "e."};
    write_zones(&archive, names, 5, 1, false);
    write_zone(&archive, "f.", 2, false);
    write_zone(&archive, "large.", 3, true);
    write_zone(&archive, "gone.", 4, true);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(read_zone(&archive, "a."), 1);
    assert_int_equal(read_zone(&archive, "b."), 1);
    assert_int_equal(read_zone(&archive, "c."), 1);
    assert_int_equal(read_zone(&archive, "large."), 3);
    tidy(&archive, 0, false); // three of five are used
    assert_int_equal(count_files(), 2);
    tidy(&archive, 3000, true); // and then one less
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(read_zone(&archive, "a."), 1);
    assert_int_equal(read_zone(&archive, "d."), 0);
    assert_int_equal(read_zone(&archive, "large."), 3);
    archive_close(&archive);
}

// Of two entries of a name in one pack the later one counts.
static void test_twice_in_one_pack(void **state)
{
    (void)state;
    struct archive archive;
    open_archive(&archive);
    uint8_t images[2][64];
    struct archive_item items[2];
    struct pack_made made = {.path = "a.zone"};
    for (unsigned i = 0; i < 2; i++) {
        memset(images[i], (int)i + 1, sizeof images[i]);
        items[i] = (struct archive_item){pack_make_entry(name_of("x."), 0, &made, 1), images[i],
                                         sizeof images[i], hash_of("x.")};
    }
    assert_int_equal(archive_write(&archive, items, 2, false), 0);
    free(items[0].entry);
    free(items[1].entry);
    tidy(&archive, 1000, true);
    archive_close(&archive);
    open_archive(&archive);
    assert_int_equal(archive.packs[0]->head.entries, 1);
    assert_int_equal(read_zone(&archive, "x."), 2);
    archive_close(&archive);
}

static void test_cannot_write(void **state)
{
    (void)state;
    struct archive archive;
    struct archive_item item = {.image = (const uint8_t *)"", .size = 1};
    struct pack_made made = {.path = "a.zone"};
    open_archive(&archive);
    assert_int_equal(rmdir(path), 0);
    item.entry = pack_make_entry(name_of("x."), 0, &made, 1);
    assert_int_equal(archive_write(&archive, &item, 1, false), -ENOENT);
    assert_int_equal(archive.count, 0);
    free(item.entry);
    archive_close(&archive);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_folder_is_made_for_us_alone),
        TEST(test_folder_of_others),
        TEST(test_newer_counts),
        TEST(test_leftovers_go_and_strangers_stay),
        TEST(test_other_key_is_of_no_use),
        TEST(test_damaged_file_goes),
        TEST(test_replaced_since_it_was_seen),
        TEST(test_many_packs_are_joined),
        TEST(test_unused_goes),
        TEST(test_twice_in_one_pack),
        TEST(test_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
