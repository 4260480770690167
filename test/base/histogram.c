// Histograms: bounds belong to the step below them, and sums are in seconds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "base/histogram.h"

static void test_steps(void **state)
{
    (void)state;
    static const struct {
        uint64_t us;
        unsigned at;
    } rows[] = {{0, 0},        {10, 0},        {11, 1},        {20, 1},
                {21, 2},       {1000, 6},      {1001, 7},      {5000000, 17},
                {5000001, 18}, {10000000, 18}, {10000001, 19}, {UINT64_MAX, 19}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct histogram histogram = {{0}};
        histogram_add(&histogram, rows[i].us, 3);
        for (unsigned at = 0; at <= HISTOGRAM_BOUNDS; at++)
            assert_int_equal(histogram.counts[at], at == rows[i].at ? 3 : 0);
    }
}

static void expect(const struct buffer *text, const char *line)
{
    if (!strstr(text->text, line))
        fail_msg("%s is not in %s", line, text->text);
}

static void test_print(void **state)
{
    (void)state;
    struct histogram histogram = {{0}};
    struct buffer text = {0};
    histogram_add(&histogram, 15, 2);
    histogram_add(&histogram, 1500000, 1);
    histogram_add(&histogram, 20000000, 1);
    histogram_print(&histogram, "x_seconds", "source=\"cache\"", &text);
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"0.00001\"} 0\n");
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"0.00002\"} 2\n");
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"1\"} 2\n");
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"2\"} 3\n");
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"10\"} 3\n");
    expect(&text, "x_seconds_bucket{source=\"cache\",le=\"+Inf\"} 4\n");
    expect(&text, "x_seconds_sum{source=\"cache\"} 21.500030\n");
    expect(&text, "x_seconds_count{source=\"cache\"} 4\n");
    buffer_clear(&text);
    histogram_print(&histogram, "y", "", &text);
    expect(&text, "y_bucket{le=\"0.00001\"} 0\n");
    expect(&text, "\ny_sum 21.500030\ny_count 4\n");
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
