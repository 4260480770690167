// Zones of the file and of folders: names, order, doubles.
#include "told.h"

#include "../dns/names.h"

#include "conf/syntax.h"
#include "conf/validate.h"
#include "base/limits.h"
#include "conf/zones.h"

// The zones of `text` and of up to two folders, one a line. A folder with a '+' before its path has
// zones that want to be verified.
static void check(const char *text, const char *folder, const char *other, const char *expected,
                  const char *told)
{
    struct source source = {.path = "a.yaml", .text = text, .size = strlen(text)};
    struct arena arena = {0};
    struct report report = {0};
    struct options options = {0};
    struct buffer zones = {0};
    struct value root;
    char name[NAME_TEXT_MAX];
    assert_true(syntax_read(&source, &arena, &report, &root));
    validate_tree(&root, &report);
    const struct pair *pair = value_find(&root, "zones"), *list = value_find(&root, "zone_folders");
    const struct value *item = list ? &list->value : &root;
    bool strict = folder && *folder == '+', other_strict = other && *other == '+';
    struct zone_folder folders[] = {{folder + strict, item, strict},
                                    {other + other_strict, item, other_strict}};
    const struct zones_of_view own = {.zones = pair ? &pair->value : NULL};
    const struct zones_wanted wanted = {.lists = &own,
                                        .list_count = 1,
                                        .folders = folders,
                                        .folder_count = folder ? other ? 2 : 1 : 0};
    zones_fill(&options, &wanted, &report);
    for (size_t i = 0; i < options.zone_count; i++) {
        const struct zone_option *zone = &options.zones[i];
        name_print((struct name){zone->wire, zone->size, zone->labels}, name);
        buffer_format(&zones, "%s %s %s:%u:%u%s%s\n", name, zone->file, zone->place.file,
                      zone->place.line, zone->place.column, zone->from_folder ? " folder" : "",
                      zone->zonemd ? " zonemd" : "");
    }
    told_expect(&report, told, text);
    assert_string_equal(buffer_text(&zones), expected);
    buffer_free(&zones);
    arena_free(&options.memory);
    arena_free(&arena);
}

static void test_file(void **state)
{
    (void)state;
    check("", NULL, NULL, "", "");
    check("zones:\n", NULL, NULL, "", "");
    check("zones: {}\n", NULL, NULL, "", "");
    check("zones:\n  example.test: {file: a}\n", NULL, NULL, "example.test. a a.yaml:2:3\n", "");
    check("zones:\n  B\u00dccher.test: {file: /x/a}\n  .: {file: ../b}\n", NULL, NULL,
          ". ../b a.yaml:3:3\nxn--bcher-kva.test. /x/a a.yaml:2:3\n", "");
}

static struct zone_option option_of(const char *name, uint8_t view)
{
    struct name wire = name_of(name);
    return (struct zone_option){.wire = wire.wire,
                                .size = wire.size,
                                .labels = wire.labels,
                                .view = view,
                                .file = (char *)"",
                                .member_of = 1};
}

// Members of catalogs among the others: everybody's before a view's of the same name.
static void test_joining(void **state)
{
    (void)state;
    struct options options = {0};
    struct zone_option old[] = {option_of("b.", 0), option_of("d.", 1), option_of("x.d.", 0)};
    struct zone_option more[] = {option_of("a.", 0), option_of("b.", 2), option_of("d.", 0),
                                 option_of("d.", 2), option_of("e.", 0)};
    struct buffer seen = {0};
    char name[NAME_TEXT_MAX];
    options.zones = old;
    options.zone_count = 3;
    zones_join(&options, NULL, 0);
    assert_int_equal(options.zone_count, 3);
    zones_join(&options, more, 5);
    for (size_t i = 0; i < options.zone_count; i++) {
        const struct zone_option *zone = &options.zones[i];
        name_print((struct name){zone->wire, zone->size, zone->labels}, name);
        buffer_format(&seen, "%s%u ", name, zone->view);
    }
    assert_string_equal(buffer_text(&seen), "a.0 b.0 b.2 d.0 d.1 d.2 x.d.0 e.0 ");
    buffer_free(&seen);
    arena_free(&options.memory);
}

static void test_catalogs(void **state)
{
    (void)state;
    struct buffer text = {0}, told = {0};
    check("zones:\n  c: {file: a, catalog: true}\n", NULL, NULL, "c. a a.yaml:2:3\n",
          "a.yaml:2:3+1 error: catalog 'c' is made of this server's zones or taken from primaries, "
          "and is not read from a file = remove 'file', or 'catalog': the file may be of a "
          "catalog\n");
    check("zones:\n  c: {from: 192.0.2.1, catalog: true, members: [a]}\n", NULL, NULL,
          "c.  a.yaml:2:3\n",
          "a.yaml:2:39+7 error: 'c' is no catalog of ours that could have members = a catalog that "
          "is made here has 'catalog: true' and no 'from'\n");
    struct source source = {.path = "a.yaml"};
    struct arena arena = {0};
    struct report report = {0};
    struct options options = {0};
    struct value root;
    buffer_add_text(&text, "zones:\n");
    for (unsigned i = 0; i <= CATALOGS_MAX; i++)
        buffer_format(&text, "  c%04u: {from: 192.0.2.1, catalog: true}\n", i);
    source.text = text.text;
    source.size = text.size;
    assert_true(syntax_read(&source, &arena, &report, &root));
    const struct zones_of_view list = {.zones = &value_find(&root, "zones")->value};
    zones_fill(&options, &(struct zones_wanted){.lists = &list, .list_count = 1}, &report);
    buffer_format(&told, "a.yaml:%d:3+5 error: more than %d catalogs\n", CATALOGS_MAX + 2,
                  CATALOGS_MAX);
    told_expect(&report, buffer_text(&told), "too many");
    arena_free(&options.memory);
    arena_free(&arena);
    buffer_free(&text);
    buffer_free(&told);
}

static void test_zonemd(void **state)
{
    (void)state;
    check("zones:\n  a: {file: a, zonemd: true}\n  b: {file: b, zonemd: false}\n"
          "  c: {file: c, zonemd: }\n  d: {file: d, zonemd: maybe}\n",
          NULL, NULL, "a. a a.yaml:2:3 zonemd\nb. b a.yaml:3:3\nc. c a.yaml:4:3\nd. d a.yaml:5:3\n",
          "a.yaml:4:16+6 error: 'zonemd' has no value = write one, or remove the key\n"
          "a.yaml:5:24+5 error: 'maybe' is not true or false = write true or false\n");
}

static void test_missing(void **state)
{
    (void)state;
    check("zones:\n  a: {}\n  b:\n  c: {file: d}\n  e: {fil: f}\n  g: {file: }\n", NULL, NULL,
          "c. d a.yaml:4:3\n",
          "a.yaml:5:7+3 error: unknown key 'fil' = did you mean 'file'?\n"
          "a.yaml:6:7+4 error: 'file' has no value = write one, or remove the key\n"
          "a.yaml:2:3+1 error: zone 'a' has no file = give it one, as in {file: "
          "example.test.zone}, or a primary, as in {from: 192.0.2.1}\n"
          "a.yaml:3:3+1 error: zone 'b' has no file = give it one, as in {file: "
          "example.test.zone}, or a primary, as in {from: 192.0.2.1}\n"
          "a.yaml:5:3+1 error: zone 'e' has no file = give it one, as in {file: "
          "example.test.zone}, or a primary, as in {from: 192.0.2.1}\n");
}

// Canonical order (RFC 4034 6.1), with its example and octets around the zero between labels.
static void test_order(void **state)
{
    (void)state;
    check("zones:\n"
          "  z.a.example: {file: a}\n"
          "  \"\\\\200.z.example\": {file: a}\n"
          "  zABC.a.EXAMPLE: {file: a}\n"
          "  \"*.z.example\": {file: a}\n"
          "  example: {file: a}\n"
          "  Z.a.example2: {file: a}\n"
          "  yljkjljk.a.example: {file: a}\n"
          "  \"\\\\001.z.example\": {file: a}\n"
          "  Z.example: {file: a}\n"
          "  \"z.b\\\\000\": {file: a}\n"
          "  \"b\\\\001\": {file: a}\n"
          "  \"b\\\\000\": {file: a}\n"
          "  \"b\": {file: a}\n"
          "  \"z.b\": {file: a}\n"
          "  \"\\\\000.b\": {file: a}\n"
          "  a.example: {file: a}\n",
          NULL, NULL,
          "b. a a.yaml:14:3\n"
          "\\000.b. a a.yaml:16:3\n"
          "z.b. a a.yaml:15:3\n"
          "b\\000. a a.yaml:13:3\n"
          "z.b\\000. a a.yaml:11:3\n"
          "b\\001. a a.yaml:12:3\n"
          "example. a a.yaml:6:3\n"
          "a.example. a a.yaml:17:3\n"
          "yljkjljk.a.example. a a.yaml:8:3\n"
          "z.a.example. a a.yaml:2:3\n"
          "zABC.a.EXAMPLE. a a.yaml:4:3\n"
          "Z.example. a a.yaml:10:3\n"
          "\\001.z.example. a a.yaml:9:3\n"
          "*.z.example. a a.yaml:5:3\n"
          "\\200.z.example. a a.yaml:3:3\n"
          "Z.a.example2. a a.yaml:7:3\n",
          "");
}

static void test_doubles(void **state)
{
    (void)state;
    check(
        "zones:\n  a.test: {file: x}\n  A.test.: {file: y}\n  b: {file: z}\n  a.TEST: {file: z}\n",
        NULL, NULL, "b. z a.yaml:4:3\na.test. x a.yaml:2:3\n",
        "a.yaml:3:3+7 error: zone 'a.test.' is given twice, first at a.yaml:2\n"
        "a.yaml:5:3+6 error: zone 'a.test.' is given twice, first at a.yaml:2\n");
    check("zones:\n  b\u00fccher: {file: x}\n  xn--bcher-kva: {file: y}\n", NULL, NULL,
          "xn--bcher-kva. x a.yaml:2:3\n",
          "a.yaml:3:3+13 error: zone 'xn--bcher-kva.' is given twice, first at a.yaml:2\n");
}

static void make_folders(void)
{
    assert_int_equal(mkdir("one", 0755), 0);
    assert_int_equal(mkdir("two", 0755), 0);
    assert_int_equal(mkdir("one/folder.zone", 0755), 0);
    told_put_file("one/example.test.zone", "");
    told_put_file("one/2.0.192.in-addr.arpa", "");
    told_put_file("one/.hidden.zone", "");
    told_put_file("one/old.test.zone~", "");
    told_put_file("two/example.net", "");
    assert_int_equal(symlink("../one/example.test.zone", "two/link.test.zone"), 0);
    assert_int_equal(symlink("nix", "two/dangling.zone"), 0);
}

static void test_folders(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    make_folders();
    check("zone_folders: [one, two]\n", "one", "two/",
          "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:1:15 folder\n"
          "example.net. two/example.net a.yaml:1:15 folder\n"
          "example.test. one/example.test.zone a.yaml:1:15 folder\n"
          "link.test. two/link.test.zone a.yaml:1:15 folder\n",
          "");
    check("zone_folders: nix\n", "nix", NULL, "",
          "a.yaml:1:15+3 error: cannot read the folder 'nix': No such file or directory\n");
    check("zone_folders: nix\n", "two/example.net", NULL, "",
          "a.yaml:1:15+3 error: cannot read the folder 'two/example.net': Not a directory\n");
    told_leave_folder(folder);
}

static void test_folder_zonemd(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    make_folders();
    check("zones: {example.test: {file: one/example.test.zone}}\nzone_folders: one\n", "+one",
          "two",
          "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:2:15 folder zonemd\n"
          "example.net. two/example.net a.yaml:2:15 folder\n"
          "example.test. one/example.test.zone a.yaml:1:9\n"
          "link.test. two/link.test.zone a.yaml:2:15 folder\n",
          "");
    // One file in two folders, whichever of them comes first.
    static const char *const pairs[][2] = {{"+one", "one"}, {"one", "+one"}, {"+one", "+./one"}};
    for (size_t i = 0; i < COUNT(pairs); i++)
        check("zone_folders: one\n", pairs[i][0], pairs[i][1],
              i < 2 ? "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:1:15 folder zonemd\n"
                      "example.test. one/example.test.zone a.yaml:1:15 folder zonemd\n"
                    : "2.0.192.in-addr.arpa. ./one/2.0.192.in-addr.arpa a.yaml:1:15 folder zonemd\n"
                      "example.test. ./one/example.test.zone a.yaml:1:15 folder zonemd\n",
              "");
    told_leave_folder(folder);
}

static void test_folder_names(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("x", 0755), 0);
    told_put_file("x/a..b.zone", "");
    check("zone_folders: x\n", "x", NULL, "",
          "x/a..b.zone error: 'a..b' is not the name of a zone: empty label (two dots in a row, or "
          "a dot at the start) = rename it; names that begin with '.' or end with '~' are passed "
          "over\n");
    assert_int_equal(unlink("x/a..b.zone"), 0);
    told_put_file("x/zone", ""); // the name of a zone too, and no suffix
    told_put_file("x/b\u00fccher.zone", "");
    check("zone_folders: x\n", "x", NULL,
          "xn--bcher-kva. x/b\u00fccher.zone a.yaml:1:15 folder\nzone. x/zone a.yaml:1:15 folder\n",
          "");
    told_leave_folder(folder);
}

static void test_folder_doubles(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    make_folders();
    // The file wins, with a warning, unless both mean one file.
    check(
        "zones: {Example.test: {file: two/example.net}}\nzone_folders: one\n", "one", NULL,
        "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:2:15 folder\n"
        "Example.test. two/example.net a.yaml:1:9\n",
        "a.yaml:2:15+3 warning: 'one/example.test.zone' is not used: zone 'Example.test.' has its "
        "file at a.yaml:1 = remove one of them, or rename the file\n");
    check("zones: {example.test: {file: ./one/example.test.zone}}\nzone_folders: one\n", "one",
          NULL,
          "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:2:15 folder\n"
          "example.test. ./one/example.test.zone a.yaml:1:9\n",
          "");
    // Two files of folders are an error; the same folder twice is none.
    told_put_file("two/EXAMPLE.test", "");
    check("zone_folders: [one, two]\n", "one", "two",
          "2.0.192.in-addr.arpa. one/2.0.192.in-addr.arpa a.yaml:1:15 folder\n"
          "example.net. two/example.net a.yaml:1:15 folder\n"
          "example.test. one/example.test.zone a.yaml:1:15 folder\n"
          "link.test. two/link.test.zone a.yaml:1:15 folder\n",
          "a.yaml:1:15+10 error: zone 'example.test.' has two files: 'one/example.test.zone', "
          "'two/EXAMPLE.test' = remove one of them, or rename the file\n");
    check("zone_folders: [one, one]\n", "one", "./one",
          "2.0.192.in-addr.arpa. ./one/2.0.192.in-addr.arpa a.yaml:1:15 folder\n"
          "example.test. ./one/example.test.zone a.yaml:1:15 folder\n",
          "");
    told_leave_folder(folder);
}

// Twenty thousand, in no order: what takes the square of that shows. What they have in common ends
// before, at and behind each octet that the sorting cuts names at.
static void test_many(void **state)
{
    enum { ZONES = 20000 };
    struct buffer text = {0};
    struct arena arena = {0};
    struct report report = {0};
    struct options options = {0};
    struct value root;
    (void)state;
    buffer_add_text(&text, "zones:\n");
    for (unsigned i = 0; i < ZONES; i++)
        buffer_format(&text, "  \"z%u.%.*s\\\\00%u.test\": {file: a}\n", i * 7919u % ZONES,
                      (int)(i % 50), "more-octets-in-common-than-are-compared-at-a-time-", i % 3);
    struct source source = {.path = "a.yaml", .text = text.text, .size = text.size};
    assert_true(syntax_read(&source, &arena, &report, &root));
    const struct zones_of_view list = {.zones = &value_find(&root, "zones")->value};
    zones_fill(&options, &(struct zones_wanted){.lists = &list, .list_count = 1}, &report);
    told_expect(&report, "", "many");
    assert_int_equal(options.zone_count, ZONES);
    for (size_t i = 1; i < ZONES; i++)
        assert_true(name_compare(name_trust(options.zones[i - 1].wire),
                                 name_trust(options.zones[i].wire)) < 0);
    arena_free(&options.memory);
    arena_free(&arena);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),         cmocka_unit_test(test_zonemd),
        cmocka_unit_test(test_missing),      cmocka_unit_test(test_order),
        cmocka_unit_test(test_doubles),      cmocka_unit_test(test_folders),
        cmocka_unit_test(test_folder_names), cmocka_unit_test(test_folder_doubles),
        cmocka_unit_test(test_joining),      cmocka_unit_test(test_catalogs),
        cmocka_unit_test(test_many),         cmocka_unit_test(test_folder_zonemd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
