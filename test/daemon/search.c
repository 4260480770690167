// Searches: what each finds, when it is told, what ends it early, and the limits of its lists.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>

#include "daemon/search.h"
#include "filled.h"

static struct cache *cache;
static struct loop loop;

static int set_up(void **state)
{
    (void)state;
    cache = filled_open(CACHE_OCTETS_MIN);
    filled_put_address(cache, "www.a.test.", 1);
    filled_put_address(cache, "b.a.test.", 2);
    filled_put_address(cache, "www.example.", 3);
    filled_put_none(cache, "www.a.test.", TYPE_AAAA, CACHE_NODATA);
    filled_put_none(cache, "no.a.test.", TYPE_A, CACHE_NXDOMAIN);
    return loop_open(&loop);
}

static int tear_down(void **state)
{
    (void)state;
    cache_close(cache);
    loop_close(&loop);
    return 0;
}

// Runs it to its end and returns what it found.
static json_t *look(enum search_kind kind, const char *text, uint16_t type)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct search *search = search_make(kind, cache, &loop);
    search->type = type;
    if (text)
        search_name(search, filled_name(text, wire));
    memset(wire, 0xff, sizeof wire); // it has its own
    assert_false(search_is_done(search));
    assert_int_equal(search_begin(search), 0);
    while (!search_is_done(search))
        assert_int_equal(loop_wait(&loop, 20000), 1);
    json_t *found =
        json_loadb(search->found.text, search->found.size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(found);
    search_free(search);
    while (loop_wait(&loop, 0))
        ;
    return found;
}

static size_t count(const json_t *object, const char *key)
{
    const json_t *member = json_object_get(object, key);
    return json_is_array(member) ? json_array_size(member) : (size_t)json_integer_value(member);
}

static void test_lists(void **state)
{
    static const struct {
        const char *name;
        uint16_t type;
        unsigned entries;
    } rows[] = {
        {NULL, 0, 5},
        {"www.a.test.", 0, 2},
        {"WWW.A.test.", TYPE_A, 1},
        {"www.a.test.", TYPE_AAAA, 1},
        {"www.a.test.", TYPE_MX, 0},
        {"no.a.test.", TYPE_MX, 1}, // of every type
        {"a.test.", 0, 0},          // itself, and nothing below it
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *found = look(SEARCH_LIST, rows[i].name, rows[i].type);
        assert_int_equal(count(found, "entries"), rows[i].entries);
        assert_int_equal(count(found, "more"), 0);
        json_decref(found);
    }
}

static void test_entry(void **state)
{
    (void)state;
    json_t *found = look(SEARCH_LIST, "www.a.test.", TYPE_A);
    json_t *entry = json_array_get(json_object_get(found, "entries"), 0);
    static const char *const members[][2] = {{"name", "www.a.test."},
                                             {"type", "A"},
                                             {"kind", "rrset"},
                                             {"rank", "authoritative"},
                                             {"security", "unchecked"}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        assert_string_equal(json_string_value(json_object_get(entry, members[i][0])),
                            members[i][1]);
    json_t *data = json_object_get(entry, "data");
    assert_string_equal(json_string_value(json_array_get(data, 0)), "192.0.2.1");
    assert_in_range(count(entry, "ttl"), 590, 600);
    assert_true(json_is_false(json_object_get(entry, "stale")));
    json_decref(found);
}

static void test_top(void **state)
{
    (void)state;
    json_t *found = look(SEARCH_TOP, NULL, 0);
    json_t *names = json_object_get(found, "names");
    assert_int_equal(json_array_size(names), 2);
    json_t *first = json_array_get(names, 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "a.test.");
    assert_int_equal(count(first, "entries"), 4);
    assert_int_equal(count(found, "others"), 0);
    json_decref(found);
}

static void test_flushes(void **state)
{
    static const struct {
        enum search_kind kind;
        const char *name;
        uint16_t type;
        unsigned flushed, left;
    } rows[] = {
        {SEARCH_FLUSH, "www.a.test.", TYPE_AAAA, 1, 4},
        {SEARCH_FLUSH, "a.test.", 0, 0, 4},
        {SEARCH_FLUSH, "www.a.test.", 0, 1, 3},
        {SEARCH_FLUSH_TREE, "A.test.", 0, 2, 1},
        {SEARCH_FLUSH_TREE, ".", 0, 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *found = look(rows[i].kind, rows[i].name, rows[i].type);
        assert_int_equal(count(found, "flushed"), rows[i].flushed);
        json_decref(found);
        found = look(SEARCH_LIST, NULL, 0);
        assert_int_equal(count(found, "entries"), rows[i].left);
        json_decref(found);
    }
}

// A list ends at CACHE_LISTED_MAX, and of domains only CACHE_DOMAINS_MAX are told apart.
static void test_limits(void **state)
{
    const unsigned entries = CACHE_LISTED_MAX + 10;
    (void)state;
    cache_close(cache);
    cache = filled_open((size_t)64 << 20);
    for (unsigned i = 0; i < entries; i++) {
        char text[32];
        snprintf(text, sizeof text, "d%u.test.", i);
        filled_put_none(cache, text, TYPE_A, CACHE_NXDOMAIN);
    }
    struct cache_counts counts;
    cache_count(cache, &counts);
    assert_int_equal(counts.entries[CACHE_NXDOMAIN], entries);
    json_t *found = look(SEARCH_LIST, NULL, 0);
    assert_int_equal(count(found, "entries"), CACHE_LISTED_MAX);
    assert_int_equal(count(found, "more"), 10);
    json_decref(found);
    found = look(SEARCH_TOP, NULL, 0);
    assert_int_equal(count(found, "names"), CACHE_TOP_MAX);
    assert_int_equal(count(found, "others"), entries - CACHE_DOMAINS_MAX);
    json_decref(found);
    // Nobody waits for it: its first entry is its last.
    struct search *search = search_make(SEARCH_LIST, cache, &loop);
    search_leave(search);
    assert_int_equal(search_begin(search), 0);
    while (!search_is_done(search))
        (void)loop_wait(&loop, 20000);
    assert_string_equal(buffer_text(&search->found), "{\"entries\":[],\"more\":0}");
    search_free(search);
    search_free(search_make(SEARCH_TOP, cache, &loop)); // not begun
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_entry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_top, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flushes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
