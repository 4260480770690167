// Lists of who may have something: every kind of word, in order, and 'none' that is not alone.
#include "routed.h"

static void test_list(void **state)
{
    static const char text[] =
        "access: {ecs: [localhost, private, any, 192.0.2.0/24, \"key:a\"], transfer: none}\n"
        "keys: {A: {secret: YWJj}}\n";
    static const enum access_kind kinds[] = {ACCESS_LOCALHOST, ACCESS_PRIVATE, ACCESS_ANY,
                                             ACCESS_PREFIX, ACCESS_KEY};
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    (void)state;
    told_expect(&report, "", text);
    assert_int_equal(options->ecs_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(options->ecs[i].kind, kinds[i]);
    assert_int_equal(options->ecs[3].prefix.bits, 24);
    assert_int_equal(options->ecs[4].key, 0);
    assert_string_equal(options->ecs[4].text, "key:a");
    assert_int_equal(options->ecs[4].place.line, 1);
    assert_int_equal(options->transfer_count, 1);
    assert_int_equal(options->transfer[0].kind, ACCESS_NONE);
    options_free(options);
}

static void test_none_is_alone(void **state)
{
    static const char text[] = "access: {ecs: [none, any]}\n";
    struct report report = {0};
    (void)state;
    assert_null(options_read_text("a.yaml", text, strlen(text), &report));
    told_expect(&report,
                "a.yaml:1:16+4 error: 'none' is not alone in its list = remove it, or all the "
                "others\n",
                text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_none_is_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
