// Zones as files: loaded, refused, current or not; and the table that finds the deepest one.
#include "from_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/report.h"

static char folder[] = "/tmp/onym-zone-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

// Writes a file of the folder, `age` seconds old. The caller frees the path.
static char *write_file(const char *name, const char *text, long age)
{
    char *path = memory_format("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
    struct timespec times[2];
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= age;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

static void remove_file(char *path)
{
    assert_int_equal(unlink(path), 0);
    free(path);
}

static struct zone *load(const char *path, bool strict, struct report *report)
{
    struct zone_load_options options = {.strict = strict, .secret = &test_secret};
    *report = (struct report){0};
    return zone_load(name_of("example.test."), path, &options, report);
}

// --- one zone ------------------------------------------------------------------------------------

static void test_load(void **state)
{
    (void)state;
    struct report report;
    char *path = write_file("good", "$TTL 60\n" APEX "www A 192.0.2.1\n", 100);
    struct zone *zone = load(path, true, &report);
    assert_int_equal(report.count, 0);
    assert_int_equal(zone->state, ZONE_SERVED);
    assert_null(zone->problem);
    assert_name(zone->origin, "example.test.");
    assert_string_equal(zone->path, path);
    assert_int_equal(zone->image.serial, 7);
    assert_int_equal(zone->image.head->records, 3);
    assert_null(zone->included);
    assert_in_range(zone->loaded_date_s, clock_date_s() - 60, clock_date_s());
    assert_in_range(zone->load_ms, 0, 60000);
    assert_int_equal(zone->holders, 1);

    assert_ptr_equal(zone_hold(zone), zone);
    assert_int_equal(zone->holders, 2);
    zone_release(zone);
    assert_int_equal(zone->image.serial, 7);
    zone_release(zone);
    zone_release(NULL);
    report_free(&report);
    remove_file(path);
}

// RFC 8976, only where it is asked for.
static void test_zonemd(void **state)
{
    static const char text[] =
        "$TTL 300\n@ SOA a b 4294967295 1 2 3 4\n@ NS a\na A 192.0.2.1\n"
        "@ ZONEMD 4294967295 1 1 a592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"
        "89ad60c4149922f4f206001b1e82324ee6332677da2a104f\n"; // by dnspython, in tiny.test
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool asked = i & 1, changed = i & 2;
        struct report report = {0};
        struct zone_load_options options = {.zonemd = asked, .secret = &test_secret};
        char *whole = memory_format("%s%s", text, changed ? "b A 192.0.2.2\n" : "");
        char *path = write_file("zonemd", whole, 100);
        struct zone *zone = zone_load(name_of("tiny.test."), path, &options, &report);
        assert_int_equal(zone->state, asked && changed ? ZONE_BROKEN : ZONE_SERVED);
        assert_int_equal(zone->zonemd, asked && !changed);
        if (asked && changed)
            assert_non_null(strstr(zone->problem, ":5: the SHA-384 digest of the zone is "));
        zone_release(zone);
        report_free(&report);
        remove_file(path);
        free(whole);
    }
}

// What refuses a zone, and what a person is told first. NULL: it is served.
static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *problem, *strict; // begin of the problem, behind the path
    } cases[] = {
        {"$TTL 60\n" APEX, NULL, NULL},
        {"$TTL 60\n" APEX "a A 192.0.2.300\n", ":4: ", ":4: "},
        {"$TTL 60\n@ SOA a. b. 1 2 3 4 5\n", ":2: ", ":2: "},      // no NS
        {"$TTL 60\n" APEX "a A x\nb A x\n", ":4: ", ":4: "},       // the first error
        {"a A 192.0.2.1\n" APEX "b A x\n", ":4: ", ":1: "},        // not a warning before it
        {"", ":0: ", ":0: "},                                      // nothing at all
        {"$TTL 60\n" APEX "a CNAME b\na A 192.0.2.1\n", ":", ":"}, // CNAME and other data
        // Warnings: of the check, and of the reading alone.
        {"$TTL 60\n" APEX "a A 192.0.2.1\na A 192.0.2.1\n", NULL, ":5: "},
        {"a A 192.0.2.1\n" APEX, NULL, ":1: "}, // no TTL
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned strict = 0; strict < 2; strict++) {
            const char *problem = strict ? cases[i].strict : cases[i].problem;
            struct report report;
            char *path = write_file("zone", cases[i].text, 100);
            struct zone *zone = load(path, strict, &report);
            if (zone->state != (problem ? ZONE_BROKEN : ZONE_SERVED))
                fail_msg("row %zu, strict %u", i, strict);
            assert_int_equal(zone->problem != NULL, problem != NULL);
            if (problem) {
                size_t size = strlen(path);
                if (strncmp(zone->problem, path, size) != 0 ||
                    strncmp(zone->problem + size, problem, strlen(problem)) != 0)
                    fail_msg("row %zu: %s", i, zone->problem);
                assert_null(zone->image.base);
                assert_false(zone_is_current(zone));
            }
            zone_release(zone);
            report_free(&report);
            remove_file(path);
        }
}

static void test_unreadable(void **state)
{
    (void)state;
    struct report report;
    struct zone *zone = load(folder, false, &report); // a folder
    assert_int_equal(zone->state, ZONE_BROKEN);
    assert_non_null(zone->problem);
    assert_true(report.errors > 0);
    zone_release(zone);
    report_free(&report);
    zone = load("/nonexistent/zone", false, &report);
    assert_int_equal(zone->state, ZONE_BROKEN);
    assert_non_null(strstr(zone->problem, "/nonexistent/zone"));
    zone_release(zone);
    report_free(&report);
}

// The problem that is kept is of this zone, not of one that was loaded into the same report before.
static void test_first_problem_of_this_zone(void **state)
{
    (void)state;
    struct zone_load_options options = {.secret = &test_secret};
    struct report report = {0};
    char *bad = write_file("bad", "$TTL 60\n" APEX "a A 1\n", 100);
    char *worse = write_file("worse", "$TTL 60\n" APEX "b B 2\n", 100);
    struct zone *first = zone_load(name_of("example.test."), bad, &options, &report);
    struct zone *second = zone_load(name_of("example.test."), worse, &options, &report);
    assert_non_null(strstr(first->problem, bad));
    assert_non_null(strstr(second->problem, worse));
    zone_release(first);
    zone_release(second);
    report_free(&report);
    remove_file(bad);
    remove_file(worse);
}

// A report that is full keeps no problem of this zone; the zone is refused all the same.
static void test_report_is_full(void **state)
{
    (void)state;
    struct zone_load_options options = {.secret = &test_secret};
    struct report report = {0};
    struct place place = {.file = "other"};
    for (unsigned i = 0; i < PROBLEMS_MAX; i++)
        report_add(&report, SEVERITY_ERROR, &place, NULL, "problem %u", i);
    char *path = write_file("bad", "$TTL 60\n" APEX "a A 1\n", 100);
    struct zone *zone = zone_load(name_of("example.test."), path, &options, &report);
    assert_int_equal(zone->state, ZONE_BROKEN);
    assert_string_equal(zone->problem, "could not be loaded");
    assert_int_equal(report.errors, PROBLEMS_MAX + 1);
    zone_release(zone);
    report_free(&report);
    remove_file(path);
}

// More records in one RRset than an image can have: an error like others.
static void test_rrset_too_large(void **state)
{
    (void)state;
    struct report report;
    char *path =
        write_file("large", "$TTL 60\n" APEX "$GENERATE 0-65535 a TXT t$\na TXT more\n", 100);
    struct zone *zone = load(path, false, &report);
    assert_int_equal(zone->state, ZONE_BROKEN);
    assert_int_equal(report.errors, 1);
    assert_non_null(strstr(zone->problem, "too large"));
    assert_null(zone->image.base);
    zone_release(zone);
    report_free(&report);
    remove_file(path);
}

#define TICK_US 25000 // after which the kernel's clock for files tells another time

// Changes a file; whatever it is, the zone that was read from it is no longer current.
static void change_file(const char *path, unsigned how)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    struct timespec times[2] = {status.st_atim, status.st_mtim};
    switch (how) {
    case 0: times[1].tv_sec--; break;
    case 1: times[1].tv_nsec = (times[1].tv_nsec + 1) % 1000000000; break;
    case 2: assert_int_equal(truncate(path, status.st_size + 1), 0); break;
    case 3: { // another file of the same size and time
        char *other = memory_format("%s.other", path), *octets;
        size_t size;
        assert_int_equal(file_read(path, 10000, &octets, &size), 0);
        assert_int_equal(file_write(other, octets, size, 0644), 0);
        assert_int_equal(rename(other, path), 0);
        free(octets);
        free(other);
        break;
    }
    case 4: // written, and its old time set again
        assert_int_equal(chmod(path, 0600), 0);
        break;
    default: assert_int_equal(unlink(path), 0); return;
    }
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

// A zone is current as long as no file of it changed: neither itself nor what it includes.
static void test_current(void **state)
{
    (void)state;
    struct report report;
    static const char *const texts[] = {"$TTL 60\n" APEX "$INCLUDE part\n", "a A 192.0.2.1\n"};
    static const char *const names[] = {"whole", "part"};
    for (unsigned changed = 0; changed < 2; changed++)
        for (unsigned how = 0; how < 6; how++) {
            char *paths[2];
            for (unsigned i = 0; i < 2; i++)
                paths[i] = write_file(names[i], texts[i], 100);
            usleep(TICK_US);
            struct zone *zone = load(paths[0], false, &report);
            assert_int_equal(zone->state, ZONE_SERVED);
            assert_string_equal(zone->included, paths[1]);
            assert_true(zone_is_current(zone));
            change_file(paths[changed], how);
            assert_false(zone_is_current(zone));
            zone_release(zone);
            report_free(&report);
            for (unsigned i = 0; i < 2; i++) {
                if (i != changed || how != 5)
                    assert_int_equal(unlink(paths[i]), 0);
                free(paths[i]);
            }
        }
}

// A file written while it was read may have been read half: such a zone is never current.
static void test_written_just_now(void **state)
{
    (void)state;
    struct report report;
    char *path = write_file("zone", "$TTL 60\n" APEX, 0);
    struct zone *zone = load(path, false, &report);
    assert_int_equal(zone->state, ZONE_SERVED);
    assert_false(zone_is_current(zone));
    zone_release(zone);
    report_free(&report);
    remove_file(path);
}

// The same for one whose date was set back: the date of the inode cannot be.
static void test_dated_back_just_now(void **state)
{
    (void)state;
    struct report report;
    char *path = write_file("zone", "$TTL 60\n" APEX, 1000);
    struct zone *zone = load(path, false, &report);
    assert_int_equal(zone->state, ZONE_SERVED);
    assert_false(zone_is_current(zone));
    zone_release(zone);
    usleep(TICK_US);
    zone = load(path, false, &report);
    assert_true(zone_is_current(zone));
    zone_release(zone);
    report_free(&report);
    remove_file(path);
}

static void test_empty(void **state)
{
    (void)state;
    struct zone *zone = zone_empty(name_of("Example."), "path", ZONE_LOADING, NULL);
    assert_int_equal(zone->state, ZONE_LOADING);
    assert_name(zone->origin, "Example.");
    assert_null(zone->problem);
    assert_false(zone_is_current(zone));
    zone_release(zone);
    zone = zone_empty(name_of("."), "path", ZONE_BROKEN, "why");
    assert_string_equal(zone->problem, "why");
    zone_release(zone);
}

// --- the table -----------------------------------------------------------------------------------

static void build_zones(struct zones *zones, const char *const *origins, size_t count)
{
    struct zone **list = malloc((count + (count == 0)) * sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < count; i++)
        list[i] = zone_empty(name_of(origins[i]), "", ZONE_LOADING, NULL);
    zones_build(zones, list, count, &test_secret);
}

static void assert_zone(const struct zone *zone, const char *origin)
{
    if (origin) {
        assert_non_null(zone);
        assert_name(zone->origin, origin);
    } else {
        assert_null(zone);
    }
}

static void test_find_zone(void **state)
{
    static const char *const origins[] = {"example.test.", "a.b.c.d.example.test.",
                                          "arpa.",         "Sub.Example.test.",
                                          "other.",        "x.other."};
    static const struct {
        const char *name, *deepest, *above, *exact; // above: from the parent on
    } cases[] = {
        {"example.test.", "example.test.", NULL, "example.test."},
        {"EXAMPLE.TEST.", "example.test.", NULL, "example.test."},
        {"www.example.test.", "example.test.", "example.test.", NULL},
        {"sub.example.test.", "Sub.Example.test.", "example.test.", "Sub.Example.test."},
        {"www.sub.example.test.", "Sub.Example.test.", "Sub.Example.test.", NULL},
        {"b.c.d.example.test.", "example.test.", "example.test.", NULL},
        {"a.b.c.d.example.test.", "a.b.c.d.example.test.", "example.test.",
         "a.b.c.d.example.test."},
        {"z.a.b.c.d.example.test.", "a.b.c.d.example.test.", "a.b.c.d.example.test.", NULL},
        {"test.", NULL, NULL, NULL},
        {"xexample.test.", NULL, NULL, NULL},
        {"x.other.", "x.other.", "other.", "x.other."},
        {"1.2.0.192.in-addr.arpa.", "arpa.", "arpa.", NULL},
        {".", NULL, NULL, NULL},
    };
    (void)state;
    struct zones zones;
    build_zones(&zones, origins, COUNT(origins));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name_key key;
        struct name name = name_of(cases[i].name);
        name_key_make(name, &test_secret, &key);
        assert_zone(zones_find(&zones, &key, key.labels), cases[i].deepest);
        if (key.labels)
            assert_zone(zones_find(&zones, &key, key.labels - 1u), cases[i].above);
        assert_zone(zones_get(&zones, name), cases[i].exact);
    }
    zones_free(&zones);
}

static void test_no_zone_and_root(void **state)
{
    (void)state;
    struct zones zones;
    struct name_key key;
    static const char *const root[] = {"."};
    for (unsigned count = 0; count < 2; count++) {
        build_zones(&zones, root, count);
        static const char *const names[] = {".", "a.", "a.b.c.d."};
        for (size_t i = 0; i < COUNT(names); i++) {
            name_key_make(name_of(names[i]), &test_secret, &key);
            assert_zone(zones_find(&zones, &key, key.labels), count ? "." : NULL);
        }
        assert_zone(zones_get(&zones, NAME_ROOT), count ? "." : NULL);
        zones_free(&zones);
    }
}

// Zones at every depth that there can be, some of them below each other.
static void test_every_depth(void **state)
{
    (void)state;
    char longest[NAME_TEXT_MAX];
    const char *origins[NAME_LABELS_MAX + 1];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(longest + 2 * i, "a.", 3);
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        origins[i] = longest + 2 * i;
    origins[NAME_LABELS_MAX] = ".";
    struct zones zones;
    struct name_key key;
    build_zones(&zones, origins, COUNT(origins));
    name_key_make(name_of(longest), &test_secret, &key);
    for (unsigned depth = 0; depth <= NAME_LABELS_MAX; depth++)
        assert_int_equal(zones_find(&zones, &key, depth)->origin.labels, depth);
    zones_free(&zones);
}

static void test_many_zones(void **state)
{
    (void)state;
    enum { ZONES = 5000 };
    struct zone **list = malloc(ZONES * sizeof *list);
    assert_non_null(list);
    char text[64];
    for (unsigned i = 0; i < ZONES; i++) {
        snprintf(text, sizeof text, "z%u.%s", i, i % 3 ? "test." : "example.test.");
        list[i] = zone_empty(name_of(text), "", ZONE_LOADING, NULL);
    }
    struct zones zones;
    zones_build(&zones, list, ZONES, &test_secret);
    assert_int_equal(zones.count, ZONES);
    for (unsigned i = 0; i < ZONES + 100; i++) {
        struct name_key key;
        char origin[32];
        snprintf(origin, sizeof origin, "z%u.%s", i, i % 3 ? "test." : "example.test.");
        snprintf(text, sizeof text, "www.%s", origin);
        name_key_make(name_of(text), &test_secret, &key);
        assert_zone(zones_find(&zones, &key, key.labels), i < ZONES ? origin : NULL);
    }
    zones_free(&zones);
}

// The table has one count of each zone and gives it back; whoever else has one keeps the zone.
static void test_table_holds(void **state)
{
    (void)state;
    struct zone *zone = zone_empty(name_of("a."), "", ZONE_LOADING, NULL);
    struct zone **list = malloc(sizeof *list);
    assert_non_null(list);
    list[0] = zone_hold(zone);
    struct zones zones;
    zones_build(&zones, list, 1, &test_secret);
    assert_int_equal(zone->holders, 2);
    zones_free(&zones);
    assert_int_equal(zone->holders, 1);
    assert_name(zone->origin, "a.");
    zone_release(zone);
}

static struct name numbered(unsigned number)
{
    char text[64];
    snprintf(text, sizeof text, "z%u.%s", number, number % 3 ? "test." : "example.test.");
    return name_of(text);
}

// `held` gets what the table is built from, with a count of its own for each.
static void build_numbered(struct zones *zones, struct zone **held, unsigned count)
{
    struct zone **list = malloc(count * sizeof *list);
    assert_non_null(list);
    for (unsigned i = 0; i < count; i++) {
        held[i] = zone_empty(numbered(i), "", ZONE_LOADING, NULL);
        list[i] = zone_hold(held[i]);
    }
    zones_build(zones, list, count, &test_secret);
}

// One zone of many is replaced: the new table has it, the old one has what it had, and nearly all
// of the zones were not even touched.
static void test_change_one(void **state)
{
    (void)state;
    enum { ZONES = 20000, CHANGED = 4711 };
    static struct zone *held[ZONES];
    struct zones old, new;
    build_numbered(&old, held, ZONES);
    struct zone *fresh = zone_empty(numbered(CHANGED), "", ZONE_BROKEN, "new");
    zones_change(&new, &old, (struct zone *[]){zone_hold(fresh)}, 1);
    assert_int_equal(new.count, ZONES);
    unsigned touched = 0;
    for (unsigned i = 0; i < ZONES; i++) {
        assert_ptr_equal(zones_get(&old, numbered(i)), held[i]);
        assert_ptr_equal(zones_get(&new, numbered(i)), i == CHANGED ? fresh : held[i]);
        assert_in_range(held[i]->holders, 2, 3);
        touched += held[i]->holders == 3;
    }
    assert_int_equal(held[CHANGED]->holders, 2);
    assert_int_equal(fresh->holders, 2);
    assert_in_range(touched, 1, 600); // of one shard
    zones_free(&old);
    assert_int_equal(held[CHANGED]->holders, 1);
    assert_ptr_equal(zones_get(&new, numbered(0)), held[0]);
    zones_free(&new);
    for (unsigned i = 0; i < ZONES; i++) {
        assert_int_equal(held[i]->holders, 1);
        zone_release(held[i]);
    }
    assert_int_equal(fresh->holders, 1);
    zone_release(fresh);
}

// A thousand tables, each from the one before it with some other zones, three of them alive at a
// time: what is found is always the newest, and no count is lost.
static void test_change_often(void **state)
{
    (void)state;
    enum { ZONES = 3000, ROUNDS = 1000, ALIVE = 3, AT_ONCE = 7 };
    static struct zone *held[ZONES];
    struct zones tables[ALIVE] = {{0}};
    build_numbered(&tables[0], held, ZONES);
    for (unsigned round = 1; round < ROUNDS; round++) {
        struct zone *list[AT_ONCE];
        for (unsigned i = 0; i < AT_ONCE; i++) {
            unsigned at = (round * 31 + i * 377) % ZONES;
            zone_release(held[at]);
            held[at] = zone_empty(numbered(at), "", ZONE_LOADING, NULL);
            list[i] = zone_hold(held[at]);
        }
        struct zones *next = &tables[round % ALIVE];
        zones_free(next);
        zones_change(next, &tables[(round - 1) % ALIVE], list, AT_ONCE);
        assert_ptr_equal(zones_get(next, list[0]->origin), list[0]);
    }
    for (unsigned i = 0; i < ZONES; i++)
        assert_ptr_equal(zones_get(&tables[(ROUNDS - 1) % ALIVE], numbered(i)), held[i]);
    for (unsigned i = 0; i < ALIVE; i++)
        zones_free(&tables[i]);
    for (unsigned i = 0; i < ZONES; i++) {
        assert_int_equal(held[i]->holders, 1);
        zone_release(held[i]);
    }
}

// The last of two with one name counts, and a change of nothing is the same table.
static void test_change_twice_and_never(void **state)
{
    (void)state;
    struct zone *held[2], *first = zone_empty(numbered(1), "", ZONE_BROKEN, "1");
    struct zone *last = zone_empty(numbered(1), "", ZONE_BROKEN, "2");
    struct zones old, new, same;
    build_numbered(&old, held, 2);
    zones_change(&new, &old, (struct zone *[]){zone_hold(first), last}, 2);
    zones_change(&same, &new, NULL, 0);
    assert_ptr_equal(zones_get(&new, numbered(1)), last);
    assert_ptr_equal(zones_get(&same, numbered(1)), last);
    assert_int_equal(first->holders, 1);
    assert_int_equal(last->holders, 1); // the shard's
    zone_release(first);
    zones_free(&old);
    zones_free(&new);
    struct name_key key;
    name_key_make(name_of("a.b.c.d."), &test_secret, &key);
    zones_prefetch(&same, &key);
    assert_ptr_equal(zones_get(&same, numbered(0)), held[0]);
    zones_free(&same);
    for (unsigned i = 0; i < 2; i++)
        zone_release(held[i]);
}

// What a zone costs beside its image, without the allocator's own.
static void test_zone_is_slim(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct zone), 64, 152);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_zonemd),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_first_problem_of_this_zone),
        cmocka_unit_test(test_report_is_full),
        cmocka_unit_test(test_rrset_too_large),
        cmocka_unit_test(test_current),
        cmocka_unit_test(test_written_just_now),
        cmocka_unit_test(test_dated_back_just_now),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_find_zone),
        cmocka_unit_test(test_no_zone_and_root),
        cmocka_unit_test(test_every_depth),
        cmocka_unit_test(test_many_zones),
        cmocka_unit_test(test_table_holds),
        cmocka_unit_test(test_change_one),
        cmocka_unit_test(test_change_often),
        cmocka_unit_test(test_change_twice_and_never),
        cmocka_unit_test(test_zone_is_slim),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
