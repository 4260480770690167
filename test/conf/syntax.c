// YAML into values: trees, places, problems, limits.
#include "told.h"

#include "base/limits.h"
#include "conf/syntax.h"

static bool read_yaml(const char *text, size_t size, struct arena *arena, struct report *report,
                      struct value *root)
{
    static struct source source;
    source = (struct source){.path = "a.yaml", .text = text, .size = size};
    return syntax_read(&source, arena, report, root);
}

static void test_trees(void **state)
{
    static const struct {
        const char *text, *tree;
    } cases[] = {
        {"", "none()"},
        {"# nothing\n", "none()"},
        {"---\n", "none()"},
        {"---\n...\n", "none()"},
        {"\xef\xbb\xbf", "none()"},
        {"\xef\xbb\xbf"
         "a: b\n",
         "{'a': 'b'}"},
        {"%YAML 1.2\n---\na: b\n", "{'a': 'b'}"},
        {"%YAML 1.1\n---\na: b\n...\n", "{'a': 'b'}"},
        {"a: b", "{'a': 'b'}"},
        {"a: b # c\n# d\n", "{'a': 'b'}"},
        {"a: b#c\n", "{'a': 'b#c'}"},
        {"a: b\r\nc: d\r\n", "{'a': 'b', 'c': 'd'}"},
        {"{a: b, c: [d, e], f: {}, g: []}", "{'a': 'b', 'c': ['d', 'e'], 'f': {}, 'g': []}"},
        {"a:\n  - b\n  - c: d\n    e: f\n", "{'a': ['b', {'c': 'd', 'e': 'f'}]}"},
        {"a:\n- b\n- c\n", "{'a': ['b', 'c']}"},
        // Every scalar is the text that was written.
        {"[0123, 1e3, yes, On, 0x1f, 1.0, true, 2001-01-01, 190:20:30]",
         "['0123', '1e3', 'yes', 'On', '0x1f', '1.0', 'true', '2001-01-01', '190:20:30']"},
        {"[~, null, Null, NULL, , nULL]", NULL},
        {"[~, null, Null, NULL, nULL, nil]",
         "[none(~), none(null), none(Null), none(NULL), 'nULL', 'nil']"},
        {"['~', \"null\", '', \"\"]", "['~', 'null', '', '']"},
        {"a:\nb: \nc: # d\n", "{'a': none(), 'b': none(), 'c': none()}"},
        {"-\n- a\n", "[none(), 'a']"},
        {"null: a\n~: b\n'': c\n", "{'null': 'a', '~': 'b', '': 'c'}"},
        {"a: 'it''s'\nb: \"x\\ty\\x41\\u00e9\\\\\\\"\"\n",
         "{'a': 'it's', 'b': 'x\ty\x41\xc3\xa9\\\"'}"},
        {"a: b c\n  d\n", "{'a': 'b c d'}"},
        {"a: |\n  b\n  c\nd: >-\n  e\n  f\n", "{'a': 'b\nc\n', 'd': 'e f'}"},
        {"? a\n: b\n", "{'a': 'b'}"},
        {"[a: b, c]", "[{'a': 'b'}, 'c']"},
        {"a: &x b\nc: *x\n", "{'a': 'b', 'c': 'b'}"},
        {"a: &x {b: c}\nd: [*x, *x]\n", "{'a': {'b': 'c'}, 'd': [{'b': 'c'}, {'b': 'c'}]}"},
        {"[&x a, *x, &x b, *x]", "['a', 'a', 'b', 'b']"}, // the last one of a name counts
        {"&k a: b\nc: *k\n", "{'a': 'b', 'c': 'a'}"},
        {"&x a: b\n*x : c\n", NULL}, // the same key twice
        {"\xc3\xa4: [\xe2\x82\xac, \xf0\x9f\x98\x80]",
         "{'\xc3\xa4': ['\xe2\x82\xac', '\xf0\x9f\x98\x80']}"},
        {"fe80::1: 2001:db8::1", "{'fe80::1': '2001:db8::1'}"},
        {"a:\tb\n", "{'a': 'b'}"},
        {"just text", "'just text'"},
        {"- a\n- b", "['a', 'b']"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena = {0};
        struct report report = {0};
        struct value root;
        bool good = read_yaml(cases[i].text, strlen(cases[i].text), &arena, &report, &root);
        if (cases[i].tree) {
            struct buffer tree = {0};
            told_expect(&report, "", cases[i].text);
            assert_true(good);
            told_value(&root, &tree);
            assert_string_equal(buffer_text(&tree), cases[i].tree);
            buffer_free(&tree);
        } else {
            assert_int_equal(report.errors, 1);
        }
        report_free(&report);
        arena_free(&arena);
    }
}

static const struct {
    const char *text, *told;
} problems[] = {
    {"a:\n\tb: c\n", "2:1+1 error: a tab in the indentation = use spaces"},
    {"a: b\n\tc: d\n", "2:1+1 error: a tab in the indentation = use spaces"},
    {"\ta: b\n", "1:1+1 error: a tab in the indentation = use spaces"},
    {"a: |\n  b\n\tc\n", "3:1+1 error: a tab in the indentation = use spaces"},
    {"a: @b\n", "1:4+1 error: a text cannot begin with this sign = put quotes around the text"},
    {"a: `b`\n", "1:4+1 error: a text cannot begin with this sign = put quotes around the text"},
    {"a: %b\n", "1:4+1 error: a text cannot begin with this sign = put quotes around the text"},
    {"a: b: c\n", "1:5+1 error: a ':' that cannot stand here = put quotes around a text with "
                  "': ' in it; a key takes its own line, as far in as its neighbours"},
    {"a: b\n  c: d\n", "2:4+1 error: a ':' that cannot stand here = put quotes around a text "
                       "with ': ' in it; a key takes its own line, as far in as its "
                       "neighbours"},
    {"a:b\nc: d\n", "2:2+1 error: a ':' that cannot stand here = in the line before, put a "
                    "space after the ':'"},
    {"a: - b\n", "1:4+1 error: a list cannot begin here = begin it on a line of its own, or "
                 "write [a, b]"},
    {"a: ? b\n", "1:4+1 error: a '?' that cannot stand here = put quotes around the text"},
    {"a: b\nc\nd: e\n", "2:1+1 error: a key without ':' = write 'key: value', with a space "
                        "after the ':'"},
    {"a: \"b\nc: d\n", "1:4+1 error: a quote that is never closed = close it with the same "
                       "sign"},
    {"a: 'b\n---\n", "1:4+1 error: a quote that is never closed = close it with the same sign"},
    {"a: \"\\q\"\n", "1:5+1 error: an unknown escape in double quotes = write \\\\ for a "
                     "backslash, or use single quotes"},
    {"a: \"\\xZZ\"\n", "1:7+1 error: hexadecimal digits are missing in an escape"},
    {"a: \"\\ud800\"\n", "1:7+1 error: an escape that is no character"},
    {"a: [2001:db8::]\n", "1:5+1 error: a text with ':' that needs quotes = inside of [ ] and "
                          "{ } put quotes around it, as in [\"2001:db8::\"]"},
    {"a: [::1]\n", "1:5+1 error: a text with ':' that needs quotes = inside of [ ] and { } put "
                   "quotes around it, as in [\"::1\"]"},
    {"a: [b,\n", "2:1+1 error: the text ends inside of [ ] or { } = close what is open"},
    {"a: [", "1:5+1 error: the text ends inside of [ ] or { } = close what is open"},
    {"a: ]\n", "1:4+1 error: a value cannot begin with this sign = put quotes around a text, "
               "or close what is open"},
    {"a: [b, c\nd: e\n", "1:4+1 error: a '[' that is not closed, or lacks a ',' = end the list "
                         "with ']'"},
    {"a: {b: c\nd: e\n", "1:4+1 error: a '{' that is not closed, or lacks a ',' = end the map "
                         "with '}'"},
    {"a:\n  b: c\n d: e\n", "3:2+1 error: a line that does not fit the keys before it = begin "
                            "the keys of one map in the same column"},
    {"a: 'it's'\n", "1:8+1 error: more text after the end of the value = put quotes around all "
                    "of it; inside of single quotes write '' for a quote"},
    {"a:\n  - b\n  c: d\n", "3:3+1 error: a line that does not fit the list before it = begin "
                            "each item with '- ' in the same column"},
    {"a: *\n", "1:4+1 error: a text cannot begin with '*' = put quotes around the text"},
    {"a: & b\n", "1:4+1 error: a text cannot begin with '&' = put quotes around the text"},
    {"a: !<b\n", "1:4+1 error: a text cannot begin with '!' = put quotes around the text"},
    {"a: !x!b c\n", "1:4+1 error: a text cannot begin with '!' = put quotes around the text"},
    {"a: | b\n", "1:6+1 error: a text cannot begin with '|' or '>' = put quotes around the "
                 "text"},
    {"%x\n", "1:1+1 error: a line cannot begin with '%'"},
    {"%YAML 1.2\n%YAML 1.2\n---\n", "2:1+1 error: a line with '%' given twice"},
    {"%YAML 1.9\n---\na: b\n", "1:1+1 error: a version of YAML that is not known = remove the "
                               "line"},
    {"{a: b}\nc: d\n", "2:1+1 error: more text after the end of the map = remove the { } "
                       "around the map, or put all of it inside"},
    {"a: b\nc: \xff\n", "2:4+1 error: an octet that is not UTF-8 = save the file as UTF-8"},
    {"a: \xc3", "1:4+1 error: an octet that is not UTF-8 = save the file as UTF-8"},
    {"\xfe\xff", "1:1+1 error: an octet that is not UTF-8 = save the file as UTF-8"},
    {"a: \xed\xa0\x80", "1:4+1 error: an octet that is not UTF-8 = save the file as UTF-8"},
    {"a: b\x01\n", "1:5+1 error: a control character = remove it"},
    // The tree goes on behind these.
    {"a: b\n---\nc: d\n", "2:1+1 error: a second document begins here; one file holds one = "
                          "remove the '---'"},
    {"a: b\nc: d\na: e\n", "3:1+1 error: key 'a' is given twice, first in line 1"},
    {"a: b\n'a': c\n\"a\": d\n", "2:1+3 error: key 'a' is given twice, first in line 1\n"
                                 "a.yaml:3:1+3 error: key 'a' is given twice, first in line 1"},
    {"a: {b: c, b: d}\n", "1:11+1 error: key 'b' is given twice, first in line 1"},
    {"{[a]: b}", "1:2+3 error: a key must be a text = put quotes around a text that begins "
                 "with [ or {"},
    {"<<: {a: b}", "1:1+2 error: '<<' does not merge maps here = write the keys out, or use an "
                   "alias for the value"},
    {"a: \"b\\0c\"", "1:4+6 error: a text cannot have a NUL in it"},
    {"a: !b c", "1:4+4 error: tags like !!str have no meaning here = put quotes around a text "
                "that begins with '!'"},
    {"a: !!seq [b]", "1:4+1 error: tags like !!str have no meaning here = put quotes around a "
                     "text that begins with '!'"},
    {"a: *b\n", "1:4+2 error: nothing before has the anchor 'b' = put quotes around a text "
                "that begins with '*'"},
    {"a: &b [*b]\n", "1:8+2 error: nothing before has the anchor 'b' = put quotes around a "
                     "text that begins with '*'"},
    // Columns are octets; characters of several, CRLF and other line ends do not move them.
    {"\xc3\xa4\xc3\xb6: b\n\xc3\xa4\xc3\xb6: c\n", "2:1+4 error: key '\xc3\xa4\xc3\xb6' is "
                                                   "given twice, first in line 1"},
    {"{\xc3\xa4: b, c: d, c: e}", "1:15+1 error: key 'c' is given twice, first in line 1"},
    {"a: b\r\nc: \"\xe2\x80\xa8\"\r\na: d\r\n", "3:1+1 error: key 'a' is given twice, first in "
                                                "line 1"},
    {"\xef\xbb\xbf{a: b, a: c}", "1:8+1 error: key 'a' is given twice, first in line 1"},
    {"a: b\xc2\x85"
     "a: c\n",
     NULL}, // NEL: libyaml says two lines, an editor one; only that nothing breaks
};

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(problems); i++) {
        struct arena arena = {0};
        struct report report = {0};
        struct value root;
        (void)read_yaml(problems[i].text, strlen(problems[i].text), &arena, &report, &root);
        if (problems[i].told) {
            char *expected = memory_format("a.yaml:%s\n", problems[i].told);
            told_expect(&report, expected, problems[i].text);
            free(expected);
        }
        report_free(&report);
        arena_free(&arena);
    }
}

static void test_marks(void **state)
{
    struct arena arena = {0};
    struct report report = {0};
    struct buffer tree = {0};
    struct value root;
    const char *text = "a: b\na: c\nd: \"e\\0f\"\n<<: g\nh: *i\n";
    (void)state;
    assert_true(read_yaml(text, strlen(text), &arena, &report, &root));
    told_value(&root, &tree);
    assert_string_equal(buffer_text(&tree),
                        "{'a': 'b', !'a': 'c', 'd': !'e', !'<<': 'g', 'h': !none()}");
    assert_int_equal(report.errors, 4);
    buffer_free(&tree);
    report_free(&report);
    arena_free(&arena);
}

// Where values stand: line:column+width.
static void test_places(void **state)
{
    static const struct {
        const char *text;
        unsigned line, column, width;
    } cases[] = {
        {"a: bcd\n", 1, 4, 3},           {"a: 'bcd'\n", 1, 4, 5},
        {"a:\n  b: c\n", 2, 3, 1},       {"a:\n  - b\n", 2, 3, 1},
        {"a: [b, c]\n", 1, 4, 6},        {"a: {b: [c]} # d\n", 1, 4, 8},
        {"a: [b,\n  c]\n", 1, 4, 1},     {"a: b\n  c d\n", 1, 4, 1},
        {"a: \"b\n  c\"\n", 1, 4, 2},    {"a: |\n  b\n  c\n", 1, 4, 1},
        {"a: &x b\n", 1, 4, 4},          {"b: &x c\na: *x\n", 2, 4, 2},
        {"b: &x [c]\na: *x\n", 2, 4, 2}, {"\xe2\x82\xac: b\na: \xe2\x82\xac\n", 2, 4, 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena = {0};
        struct report report = {0};
        struct value root;
        assert_true(read_yaml(cases[i].text, strlen(cases[i].text), &arena, &report, &root));
        const struct value *value = &value_find(&root, "a")->value;
        assert_int_equal(value->line, cases[i].line);
        assert_int_equal(value->column, cases[i].column);
        assert_int_equal(value->width, cases[i].width);
        arena_free(&arena);
        report_free(&report);
    }
}

static void add_many(struct buffer *to, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_text(to, text);
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct arena arena = {0};
        struct report report = {0};
        struct buffer text = {0};
        struct value root;
        add_many(&text, "[", CONFIG_DEPTH_MAX + more);
        add_many(&text, "]", CONFIG_DEPTH_MAX + more);
        assert_int_equal(read_yaml(text.text, text.size, &arena, &report, &root), more == 0);
        told_expect(&report, more ? "a.yaml:1:33+1 error: more than 32 levels\n" : "", text.text);
        buffer_free(&text);
        arena_free(&arena);
    }
}

// Aliases of aliases: each line is ten of the line before.
static void test_bomb(void **state)
{
    struct arena arena = {0};
    struct report report = {0};
    struct buffer text = {0};
    struct value root;
    (void)state;
    buffer_add_text(&text, "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
    for (int i = 1; i < 20; i++) {
        buffer_format(&text, "x%d: &x%d [", i, i);
        for (int k = 0; k < 10; k++)
            buffer_format(&text, "%s*x%d", k ? ", " : "", i - 1);
        buffer_add_text(&text, "]\n");
    }
    assert_false(read_yaml(text.text, text.size, &arena, &report, &root));
    told_expect(&report,
                "a.yaml:5:50+3 error: too many values (aliases count as what they stand for) = "
                "write fewer aliases of aliases\n",
                text.text);
    buffer_free(&text);
    arena_free(&arena);
}

// A hundred thousand aliases of one small map are no bomb.
static void test_many_aliases(void **state)
{
    struct arena arena = {0};
    struct report report = {0};
    struct buffer text = {0};
    struct value root;
    (void)state;
    buffer_add_text(&text, "x: &x {file: a.zone}\n");
    for (int i = 0; i < 100000; i++)
        buffer_format(&text, "\"%d.example.test\": *x\n", i);
    assert_true(read_yaml(text.text, text.size, &arena, &report, &root));
    told_expect(&report, "", "many aliases");
    assert_int_equal(root.count, 100001);
    buffer_free(&text);
    arena_free(&arena);
}

static void test_anchors(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct arena arena = {0};
        struct report report = {0};
        struct buffer text = {0};
        struct value root;
        for (int i = 0; i < 256 + more; i++)
            buffer_format(&text, "- &x%d a\n", i);
        assert_int_equal(read_yaml(text.text, text.size, &arena, &report, &root), more == 0);
        told_expect(&report, more ? "a.yaml:257:3+7 error: more than 256 anchors\n" : "", "");
        buffer_free(&text);
        arena_free(&arena);
    }
}

static void test_size(void **state)
{
    struct arena arena = {0};
    struct report report = {0};
    struct value root;
    (void)state;
    // Not a single octet of it is looked at.
    assert_false(read_yaml("a: b\n", (size_t)CONFIG_OCTETS_MAX + 1, &arena, &report, &root));
    assert_int_equal(report.count, 1);
    assert_string_equal(report.problems[0].message, "more than 67108864 octets");
    report_free(&report);
    arena_free(&arena);
}

// Every prefix of a text with all kinds of YAML in it, and the text with each octet changed:
// nothing but an answer may come of it.
static void test_pieces(void **state)
{
    static const char text[] = "%YAML 1.2\n--- # c\na: &x [b, 'c', \"\\x41\\n\", {d: *x}]\n"
                               "e:\n  - f: |\n      g\n  - >-\n   h\n? i\n: !!str j\n\xc3\xa4: ~\n";
    static const char changes[] = {'\t', '\n', ':', '[', '}', '"', '*', '&', '!', '\xff', 0};
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        for (size_t k = 0; k <= sizeof changes; k++) {
            struct arena arena = {0};
            struct report report = {0};
            struct value root;
            size_t size = k ? sizeof text - 1 : i;
            char *copy = memcpy(memory_get(size), text, size); // of its size: no look beyond it
            if (k && i < size)
                copy[i] = changes[k - 1];
            bool good = read_yaml(copy, size, &arena, &report, &root);
            assert_true(good || report.errors > 0);
            free(copy);
            report_free(&report);
            arena_free(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_marks),        cmocka_unit_test(test_places),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_many_aliases), cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_size),         cmocka_unit_test(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
