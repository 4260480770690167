// zone/pack: a file comes back as it was written, and any octet that differs is noticed.
#include "from_text.h"

#include <fcntl.h>
#include <unistd.h>

#include "zone/judge.h"
#include "zone/pack.h"

static char folder[] = "/tmp/onym-pack-XXXXXX";
static const uint64_t fingerprint = 77;

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

// --- writing and reading whole files -------------------------------------------------------------

static const char image[200] = "octets of an image; nobody looks what they are";

static struct pack_entry *make_entry(const char *name, unsigned sources)
{
    struct pack_made made[3] = {{.path = "a.zone"}, {.path = "included"}, {.path = "d/e"}};
    return pack_make_entry(name_of(name), 5, made, sources);
}

static void write_pack(const char *path, unsigned zones)
{
    struct pack_entry *entries[3];
    struct pack_writer writer;
    uint64_t place = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    pack_begin(&writer, fd);
    static const char *const names[] = {"x.", "www.example.", "."};
    for (unsigned i = 0; i < zones; i++) {
        entries[i] = make_entry(names[i], i + 1);
        pack_put_entry(&writer, entries[i], sizeof image - i, &place);
    }
    for (unsigned i = 0; i < zones; i++)
        pack_put_image(&writer, (const uint8_t *)image, sizeof image - i);
    assert_int_equal(pack_end(&writer, 9, fingerprint), 0);
    for (unsigned i = 0; i < zones; i++)
        free(entries[i]);
    close(fd);
}

struct pack {
    struct pack_head head;
    uint8_t *index, *images;
};

static enum pack_result read_pack(const char *path, uint64_t key, struct pack *pack)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    *pack = (struct pack){0};
    enum pack_result result = pack_read_head(fd, key, &pack->head);
    if (result == PACK_GOOD)
        result = pack_read_index(fd, &pack->head, &pack->index);
    if (result == PACK_GOOD) {
        pack->images = malloc(pack->head.images_octets + 1);
        result = pack_read_images(fd, &pack->head, pack->images);
    }
    close(fd);
    return result;
}

static void let_go(struct pack *pack)
{
    free(pack->index);
    free(pack->images);
}

static enum pack_result judge(const char *path, uint64_t key)
{
    struct pack pack;
    enum pack_result result = read_pack(path, key, &pack);
    let_go(&pack);
    return result;
}

static void test_comes_back(void **state)
{
    (void)state;
    struct pack pack;
    write_pack("p", 3);
    assert_int_equal(read_pack("p", fingerprint, &pack), PACK_GOOD);
    assert_int_equal(pack.head.entries, 3);
    assert_int_equal(pack.head.serial, 9);
    const struct pack_entry *entry = (const struct pack_entry *)pack.index;
    assert_name(pack_origin(entry), "x.");
    entry = pack_next_entry(entry);
    assert_name(pack_origin(entry), "www.example.");
    assert_int_equal(entry->warnings, 5);
    assert_int_equal(entry->sources, 2);
    assert_int_equal(entry->at % PACK_ALIGN, 0);
    assert_int_equal(entry->size, sizeof image - 1);
    assert_memory_equal(pack.images + entry->at, image, sizeof image - 1);
    const struct pack_source *source = pack_first_source(entry);
    assert_string_equal(source->path, "a.zone");
    assert_string_equal(pack_next_source(source)->path, "included");
    entry = pack_next_entry(entry);
    assert_name(pack_origin(entry), ".");
    let_go(&pack);
}

// More than one piece of the checksum's chain, and a whole number of them.
static void test_large_images(void **state)
{
    (void)state;
    static const size_t sizes[] = {PACK_PIECE - 64, PACK_PIECE, PACK_PIECE + 4, 3 * PACK_PIECE};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint8_t *octets = malloc(sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            octets[at] = (uint8_t)(at * 31 >> 8);
        struct pack_writer writer;
        uint64_t place = 0;
        int fd = open("p", O_RDWR | O_CREAT | O_TRUNC, 0600);
        struct pack_entry *entry = make_entry("x.", 1);
        pack_begin(&writer, fd);
        pack_put_entry(&writer, entry, sizes[i], &place);
        pack_put_image(&writer, octets, sizes[i]);
        assert_int_equal(pack_end(&writer, 1, fingerprint), 0);
        struct pack pack;
        assert_int_equal(read_pack("p", fingerprint, &pack), PACK_GOOD);
        assert_memory_equal(pack.images, octets, sizes[i]);
        let_go(&pack);
        uint8_t octet;
        off_t last = (off_t)(lseek(fd, 0, SEEK_END) - 70);
        assert_int_equal(pread(fd, &octet, 1, last), 1);
        octet ^= 1;
        assert_int_equal(pwrite(fd, &octet, 1, last), 1);
        assert_int_equal(judge("p", fingerprint), PACK_DAMAGED);
        close(fd);
        free(entry);
        free(octets);
    }
}

static void test_every_octet_counts(void **state)
{
    (void)state;
    write_pack("p", 3);
    int fd = open("p", O_RDWR);
    off_t size = lseek(fd, 0, SEEK_END);
    assert_int_equal(judge("p", fingerprint), PACK_GOOD);
    for (off_t at = 0; at < size; at++) {
        uint8_t octet, other;
        assert_int_equal(pread(fd, &octet, 1, at), 1);
        other = (uint8_t)(octet ^ 1 << at % 8);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        enum pack_result result = judge("p", fingerprint);
        enum pack_result expected = at < 8 ? PACK_STRANGE : at < 20 ? PACK_DIFFERENT : PACK_DAMAGED;
        if (at >= 32 && at < 40)
            expected = PACK_DIFFERENT; // the key's fingerprint
        if (result != expected)
            fail_msg("octet %d: %d", (int)at, result);
        assert_int_equal(pwrite(fd, &octet, 1, at), 1);
    }
    close(fd);
}

static void test_cut_short_or_longer(void **state)
{
    (void)state;
    write_pack("p", 3);
    int fd = open("p", O_RDWR);
    off_t size = lseek(fd, 0, SEEK_END);
    assert_int_equal(ftruncate(fd, size + 1), 0);
    assert_int_equal(judge("p", fingerprint), PACK_DAMAGED);
    while (size-- > 0) {
        assert_int_equal(ftruncate(fd, size), 0);
        assert_int_equal(judge("p", fingerprint),
                         (size_t)size < sizeof(struct pack_head) ? PACK_STRANGE : PACK_DAMAGED);
    }
    close(fd);
}

static void test_other_key_version_machine(void **state)
{
    (void)state;
    write_pack("p", 1);
    assert_int_equal(judge("p", fingerprint + 1), PACK_DIFFERENT);
    static const size_t fields[] = {offsetof(struct pack_head, machine),
                                    offsetof(struct pack_head, format),
                                    offsetof(struct pack_head, parser)};
    for (size_t i = 0; i < COUNT(fields); i++) {
        write_pack("p", 1);
        int fd = open("p", O_RDWR);
        uint32_t value;
        assert_int_equal(pread(fd, &value, 4, (off_t)fields[i]), 4);
        if (i == 2)
            assert_int_equal(value, PARSER_VERSION);
        value++;
        assert_int_equal(pwrite(fd, &value, 4, (off_t)fields[i]), 4);
        assert_int_equal(judge("p", fingerprint), PACK_DIFFERENT);
        close(fd);
    }
}

static void test_fingerprint_tells_keys_apart(void **state)
{
    (void)state;
    struct hash_key other = test_secret;
    other.words[1] ^= 1;
    assert_int_not_equal(pack_fingerprint(&test_secret), pack_fingerprint(&other));
    assert_int_not_equal(pack_fingerprint(&test_secret), test_secret.words[0]);
}

// What was begun and never ended says whose it is and is no pack.
static void test_unfinished(void **state)
{
    (void)state;
    struct pack_writer writer;
    int fd = open("p", O_RDWR | O_CREAT | O_TRUNC, 0600);
    pack_begin(&writer, fd);
    assert_int_equal(judge("p", fingerprint), PACK_DIFFERENT);
    uint64_t place = 0;
    struct pack_entry *entry = make_entry("x.", 1);
    pack_put_entry(&writer, entry, sizeof image, &place);
    pack_put_image(&writer, (const uint8_t *)image, sizeof image);
    assert_int_equal(judge("p", fingerprint), PACK_DIFFERENT);
    assert_int_equal(pack_end(&writer, 1, fingerprint), 0);
    assert_int_equal(judge("p", fingerprint), PACK_GOOD);
    free(entry);
    close(fd);
}

static void test_error_is_kept(void **state)
{
    (void)state;
    struct pack_writer writer;
    int fd = open("p", O_RDONLY | O_CREAT, 0600);
    pack_begin(&writer, fd);
    assert_true(pack_end(&writer, 1, fingerprint) < 0);
    close(fd);
}

// --- the walk over entries from anywhere ---------------------------------------------------------

static void test_index_from_anywhere(void **state)
{
    (void)state;
    struct pack pack;
    write_pack("p", 3);
    assert_int_equal(read_pack("p", fingerprint, &pack), PACK_GOOD);
    size_t size = pack.head.index_octets;
    uint8_t *index = malloc(size); // of exactly its size
    unsigned refused = 0;
    bool untouched;
    static const uint8_t masks[] = {0x01, 0x08, 0x80, 0xff};
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < COUNT(masks); i++) {
            memcpy(index, pack.index, size);
            index[at] ^= masks[i];
            if (!pack_pass_index(index, &pack.head)) {
                refused++;
                continue;
            }
            const struct pack_entry *entry = (const struct pack_entry *)index;
            for (uint32_t j = 0; j < pack.head.entries; j++, entry = pack_next_entry(entry))
                assert_false(pack_is_current(entry, "nowhere", &untouched));
        }
    assert_true(refused > 100);
    memcpy(index, pack.index, size);
    struct pack_head head = pack.head;
    head.entries++;
    assert_false(pack_pass_index(index, &head));
    head.entries -= 2;
    assert_false(pack_pass_index(index, &head));
    head = pack.head;
    head.images_octets -= 128;
    assert_false(pack_pass_index(index, &head));
    free(index);
    let_go(&pack);
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void test_current_with_every_source(void **state)
{
    (void)state;
    struct pack_made made[2] = {{.path = "zone"}, {.path = "included"}};
    for (size_t i = 0; i < 2; i++) {
        write_text(made[i].path, "text");
        assert_true(imprint_take(&made[i].imprint, made[i].path, "text", 4, imprint_now_ns()));
    }
    struct pack_entry *entry = pack_make_entry(name_of("x."), 0, made, 2);
    bool untouched;
    assert_true(pack_is_current(entry, "zone", &untouched));
    assert_false(pack_is_current(entry, "./zone", &untouched)); // $INCLUDE is relative to it
    write_text("included", "TEXT");
    assert_false(pack_is_current(entry, "zone", &untouched));
    write_text("included", "text");
    assert_true(pack_is_current(entry, "zone", &untouched));
    unlink("included");
    assert_false(pack_is_current(entry, "zone", &untouched));
    free(entry);
}

static void test_untouched(void **state)
{
    (void)state;
    struct pack_made made = {.path = "zone"};
    bool untouched;
    write_text("zone", "text");
    int64_t later_ns = imprint_now_ns() + INT64_C(10000000000);
    assert_true(imprint_take(&made.imprint, "zone", "text", 4, later_ns));
    struct pack_entry *entry = pack_make_entry(name_of("x."), 0, &made, 1);
    assert_true(pack_is_current(entry, "zone", &untouched) && untouched);
    write_text("zone", "text");
    assert_true(pack_is_current(entry, "zone", &untouched) && !untouched);
    free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_large_images),
        cmocka_unit_test(test_every_octet_counts),
        cmocka_unit_test(test_cut_short_or_longer),
        cmocka_unit_test(test_other_key_version_machine),
        cmocka_unit_test(test_fingerprint_tells_keys_apart),
        cmocka_unit_test(test_unfinished),
        cmocka_unit_test(test_error_is_kept),
        cmocka_unit_test(test_index_from_anywhere),
        cmocka_unit_test(test_current_with_every_source),
        cmocka_unit_test(test_untouched),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
