// NSEC3 hashes: RFC 5155's appendix A, the bounds of salt and name, outside vectors.
#include "../dns/names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "dnssec/nsec3.h"

static struct nsec3_hasher hasher;

static void fill_salt(struct nsec3_params *params, const char *hex)
{
    params->salt_size = 0;
    for (unsigned octet; sscanf(hex, "%2x", &octet) == 1; hex += 2)
        params->salt[params->salt_size++] = (uint8_t)octet;
}

static void assert_hash(const struct nsec3_params *params, struct name name, const char *wanted)
{
    uint8_t hash[NSEC3_HASH_SIZE];
    char label[NSEC3_LABEL_SIZE + 1] = {0};
    assert_true(nsec3_hash(&hasher, params, name, hash));
    nsec3_label(hash, (uint8_t *)label);
    assert_string_equal(label, wanted);
    // In two steps: the same, or not at all.
    struct nsec3_begun begun;
    bool is_short = hasher.hash_short && params->iterations == 0 &&
                    (size_t)name.size + params->salt_size <= SHA1_SHORT_MAX;
    assert_int_equal(nsec3_begin(&hasher, params, name, &begun), is_short);
    if (is_short) {
        uint8_t ended[NSEC3_HASH_SIZE];
        nsec3_end(&hasher, &begun, ended);
        assert_memory_equal(ended, hash, sizeof ended);
    }
}

// Each size of name beside each size of salt that together just fit into a block, or just do not;
// compared with the library.
static void test_edge_of_a_block(void **state)
{
    (void)state;
    struct nsec3_hasher library = hasher;
    library.hash_short = NULL;
    for (unsigned size = 1; size <= SHA1_SHORT_MAX + 2; size++) {
        char text[NAME_OCTETS_MAX] = ".";
        for (unsigned i = 0; i + 2 < size; i++) // a label of one, then one of what is left
            text[i] = i == 1 && size > 4 ? '.' : 'B';
        if (size == 2)
            continue; // there is no name of two octets
        text[size > 2 ? size - 2 : 0] = '.';
        struct name name = name_of(text);
        assert_int_equal(name.size, size);
        for (unsigned salt = 0; salt <= SHA1_SHORT_MAX + 1; salt++) {
            struct nsec3_params params = {.algorithm = NSEC3_SHA1, .salt_size = (uint8_t)salt};
            uint8_t hash[NSEC3_HASH_SIZE];
            char label[NSEC3_LABEL_SIZE + 1] = {0};
            memset(params.salt, 0xa5, salt);
            for (unsigned iterations = 0; iterations < 3; iterations++) {
                params.iterations = (uint16_t)iterations;
                assert_true(nsec3_hash(&library, &params, name, hash));
                nsec3_label(hash, (uint8_t *)label);
                assert_hash(&params, name, label);
            }
        }
    }
}

// RFC 5155 appendix A: algorithm 1, 12 iterations, salt aabbccdd.
static void test_appendix_a(void **state)
{
    static const struct {
        const char *owner, *label;
    } hashes[] = {
        {"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
        {"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
        {"ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"},
        {"ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
        {"ns2.example.", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
        {"w.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
        {"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
        {"x.w.example.", "b4um86eghhds6nea196smvmlo4ors995"},
        {"y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
        {"x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"},
        {"xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"},
        {"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"},
    };
    (void)state;
    struct nsec3_params params = {.algorithm = NSEC3_SHA1, .iterations = 12};
    fill_salt(&params, "aabbccdd");
    for (size_t i = 0; i < COUNT(hashes); i++) {
        char upper[64] = "";
        assert_hash(&params, name_of(hashes[i].owner), hashes[i].label);
        for (size_t at = 0; hashes[i].owner[at]; at++)
            upper[at] = (char)toupper((unsigned char)hashes[i].owner[at]);
        assert_hash(&params, name_of(upper), hashes[i].label);
    }
}

// Computed with BIND's nsec3hash.
static void test_few_and_many_iterations(void **state)
{
    static const struct {
        const char *owner;
        uint16_t iterations;
        const char *label;
    } hashes[] = {
        {".", 0, "bekjp7dgpvsjukll47bk43i3urmq4u2f"},
        {"example.", 0, "3msev9usmd4br9s97v51r2tdvmr9iqo1"},
        {"www.example.test.", 0, "v3n2r9chqlp7tdetolmmakfms81udcje"},
        {"www.example.test.", 1, "elqporh434ijun0h0teuoasgapqj0qtn"},
        {"www.example.test.", 150, "ivh9pf4mro0kldhlgsf4j5iou6gk2di3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(hashes); i++) {
        struct nsec3_params params = {.algorithm = NSEC3_SHA1, .iterations = hashes[i].iterations};
        assert_hash(&params, name_of(hashes[i].owner), hashes[i].label);
    }
}

// A name of 255 octets and a salt of 255: 00 01 ... fe. Computed with BIND's nsec3hash.
static void test_longest(void **state)
{
    (void)state;
    struct nsec3_params params = {.algorithm = NSEC3_SHA1, .salt_size = NSEC3_SALT_MAX};
    char text[NAME_OCTETS_MAX];
    for (unsigned i = 0; i < NSEC3_SALT_MAX; i++)
        params.salt[i] = (uint8_t)i;
    for (unsigned i = 0; i < 254; i++)
        text[i] = i % 64 == 63 ? '.' : (char)('a' + i / 64);
    memcpy(text + 253, ".", 2);
    struct name longest = name_of(text);
    assert_int_equal(longest.size, NAME_OCTETS_MAX);
    assert_hash(&params, longest, "fak6rhm3fts3r06n68q146fethnuf01a");
    params.iterations = 2;
    assert_hash(&params, longest, "92mlfrd3j2h02357fo2d6i907u5j0r62");
    params.iterations = 150;
    assert_hash(&params, NAME_ROOT, "0mhdkam7gngoub3fj5lrijra03ssvh7q");
}

static void test_other_algorithm(void **state)
{
    (void)state;
    uint8_t hash[NSEC3_HASH_SIZE] = {7};
    for (unsigned algorithm = 0; algorithm < 256; algorithm++) {
        struct nsec3_params params = {.algorithm = (uint8_t)algorithm};
        if (algorithm == NSEC3_SHA1)
            continue;
        assert_false(nsec3_hash(&hasher, &params, NAME_ROOT, hash));
        assert_int_equal(hash[0], 7);
    }
}

static void test_label(void **state)
{
    (void)state;
    // RFC 4648 10: "foobar" is CPNMUOJ1E8; each digit once, and the ends.
    static const uint8_t hashes[][NSEC3_HASH_SIZE + 1] = {
        "foobafoobafoobafooba",
        "\x00\x44\x32\x14\xc7\x42\x54\xb6\x35\xcf\x84\x65\x3a\x56\xd7\xc6\x75\xbe\x77\xdf",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    };
    static const char *const labels[] = {
        "cpnmuoj1cpnmuoj1cpnmuoj1cpnmuoj1",
        "0123456789abcdefghijklmnopqrstuv",
        "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv",
        "00000000000000000000000000000000",
    };
    for (size_t i = 0; i < COUNT(hashes); i++) {
        uint8_t label[NSEC3_LABEL_SIZE];
        nsec3_label(hashes[i], label);
        assert_memory_equal(label, labels[i], NSEC3_LABEL_SIZE);
    }
}

static void test_params(void **state)
{
    static const struct {
        const char *rdata;
        size_t size;
        bool good;
    } rdatas[] = {
        {"\1\0\0\0\0", 5, true},
        {"\1\1\0\14\4\xaa\xbb\xcc\xdd", 9, true},
        {"\1\1\0\14\4\xaa\xbb\xcc\xdd\24hashed owner name", 26, true}, // NSEC3: more follows
        {"\1\1\0\14\4\xaa\xbb\xcc", 8, false},
        {"\1\0\0\0", 4, false},
        {"", 0, false},
    };
    (void)state;
    struct nsec3_params params;
    for (size_t i = 0; i < COUNT(rdatas); i++) {
        uint8_t *exact = malloc(rdatas[i].size + 1); // read past its end by one: ASan says so
        assert_non_null(exact);
        memcpy(exact + 1, rdatas[i].rdata, rdatas[i].size);
        assert_int_equal(nsec3_params_read(exact + 1, rdatas[i].size, &params), rdatas[i].good);
        free(exact);
    }
    assert_true(nsec3_params_read((const uint8_t *)"\1\1\2\14\4\xaa\xbb\xcc\xdd", 9, &params));
    assert_int_equal(params.algorithm, 1);
    assert_int_equal(params.flags, 1);
    assert_int_equal(params.iterations, 0x20c);
    assert_int_equal(params.salt_size, 4);
    assert_memory_equal(params.salt, "\xaa\xbb\xcc\xdd", 4);
}

// One entry of Unbound's test: the name, its hash as owner of an answer, the parameters in an
// NSEC3.
struct entry {
    char owner[NAME_TEXT_MAX], label[NSEC3_LABEL_SIZE + 1], salt[2 * NSEC3_SALT_MAX + 1];
    unsigned algorithm, flags, iterations;
};

static bool read_entry(FILE *file, struct entry *entry)
{
    char line[2048], section[32] = "";
    unsigned found = 0;
    while (found < 3 && fgets(line, sizeof line, file)) {
        if (sscanf(line, "SECTION %31s", section) == 1)
            continue;
        if (strcmp(section, "QUESTION") == 0)
            found += sscanf(line, "%1024s", entry->owner) == 1;
        else if (strcmp(section, "ANSWER") == 0)
            found += sscanf(line, "%32[0-9a-v]", entry->label) == 1;
        else if (strcmp(section, "AUTHORITY") == 0)
            found += sscanf(line, "%*s NSEC3 %u %u %u %510s", &entry->algorithm, &entry->flags,
                            &entry->iterations, entry->salt) == 4;
        section[0] = 0;
    }
    return found == 3;
}

static void test_outside_vectors(void **state)
{
    (void)state;
    const char *folder = getenv("ONYM_DATA");
    char *path =
        memory_format("%s/vectors/unbound-test_nsec3_hash.1", folder ? folder : "../shared/data");
    FILE *file = fopen(path, "re");
    if (!file)
        print_message("skipped: no %s (set ONYM_DATA)\n", path);
    free(path);
    if (!file)
        skip(); // no outside data
    struct entry entry;
    unsigned count = 0;
    for (; read_entry(file, &entry); count++) {
        struct nsec3_params params = {.algorithm = (uint8_t)entry.algorithm,
                                      .iterations = (uint16_t)entry.iterations};
        fill_salt(&params, entry.salt);
        assert_hash(&params, name_of(entry.owner), entry.label);
    }
    fclose(file);
    assert_true(count > 0);
    print_message("%u outside vectors\n", count);
}

static int open_hasher(void **state)
{
    (void)state;
    nsec3_hasher_open(&hasher);
    return 0;
}

static int close_hasher(void **state)
{
    (void)state;
    nsec3_hasher_close(&hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appendix_a),      cmocka_unit_test(test_few_and_many_iterations),
        cmocka_unit_test(test_edge_of_a_block), cmocka_unit_test(test_longest),
        cmocka_unit_test(test_other_algorithm), cmocka_unit_test(test_label),
        cmocka_unit_test(test_params),          cmocka_unit_test(test_outside_vectors),
    };
    return cmocka_run_group_tests_name("dnssec/nsec3", tests, open_hasher, close_hasher);
}
