// The table of places: what holds at an address, and how long the prefix is that shares it.
#include "tiny.h"

#include "base/random.h"
#include "policy/places.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static char folder[64];

static struct prefix nets[4];
static const struct fact facts[] = {
    {.kind = FACT_COUNTRY, .text = "SG"},
    {.kind = FACT_COUNTRY, .text = "CA"},
    {.kind = FACT_CONTINENT, .text = "AS"},
    {.kind = FACT_SUBDIVISION, .text = "US-CA"},
    {.kind = FACT_ASN, .asn = 64500},
    {.kind = FACT_NETS, .nets = nets, .net_count = 2},
    {.kind = FACT_NETS, .nets = nets + 2, .net_count = 2},
};
static const struct places_wants wants = {.facts = facts, .count = COUNT(facts), .points = true};

static struct places *compile(const struct places_wants *wanted, size_t count, const char *told)
{
    static const char *const paths[] = {"country.mmdb", "city.mmdb", "asn.mmdb"};
    struct report report = {0};
    struct buffer text = {0};
    struct places *places = places_compile(paths, count, wanted, &report);
    for (size_t i = 0; i < report.count; i++)
        buffer_format(&text, "%s: %s\n", report.problems[i].file ? report.problems[i].file : "-",
                      report.problems[i].message);
    assert_string_equal(buffer_text(&text), told);
    buffer_free(&text);
    report_free(&report);
    return places;
}

// "0 2 | 24 | placed"
static void check(const struct places *places, const char *text, const char *expected)
{
    struct address address;
    struct location location;
    struct buffer told = {0};
    assert_true(address_parse(text, 0, &address));
    places_find(places, &address, &location);
    for (size_t i = 0; i < location.facts.count; i++)
        buffer_format(&told, "%u ", location.facts.list[i]);
    buffer_format(&told, "| %u%s", location.scope, location.is_placed ? " placed" : "");
    if (strcmp(buffer_text(&told), expected) != 0)
        fail_msg("%s: %s, not %s", text, buffer_text(&told), expected);
    struct facts set = places_set(places, location.set);
    assert_ptr_equal(set.list, location.facts.list);
    buffer_free(&told);
}

static void write_databases(void)
{
    static struct tiny tiny;
    tiny_open(&tiny, 6, 24);
    uint32_t sg = tiny_flat(&tiny, &(struct tiny_place){.country = "SG"});
    uint32_t ca = tiny_flat(&tiny, &(struct tiny_place){.country = "CA"});
    uint32_t fr = tiny_flat(&tiny, &(struct tiny_place){.country = "FR"});
    tiny_put(&tiny, "10.1.0.0/16", sg);
    tiny_put(&tiny, "10.2.0.0/16", ca);
    tiny_put(&tiny, "10.3.0.0/16", fr);
    tiny_put(&tiny, "10.2.128.0/24", sg);
    tiny_put(&tiny, "2001:db8::/32", sg);
    tiny_put(&tiny, "2001:db8:1::/48", ca);
    tiny_put(&tiny, "2001:db8:2:3:4::/80", ca);
    tiny_put(&tiny, "fd00::/8", ca);
    tiny_write(&tiny, "country.mmdb");
    tiny_close(&tiny);

    tiny_open(&tiny, 4, 28);
    tiny_put(&tiny, "10.2.0.0/17",
             tiny_nested(&tiny, &(struct tiny_place){.country = "US",
                                                     .continent = "NA",
                                                     .state = "CA",
                                                     .latitude = 37,
                                                     .longitude = -122}));
    tiny_put(&tiny, "10.9.0.0/16",
             tiny_nested(&tiny, &(struct tiny_place){.country = "US",
                                                     .continent = "NA",
                                                     .state = "CA",
                                                     .latitude = 37,
                                                     .longitude = -122}));
    tiny_write(&tiny, "city.mmdb");
    tiny_close(&tiny);

    tiny_open(&tiny, 6, 32);
    tiny_put(&tiny, "10.1.4.0/22", tiny_flat(&tiny, &(struct tiny_place){.asn = 64500}));
    tiny_put(&tiny, "2001:db8:8000::/33", tiny_flat(&tiny, &(struct tiny_place){.asn = 64500}));
    tiny_write(&tiny, "asn.mmdb");
    tiny_close(&tiny);
}

static void test_table(void **state)
{
    struct places *places = compile(&wants, 3, "");
    (void)state;
    check(places, "10.1.0.1", "0 2 | 22");
    check(places, "10.1.4.1", "0 2 4 | 22");
    check(places, "10.2.0.1", "1 3 | 17 placed"); // the country is the first database's
    check(places, "10.2.129.1", "1 | 24");
    check(places, "10.2.128.9", "0 2 | 24");
    check(places, "10.3.0.1", "| 16");
    check(places, "10.9.1.1", "3 | 16 placed");
    check(places, "::ffff:10.1.4.1", "0 2 4 | 22");
    check(places, "2001:db8::1", "0 2 | 126");
    check(places, "2001:db8::5", "0 2 5 6 | 127");
    check(places, "2001:db8:0:1::1", "0 2 | 64");
    check(places, "2001:db8:1:2::3", "1 | 48");
    check(places, "2001:db8:2:3:4::1", "1 | 80");
    check(places, "2001:db8:2:3:5::1", "0 2 | 80");
    check(places, "2001:db8:8000::1", "0 2 4 | 33");
    check(places, "fd12::1", "1 | 8");
    check(places, "fe80::1", "| 7");
    check(places, "::2", "| 3");
    places_release(places_hold(places));
    places_release(places);
}

// The nets of rules need no database, and lie in the same table.
static void test_nets(void **state)
{
    const struct places_wants only = {.facts = facts + 5, .count = 2};
    struct places *places = compile(&only, 0, "");
    (void)state;
    check(places, "192.0.2.1", "0 | 25");
    check(places, "192.0.2.129", "0 1 | 25");
    check(places, "192.0.3.0", "| 24");
    check(places, "2001:db8::5", "0 1 | 127");
    check(places, "2001:db8::4", "0 1 | 127");
    check(places, "2001:db8::6", "0 | 127");
    places_release(places);
}

// Every address within the scope has the same; the prefix that is one bit shorter has not.
static void test_scopes(void **state)
{
    struct places *places = compile(&wants, 3, "");
    struct dice dice = dice_seed(5);
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct address address = {.v4 = {.sin_family = AF_INET}};
        struct location here, there;
        uint32_t octets = 0x0a000000 | (dice_roll(&dice) & 0x000fffff);
        address.v4.sin_addr.s_addr = htonl(octets);
        places_find(places, &address, &here);
        uint32_t mask = here.scope == 32 ? 0 : UINT32_MAX >> here.scope;
        address.v4.sin_addr.s_addr = htonl(octets ^ (dice_roll(&dice) & mask));
        places_find(places, &address, &there);
        assert_int_equal(there.set, here.set);
        assert_int_equal(there.is_placed, here.is_placed);
        assert_int_equal(there.scope, here.scope);
    }
    for (unsigned bits = 0; bits < 32; bits++) { // its neighbour at the last bit of the scope
        struct address address = {.v4 = {.sin_family = AF_INET}};
        struct location here, there;
        bool differs = false;
        uint32_t octets = 0x0a020000 | (dice_roll(&dice) & 0xffff);
        address.v4.sin_addr.s_addr = htonl(octets);
        places_find(places, &address, &here);
        for (unsigned i = 0; i < 4096 && !differs; i++) {
            uint32_t mask = UINT32_MAX >> (here.scope - 1);
            address.v4.sin_addr.s_addr = htonl((octets & ~mask) | (dice_roll(&dice) & mask));
            places_find(places, &address, &there);
            differs = there.set != here.set || there.is_placed != here.is_placed;
        }
        assert_true(differs);
    }
    places_release(places);
}

static void test_nothing_known(void **state)
{
    const struct places_wants country = {.facts = facts, .count = 1};
    const struct places_wants near = {.facts = facts + 5, .count = 1, .points = true};
    (void)state;
    assert_null(compile(&country, 0,
                        "-: routes ask for countries, and no database says anything of "
                        "them\n"));
    assert_null(compile(&near, 1,
                        "country.mmdb: no route asks for what this database says: "
                        "country_code\n"
                        "-: routes ask for the nearest address, and no database has "
                        "coordinates\n"));
    struct places *places = compile(&country, 3,
                                    "asn.mmdb: no route asks for what this database says: "
                                    "autonomous_system_number\n");
    assert_non_null(places);
    places_release(places);
}

static void test_bad_files(void **state)
{
    (void)state;
    assert_int_equal(rename("city.mmdb", "kept"), 0);
    assert_null(compile(&wants, 2,
                        "city.mmdb: the database of places cannot be used: it cannot be read: "
                        "No such file or directory\n"));
    assert_int_equal(file_write("city.mmdb", "not one", 7, 0644), 0);
    struct report report = {0};
    const char *const path = "city.mmdb";
    assert_null(places_compile(&path, 1, &wants, &report));
    assert_int_equal(report.errors, 1);
    report_free(&report);
    assert_int_equal(rename("kept", "city.mmdb"), 0);
}

static int enter(void **state)
{
    static const char *const texts[] = {"192.0.2.0/24", "2001:db8::4/126", "192.0.2.128/25",
                                        "2001:db8::4/127"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(prefix_parse(texts[i], &nets[i]));
    tiny_enter_folder(folder);
    write_databases();
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
        cmocka_unit_test(test_table),     cmocka_unit_test(test_nets),
        cmocka_unit_test(test_scopes),    cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
