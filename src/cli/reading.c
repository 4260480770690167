// The progress of a reading (reading.h), on stderr.
#include "cli/reading.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/output.h"

#define SILENT_MS 500
#define BAR_WIDTH 24

static_assert(offsetof(struct reading, parse) == 0, "a parse_progress of ours is a progress");

static void draw_bar(const struct reading *reading, unsigned percent, uint64_t spent_ms)
{
    unsigned filled = percent * BAR_WIDTH / 100;
    char bar[BAR_WIDTH + 1];
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = 0;
    uint64_t left_s = percent ? spent_ms * (100 - percent) / percent / 1000 : 0;
    fprintf(stderr, "\r\033[Kreading %s [%s] %u %%, %llu s left", reading->what, bar, percent,
            (unsigned long long)left_s);
}

static void tell(struct parse_progress *parse, uint64_t octets_read, uint64_t octets_total)
{
    struct reading *reading = (struct reading *)parse;
    uint64_t spent_ms = clock_now_ms() - reading->began_ms;
    if (spent_ms < SILENT_MS || octets_total == 0 || output_is_quiet())
        return;
    unsigned percent =
        octets_read < octets_total ? (unsigned)(octets_read * 100 / octets_total) : 100;
    if (percent / (reading->bar ? 1 : 10) <= reading->percent / (reading->bar ? 1 : 10))
        return;
    reading->percent = percent;
    reading->shown = true;
    if (reading->bar)
        draw_bar(reading, percent, spent_ms);
    else
        fprintf(stderr, "reading %s: %u %%\n", reading->what, percent);
}

void reading_begin(struct reading *reading, const char *what)
{
    *reading = (struct reading){.parse = {.tell = tell},
                                .what = what,
                                .began_ms = clock_now_ms(),
                                .bar = isatty(STDERR_FILENO)};
}

void reading_end(struct reading *reading)
{
    if (reading->bar && reading->shown)
        fputs("\r\033[K", stderr);
    reading->shown = false;
}
