// What a house knows of places: made once, taken again, and made anew when a file was replaced.
#include "placed.h"

#include "daemon/geography.h"

static char folder[64];

static void test_make(void **state)
{
    struct report report = {0};
    struct options *options = placed_options("SG"), *others = placed_options("CA");
    (void)state;
    placed_write("country.mmdb", "SG");
    struct geography *one = geography_make(options, NULL, &report);
    assert_non_null(one);
    assert_int_not_equal(placed_set(geography_places(one)), 0);
    assert_int_equal(geography_look(one), 0);
    struct geography *same = geography_make(options, one, &report);
    assert_ptr_equal(same, one);
    geography_release(same);
    struct geography *other = geography_make(others, one, &report);
    assert_ptr_not_equal(other, one);
    assert_int_equal(placed_set(geography_places(other)), 0);
    options_free(options); // it is outlived
    options_free(others);
    geography_release(other);
    geography_release(one);
    geography_release(NULL);
    assert_int_equal(report.count, 0);
}

static void test_replaced(void **state)
{
    struct report report = {0};
    struct options *options = placed_options("SG");
    (void)state;
    placed_write("country.mmdb", "SG");
    struct geography *one = geography_make(options, NULL, &report);
    placed_write("country.mmdb", "CA");
    uint64_t look = geography_look(one);
    assert_int_not_equal(look, 0);
    assert_int_equal(geography_look(one), look);
    struct geography *other = geography_make(options, one, &report);
    assert_ptr_not_equal(other, one);
    assert_int_equal(placed_set(geography_places(other)), 0);
    geography_release(other);
    placed_write("country.mmdb", "SG");
    assert_int_not_equal(geography_look(one), look);
    other = geography_remake(one, &report);
    assert_int_not_equal(placed_set(geography_places(other)), 0);
    assert_int_equal(report.count, 0);
    assert_int_equal(file_write("country.mmdb", "nothing", 7, 0644), 0);
    assert_null(geography_remake(one, &report));
    assert_int_equal(report.errors, 1);
    report_free(&report);
    assert_int_equal(unlink("country.mmdb"), 0);
    assert_int_not_equal(geography_look(one), 0);
    assert_null(geography_make(options, one, &report));
    report_free(&report);
    geography_release(other);
    geography_release(one);
    options_free(options);
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
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_replaced),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
