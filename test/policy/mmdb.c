// Databases: both layouts, all sizes, aliases, and files that are none any more.
#include "tiny.h"

#include <sys/stat.h>

#include "base/random.h"
#include "base/limits.h"
#include "policy/mmdb.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static char folder[64];

// Numbers are country's letters as digits; what else the record says is kept.
struct met {
    struct mmdb_record last;
    unsigned count;
};

static uint32_t number(void *maker, const struct mmdb_record *record)
{
    struct met *met = maker;
    met->last = *record;
    met->count++;
    return (uint32_t)(record->country[0] * 256 + record->country[1]) + record->asn;
}

static uint32_t value_at(const struct runs *runs, runs_address at)
{
    size_t i = 0;
    while (i + 1 < runs->count && runs->list[i + 1].start <= at)
        i++;
    return runs->list[i].value;
}

#define CODE(a, b) ((a)*256 + (b))

static void test_trees(void **state)
{
    static const unsigned sizes[] = {24, 28, 32};
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(sizes); i++) {
        static struct tiny tiny;
        struct met met = {0};
        struct runs v4 = {0}, v6 = {0};
        char *problem;
        unsigned version = i < COUNT(sizes) ? 4 : 6;
        tiny_open(&tiny, version, sizes[i % COUNT(sizes)]);
        uint32_t singapore = tiny_flat(&tiny, &(struct tiny_place){.country = "SG"});
        uint32_t canada = tiny_flat(&tiny, &(struct tiny_place){.country = "CA"});
        tiny_put(&tiny, "192.0.2.0/24", singapore);
        tiny_put(&tiny, "192.0.2.128/25", canada);
        tiny_put(&tiny, "198.51.100.7/32", singapore);
        if (version == 6) {
            tiny_put(&tiny, "2001:db8::/32", canada);
            tiny_put(&tiny, "2001:db8::7/128", singapore);
        }
        tiny_write(&tiny, "a.mmdb");
        struct mmdb *mmdb = mmdb_open("a.mmdb", &problem);
        assert_non_null(mmdb);
        assert_true(mmdb_walk_v4(mmdb, number, &met, &v4));
        assert_int_equal(met.count, 2); // each record once
        assert_int_equal(value_at(&v4, 0xc0000201), CODE('S', 'G'));
        assert_int_equal(value_at(&v4, 0xc0000280), CODE('C', 'A'));
        assert_int_equal(value_at(&v4, 0xc0000300), 0);
        assert_int_equal(value_at(&v4, 0xc6336407), CODE('S', 'G'));
        assert_int_equal(value_at(&v4, 0xc6336406), 0);
        assert_true(mmdb_walk_v6(mmdb, number, &met, &v6));
        runs_address prefix = (runs_address)0x20010db8 << 96;
        assert_int_equal(value_at(&v6, prefix), version == 6 ? CODE('C', 'A') : 0);
        assert_int_equal(value_at(&v6, prefix | 7), version == 6 ? CODE('S', 'G') : 0);
        assert_int_equal(value_at(&v6, prefix | 8), version == 6 ? CODE('C', 'A') : 0);
        runs_free(&v4);
        runs_free(&v6);
        mmdb_close(mmdb);
        tiny_close(&tiny);
    }
}

// IPv4 in a tree of IPv6: its aliases are passed over, and ::/96 may be one record.
static void test_aliases(void **state)
{
    static struct tiny tiny;
    struct met met = {0};
    struct runs v4 = {0}, v6 = {0};
    char *problem;
    (void)state;
    tiny_open(&tiny, 6, 28);
    uint32_t canada = tiny_flat(&tiny, &(struct tiny_place){.country = "CA"});
    tiny_put(&tiny, "192.0.2.0/24", canada);
    tiny_put(&tiny, "::ffff:0:0/96", tiny_node(&tiny, "::/96"));
    tiny_put(&tiny, "2002::/16", tiny_node(&tiny, "::/96"));
    tiny_write(&tiny, "a.mmdb");
    tiny_close(&tiny);
    struct mmdb *mmdb = mmdb_open("a.mmdb", &problem);
    assert_true(mmdb_walk_v4(mmdb, number, &met, &v4));
    assert_int_equal(value_at(&v4, 0xc0000201), CODE('C', 'A'));
    assert_true(mmdb_walk_v6(mmdb, number, &met, &v6));
    assert_int_equal(value_at(&v6, (runs_address)0x2002c000 << 96 | (runs_address)2 << 88), 0);
    runs_free(&v4);
    runs_free(&v6);
    mmdb_close(mmdb);

    tiny_open(&tiny, 6, 24);
    canada = tiny_flat(&tiny, &(struct tiny_place){.country = "CA"});
    tiny_put(&tiny, "::/80", canada);
    tiny_write(&tiny, "a.mmdb");
    tiny_close(&tiny);
    mmdb = mmdb_open("a.mmdb", &problem);
    assert_true(mmdb_walk_v4(mmdb, number, &met, &v4));
    assert_int_equal(value_at(&v4, 0xc0000201), CODE('C', 'A'));
    runs_free(&v4);
    mmdb_close(mmdb);
}

static void test_layouts(void **state)
{
    static struct tiny tiny;
    static const struct tiny_place place = {.country = "US",
                                            .continent = "NA",
                                            .state = "CA",
                                            .asn = 64500,
                                            .latitude = 37.5,
                                            .longitude = -122.25};
    (void)state;
    for (unsigned nested = 0; nested < 2; nested++) {
        struct mmdb_record record;
        struct address address;
        char *problem;
        tiny_open(&tiny, 4, 24);
        tiny_put(&tiny, "192.0.2.0/24",
                 nested ? tiny_nested(&tiny, &place) : tiny_flat(&tiny, &place));
        tiny_write(&tiny, "a.mmdb");
        tiny_close(&tiny);
        struct mmdb *mmdb = mmdb_open("a.mmdb", &problem);
        assert_true(address_parse("192.0.2.77", 0, &address));
        assert_true(mmdb_find(mmdb, &address, &record));
        assert_string_equal(record.country, "US");
        assert_string_equal(record.continent, "NA");
        assert_string_equal(record.subdivision, "CA");
        assert_int_equal(record.asn, 64500);
        assert_true(record.has_point && record.latitude == 37.5f && record.longitude == -122.25f);
        assert_true(address_parse("192.0.3.1", 0, &address));
        assert_false(mmdb_find(mmdb, &address, &record));
        assert_true(address_parse("2001:db8::1", 0, &address));
        assert_false(mmdb_find(mmdb, &address, &record));
        mmdb_close(mmdb);
    }
}

static void test_odd_values(void **state)
{
    static const struct {
        struct tiny_place place;
        const char *country, *continent;
        bool has_point;
    } cases[] = {
        {{.country = "SG"}, "SG", "AS", false}, // a country is on its continent
        {{.country = "ZZ"}, "ZZ", "", false},
        {{.country = "TOOLONG"}, "", "", false},
        {{.country = "SG", .latitude = 90.5, .longitude = 1}, "SG", "AS", false},
        {{.country = "SG", .latitude = 1, .longitude = 180.5}, "SG", "AS", false},
        {{.country = "SG", .latitude = -90, .longitude = -180}, "SG", "AS", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct tiny tiny;
        struct mmdb_record record;
        struct address address;
        char *problem;
        tiny_open(&tiny, 4, 24);
        tiny_put(&tiny, "192.0.2.0/24", tiny_flat(&tiny, &cases[i].place));
        tiny_write(&tiny, "a.mmdb");
        tiny_close(&tiny);
        struct mmdb *mmdb = mmdb_open("a.mmdb", &problem);
        assert_true(address_parse("192.0.2.77", 0, &address));
        assert_true(mmdb_find(mmdb, &address, &record));
        assert_string_equal(record.country, cases[i].country);
        assert_string_equal(record.continent, cases[i].continent);
        assert_int_equal(record.has_point, cases[i].has_point);
        mmdb_close(mmdb);
    }
}

static void test_fields(void **state)
{
    static struct tiny tiny;
    struct buffer text = {0};
    char *problem;
    (void)state;
    tiny_open(&tiny, 4, 24);
    tiny_put(&tiny, "192.0.2.0/24",
             tiny_flat(&tiny, &(struct tiny_place){.country = "SG", .asn = 7}));
    tiny_write(&tiny, "a.mmdb");
    tiny_close(&tiny);
    struct mmdb *mmdb = mmdb_open("a.mmdb", &problem);
    mmdb_fields(mmdb, &text);
    assert_string_equal(buffer_text(&text), "autonomous_system_number, country_code");
    buffer_free(&text);
    mmdb_close(mmdb);
}

static void test_no_database(void **state)
{
    char *problem = NULL;
    (void)state;
    assert_null(mmdb_open("none.mmdb", &problem));
    assert_string_equal(problem, "it cannot be read: No such file or directory");
    free(problem);
    assert_int_equal(file_write("a.mmdb", "text\n", 5, 0644), 0);
    assert_null(mmdb_open("a.mmdb", &problem));
    assert_true(strlen(problem) > 10);
    free(problem);
}

// What has no end, or no content of its own, is not waited for; and what is too large not read.
static void test_no_file(void **state)
{
    static const char *const paths[] = {"/dev/zero", "pipe", "."};
    char *problem;
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_null(mmdb_open(paths[i], &problem));
        assert_string_equal(problem, "it cannot be read: Invalid argument");
        free(problem);
    }
    assert_int_equal(file_write("huge.mmdb", "", 0, 0644), 0);
    assert_int_equal(truncate("huge.mmdb", (off_t)PLACES_FILE_OCTETS_MAX + 1), 0); // with no blocks
    assert_null(mmdb_open("huge.mmdb", &problem));
    assert_string_equal(problem, "it cannot be read: File too large");
    free(problem);
}

static void try_damaged(const char *octets, size_t size)
{
    struct met met = {0};
    struct runs v4 = {0}, v6 = {0};
    char *problem;
    assert_int_equal(file_write("d.mmdb", octets, size, 0644), 0);
    struct mmdb *mmdb = mmdb_open("d.mmdb", &problem);
    if (!mmdb) {
        free(problem);
        return;
    }
    struct buffer fields = {0};
    (void)!mmdb_walk_v4(mmdb, number, &met, &v4);
    (void)!mmdb_walk_v6(mmdb, number, &met, &v6);
    mmdb_fields(mmdb, &fields);
    buffer_free(&fields);
    runs_free(&v4);
    runs_free(&v6);
    mmdb_close(mmdb);
}

// Whatever an octet of the tree and the data is, the walk ends. (In the metadata the library itself
// loses memory where it gives up.)
static void test_damaged(void **state)
{
    static struct tiny tiny;
    struct buffer octets = {0};
    struct dice dice = dice_seed(3);
    (void)state;
    tiny_open(&tiny, 6, 24);
    uint32_t place =
        tiny_nested(&tiny, &(struct tiny_place){"US", "NA", "CA", 64500, 37.5, -122.25});
    tiny_put(&tiny, "192.0.2.0/24", place);
    tiny_put(&tiny, "2001:db8::/32", place);
    tiny_print(&tiny, &octets);
    size_t front = tiny.node_count * 6 + 16 + tiny.content.size;
    for (unsigned round = 0; round < 3000; round++) {
        size_t at = dice_roll(&dice) % front;
        char before = octets.text[at];
        octets.text[at] = (char)dice_roll(&dice);
        try_damaged(octets.text, octets.size);
        octets.text[at] = before;
    }
    // A tree that leads in circles.
    tiny.nodes[tiny_node(&tiny, "2001:d00::/24")][0] = tiny_node(&tiny, "2000::/8");
    buffer_clear(&octets);
    tiny_print(&tiny, &octets);
    assert_int_equal(file_write("d.mmdb", octets.text, octets.size, 0644), 0);
    char *problem;
    struct mmdb *mmdb = mmdb_open("d.mmdb", &problem);
    struct met met = {0};
    struct runs runs = {0};
    assert_false(mmdb_walk_v6(mmdb, number, &met, &runs));
    runs_free(&runs);
    mmdb_close(mmdb);
    buffer_free(&octets);
    tiny_close(&tiny);
}

// Somebody copies a new file over the one that is being read: what was opened is read to its end.
static void test_made_shorter(void **state)
{
    static struct tiny tiny;
    struct buffer octets = {0};
    struct met met = {0};
    struct runs runs = {0};
    char *problem;
    (void)state;
    tiny_open(&tiny, 4, 24);
    tiny_put(&tiny, "192.0.2.0/24", tiny_flat(&tiny, &(struct tiny_place){.country = "SG"}));
    tiny_print(&tiny, &octets);
    assert_int_equal(file_write("s.mmdb", octets.text, octets.size, 0644), 0);
    struct mmdb *mmdb = mmdb_open("s.mmdb", &problem);
    assert_non_null(mmdb);
    assert_int_equal(truncate("s.mmdb", 0), 0);
    assert_true(mmdb_walk_v4(mmdb, number, &met, &runs));
    runs_free(&runs);
    mmdb_close(mmdb);
    buffer_free(&octets);
    tiny_close(&tiny);
}

static int enter(void **state)
{
    (void)state;
    tiny_enter_folder(folder);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    tiny_leave_folder(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_layouts),      cmocka_unit_test(test_odd_values),
        cmocka_unit_test(test_fields),       cmocka_unit_test(test_no_database),
        cmocka_unit_test(test_no_file),      cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_made_shorter),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
