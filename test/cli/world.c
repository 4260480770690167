// The map: every country is where it is, and every outline is a path on it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/world.h"
#include "policy/countries.h"

static void test_table(void **state)
{
    (void)state;
    assert_true(world_country_count > 230);
    for (size_t i = 0; i < world_country_count; i++) {
        const struct world_country *drawn = &world_countries[i];
        assert_non_null(countries_find(drawn->code));
        assert_ptr_equal(world_find(drawn->code), drawn);
        assert_true(i == 0 || strcmp(world_countries[i - 1].code, drawn->code) < 0);
    }
    assert_null(world_find("XX"));
    assert_null(world_find("AQ"));
    assert_string_equal(world_find("SG")->outline, "");
    assert_true(strlen(world_find("CA")->outline) > 500);
}

// The point of a country is on the map, and that of these is where an atlas has it.
static void test_places(void **state)
{
    static const struct {
        const char *code;
        double latitude, longitude;
    } cases[] = {{"SG", 1.35, 103.8}, {"DE", 51, 10},     {"AU", -25, 134}, {"BR", -10, -53},
                 {"GF", 4, -53},      {"FJ", -17.8, 178}, {"NZ", -43, 171}, {"SJ", 78, 17}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct world_country *drawn = world_find(cases[i].code);
        assert_non_null(drawn);
        assert_float_equal(drawn->latitude, cases[i].latitude, 4);
        assert_float_equal(drawn->longitude, cases[i].longitude, 4);
    }
    for (size_t i = 0; i < world_country_count; i++) {
        struct world_spot spot =
            world_place((double)world_countries[i].latitude, (double)world_countries[i].longitude);
        assert_true(spot.x >= 0 && spot.x <= WORLD_WIDTH && spot.y >= 0 && spot.y <= WORLD_HEIGHT);
    }
}

// Walks the path: M x y, l and steps, z. Every corner is on the map.
static void check_outline(const char *path)
{
    while (*path) {
        char *end;
        assert_int_equal(*path, 'M');
        long x = strtol(path + 1, &end, 10), y = strtol(end, &end, 10);
        assert_int_equal(*end, 'l');
        unsigned steps = 0;
        for (path = end + 1; *path != 'z'; path = end, steps++) {
            x += strtol(path, &end, 10);
            assert_true(end > path);
            path = end;
            y += strtol(path, &end, 10);
            assert_true(end > path);
            assert_true(x >= 0 && x <= WORLD_WIDTH && y >= 0 && y <= WORLD_HEIGHT);
        }
        assert_true(steps >= 2);
        path++;
    }
}

static void test_outlines(void **state)
{
    (void)state;
    for (size_t i = 0; i < world_country_count; i++)
        check_outline(world_countries[i].outline);
}

static void test_projection(void **state)
{
    (void)state;
    struct world_spot middle = world_place(0, 0), east = world_place(0, 180);
    assert_float_equal(middle.x, WORLD_WIDTH / 2.0, 0.001);
    assert_float_equal(east.x, WORLD_WIDTH, 0.001);
    assert_float_equal(world_place(85, 0).y, 0, 0.001);
    assert_float_equal(world_place(0, -180).x, 0, 0.001);
    // Equal areas: a strip of a tenth of a degree is as large as it is on the sphere, everywhere.
    double scale = 0;
    for (int latitude = -55; latitude <= 80; latitude += 5) {
        struct world_spot spot = world_place(latitude, 180);
        double high = spot.y - world_place(latitude + 0.1, 180).y;
        double wide = spot.x - WORLD_WIDTH / 2.0;
        double area = wide * high / cos((latitude + 0.05) * M_PI / 180);
        scale = scale > 0 ? scale : area;
        assert_float_equal(area / scale, 1, 0.01);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_outlines),
        cmocka_unit_test(test_projection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
