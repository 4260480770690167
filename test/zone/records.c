// The list of records: its order against dns/name.c's, octets that a sort key must escape, places.
#include "zone/records.h"

#include "base/bytes.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "reading.h"

static void add(struct records *records, struct name owner, uint16_t type, const void *rdata,
                size_t size)
{
    struct record *record = records_add(records);
    *record = (struct record){.owner = arena_copy(&records->arena, owner.wire, owner.size),
                              .rdata = arena_copy(&records->arena, rdata, size),
                              .ttl = (uint32_t)records->count,
                              .type = type,
                              .rdata_size = (uint16_t)size,
                              .owner_size = owner.size,
                              .owner_labels = owner.labels};
}

static void add_text(struct records *records, const char *owner)
{
    uint8_t storage[NAME_OCTETS_MAX];
    add(records, reading_name(owner, storage), TYPE_A, "\300\0\2\1", 4);
}

static void begin(struct records *records, const char *origin)
{
    uint8_t storage[NAME_OCTETS_MAX];
    records_begin(records, reading_name(origin, storage));
}

static uint32_t rank(const struct record *record)
{
    return record->type == TYPE_RRSIG ? 0x10000u + bytes_get16(record->rdata) : record->type;
}

// By the definitions of dns/name.c and dns/rdata.c, one pair after another.
static void assert_in_order(const struct records *records)
{
    for (size_t i = 1; i < records->count; i++) {
        const struct record *a = &records->list[i - 1], *b = &records->list[i];
        int order = name_compare(record_owner(a), record_owner(b));
        assert_true(order <= 0);
        if (order < 0)
            continue;
        assert_true(rank(a) <= rank(b));
        if (rank(a) == rank(b))
            assert_true(rdata_compare(a->type, a->rdata, a->rdata_size, b->rdata, b->rdata_size) <=
                        0);
        if (memcmp(a->owner, b->owner, a->owner_size) == 0)
            assert_ptr_equal(a->owner, b->owner);
    }
}

// All that was added is there once: TTLs were given 1, 2, 3 ...
static void assert_complete(const struct records *records, size_t count)
{
    assert_int_equal(records->count, count);
    bool *seen = calloc(count + 1, 1);
    for (size_t i = 0; i < count; i++) {
        assert_in_range(records->list[i].ttl, 1, count);
        assert_false(seen[records->list[i].ttl]);
        seen[records->list[i].ttl] = true;
    }
    free(seen);
}

// RFC 4034 6.1's own example, with the octets 00 and 01 besides.
static void test_canonical_order(void **state)
{
    static const char *const names[] = {
        "example.",         "a.example.",     "yljkjljk.a.example.", "Z.a.example.",
        "zABC.a.EXAMPLE.",  "\\000.example.", "\\000\\000.example.", "\\000\\001.example.",
        "\\000a.example.",  "\\001.example.", "\\001\\000.example.", "\\001\\002.example.",
        "\\002.example.",   "z.example.",     "\\001.z.example.",    "*.z.example.",
        "\\200.z.example.",
    };
    (void)state;
    // The escaped labels sort in front of "a": put the expected order together by name_compare.
    struct records records;
    begin(&records, "example.");
    for (size_t i = COUNT(names); i-- > 0;)
        add_text(&records, names[i]);
    records_sort(&records);
    assert_in_order(&records);
    assert_complete(&records, COUNT(names));
    static const char *const order[] = {
        "example.",         "\\000.example.", "\\000\\000.example.", "\\000\\001.example.",
        "\\000a.example.",  "\\001.example.", "\\001\\000.example.", "\\001\\002.example.",
        "\\002.example.",   "a.example.",     "yljkjljk.a.example.", "Z.a.example.",
        "zABC.a.EXAMPLE.",  "z.example.",     "\\001.z.example.",    "*.z.example.",
        "\\200.z.example.",
    };
    for (size_t i = 0; i < COUNT(order); i++) {
        uint8_t storage[NAME_OCTETS_MAX];
        assert_true(name_equal(record_owner(&records.list[i]), reading_name(order[i], storage)));
    }
    records_free(&records);
}

// A name from few labels, so that many share a parent, or from any octets.
static struct name draw_name(uint64_t *seed, bool wild, uint8_t storage[static NAME_OCTETS_MAX])
{
    static const uint8_t wild_octets[] = {0, 1, 2, 'a', 'A', 'b', 'Z', '[', 255};
    unsigned at = 0, labels = 0;
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    uint64_t draw = *seed >> 20;
    for (unsigned count = draw % 4; labels < count; labels++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = *seed >> 20;
        unsigned size = wild ? 1 + bits % 20 : 12;
        storage[at++] = (uint8_t)size;
        for (unsigned i = 0; i < size; i++, bits = bits * 3 + 1)
            storage[at++] = wild ? wild_octets[bits % 9] : i < 10 ? 'x' : 'a' + bits % 26;
    }
    memcpy(storage + at, "\7example", 9);
    return (struct name){storage, (uint8_t)(at + 9), (uint8_t)(labels + 1)};
}

static void sort_drawn(uint64_t seed, size_t count, bool wild, const char *origin)
{
    struct records records;
    begin(&records, origin);
    for (size_t i = 0; i < count; i++) {
        uint8_t storage[NAME_OCTETS_MAX], rdata[20] = {0};
        struct name name = draw_name(&seed, wild, storage);
        static const uint16_t types[] = {TYPE_A, TYPE_RRSIG, TYPE_TXT};
        uint16_t type = types[seed >> 33 & 1 ? 0 : seed >> 34 & 1 ? 1 : 2];
        rdata[0] = type == TYPE_TXT ? 3 : 0;
        rdata[1] = (uint8_t)(type == TYPE_TXT ? 'a' + (seed >> 40 & 3) : seed >> 40 & 3);
        add(&records, name, type, rdata, type == TYPE_RRSIG ? 20 : 4);
    }
    records_sort(&records);
    assert_in_order(&records);
    assert_complete(&records, count);
    records_sort(&records); // and once more: nothing to do
    assert_in_order(&records);
    assert_complete(&records, count);
    records_free(&records);
}

static void test_drawn_names(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        sort_drawn(seed, 3 * seed, seed % 2, "example.");
        sort_drawn(seed, 1000, seed % 2, "example.");
        sort_drawn(seed, 200, seed % 2, ".");
    }
    sort_drawn(99, 20000, false, "example.");
    sort_drawn(99, 20000, true, "example.");
}

// Keys that end just where a chunk of 8 octets does, with others that go on from there.
static void test_chunk_ends(void **state)
{
    (void)state;
    struct records records;
    begin(&records, "example.");
    for (unsigned i = 60; i-- > 0;) {
        char text[60];
        snprintf(text, sizeof text, "%s%c%.*s.example.",
                 i % 3   ? ""
                 : i % 2 ? "a."
                         : "bbbbbbb.a.",
                 'a' + i / 3, (int)(5 + i % 2), "xxxxxxxx");
        add_text(&records, text);
    }
    records_sort(&records);
    assert_in_order(&records);
    assert_complete(&records, 60);
    records_free(&records);
}

// Records that are out of the zone are check.c's to refuse; until then they only need some order.
static void test_out_of_zone(void **state)
{
    (void)state;
    struct records records;
    begin(&records, "example.test.");
    static const char *const names[] = {"b.example.test.", "example.test.", "www.test.", ".",
                                        "a.example.test.", "xexample.test."};
    for (size_t i = 0; i < COUNT(names); i++)
        add_text(&records, names[i]);
    records_sort(&records);
    assert_in_order(&records);
    assert_complete(&records, COUNT(names));
    records_free(&records);
}

// In order but for a few pieces: merged, not sorted.
static void test_pieces(void **state)
{
    (void)state;
    for (unsigned pieces = 1; pieces <= 40; pieces++) {
        struct records records;
        begin(&records, "example.");
        for (unsigned i = 0; i < 50 * pieces; i++) {
            char text[40];
            snprintf(text, sizeof text, "h%04u.example.", (i % 50) * 100 + (i / 50 * 37) % 100);
            add_text(&records, text);
        }
        records_sort(&records);
        assert_in_order(&records);
        assert_complete(&records, 50 * pieces);
        records_free(&records);
    }
}

// One owner with everything: types by number, RRSIGs behind, by what they cover.
static void test_one_owner(void **state)
{
    (void)state;
    struct records records;
    begin(&records, "example.");
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name = reading_name("Example.", storage);
    for (unsigned i = 0; i < 5000; i++) {
        uint8_t rdata[20] = {0};
        bytes_put16(rdata, (uint16_t)(i * 7919 % 97));
        bytes_put16(rdata + 2, (uint16_t)(i * 31));
        add(&records, name, i % 3 ? TYPE_A : TYPE_RRSIG, rdata, i % 3 ? 4 : 20);
    }
    records_sort(&records);
    assert_in_order(&records);
    assert_complete(&records, 5000);
    records_free(&records);
}

static void test_empty(void **state)
{
    (void)state;
    struct records records;
    begin(&records, "example.");
    records_sort(&records);
    assert_int_equal(records.count, 0);
    records_free(&records);
}

static void test_places(void **state)
{
    (void)state;
    struct records records;
    begin(&records, "example.");
    records_add_source(&records, "empty", memory_copy_text(""), 0);
    uint16_t file = records_add_source(&records, "three", memory_copy_text("one\ntwo\nthree"), 13);
    assert_int_equal(file, 1);
    static const struct {
        uint16_t file;
        uint32_t line;
        const char *path, *source;
    } rows[] = {
        {1, 1, "three", "one\ntwo\nthree"},
        {1, 2, "three", "two\nthree"},
        {1, 3, "three", "three"},
        {1, 4, "three", NULL},
        {0, 1, "empty", ""},
        {0, 2, "empty", NULL},
        {1, 0, NULL, NULL},
        {9, 1, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct record record = {.file = rows[i].file, .line = rows[i].line};
        struct place place = records_place(&records, &record);
        assert_int_equal(place.file == NULL, rows[i].path == NULL);
        assert_int_equal(place.source == NULL, rows[i].source == NULL);
        if (rows[i].path) {
            assert_string_equal(place.file, rows[i].path);
            assert_int_equal(place.line, rows[i].line);
            assert_int_equal(place.column, 1);
        }
        if (rows[i].source) {
            assert_int_equal(place.source_size, strlen(rows[i].source));
            assert_memory_equal(place.source, rows[i].source, place.source_size);
        }
    }
    free(records.sources[1].octets); // dropped: the place is still told, without its line
    records.sources[1].octets = NULL;
    struct record record = {.file = 1, .line = 2};
    struct place place = records_place(&records, &record);
    assert_string_equal(place.file, "three");
    assert_null(place.source);
    records_free(&records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_order), cmocka_unit_test(test_drawn_names),
        cmocka_unit_test(test_chunk_ends),      cmocka_unit_test(test_out_of_zone),
        cmocka_unit_test(test_pieces),          cmocka_unit_test(test_one_owner),
        cmocka_unit_test(test_empty),           cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
