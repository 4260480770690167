// Showing how far the loading is (progress.h).
#include "daemon/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define BAR_AFTER_MS   500
#define LINES_AFTER_MS 2000
#define BAR_WIDTH      24

void progress_begin(struct progress *progress, size_t zones, uint64_t now_ms)
{
    const char *screen = getenv("TERM");
    *progress = (struct progress){
        .terminal = isatty(STDERR_FILENO) && (!screen || strcmp(screen, "dumb") != 0),
        .began_ms = now_ms,
        .zones = zones,
    };
}

static size_t count_done(const struct progress *progress, const struct loader_progress *loading)
{
    size_t left = loading->queued + loading->running;
    return left < progress->zones ? progress->zones - left : 0;
}

// Whole zones, and of those under way the part that was read. 0 to 1.
static double measure_share(const struct progress *progress, const struct loader_progress *loading)
{
    if (progress->zones == 0)
        return 1;
    double share = (double)count_done(progress, loading);
    if (loading->octets_total)
        share +=
            (double)loading->running * (double)loading->octets_read / (double)loading->octets_total;
    share /= (double)progress->zones;
    return share > 1 ? 1 : share;
}

void progress_print(const struct progress *progress, const struct loader_progress *loading,
                    char text[static PROGRESS_TEXT_MAX])
{
    int size = snprintf(text, PROGRESS_TEXT_MAX, "%zu/%zu", count_done(progress, loading),
                        progress->zones);
    if (loading->octets_total >= 1000000)
        snprintf(text + size, PROGRESS_TEXT_MAX - (size_t)size,
                 "  %" PRIu64 " MB of %" PRIu64 " MB", loading->octets_read / 1000000,
                 loading->octets_total / 1000000);
}

static void show_bar(struct progress *progress, const struct loader_progress *loading,
                     uint64_t age_ms)
{
    double share = measure_share(progress, loading);
    char text[PROGRESS_TEXT_MAX], bar[BAR_WIDTH + 1], rest[32] = "";
    progress_print(progress, loading, text);
    int full = (int)(share * BAR_WIDTH);
    memset(bar, '#', (size_t)full);
    memset(bar + full, '.', (size_t)(BAR_WIDTH - full));
    bar[BAR_WIDTH] = 0;
    if (share > 0.05)
        snprintf(rest, sizeof rest, "  ETA %.0f s", (double)age_ms / 1000 * (1 - share) / share);
    fprintf(stderr, "\r\033[KLoading zones  %s  %s%s", bar, text, rest);
    progress->shown = true;
}

void progress_show(struct progress *progress, const struct loader_progress *loading,
                   uint64_t now_ms)
{
    uint64_t age_ms = now_ms - progress->began_ms;
    if (progress->terminal) {
        if (age_ms >= BAR_AFTER_MS)
            show_bar(progress, loading, age_ms);
        return;
    }
    unsigned tenths = (unsigned)(measure_share(progress, loading) * 10);
    if (age_ms < LINES_AFTER_MS || tenths <= progress->tenths_told || tenths >= 10)
        return;
    char text[PROGRESS_TEXT_MAX];
    progress_print(progress, loading, text);
    progress->tenths_told = tenths;
    log_info("loading zones: %u0 %%  %s", tenths, text);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
