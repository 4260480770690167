// Files, includes and variables into one tree.
#include "told.h"

#include "base/limits.h"
#include "conf/gather.h"

struct gathering {
    struct arena lasting;
    struct gathered gathered;
    struct report report;
};

static void begin(struct gathering *gathering)
{
    *gathering = (struct gathering){0};
    gathering->gathered.lasting = &gathering->lasting;
}

// Compares the tree (NULL: whatever it is), the files read, and what was told; frees all.
static void end(struct gathering *gathering, const char *tree, const char *files, const char *told)
{
    struct gathered *gathered = &gathering->gathered;
    struct buffer text = {0};
    for (size_t i = 0; i < gathered->source_count; i++) {
        assert_int_equal(gathered->sources[i]->number, i);
        buffer_format(&text, "%s%s", i ? " " : "", gathered->sources[i]->path);
    }
    told_expect(&gathering->report, told, files);
    assert_string_equal(buffer_text(&text), files);
    buffer_clear(&text);
    if (gathered->root.source)
        told_value(&gathered->root, &text);
    if (tree)
        assert_string_equal(buffer_text(&text), tree);
    buffer_free(&text);
    gather_free(gathered);
    arena_free(&gathering->lasting);
}

static void check_file(const char *path, const char *tree, const char *files, const char *told)
{
    struct gathering gathering;
    begin(&gathering);
    gather_file(&gathering.gathered, path, &gathering.report);
    end(&gathering, tree, files, told);
}

static void test_one(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    told_put_file("a.yaml", "user: b\n");
    told_put_file("empty.yaml", "");
    told_put_file("bad.yaml", "user: [a\n");
    check_file("a.yaml", "{'user': 'b'}", "a.yaml", "");
    check_file("empty.yaml", "none()", "empty.yaml", "");
    check_file("bad.yaml", "", "bad.yaml",
               "bad.yaml:1:7+1 error: a '[' that is not closed, or "
               "lacks a ',' = end the list with ']'\n");
    told_leave_folder(folder);
}

static void test_unreadable(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("folder", 0755), 0);
    told_put_file("a.yaml", "include: [nix.yaml, folder, /nix/onym.yaml]\nuser: b\n");
    told_put_file("large.yaml", "");
    assert_int_equal(truncate("large.yaml", (off_t)CONFIG_OCTETS_MAX + 1), 0);
    check_file("nix.yaml", "", "", "nix.yaml error: cannot be read: No such file or directory\n");
    check_file("folder", "", "", "folder error: cannot be read: it is a folder\n");
    check_file("large.yaml", "", "",
               "large.yaml error: cannot be read: it is larger than 64 MiB\n");
    check_file("a.yaml", NULL, "a.yaml",
               "a.yaml:1:11+8 error: cannot read 'nix.yaml': No such file or directory\n"
               "a.yaml:1:21+6 error: cannot read 'folder': it is a folder\n"
               "a.yaml:1:29+14 error: cannot read '/nix/onym.yaml': No such file or directory\n");
    told_leave_folder(folder);
}

// A path is as seen from the folder of the file that has it.
static void test_includes(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("d", 0755), 0);
    assert_int_equal(mkdir("d/e", 0755), 0);
    told_put_file("a.yaml", "user: a\ninclude: [d/b.yaml, c.yaml]\nzone_folders: x\n");
    told_put_file("d/b.yaml", "include: e/d.yaml\nzone_folders: [y]\n");
    told_put_file("d/e/d.yaml", "log: {level: debug}\nzone_folders: [z]\nversion: 1\n");
    told_put_file("c.yaml", "# nothing\n");
    told_put_file("twice.yaml", "include: [c.yaml, ./c.yaml]\n");
    check_file("a.yaml",
               "{'include': ['d/b.yaml', 'c.yaml'], 'log': {'level': 'debug'}, 'user': 'a', "
               "'version': '1', 'zone_folders': ['x', 'y', 'z']}",
               "a.yaml d/b.yaml d/e/d.yaml c.yaml", "");
    check_file("./d/b.yaml", NULL, "./d/b.yaml ./d/e/d.yaml", "");
    check_file("twice.yaml", NULL, "twice.yaml c.yaml",
               "twice.yaml:1:19+8 warning: './c.yaml' was included before\n");
    told_leave_folder(folder);
}

static void test_patterns(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("onym.d", 0755), 0);
    assert_int_equal(mkdir("[x]*", 0755), 0);
    told_put_file("a.yaml", "include: onym.d/*.yaml\n");
    told_put_file("onym.d/20.yaml", "workers: 1\n");
    told_put_file("onym.d/10.yaml", "user: a\n");
    told_put_file("onym.d/.hidden.yaml", "xyz: a\n");
    told_put_file("onym.d/30.yaml~", "xyz: a\n");
    told_put_file("none.yaml", "include: [nix/*.yaml]\n");
    told_put_file("onym.d/self.yaml", "include: '*.yaml'\n");
    told_put_file("[x]*/a.yaml", "include: b*\n"); // the folder's own name is no pattern
    told_put_file("[x]*/b.yaml", "user: b\n");
    check_file("a.yaml", "{'include': 'onym.d/*.yaml', 'user': 'a', 'workers': '1'}",
               "a.yaml onym.d/10.yaml onym.d/20.yaml onym.d/self.yaml",
               "onym.d/self.yaml:1:10+8 warning: 'onym.d/10.yaml' was included before\n"
               "onym.d/self.yaml:1:10+8 warning: 'onym.d/20.yaml' was included before\n");
    check_file("none.yaml", NULL, "none.yaml", "");
    check_file("onym.d/self.yaml", NULL, "onym.d/self.yaml onym.d/10.yaml onym.d/20.yaml", "");
    check_file("[x]*/a.yaml", "{'include': 'b*', 'user': 'b'}", "[x]*/a.yaml [x]*/b.yaml", "");
    told_leave_folder(folder);
}

static void test_loops(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    told_put_file("a.yaml", "include: a.yaml\n");
    told_put_file("b.yaml", "include: c.yaml\n");
    told_put_file("c.yaml", "include: d.yaml\n");
    assert_int_equal(symlink("b.yaml", "d.yaml"), 0);
    check_file("a.yaml", NULL, "a.yaml", "a.yaml:1:10+6 error: 'a.yaml' includes itself\n");
    check_file("b.yaml", NULL, "b.yaml c.yaml", "c.yaml:1:10+6 error: 'd.yaml' includes itself\n");
    told_leave_folder(folder);
}

static void test_depth(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    for (int i = 0; i < 10; i++) {
        char path[32], text[32];
        snprintf(path, sizeof path, "%d.yaml", i);
        snprintf(text, sizeof text, "include: %d.yaml\n", i + 1);
        told_put_file(path, text);
    }
    told_put_file("10.yaml", "user: a\n");
    check_file("0.yaml", NULL, "0.yaml 1.yaml 2.yaml 3.yaml 4.yaml 5.yaml 6.yaml 7.yaml 8.yaml",
               "8.yaml:1:10+6 error: includes are more than 8 deep\n");
    told_put_file("8.yaml", "user: a\n");
    check_file("0.yaml", "{'include': '1.yaml', 'user': 'a'}",
               "0.yaml 1.yaml 2.yaml 3.yaml 4.yaml 5.yaml 6.yaml 7.yaml 8.yaml", "");
    told_leave_folder(folder);
}

// All errors of all files, and of putting them together.
static void test_all_errors(void **state)
{
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    told_put_file("a.yaml", "usr: a\ninclude: [b.yaml, c.yaml]\nuser: a\n");
    told_put_file("b.yaml", "user: [a\n");
    told_put_file("c.yaml", "user: c\nworkers: many\n");
    check_file("a.yaml", NULL, "a.yaml b.yaml c.yaml",
               "a.yaml:1:1+3 error: unknown key 'usr' = did you mean 'user'?\n"
               "b.yaml:1:7+1 error: a '[' that is not closed, or lacks a ',' = end the list with "
               "']'\n"
               "c.yaml:2:10+4 error: 'many' is not a number from 0 to 256\n"
               "c.yaml:1:7+1 error: 'user' is set already, at a.yaml:3 = lists and maps are "
               "merged, single values are not\n");
    told_leave_folder(folder);
}

static void test_text(void **state)
{
    const char *text = "user: a\ninclude: [/etc/passwd, /nix, /etc/*]\n";
    struct source source = {.path = "a.yaml", .text = text, .size = strlen(text)};
    struct gathering gathering;
    (void)state;
    begin(&gathering);
    gather_text(&gathering.gathered, &source, &gathering.report);
    assert_ptr_not_equal(gathering.gathered.sources[0]->text, text);
    end(&gathering, "{'user': 'a', 'include': ['/etc/passwd', '/nix', '/etc/*']}", "a.yaml", "");
}

static void test_variables(void **state)
{
    static const char *const environment[] = {"PATH=/bin",
                                              "ONYM_DATA=/nix",
                                              "ONYM_TEST_X=1",
                                              "ONYM=1",
                                              "ONYM_USER=onym",
                                              "ONYM_LOG__LEVEL=debug",
                                              "ONYM_STATE=",
                                              "ONYM_LOG__QUERIES=yes",
                                              "ONYM_LOG__LEVLE=x",
                                              "ONYM_PORT=tcp://x",
                                              "ONYM_ACCESS__RECURSE=any",
                                              "ONYM_VERSION=0.1",
                                              "ONYM_CONTROL",
                                              "ONYM_IDENTITY__NAME=a=b",
                                              NULL};
    struct gathering gathering;
    (void)state;
    begin(&gathering);
    gather_variables(&gathering.gathered, environment, &gathering.report);
    struct value **variables = gathering.gathered.variables;
    assert_string_equal(variables[KEY_USER]->text, "onym");
    assert_string_equal(variables[KEY_USER]->source->path, "ONYM_USER");
    assert_int_equal(variables[KEY_USER]->line, 0);
    assert_string_equal(variables[KEY_LOG_LEVEL]->text, "debug");
    assert_string_equal(variables[KEY_IDENTITY_NAME]->text, "a=b");
    assert_true(variables[KEY_LOG_QUERIES]->bad);
    assert_null(variables[KEY_STATE]);
    assert_null(variables[KEY_VERSION]);
    assert_null(variables[KEY_ACCESS_RECURSE]);
    assert_null(variables[KEY_CONTROL]);
    end(&gathering, "", "",
        "ONYM_LOG__QUERIES error: 'yes' is not true or false = write true or false\n"
        "ONYM_LOG__LEVLE warning: no key of the configuration has this name = did you mean "
        "ONYM_LOG__LEVEL?\n"
        "ONYM_PORT warning: no key of the configuration has this name\n"
        "ONYM_ACCESS__RECURSE warning: 'access.recurse' is not taken from the environment = write "
        "it into the file\n"
        "ONYM_VERSION warning: 'version' is not taken from the environment = write it into the "
        "file\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_includes),   cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_loops),      cmocka_unit_test(test_depth),
        cmocka_unit_test(test_all_errors), cmocka_unit_test(test_text),
        cmocka_unit_test(test_variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
