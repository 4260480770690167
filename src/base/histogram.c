// Histograms of times (histogram.h).
#include "base/histogram.h"

#include <inttypes.h>

#include "base/buffer.h"

static const struct {
    uint32_t most_us;
    const char *seconds; // as written: "%g" would say 1e-05
} bounds[HISTOGRAM_BOUNDS] = {
    {10, "0.00001"}, {20, "0.00002"}, {50, "0.00005"}, {100, "0.0001"},  {200, "0.0002"},
    {500, "0.0005"}, {1000, "0.001"}, {2000, "0.002"}, {5000, "0.005"},  {10000, "0.01"},
    {20000, "0.02"}, {50000, "0.05"}, {100000, "0.1"}, {200000, "0.2"},  {500000, "0.5"},
    {1000000, "1"},  {2000000, "2"},  {5000000, "5"},  {10000000, "10"},
};

void histogram_add(struct histogram *histogram, uint64_t us, uint64_t times)
{
    unsigned at = 0;
    while (at < HISTOGRAM_BOUNDS && us > bounds[at].most_us)
        at++;
    histogram->counts[at] += times;
    histogram->sum_us += us * times;
}

void histogram_print(const struct histogram *histogram, const char *metric, const char *label,
                     struct buffer *to)
{
    const char *comma = *label ? "," : "";
    uint64_t sum = 0;
    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        sum += histogram->counts[i];
        buffer_format(to, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", metric, label, comma,
                      i < HISTOGRAM_BOUNDS ? bounds[i].seconds : "+Inf", sum);
    }
    const char *open = *label ? "{" : "", *close = *label ? "}" : "";
    buffer_format(to, "%s_sum%s%s%s %" PRIu64 ".%06u\n", metric, open, label, close,
                  histogram->sum_us / 1000000, (unsigned)(histogram->sum_us % 1000000));
    buffer_format(to, "%s_count%s%s%s %" PRIu64 "\n", metric, open, label, close, sum);
}
