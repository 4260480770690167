// Catalog zones: the RFC's example, everything that breaks a catalog, and what is different between
// two versions.
#include "../zone/from_text.h"

#include <stdio.h>

#include "transfer/catalog.h"

// RFC 9432 appendix A.
#define EXAMPLE                                                                                    \
    "@ 0 SOA invalid. invalid. 1625079950 3600 600 2147483646 0\n"                                 \
    "@ 0 NS invalid.\n"                                                                            \
    "example.vendor.ext 0 CNAME example.net.\n"                                                    \
    "version 0 TXT \"2\"\n"                                                                        \
    "nj2xg5b.zones 0 PTR example.com.\n"                                                           \
    "nvxxezj.zones 0 PTR example.net.\n"                                                           \
    "group.nvxxezj.zones 0 TXT \"operator-x-foo\"\n"                                               \
    "nfwxa33.zones 0 PTR example.org.\n"                                                           \
    "coo.nfwxa33.zones 0 PTR newcatz.invalid.\n"                                                   \
    "group.nfwxa33.zones 0 TXT \"operator-y-bar\"\n"                                               \
    "metrics.vendor.ext.nfwxa33.zones 0 CNAME collector.example.net.\n"

#define VERSION APEX "version 0 TXT \"2\"\n"

static struct zone *zone;
static struct catalog_place at;

static enum catalog_result read_with(struct catalog *catalog, const char *text, size_t members_max)
{
    zone = zone_from_text("catz.invalid.", text);
    enum catalog_result result = catalog_read(catalog, &zone->image, members_max, &at);
    zone_release(zone); // nothing of it is kept
    if (result != CATALOG_GOOD)
        assert_int_equal(catalog->count, 0);
    return result;
}

static struct catalog read_good(const char *text)
{
    struct catalog catalog;
    assert_int_equal(read_with(&catalog, text, CATALOG_MEMBERS_MAX), CATALOG_GOOD);
    return catalog;
}

// "zone id coo=... group group\n" of each member.
static void print(const struct catalog *catalog, struct buffer *to)
{
    char name[NAME_TEXT_MAX];
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_member *member = &catalog->members[i];
        name_print(catalog_zone(member), name);
        buffer_format(to, "%s %.*s", name, member->id[0], (const char *)member->id + 1);
        if (member->coo) {
            name_print(name_trust(member->coo), name);
            buffer_format(to, " coo=%s", name);
        }
        for (unsigned j = 0; j < member->group_count; j++)
            buffer_format(to, " %.*s", member->groups[j][0], (const char *)member->groups[j] + 1);
        buffer_add_char(to, '\n');
    }
}

static void expect(const char *text, const char *expected)
{
    struct catalog catalog = read_good(text);
    struct buffer members = {0};
    print(&catalog, &members);
    assert_string_equal(buffer_text(&members), expected);
    buffer_free(&members);
    catalog_free(&catalog);
}

// --- reading -------------------------------------------------------------------------------------

static void the_example(void **state)
{
    (void)state;
    expect(EXAMPLE, "example.com. nj2xg5b\n"
                    "example.net. nvxxezj operator-x-foo\n"
                    "example.org. nfwxa33 coo=newcatz.invalid. operator-y-bar\n");
}

static void what_means_nothing_is_passed_over(void **state)
{
    (void)state;
    expect(VERSION, "");
    expect(VERSION "zones 0 PTR example.com.\n"            // no id
                   "x.y.zones 0 PTR example.com.\n"        // one too many
                   "a.zones 0 TXT \"not a PTR\"\n"         //
                   "coo.a.zones 0 PTR other.\n"            // of no member
                   "group.a.zones 0 TXT \"g\"\n"           //
                   "b.zones.x 0 PTR example.com.\n"        //
                   "serial.c.zones 0 TXT \"7\"\n"          // a property of one day
                   "version.c.zones 0 TXT \"3\"\n"         //
                   "version.ext 0 TXT \"3\"\n"             //
                   "version 0 A 192.0.2.1\n"               //
                   "c.zones 0 PTR example.net.\n"          //
                   "coo.c.zones 0 TXT \"other.\"\n"        // of another type
                   "group.c.zones 0 PTR other.\n"          //
                   "x.group.c.zones 0 TXT \"below\"\n"     //
                   "group.c.zones.ext 0 TXT \"beside\"\n", //
           "example.net. c\n");
}

// Names and labels in any case are the same (RFC 4343); groups are not.
static void letters(void **state)
{
    (void)state;
    expect(APEX "VERSION 0 TXT \"2\"\nAbC.ZONES 0 PTR Example.COM.\nCOO.abc.Zones 0 PTR Other.\n"
                "GROUP.aBC.zones 0 TXT \"Signed\"\nGROUP.aBC.zones 0 TXT \"signed\"\n",
           "example.com. abc coo=other. Signed signed\n");
}

// RFC 9432 4.3.2: any number; one of several strings is a value that nobody understands.
static void groups(void **state)
{
    (void)state;
    expect(VERSION "a.zones 0 PTR a.\ngroup.a.zones 0 TXT \"z\"\ngroup.a.zones 0 TXT \"bb\"\n"
                   "group.a.zones 0 TXT \"a\" \"b\"\ngroup.a.zones 0 TXT \"\"\n",
           "a. a  z bb\n");
}

static void any_name_is_a_member(void **state)
{
    (void)state;
    expect(VERSION "a.zones 0 PTR .\nb.zones 0 PTR catz.invalid.\nc\\.d.zones 0 PTR \\000.x.\n",
           ". a\ncatz.invalid. b\n\\000.x. c.d\n");
}

static void broken_ones(void **state)
{
    static const struct {
        const char *text;
        enum catalog_result result;
        const char *where;
    } cases[] = {
        {APEX, CATALOG_NO_VERSION, "version.catz.invalid."},
        {APEX "a.zones 0 PTR a.\n", CATALOG_NO_VERSION, "version.catz.invalid."},
        {APEX "version 0 PTR a.\n", CATALOG_NO_VERSION, "version.catz.invalid."},
        {APEX "version 0 TXT \"1\"\n", CATALOG_OTHER_VERSION, "version.catz.invalid."},
        {APEX "version 0 TXT \"02\"\n", CATALOG_OTHER_VERSION, "version.catz.invalid."},
        {APEX "version 0 TXT \"\"\n", CATALOG_OTHER_VERSION, "version.catz.invalid."},
        {APEX "version 0 TXT \"2\" \"\"\n", CATALOG_OTHER_VERSION, "version.catz.invalid."},
        {VERSION "version 0 TXT \"1\"\n", CATALOG_MANY_VERSIONS, "version.catz.invalid."},
        {VERSION "A.zones 0 PTR a.\na.zones 0 PTR b.\n", CATALOG_MANY_ZONES,
         "a.zones.catz.invalid."},
        {VERSION "a.zones 0 PTR a.\ncoo.a.zones 0 PTR b.\ncoo.a.zones 0 PTR c.\n",
         CATALOG_MANY_OWNERS, "coo.a.zones.catz.invalid."},
        {VERSION "a.zones 0 PTR x.a.\nb.zones 0 PTR X.A.\n", CATALOG_ZONE_TWICE, "x.a."},
        {VERSION "a.zones 0 PTR a.\nb.zones 0 PTR b.\nc.zones 0 PTR c.\nd.zones 0 PTR d.\n",
         CATALOG_TOO_LARGE, "d.zones.catz.invalid."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct catalog catalog;
        char where[NAME_TEXT_MAX];
        assert_int_equal(read_with(&catalog, cases[i].text, 3), cases[i].result);
        name_print(at.name, where);
        assert_string_equal(where, cases[i].where);
        assert_true(strlen(catalog_words(cases[i].result)) > 10);
    }
    struct catalog catalog; // three are not too many
    assert_int_equal(read_with(&catalog, EXAMPLE, 3), CATALOG_GOOD);
    catalog_free(&catalog);
}

static void finding(void **state)
{
    (void)state;
    struct catalog catalog = read_good(EXAMPLE), none = {0};
    const struct catalog_member *member = catalog_find(&catalog, name_of("EXAMPLE.Net."));
    assert_ptr_equal(member, &catalog.members[1]);
    assert_null(catalog_find(&catalog, name_of("www.example.net.")));
    assert_null(catalog_find(&catalog, name_of("net.")));
    assert_null(catalog_find(&none, name_of("net.")));
    catalog_free(&catalog);
}

// --- what is different ---------------------------------------------------------------------------

#define A  "1.zones 0 PTR a.\n"
#define AA "9.zones 0 PTR a.\n" // with another id
#define B  "2.zones 0 PTR b.\n"
#define C  "3.zones 0 PTR c.\n"

static void changes(void **state)
{
    static const struct {
        const char *old, *new, *changes;
    } cases[] = {
        {"", "", ""},
        {A B, A B, ""},
        {"", A B, "+a.\n+b.\n"},
        {A B, "", "-a.\n-b.\n"},
        {B, A B C, "+a.\n+c.\n"},
        {A B C, B, "-a.\n-c.\n"},
        {A, C, "-a.\n+c.\n"},
        {A B, AA B, "!a.\n"},
        {A B, "1.zones 0 PTR b.\n2.zones 0 PTR a.\n", "!a.\n!b.\n"},
        {A, A "group.1.zones 0 TXT \"g\"\n", "~a.\n"},
        {A "group.1.zones 0 TXT \"g\"\n", A "group.1.zones 0 TXT \"G\"\n", "~a.\n"},
        {A "group.1.zones 0 TXT \"g\"\n", A "group.1.zones 0 TXT \"g\"\ngroup.1.zones 0 TXT x\n",
         "~a.\n"},
        {A "group.1.zones 0 TXT x\ngroup.1.zones 0 TXT y\n",
         A "group.1.zones 0 TXT y\ngroup.1.zones 0 TXT x\n", ""},
        {A, A "coo.1.zones 0 PTR o.\n", "~a.\n"},
        {A "coo.1.zones 0 PTR o.\n", A "coo.1.zones 0 PTR p.\n", "~a.\n"},
        {A "coo.1.zones 0 PTR o.\n", A "coo.1.zones 0 PTR O.\n", ""},
        {A, AA "coo.9.zones 0 PTR o.\n", "!a.\n"}, // one change, the one that goes further
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[400], name[NAME_TEXT_MAX];
        struct buffer seen = {0};
        struct catalog_changes at_work;
        snprintf(text, sizeof text, VERSION "%s", cases[i].old);
        struct catalog old = read_good(text);
        snprintf(text, sizeof text, VERSION "%s", cases[i].new);
        struct catalog new = read_good(text);
        catalog_changes_begin(&at_work, &old, &new);
        while (catalog_changes_next(&at_work)) {
            const struct catalog_member *one = at_work.after ? at_work.after : at_work.before;
            assert_true(!at_work.before == (at_work.kind == CATALOG_ADDED));
            assert_true(!at_work.after == (at_work.kind == CATALOG_REMOVED));
            name_print(catalog_zone(one), name);
            buffer_format(&seen, "%c%s\n", "+-!~"[at_work.kind], name);
        }
        assert_string_equal(buffer_text(&seen), cases[i].changes);
        buffer_free(&seen);
        catalog_free(&old);
        catalog_free(&new);
    }
}

// RFC 9432 4.3.1, 5.2
static void moves(void **state)
{
    (void)state;
    struct catalog old = read_good(VERSION A "coo.1.zones 0 PTR New.Invalid.\n" B);
    struct catalog same = read_good(VERSION A), other = read_good(VERSION AA B C);
    assert_int_equal(catalog_move(&old, &same.members[0], name_of("new.invalid.")), CATALOG_MOVES);
    assert_int_equal(catalog_move(&old, &other.members[0], name_of("new.invalid.")),
                     CATALOG_MOVES_AFRESH);
    assert_int_equal(catalog_move(&old, &same.members[0], name_of("third.invalid.")),
                     CATALOG_STAYS);
    assert_int_equal(catalog_move(&old, &other.members[1], name_of("new.invalid.")),
                     CATALOG_STAYS); // b. has no coo
    assert_int_equal(catalog_move(&old, &other.members[2], name_of("new.invalid.")),
                     CATALOG_STAYS); // c. is not in the old one
    catalog_free(&old);
    catalog_free(&same);
    catalog_free(&other);
}

// --- making one ----------------------------------------------------------------------------------

static void add(struct catalog *catalog, const char *text, uint32_t epoch)
{
    struct name zone_name = name_of(text);
    catalog_add(catalog, &(struct catalog_entry){.zone = zone_name, .epoch = epoch});
}

static struct catalog take_back(const struct catalog *catalog, const char *origin)
{
    static const struct check_options options = {.strict = true};
    struct records records;
    struct report report = {0};
    struct image image;
    struct catalog read;
    assert_true(catalog_compose(catalog, name_of(origin), 4000000000, &records));
    assert_true(check_records(&records, &options, &report));
    assert_int_equal(report.errors + report.warnings, 0);
    assert_int_equal(image_build(&records, &test_secret, &image), 0);
    assert_int_equal(image.serial, 4000000000);
    records_free(&records);
    assert_int_equal(catalog_read(&read, &image, CATALOG_MEMBERS_MAX, &at), CATALOG_GOOD);
    image_free(&image);
    report_free(&report);
    return read;
}

static void what_is_made_is_read(void **state)
{
    static const char *const several[] = {"zz", "b", "zz", "aa", ""};
    struct catalog catalog = {0};
    struct name to = name_of("Other.Catalog.");
    struct catalog_changes at_work;
    (void)state;
    add(&catalog, "b.example.", 0);
    catalog_add(&catalog, &(struct catalog_entry){.zone = name_of("A.Example."),
                                                  .groups = several,
                                                  .group_count = 5,
                                                  .coo = &to});
    add(&catalog, ".", 0);
    assert_true(catalog_sort(&catalog));
    struct catalog read = take_back(&catalog, "Catz.example.");
    struct buffer text = {0};
    print(&read, &text);
    // Ids: the first 16 octets of SHA-256 of the name and the epoch, worked out elsewhere.
    assert_string_equal(buffer_text(&text),
                        ". h1al12lds5ncasui3pl4gnft18\n"
                        "a.example. ugf1pc2thv1j98jd0nsrb9ohdk coo=other.catalog.  b aa zz\n"
                        "b.example. 6fkj6qtk1s7undic7f9vjkvubs\n");
    catalog_changes_begin(&at_work, &catalog, &read);
    assert_false(catalog_changes_next(&at_work));
    buffer_free(&text);
    catalog_free(&read);
    catalog_free(&catalog);
}

// An id is the same for ever, and another with another epoch.
static void ids(void **state)
{
    (void)state;
    struct catalog first = {0}, second = {0}, third = {0};
    add(&first, "example.test.", 0);
    add(&second, "x.", 0);
    add(&second, "EXAMPLE.test.", 0);
    add(&third, "example.test.", 1);
    assert_memory_equal(first.members[0].id, second.members[1].id, 27);
    assert_memory_not_equal(first.members[0].id, second.members[0].id, 27);
    assert_memory_not_equal(first.members[0].id, third.members[0].id, 27);
    assert_int_equal(first.members[0].id[0], 26);
    catalog_free(&first);
    catalog_free(&second);
    catalog_free(&third);
}

static void a_zone_is_there_once(void **state)
{
    (void)state;
    struct catalog catalog = {0};
    add(&catalog, "a.example.", 0);
    add(&catalog, "b.example.", 0);
    add(&catalog, "A.example.", 1);
    assert_false(catalog_sort(&catalog));
    catalog_free(&catalog);
    assert_true(catalog_sort(&catalog));
}

// "group.", an id and "zones." are 39 octets.
static void names_have_an_end(void **state)
{
    char text[NAME_TEXT_MAX] = "";
    struct records records;
    static const char *const group[] = {"g"};
    (void)state;
    for (unsigned i = 0; i < 107; i++)
        strcat(text, "a.");
    struct catalog catalog = {0};
    catalog_add(&catalog,
                &(struct catalog_entry){.zone = name_of("a."), .groups = group, .group_count = 1});
    struct catalog read = take_back(&catalog, text); // 215 octets
    assert_int_equal(read.count, 1);
    catalog_free(&read);
    strcpy(text + 2 * 106, "aa.aa."); // 219
    assert_false(catalog_compose(&catalog, name_of(text), 1, &records));
    struct catalog empty = {0};
    for (unsigned i = 0; i < 125; i++)
        memcpy(text + 2 * i, "a.", 3);
    assert_false(catalog_compose(&empty, name_of(text), 1, &records)); // "version." is too long
    catalog_free(&catalog);
}

static void many(void **state)
{
    struct catalog catalog = {0};
    struct catalog_changes at_work;
    char name[64];
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "zone-%u.example.", i * 7919 % 20000);
        add(&catalog, name, 0);
    }
    assert_true(catalog_sort(&catalog));
    struct catalog read = take_back(&catalog, "catz.");
    assert_int_equal(read.count, 20000);
    catalog_changes_begin(&at_work, &catalog, &read);
    assert_false(catalog_changes_next(&at_work));
    catalog_free(&read);
    catalog_free(&catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example),
        cmocka_unit_test(what_means_nothing_is_passed_over),
        cmocka_unit_test(letters),
        cmocka_unit_test(groups),
        cmocka_unit_test(any_name_is_a_member),
        cmocka_unit_test(broken_ones),
        cmocka_unit_test(finding),
        cmocka_unit_test(changes),
        cmocka_unit_test(moves),
        cmocka_unit_test(what_is_made_is_read),
        cmocka_unit_test(ids),
        cmocka_unit_test(a_zone_is_there_once),
        cmocka_unit_test(names_have_an_end),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests_name("transfer/catalog", tests, NULL, NULL);
}
