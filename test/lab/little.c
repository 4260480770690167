// The built-in internet: the same as the example, and one that can be built.
#include "told.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "lab/build.h"
#include "lab/little.h"

static void test_example(void **state)
{
    (void)state;
    char *octets;
    size_t size;
    assert_int_equal(file_read(SOURCE_ROOT "/examples/lab/little.yaml", 100000, &octets, &size), 0);
    assert_string_equal(octets, little_text());
    free(octets);
}

// Every example can be read and built, and has as many names as it says.
static void test_build(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t servers, zones;
        uint64_t names;
    } rows[] = {
        {"little.yaml", 11, 8, 0},
        {"bench.yaml", 68, 1002, 100000},
        {"million.yaml", 68, 1002, 0}, // its names only in the full test: it takes a while
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[200], *octets;
        size_t size;
        struct report report = {0};
        struct world world;
        struct built built;
        snprintf(path, sizeof path, SOURCE_ROOT "/examples/lab/%s", rows[i].path);
        assert_int_equal(file_read(path, 100000, &octets, &size), 0);
        assert_true(describe_read(path, octets, size, &world, &report));
        if (rows[i].names || i == 0 || getenv("ONYM_TEST_FULL")) {
            assert_true(build_world(&world, &built, &report));
            assert_int_equal(built.server_count, rows[i].servers);
            assert_int_equal(built.zone_count, rows[i].zones);
            assert_true(built.record_count > rows[i].names);
            built_free(&built);
        }
        told_expect(&report, "");
        world_free(&world);
        free(octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_example),
                                       cmocka_unit_test(test_build)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
