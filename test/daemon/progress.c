// Progress: in words, as lines where there is no terminal, as a bar where there is one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/progress.h"

static int real_stderr;

// stderr goes to `fd` until reset.
static void redirect(int fd)
{
    real_stderr = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
}

static void reset(void)
{
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        size_t zones;
        struct loader_progress loading;
        const char *words;
    } rows[] = {
        {0, {0}, "0/0"},
        {10, {.queued = 7, .running = 1}, "2/10"},
        {10, {.running = 10, .octets_read = 5, .octets_total = 999999}, "0/10"},
        {2,
         {.running = 1, .octets_read = 412000000, .octets_total = 870000000},
         "1/2  412 MB of 870 MB"},
        {1, {.queued = 5}, "0/1"}, // never below nothing
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct progress progress = {.zones = rows[i].zones};
        char text[PROGRESS_TEXT_MAX];
        progress_print(&progress, &rows[i].loading, text);
        assert_string_equal(text, rows[i].words);
    }
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        found++;
    return found;
}

static void test_lines(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    redirect(ends[1]);
    struct progress progress;
    progress_begin(&progress, 100, 1000);
    for (unsigned i = 0; i < 100; i++) { // a second: nothing is said
        struct loader_progress loading = {.queued = 100 - i};
        progress_show(&progress, &loading, 1000 + 10 * i);
    }
    progress_begin(&progress, 100, 1000);
    for (unsigned i = 0; i <= 100; i++) { // ten: a line for each 10 %
        struct loader_progress loading = {.queued = 100 - i};
        progress_show(&progress, &loading, 1000 + 100 * i);
    }
    progress_end(&progress);
    reset();
    close(ends[1]);
    char text[4096];
    ssize_t size = read(ends[0], text, sizeof text - 1);
    text[size > 0 ? size : 0] = 0;
    close(ends[0]);
    assert_int_equal(count(text, "\n"), 8); // 20 % to 90 %: the first ones were too soon
    assert_non_null(strstr(text, "loading zones: 50 %  50/100\n"));
    assert_null(strstr(text, "\r"));
}

// A terminal hands on what was written when it likes to, and in pieces.
static void read_terminal(int master, char *text, size_t size)
{
    size_t got = 0;
    struct pollfd wait = {.fd = master, .events = POLLIN};
    while (got < size && poll(&wait, 1, 5000) == 1) {
        ssize_t more = read(master, text + got, size - got);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    text[got] = 0;
}

static void test_bar(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        skip(); // no terminals here
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    setenv("TERM", "xterm", 1);
    redirect(terminal);
    struct progress progress;
    struct loader_progress loading = {
        .queued = 1, .running = 1, .octets_read = 1000000, .octets_total = 2000000};
    progress_begin(&progress, 4, 1000);
    progress_show(&progress, &loading, 1100); // too soon
    progress_show(&progress, &loading, 3000);
    progress_end(&progress);
    reset();
    // Two and a half of four zones, in two seconds.
    const char *wanted = "\r\033[KLoading zones  ###############.........  2/4  1 MB of 2 MB"
                         "  ETA 1 s\r\033[K";
    char text[1024];
    read_terminal(master, text, strlen(wanted));
    close(terminal);
    close(master);
    assert_string_equal(text, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
