// Views: whose they are, which zones they have, and what they resolve by.
#include "routed.h"

#include "base/limits.h"
#include "conf/show.h"

static struct options *read_views(const char *text, const char *told)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    return options;
}

static void test_views(void **state)
{
    struct options *options = read_views(
        "listen: [{addr: [127.0.0.1, 192.0.2.1], port: 5300}]\n"
        "zones: {a.test: {file: a}, b.test: {file: b}}\n"
        "views:\n"
        "  inside: {match: [private, 192.0.2.0/24], zones: {a.test: {file: inner, routes: {w: "
        "{A: {give: 10.0.0.1}}}}, c.test: {file: c}}}\n"
        "  admin: {listen: [127.0.0.1, \"192.0.2.1:5300\"], zones: {a.test: {file: third}}}\n",
        "");
    static const struct {
        const char *file;
        unsigned view;
    } expected[] = {{"a", 0}, {"inner", 1}, {"third", 2}, {"b", 0}, {"c", 1}};
    (void)state;
    assert_int_equal(options->view_count, 2);
    assert_string_equal(options->views[0].name, "inside");
    assert_true(options->views[0].by_client);
    assert_int_equal(options->views[0].match_count, 2);
    assert_int_equal(options->views[0].listen_count, 0);
    assert_false(options->views[1].by_client);
    assert_int_equal(options->views[1].listen_count, 2);
    assert_int_equal(address_port(&options->views[1].listen[0]), 0);
    assert_int_equal(address_port(&options->views[1].listen[1]), 5300);
    assert_int_equal(options->zone_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(options->zones[i].file, expected[i].file);
        assert_int_equal(options->zones[i].view, expected[i].view);
    }
    const struct route_mark *mark = options->routing.routes[0].mark;
    assert_int_equal(mark->view, 1);
    options_free(options);
}

// What a view does not say of resolving is as everybody's.
static void test_resolve(void **state)
{
    struct options *options = read_views(
        "resolve: {minimise: false, port: 5353, default: {forward: [192.0.2.53]}, budget: "
        "{packets: 70}}\n"
        "views:\n"
        "  one: {match: [private]}\n"
        "  two: {match: [any], resolve: {port: 54, zones: {corp.test: {forward: [10.0.0.1]}}}}\n"
        "  three: {match: [any], resolve: {default: none, budget: {time: 2s}}}\n",
        "");
    const struct view_option *views = options->views;
    (void)state;
    assert_int_equal(views[0].resolve.otherwise, RESOLVE_FORWARD);
    assert_int_equal(views[0].resolve.port, 5353);
    assert_int_equal(views[1].resolve.otherwise, RESOLVE_FORWARD);
    assert_int_equal(views[1].resolve.forward.count, 1);
    assert_int_equal(views[1].resolve.port, 54);
    assert_false(views[1].resolve.minimise);
    assert_int_equal(views[1].resolve.zone_count, 1);
    assert_int_equal(views[1].resolve.packets_max, 70);
    assert_int_equal(views[2].resolve.otherwise, RESOLVE_NONE);
    assert_int_equal(views[2].resolve.time_max_ms, 2000);
    assert_int_equal(options->resolve.zone_count, 0);
    assert_int_equal(options->resolve.port, 5353);
    options_free(options);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"views: {v: {zones: {}}}\n",
         "a.yaml:1:9+1 error: view 'v' does not say whose it is: it has no 'match' and no 'listen' "
         "= like this: {match: [private], zones: {\"example.test\": {file: inside.zone}}}\n"},
        {"views: {v: {listen: [192.0.2.9]}}\n",
         "a.yaml:1:22+9 error: nobody listens at '192.0.2.9' = add it to 'listen'\n"},
        {"views: {v: {match: [any], zones: {a.test: {fil: x}}}}\n",
         "a.yaml:1:44+3 error: unknown key 'fil' = did you mean 'file'?\n"
         "a.yaml:1:35+6 error: zone 'a.test' has no file = give it one, as in {file: "
         "example.test.zone}, or a primary, as in {from: 192.0.2.1}\n"},
        {"views: {v: {match: [any], resolve: {defalt: none}}}\n",
         "a.yaml:1:37+6 error: unknown key 'defalt' = did you mean 'default'?\n"},
        {"views: {v: {match: [10.0.0.1/8]}}\n",
         "a.yaml:1:21+10 error: '10.0.0.1/8' is not localhost, private, any, none, an address, a "
         "prefix or key:NAME = bits past the length must be zero: did you mean '10.0.0.0/8'?\n"},
        {"views: {v: x}\n", "a.yaml:1:12+1 error: an entry of 'views' must be a map, not a text = "
                            "like this: views: {inside: {match: [private]}}\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_null(read_views(cases[i].text, cases[i].told));
}

static void test_limits(void **state)
{
    struct buffer text = {0}, told = {0};
    (void)state;
    buffer_add_text(&text, "views:\n");
    for (unsigned i = 0; i <= VIEWS_MAX; i++)
        buffer_format(&text, "  v%u: {match: [any]}\n", i);
    buffer_format(&told, "a.yaml:2:3+1 error: more than %d views\n", VIEWS_MAX);
    assert_null(read_views(text.text, told.text));
    buffer_clear(&text);
    buffer_clear(&told);
    buffer_add_text(&text, "views: {v: {match: [any], resolve: {zones: {\n");
    for (unsigned i = 0; i <= VIEW_ZONES_MAX; i++)
        buffer_format(&text, "z%u.test: {forward: 10.0.0.1},\n", i);
    buffer_add_text(&text, "}}}}\n");
    buffer_format(&told, "a.yaml:1:36+1 error: a view with more than %d zones to resolve\n",
                  VIEW_ZONES_MAX);
    assert_null(read_views(text.text, told.text));
    buffer_free(&text);
    buffer_free(&told);
}

static void test_show(void **state)
{
    struct options *options =
        read_views("views: {v: {match: [any], zones: {a.test: {file: x}}}}\n", "");
    struct buffer text = {0};
    (void)state;
    options_show(options, (struct show_style){0}, &text);
    assert_string_equal(buffer_text(&text),
                        "views:\n  \"v\": {match: [any], zones: {\"a.test\": {file: x}}}\n");
    buffer_free(&text);
    options_free(options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),  cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
