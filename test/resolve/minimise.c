// How much of a name is shown (RFC 9156).
#include "../dns/names.h"

#include "dns/type.h"
#include "resolve/minimise.h"

struct row {
    struct minimise minimise;
    const char *cut, *goal;
    uint16_t type;
    const char *shown;
    uint16_t shown_type;
};

static void test_shows_one_label_more(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {{0}, ".", "www.example.com.", TYPE_MX, "com.", TYPE_A},
        {{0}, "com.", "www.example.com.", TYPE_MX, "example.com.", TYPE_A},
        {{0}, "example.com.", "www.example.com.", TYPE_MX, "www.example.com.", TYPE_MX},
        {{0}, "www.example.com.", "www.example.com.", TYPE_MX, "www.example.com.", TYPE_MX},
        {{.labels = 2}, "com.", "www.example.com.", TYPE_MX, "www.example.com.", TYPE_MX},
        {{.off = true}, ".", "www.example.com.", TYPE_MX, "www.example.com.", TYPE_MX},
        {{0}, ".", ".", TYPE_NS, ".", TYPE_NS},
        {{.steps = 4, .labels = 4},
         ".",
         "9.8.7.6.5.4.3.2.1.x.d.c.b.a.",
         TYPE_A,
         "1.x.d.c.b.a.",
         TYPE_A},
        {{.steps = 10, .labels = 5},
         ".",
         "9.8.7.6.5.4.3.2.1.x.d.c.b.a.",
         TYPE_AAAA,
         "9.8.7.6.5.4.3.2.1.x.d.c.b.a.",
         TYPE_AAAA},
    };
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct minimised shown =
            minimise_next(&row->minimise, name_of(row->cut), name_of(row->goal), row->type);
        assert_name(shown.name, row->shown);
        assert_int_equal(shown.type, row->shown_type);
        assert_int_equal(shown.whole, strcmp(row->shown, row->goal) == 0);
    }
}

// RFC 9156 2.3: at most so many names in between, however long the name is.
static void test_steps_are_limited(void **state)
{
    (void)state;
    char text[NAME_TEXT_MAX] = "";
    for (unsigned labels = 1; labels <= NAME_LABELS_MAX; labels++) {
        strcat(text, "a.");
        struct minimise minimise = {0};
        struct name goal = name_of(text);
        struct minimised shown = minimise_next(&minimise, NAME_ROOT, goal, TYPE_A);
        while (!shown.whole) {
            assert_true(shown.name.labels > minimise.labels);
            minimise.labels = shown.name.labels;
            minimise.steps++;
            shown = minimise_next(&minimise, NAME_ROOT, goal, TYPE_A);
        }
        assert_in_range(minimise.steps, 0, MINIMISE_STEPS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows_one_label_more),
        cmocka_unit_test(test_steps_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
