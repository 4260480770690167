// Who may change a zone, as it is written, and what is none of that.
#include "routed.h"

#include "base/address.h"
#include "base/limits.h"
#include "conf/updates.h"
#include "dns/name.h"
#include "serve/update.h"

#define KEYS "keys: {A: {secret: YWJj}, b: {secret: YWJj}}\n"

#define FORGED(line, column, size)                                                                 \
    "a.yaml:" #line ":" #column "+" #size " warning: the sender's address of an update over UDP "  \
    "can be forged by anybody = name a key: onym key add\n"

static struct options *read_text(const char *text, const char *told)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    return options;
}

static void test_list(void **state)
{
    static const char text[] =
        KEYS "zones:\n"
             "  x: {file: x, update: [key:A, {by: 192.0.2.0/24, names: [\"*.d.x\", h.x],"
             " types: [A, txt]}, {by: key:b, acme: true}], serial: date}\n"
             "  y: {file: y, update: []}\n  z: {file: z, update: localhost}\n";
    struct options *options = read_text(text, FORGED(3, 37, 12));
    (void)state;
    const struct updates_option *updates = options->zones[0].updates;
    assert_int_equal(updates->count, 3);
    assert_int_equal(options->zones[0].serials, SERIAL_DATE);
    assert_string_equal(options->keys[updates->list[0].by->key].name, "A");
    assert_int_equal(updates->list[0].name_count, 0);
    char name[NAME_TEXT_MAX];
    name_print(updates->list[1].names[0], name);
    assert_string_equal(name, "*.d.x.");
    name_print(updates->list[1].names[1], name);
    assert_string_equal(name, "h.x.");
    assert_int_equal(updates->list[1].types[1], TYPE_TXT);
    assert_true(updates->list[2].acme);
    assert_null(options->zones[1].updates);
    assert_int_equal(options->zones[1].serials, SERIAL_INCREMENT);
    assert_int_equal(options->zones[2].updates->count, 1);

    struct updating *updating = options_updating(options, (struct own_addresses){0});
    assert_int_equal(updating->count, 2); // nobody may change y
    assert_int_equal(updating->list[0].policy->count, 3);
    assert_true(updating->list[0].policy->rules[2].acme);
    struct address client;
    assert_true(address_parse("192.0.2.77", 0, &client));
    assert_false(access_admits(&updating->list[0].who[0], &client, 0));
    assert_true(access_admits(&updating->list[0].who[0], &client, 1));
    assert_true(access_admits(&updating->list[0].who[1], &client, 0));
    updating_release(updating);
    options_free(options);
}

static void test_nobody(void **state)
{
    struct options *options = read_text("zones: {x: {file: x}}\n", "");
    (void)state;
    assert_null(options_updating(options, (struct own_addresses){0}));
    options_free(options);
}

static void check(const char *update, const char *told)
{
    char text[1024];
    snprintf(text, sizeof text, KEYS "zones: {x: {file: x, update: [%s]}}\n", update);
    assert_null(read_text(text, told));
}

static void test_refused(void **state)
{
    (void)state;
    check("key:bb", "a.yaml:2:31+6 error: there is no key 'bb' in 'keys' = did you mean key:b?\n");
    check("{by: key:b, names: [h.y]}",
          "a.yaml:2:51+3 error: 'h.y' is not in the zone x. = write the whole name, not what "
          "stands before the zone's\n");
    check("{by: key:b, names: [h..x]}",
          "a.yaml:2:51+4 error: 'h..x' is no name: empty label (two dots in a row, or a dot at the "
          "start)\n");
    check("{by: key:b, types: [AB]}",
          "a.yaml:2:51+2 error: 'AB' is not a type of records = as in a zone file: A, TXT, "
          "TYPE65280\n");
    check("{by: key:b, types: [AXFR]}",
          "a.yaml:2:51+4 error: 'AXFR' is not a type of records = as in a zone file: A, TXT, "
          "TYPE65280\n");
    check("{by: key:b, types: [A], acme: true}",
          "a.yaml:2:31+35 error: 'acme' allows TXT records, and 'types' is there too = remove one "
          "of them\n");
    check("{acme: true}",
          "a.yaml:2:31+12 error: it does not say who may = as in {by: \"key:certbot\", acme: "
          "true}\n");
}

// Updates of a zone that has a primary are passed on to it.
static void test_forwarded(void **state)
{
    (void)state;
    struct options *options =
        read_text(KEYS "zones: {x: {from: 192.0.2.1, update: [key:b, localhost]}}\n", "");
    struct updating *updating = options_updating(options, (struct own_addresses){0});
    assert_int_equal(updating->count, 1);
    assert_true(updating->list[0].forwards);
    assert_int_equal(updating->list[0].policy->count, 2);
    updating_release(updating);
    options_free(options);
    assert_null(read_text(
        KEYS "zones: {x: {from: 192.0.2.1, update: [{by: key:b, acme: true}]}}\n",
        "a.yaml:2:57+4 error: updates of this zone are passed on to its primary, which judges what "
        "they may change = say it in the primary's configuration, for the key that 'from' signs "
        "with\n"));
}

static void test_addresses(void **state)
{
    (void)state;
    options_free(read_text("zones: {x: {file: x, update: [127.0.0.1, \"::1\", localhost]}}\n", ""));
    options_free(read_text("zones: {x: {file: x, update: [10.0.0.0/8, any]}}\n",
                           FORGED(1, 31, 10) FORGED(1, 43, 3)));
}

static void test_too_many(void **state)
{
    (void)state;
    char list[UPDATE_RULES_MAX * 7 + 8] = "key:A", told[128]; // one too many
    for (int i = 1; i <= UPDATE_RULES_MAX; i++)
        strcat(list, ",key:b");
    snprintf(told, sizeof told, "a.yaml:2:30+%zu error: more than %d entries\n", strlen(list) + 2,
             UPDATE_RULES_MAX);
    check(list, told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),      cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests_name("conf/updates", tests, NULL, NULL);
}
