// Several trees into one.
#include "told.h"

#include "conf/merge.h"
#include "conf/syntax.h"
#include "conf/validate.h"

#define TEXTS_MAX 4

// `texts` are a.yaml, b.yaml and so on, ended by NULL.
static void check(const char *const *texts, const char *tree, const char *told)
{
    static const char *const paths[TEXTS_MAX] = {"a.yaml", "b.yaml", "c.yaml", "d.yaml"};
    struct source sources[TEXTS_MAX];
    struct value roots[TEXTS_MAX], merged;
    struct arena arena = {0};
    struct report report = {0}, before = {0};
    struct buffer text = {0};
    size_t count = 0;
    for (; texts[count]; count++) {
        sources[count] = (struct source){
            .path = paths[count], .text = texts[count], .size = strlen(texts[count])};
        assert_true(syntax_read(&sources[count], &arena, &before, &roots[count]));
        validate_tree(&roots[count], &before);
    }
    merge_trees(roots, count, &arena, &report, &merged);
    told_value(&merged, &text);
    assert_string_equal(buffer_text(&text), tree);
    told_expect(&report, told, texts[0]);
    buffer_free(&text);
    report_free(&before);
    arena_free(&arena);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_one(void **state)
{
    (void)state;
    check(TEXTS("user: a\nlog: {level: info}\n"), "{'user': 'a', 'log': {'level': 'info'}}", "");
    check(TEXTS(""), "none()", "");
}

static void test_maps(void **state)
{
    (void)state;
    check(TEXTS("user: a\n", "workers: 1\n"), "{'user': 'a', 'workers': '1'}", "");
    check(TEXTS("log: {level: info}\n", "log: {queries: true}\n"),
          "{'log': {'level': 'info', 'queries': 'true'}}", "");
    check(TEXTS("", "user: a\n", ""), "{'user': 'a'}", "");
    check(TEXTS("", ""), "{}", "");
    check(TEXTS("log:\n", "log: {level: info}\n", "log:\n"), "{'log': {'level': 'info'}}", "");
    check(TEXTS("log:\n", "log:\n"), "{'log': none()}", "");
}

static void test_names(void **state)
{
    (void)state;
    check(TEXTS("zones: {b: {file: x}, a: {file: y}}\n", "zones: {c: {file: z}}\n"),
          "{'zones': {'a': {'file': 'y'}, 'b': {'file': 'x'}, 'c': {'file': 'z'}}}", "");
    check(TEXTS("zones: {a: {file: x}}\n", "zones: {a: {}}\n", "zones: {a: }\n"),
          "{'zones': {'a': {'file': 'x'}}}", "");
    check(TEXTS("zones: {a: {file: x}}\n", "zones: {a: {file: y}}\n"),
          "{'zones': {'a': {'file': 'x'}}}",
          "b.yaml:1:19+1 error: 'file' of 'a' is set already, at a.yaml:1 = lists and maps are "
          "merged, single values are not\n");
}

static void test_lists(void **state)
{
    (void)state;
    check(TEXTS("hosts: {names: {a: 10.0.0.1, b: 10.0.0.2}}\n",
                "hosts: {names: {a: [10.0.0.3, 10.0.0.4]}}\n"),
          "{'hosts': {'names': {'a': ['10.0.0.1', '10.0.0.3', '10.0.0.4'], 'b': '10.0.0.2'}}}", "");
    check(TEXTS("resolve: {default: none}\n", "resolve: {default: {forward: 10.0.0.1}}\n",
                "resolve: {default: none}\n"),
          "{'resolve': {'default': 'none'}}",
          "b.yaml:1:20+19 error: 'resolve.default' is set already, at a.yaml:1 = lists and maps "
          "are merged, single values are not\n"
          "c.yaml:1:20+4 error: 'resolve.default' is set already, at a.yaml:1 = lists and maps "
          "are merged, single values are not\n");
    check(TEXTS("zone_folders: [a, b]\n", "zone_folders: [c]\n"),
          "{'zone_folders': ['a', 'b', 'c']}", "");
    check(TEXTS("zone_folders: a\n", "zone_folders: [{path: b, zonemd: true}]\n"),
          "{'zone_folders': ['a', {'path': 'b', 'zonemd': 'true'}]}", "");
    check(TEXTS("zone_folders: a\n", "zone_folders: []\n", "zone_folders: b\n"),
          "{'zone_folders': ['a', 'b']}", "");
    check(TEXTS("listen: [{addr: a}]\n", "listen: [{addr: b}]\n"),
          "{'listen': [{'addr': 'a'}, {'addr': 'b'}]}", "");
    check(TEXTS("access: {recurse: any}\n", "access: {recurse: [10.0.0.0/8], transfer: none}\n"),
          "{'access': {'recurse': ['any', '10.0.0.0/8'], 'transfer': 'none'}}", "");
    check(TEXTS("zone_folders: []\n", "zone_folders: []\n"), "{'zone_folders': []}", "");
}

static void test_scalars(void **state)
{
    (void)state;
    check(TEXTS("user: a\n", "workers: 1\nuser: b\n", "user: c\n"), "{'user': 'a', 'workers': '1'}",
          "b.yaml:2:7+1 error: 'user' is set already, at a.yaml:1 = lists and maps are merged, "
          "single values are not\n"
          "c.yaml:1:7+1 error: 'user' is set already, at a.yaml:1 = lists and maps are merged, "
          "single values are not\n");
    check(TEXTS("log: {level: info}\n", "log: {level: info}\n"), "{'log': {'level': 'info'}}",
          "b.yaml:1:14+4 error: 'log.level' is set already, at a.yaml:1 = lists and maps are "
          "merged, single values are not\n");
    // What each file says about itself is no matter of others.
    check(TEXTS("version: 1\n", "version: 1\n"), "{'version': '1'}", "");
}

// What was told already is left out.
static void test_bad(void **state)
{
    (void)state;
    check(TEXTS("user: a\nuser: b\nxyz: 1\n", "workers: 1\n"), "{'user': 'a', 'workers': '1'}", "");
    check(TEXTS("user: [a]\n", "user: b\n"), "{'user': 'b'}", "");
    check(TEXTS("user: [a]\n", "user: [b]\n"), "{'user': !['a']}", "");
    check(TEXTS("zones: a\n", "zones: {a..b: {file: c}, d: {file: e}}\n"),
          "{'zones': {!'a..b': {'file': 'c'}, 'd': {'file': 'e'}}}", "");
    check(TEXTS("a text\n", "user: a\n"), "{'user': 'a'}", "");
}

// Files of a large folder of includes: the time grows with the keys, not with their square.
static void test_many(void **state)
{
    enum { FILES = 200, ZONES = 200 };
    struct source sources[FILES];
    struct buffer texts[FILES] = {0};
    struct value *roots = memory_get(FILES * sizeof *roots), merged;
    struct arena arena = {0};
    struct report report = {0};
    (void)state;
    for (int i = 0; i < FILES; i++) {
        buffer_add_text(&texts[i], "zones:\n");
        for (int k = 0; k < ZONES; k++)
            buffer_format(&texts[i], "  z%d-%d.test: {file: a}\n", k, i);
        sources[i] = (struct source){.path = "a", .text = texts[i].text, .size = texts[i].size};
        assert_true(syntax_read(&sources[i], &arena, &report, &roots[i]));
    }
    merge_trees(roots, FILES, &arena, &report, &merged);
    told_expect(&report, "", "many");
    assert_int_equal(value_find(&merged, "zones")->value.count, FILES * ZONES);
    for (int i = 0; i < FILES; i++)
        buffer_free(&texts[i]);
    free(roots);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),   cmocka_unit_test(test_maps),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_lists), cmocka_unit_test(test_scalars), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
