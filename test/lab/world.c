// The described world: numbers in texts, whose faults are whose, the configuration for a resolver.
#include "told.h"

#include "lab/world.h"

static void test_number(void **state)
{
    (void)state;
    static const struct {
        const char *template, *text;
    } rows[] = {
        {"host%d", "host42"}, {"%d.%d", "42.42"}, {"plain", "plain"}, {"", ""},
        {"5%", "5%"},         {"%s", "%s"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buffer text = {0};
        world_number(&text, rows[i].template, 42);
        assert_string_equal(buffer_text(&text), rows[i].text);
        buffer_free(&text);
    }
}

#define WORLD "zones: {\".\": {servers: {a.root: [127.53.0.1, '::1'], b.root: 127.53.0.2}}}\n"

static void test_faults(void **state)
{
    (void)state;
    struct world world;
    struct faults faults;
    struct address address;
    told_read(WORLD "faults:\n  127.53.0.1: {loss: false}\n"
                    "  127.53.0.0/16: {delay: 20ms, loss: 100%}\n  '::1': {lame: true}\n",
              &world);
    assert_true(address_parse("127.53.0.1", 53, &address));
    world_find_faults(&world, &address, &faults);
    assert_int_equal(faults.delay_ms, 20); // of the wider prefix
    assert_int_equal(faults.chances[FAULT_LOSS], 0);
    assert_true(address_parse("127.53.9.9", 53, &address));
    world_find_faults(&world, &address, &faults);
    assert_int_equal(faults.chances[FAULT_LOSS], CHANCE_ALWAYS);
    assert_true(address_parse("::1", 53, &address));
    world_find_faults(&world, &address, &faults);
    assert_int_equal(faults.chances[FAULT_LAME], CHANCE_ALWAYS);
    assert_int_equal(faults.chances[FAULT_LOSS], 0);
    assert_true(address_parse("127.54.0.1", 53, &address));
    world_find_faults(&world, &address, &faults);
    assert_false(faults_any(&faults));
    assert_null(world_find_zone(&world, "test."));
    world_free(&world);
}

static void test_config(void **state)
{
    (void)state;
    struct world world;
    struct buffer text = {0};
    told_read(WORLD, &world);
    world_print_config(&world, &text);
    assert_string_equal(buffer_text(&text),
                        "# A resolver that knows no internet but the one of `onym lab`.\n"
                        "version: 1\n"
                        "state: onym-lab-state   # a folder beside this file\n"
                        "listen:\n"
                        "  - {addr: [127.0.0.1], port: 5381}\n"
                        "resolve:\n"
                        "  hints:\n"
                        "    \"a.root.\": [\"127.53.0.1\", \"::1\"]\n"
                        "    \"b.root.\": [\"127.53.0.2\"]\n"
                        "  never_ask: []   # servers on loopback are what it is about\n"
                        "  special_names: false   # test. and its like are real here\n"
                        "  port: 5380\n");
    buffer_clear(&text);
    world.port = 53;
    world_print_config(&world, &text);
    assert_non_null(strstr(text.text, "port: 5300}"));
    assert_non_null(strstr(text.text, "  port: 53\n"));
    buffer_free(&text);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
