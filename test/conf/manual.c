// What people and editors read about the keys.
#include "told.h"

#include <jansson.h>

#include "conf/manual.h"
#include "conf/options.h"
#include "conf/schema.h"

static void check_explain(const char *key, bool known, const char *expected)
{
    struct buffer text = {0};
    assert_int_equal(schema_explain(key, &text), known);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void test_explain(void **state)
{
    (void)state;
    check_explain("log.level", true,
                  "log.level\n"
                  "    The least important lines that are still written.\n"
                  "\n"
                  "  value\n"
                  "    one of error, warning, info, debug\n"
                  "\n"
                  "  default\n"
                  "    info\n"
                  "\n"
                  "  example\n"
                  "    level: debug\n"
                  "\n"
                  "  environment\n"
                  "    ONYM_LOG__LEVEL\n");
    check_explain(
        "zones", true,
        "zones\n"
        "    The zones that onym answers for, by name.\n"
        "\n"
        "  value\n"
        "    a map of names of zones, each with a map\n"
        "\n"
        "  default\n"
        "    {}\n"
        "\n"
        "  keys\n"
        "    file            The zone file (RFC 1035 5). A zone without one has 'from'.\n"
        "    zonemd          Serve it only if its ZONEMD record (RFC 8976) verifies it.\n"
        "    zonemd_generate Make a ZONEMD record (RFC 8976) of each version, by this hash, "
        "in the place of any in the file.\n"
        "    from            Primaries that the zone is taken from (AXFR, IXFR), and by "
        "which key that is signed. The first that answers counts.\n"
        "    notify          Secondaries that are told of new versions (RFC 1996), and by "
        "which key that is signed.\n"
        "    update          Who may change the zone by UPDATE (RFC 2136). A key or an "
        "address alone may change all of it. With 'from', updates are passed on to the "
        "primary.\n"
        "    serial          The serial after a change that is not the file's: one more, "
        "the time, the date and a number (YYYYMMDDnn), or the same.\n"
        "    catalog         It is a catalog zone (RFC 9432): with 'from' the zones that it "
        "lists are taken from its primaries, too; without, it is made here, a list of our "
        "zones.\n"
        "    members         What a catalog of ours lists: zones by name; the first entry that "
        "fits one counts. None given: every zone with a file.\n"
        "    routes          What names of the zone have for clients of different places "
        "(docs/places.md).\n"
        "\n"
        "  example\n"
        "    zones: {\"example.test\": {file: example.test.zone}}\n");
}

static void test_explain_lists(void **state)
{
    (void)state;
    check_explain(
        "zone_folders", true,
        "zone_folders\n"
        "    Folders in which each file NAME.zone or NAME is a zone; not files that begin "
        "with '.' or end with '~'. A path alone is enough.\n"
        "\n"
        "  value\n"
        "    a list, or a path alone; each is a path or a map\n"
        "\n"
        "  default\n"
        "    []\n"
        "\n"
        "  keys\n"
        "    path           The folder.\n"
        "    zonemd         Serve a zone of this folder only if its ZONEMD record (RFC "
        "8976) verifies it.\n"
        "    notify         Secondaries that are told of new versions of this folder's zones.\n"
        "\n"
        "  example\n"
        "    zone_folders: [/etc/onym/zones, {path: /etc/onym/verified, zonemd: true}]\n");
    check_explain("lisen.port", false, "unknown key 'lisen.port'; did you mean 'listen[].port'?\n");
    check_explain("levl", false, "unknown key 'levl'; did you mean 'log.level'?\n");
    check_explain("log.levl", false, "unknown key 'log.levl'; did you mean 'log.level'?\n");
    check_explain("queries", false, "unknown key 'queries'; did you mean 'log.queries'?\n");
    check_explain("xyzzy", false, "unknown key 'xyzzy'\n");
}

// A word or a map, and names with scalars.
static void test_explain_resolve(void **state)
{
    (void)state;
    check_explain("resolve.default", true,
                  "resolve.default\n"
                  "    recursive asks the servers of the names, from the root down; none asks "
                  "nobody; or other resolvers are asked.\n"
                  "\n"
                  "  value\n"
                  "    one of recursive, none or a map\n"
                  "\n"
                  "  default\n"
                  "    recursive\n"
                  "\n"
                  "  keys\n"
                  "    forward        The resolvers that are asked for every name.\n"
                  "\n"
                  "  example\n"
                  "    default: {forward: [10.0.0.53, \"10.0.0.54:5353\"]}\n"
                  "\n"
                  "  environment\n"
                  "    ONYM_RESOLVE__DEFAULT\n");
    check_explain("hosts.names", true,
                  "hosts.names\n"
                  "    Names and their addresses.\n"
                  "\n"
                  "  value\n"
                  "    a map of names, each with a list, or one alone; each is an address without "
                  "a port\n"
                  "\n"
                  "  default\n"
                  "    {}\n"
                  "\n"
                  "  example\n"
                  "    names: {\"nas.home.arpa\": [192.168.1.5, \"fd00::5\"]}\n");
}

static void test_explain_all(void **state)
{
    (void)state;
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++) {
        struct buffer text = {0};
        assert_true(schema_explain(schema_row(key)->path, &text));
        assert_non_null(strstr(buffer_text(&text), schema_row(key)->help));
        buffer_free(&text);
    }
}

// The part of the schema at a path of keys, which ends with a NULL.
static json_t *dig(json_t *at, const char *const *path)
{
    for (; *path; path++) {
        at = json_object_get(at, *path);
        assert_non_null(at);
    }
    return at;
}
#define DIG(at, ...) dig(at, (const char *const[]){__VA_ARGS__, NULL})

static void test_json(void **state)
{
    struct buffer text = {0};
    json_error_t error;
    (void)state;
    schema_json(&text);
    json_t *schema = json_loadb(text.text, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!schema)
        fail_msg("%d:%d %s", error.line, error.column, error.text);
    assert_true(json_is_false(DIG(schema, "additionalProperties")));
    assert_int_equal(json_object_size(DIG(schema, "properties")), 21);

    json_t *listen = DIG(schema, "properties", "listen"), *item = DIG(listen, "items");
    assert_int_equal(json_integer_value(DIG(listen, "minItems")), 1);
    assert_int_equal(json_integer_value(DIG(item, "properties", "port", "minimum")), 1);
    assert_int_equal(json_integer_value(DIG(item, "properties", "port", "maximum")), 65535);
    assert_int_equal(json_integer_value(DIG(item, "properties", "port", "default")), 53);
    assert_true(json_is_false(DIG(item, "additionalProperties")));
    assert_string_equal(json_string_value(json_array_get(DIG(item, "required"), 0)), "addr");
    assert_int_equal(json_array_size(DIG(item, "properties", "kinds", "anyOf")), 2);

    // A folder is a path or a map with one, and one path alone is a list.
    json_t *folders = DIG(schema, "properties", "zone_folders", "anyOf");
    assert_int_equal(json_array_size(folders), 2);
    assert_string_equal(json_string_value(DIG(json_array_get(folders, 0), "type")), "string");
    json_t *entry = DIG(json_array_get(folders, 1), "items", "anyOf");
    assert_int_equal(json_array_size(entry), 2);
    assert_string_equal(json_string_value(DIG(json_array_get(entry, 0), "type")), "string");
    json_t *keys = DIG(json_array_get(entry, 1), "properties");
    assert_string_equal(json_string_value(DIG(keys, "zonemd", "type")), "boolean");

    json_t *zone = DIG(schema, "properties", "zones", "additionalProperties");
    assert_string_equal(json_string_value(DIG(zone, "properties", "file", "type")), "string");
    assert_string_equal(json_string_value(DIG(zone, "properties", "zonemd", "type")), "boolean");
    assert_null(json_object_get(zone, "required")); // a file or primaries
    json_t *log = DIG(schema, "properties", "log", "properties");
    assert_string_equal(json_string_value(DIG(log, "level", "default")), "info");
    assert_int_equal(json_array_size(DIG(log, "level", "enum")), 4);
    assert_true(json_is_false(DIG(log, "queries", "default")));
    json_t *recurse = DIG(schema, "properties", "access", "properties", "recurse", "default");
    assert_string_equal(json_string_value(json_array_get(recurse, 1)), "private");

    // A word or a map with one key; names with a list of addresses, or one alone.
    json_t *resolve = DIG(schema, "properties", "resolve", "properties");
    json_t *otherwise = DIG(resolve, "default", "anyOf");
    assert_int_equal(json_array_size(DIG(json_array_get(otherwise, 0), "enum")), 2);
    json_t *map = json_array_get(otherwise, 1);
    assert_int_equal(json_integer_value(DIG(map, "minProperties")), 1);
    assert_null(json_object_get(map, "required"));
    assert_string_equal(json_string_value(DIG(resolve, "default", "default")), "recursive");
    json_t *zones = DIG(resolve, "zones", "additionalProperties");
    assert_int_equal(json_integer_value(DIG(zones, "maxProperties")), 1);
    json_t *hints = DIG(resolve, "hints", "additionalProperties", "anyOf");
    assert_string_equal(json_string_value(DIG(json_array_get(hints, 0), "type")), "string");
    assert_int_equal(json_integer_value(DIG(json_array_get(hints, 1), "minItems")), 1);
    json_decref(schema);
    buffer_free(&text);
}

static void expect_good(const struct buffer *text)
{
    struct report report = {0};
    struct options *options = options_read_text("sample", buffer_text(text), text->size, &report);
    told_expect(&report, "", buffer_text(text));
    options_free(options);
}

// A comment sign before a word or two spaces is taken away.
static void uncomment(const char *text, struct buffer *to)
{
    while (*text) {
        size_t size = strcspn(text, "\n") + 1;
        bool key = text[0] == '#' && (text[1] != ' ' || text[2] == ' ');
        buffer_add(to, text + key, size - key);
        text += size;
    }
}

static void test_sample(void **state)
{
    struct buffer sample = {0}, bare = {0};
    (void)state;
    schema_sample(&sample);
    expect_good(&sample);
    uncomment(sample.text, &bare);
    expect_good(&bare);
    for (enum schema_key key = KEY_ROOT + 1; key < KEY_COUNT; key++) {
        char *line = memory_format("%s:", schema_name(key));
        assert_non_null(strstr(buffer_text(&bare), line));
        free(line);
    }
    for (const char *at = sample.text; *at; at += strcspn(at, "\n") + 1)
        assert_true(strcspn(at, "\n") <= 80);
    buffer_free(&sample);
    buffer_free(&bare);
}

static void test_manual(void **state)
{
    struct buffer text = {0};
    (void)state;
    schema_manual(&text);
    assert_memory_equal(text.text, ".SH KEYS\n.TP\n\\fBversion\\fR\n", 27);
    assert_non_null(strstr(text.text, ".TP\n"
                                      "\\fBlisten[].port\\fR\n"
                                      "The port.\n"
                                      ".br\n"
                                      "Value: a number from 1 to 65535.\n"
                                      ".br\n"
                                      "Default: 53.\n"
                                      ".br\n"
                                      "Example: \\fIport: 5300\\fR\n"));
    for (const char *at = text.text; *at; at += strcspn(at, "\n") + 1) {
        bool request =
            strncmp(at, ".SH", 3) == 0 || strncmp(at, ".TP", 3) == 0 || strncmp(at, ".br", 3) == 0;
        assert_true(request || (*at != '.' && *at != '\'' && *at != '\n'));
    }
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_explain_lists),
        cmocka_unit_test(test_explain_resolve),
        cmocka_unit_test(test_explain_all),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
