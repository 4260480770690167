// Which zones a catalog of ours lists: by name, below a name, all with a file; the first entry that
// fits counts.
#include "routed.h"

#include "conf/members.h"
#include "dns/name.h"

static struct options *read_text(const char *text, const char *told)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    return options;
}

static const struct member_option *find(const struct options *options, size_t catalog,
                                        const char *zone)
{
    char name[NAME_TEXT_MAX];
    for (size_t i = 0; i < options->zone_count; i++) {
        const struct zone_option *option = &options->zones[i];
        name_print((struct name){option->wire, option->size, option->labels}, name);
        if (strcmp(name, zone) == 0)
            return members_find(&options->catalogs[catalog], option);
    }
    fail_msg("there is no zone %s", zone);
    return NULL;
}

static void test_all_with_a_file(void **state)
{
    (void)state;
    struct options *options = read_text("zones: {c: {catalog: true}, d: {catalog: true}, a: {file: "
                                        "a}, b: {from: 192.0.2.1}, e: {from: 192.0.2.1, catalog: "
                                        "true}}\n",
                                        "");
    assert_int_equal(options->catalog_count, 2);
    assert_non_null(find(options, 0, "a."));
    assert_null(find(options, 0, "b."));
    assert_null(find(options, 0, "c."));
    assert_null(find(options, 0, "d."));
    assert_null(find(options, 0, "e."));
    options_free(options);
}

static void test_entries(void **state)
{
    (void)state;
    struct options *options = read_text(
        "zones: {c: {catalog: true, members: [{zone: x.A, groups: [g, \"H h\"], reset: 7}, "
        "\"*.a\", "
        "{zone: b, coo: o.}, c]}, a: {file: a}, x.a: {file: a}, y.a: {file: a}, z.y.a: {file: a}, "
        "b: {from: 192.0.2.1}}\n",
        "");
    assert_null(find(options, 0, "a."));
    assert_null(find(options, 0, "c.")); // a catalog of ours is in none
    const struct member_option *member = find(options, 0, "x.a.");
    assert_int_equal(member->group_count, 2);
    assert_string_equal(member->groups[1], "H h");
    assert_int_equal(member->reset, 7);
    assert_int_equal(member->coo.size, 0);
    assert_ptr_equal(find(options, 0, "y.a."), find(options, 0, "z.y.a."));
    assert_int_equal(find(options, 0, "y.a.")->group_count, 0);
    assert_int_equal(find(options, 0, "b.")->coo.labels, 1);
    options_free(options);
}

static void test_none(void **state)
{
    (void)state;
    struct options *options =
        read_text("zones: {c: {catalog: true, members: []}, a: {file: a}}\n", "");
    assert_null(find(options, 0, "a."));
    options_free(options);
}

static void test_refused(void **state)
{
    (void)state;
    assert_null(read_text(
        "zones: {c: {catalog: true, members: [{groups: [x]}, {zone: a, groups: [x, x]}, b..c]}}\n",
        "a.yaml:1:38+13 error: it does not say which zone = as in {zone: example.test, groups: "
        "[signed]}\n"
        "a.yaml:1:75+1 error: group 'x' is there twice\n"
        "a.yaml:1:80+4 error: 'b..c' is not the name of a zone: empty label (two dots in a row, or "
        "a dot at the start)\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_with_a_file),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("conf/members", tests, NULL, NULL);
}
