// The log: its three forms, that no message forges a line, and that lines of threads do not mix.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static char caught[1 << 20];
static int stderr_before = -1;
static FILE *catcher;

// Between the two stderr is a file; what was written is in `caught` then.
static void catch_stderr(void)
{
    fflush(stderr);
    stderr_before = dup(STDERR_FILENO);
    catcher = tmpfile();
    assert_non_null(catcher);
    // O_APPEND as a journal, a terminal and a pipe have it: each write goes to the end.
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(catcher));
    assert_non_null(freopen(path, "a", stderr));
}

static void release_stderr(void)
{
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    rewind(catcher);
    size_t size = fread(caught, 1, sizeof caught - 1, catcher);
    caught[size] = 0;
    fclose(catcher);
}

// Runs first: before log_open.
static void test_before_open(void **state)
{
    (void)state;
    catch_stderr();
    log_error("no %s", "time");
    log_info("shown");
    log_debug("hidden");
    release_stderr();
    assert_string_equal(caught, "error: no time\ninfo: shown\n");
}

static void test_time_and_levels(void **state)
{
    static const char pattern[] =
        "^([0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z )error: e\n"
        "([^ ]{24} )warning: w\n([^ ]{24} )info: i\n([^ ]{24} )debug: d\n$";
    (void)state;
    unsetenv("JOURNAL_STREAM");
    catch_stderr();
    log_open(LOG_LEVEL_DEBUG);
    log_error("e");
    log_warning("w");
    log_info("i");
    log_debug("d");
    release_stderr();
    regex_t expression;
    assert_int_equal(regcomp(&expression, pattern, REG_EXTENDED), 0);
    assert_int_equal(regexec(&expression, caught, 0, NULL, 0), 0);
    regfree(&expression);
}

static void test_journal(void **state)
{
    static const struct {
        const char *format; // of device and inode
        bool journal;
    } cases[] = {{"%ju:%ju", true}, {"%ju:%ju0", false}, {"1%ju:%ju", false}, {"", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        catch_stderr();
        struct stat status;
        fstat(STDERR_FILENO, &status);
        char stream[80] = "";
        if (cases[i].format[0])
            snprintf(stream, sizeof stream, "%s%ju:%ju%s", i == 2 ? "1" : "",
                     (uintmax_t)status.st_dev, (uintmax_t)status.st_ino, i == 1 ? "0" : "");
        setenv("JOURNAL_STREAM", stream, 1);
        log_open(LOG_LEVEL_DEBUG);
        log_error("e");
        log_warning("w");
        log_info("i");
        log_debug("d");
        release_stderr();
        if (cases[i].journal)
            assert_string_equal(caught, "<3>e\n<4>w\n<6>i\n<7>d\n");
        else
            assert_null(strchr(caught, '<'));
    }
}

// From here on in the journal's form, which has no time to look away from.
static void catch_journal(enum log_level level)
{
    catch_stderr();
    struct stat status;
    fstat(STDERR_FILENO, &status);
    char stream[80];
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_open(level);
}

static void test_levels(void **state)
{
    (void)state;
    catch_journal(LOG_LEVEL_WARNING);
    log_info("hidden");
    log_warning("shown");
    assert_true(log_shows(LOG_LEVEL_ERROR));
    assert_true(log_shows(LOG_LEVEL_WARNING));
    assert_false(log_shows(LOG_LEVEL_INFO));
    log_set_level(LOG_LEVEL_ERROR);
    log_warning("hidden");
    log_error("shown");
    release_stderr();
    assert_string_equal(caught, "<4>shown\n<3>shown\n");
}

static void test_no_forged_line(void **state)
{
    static const struct {
        const char *message, *line;
    } cases[] = {
        {"a\n<3>forged", "<6>a\\x0a<3>forged\n"},
        {"\r\t\x1b[2J\x7f", "<6>\\x0d\\x09\\x1b[2J\\x7f\n"},
        {"a\\032b", "<6>a\\032b\n"},              // names bring their own escapes
        {"\xc3\xa4", "<6>\xc3\xa4\n"},            // UTF-8 stays
        {"\xe4\xff", "<6>\\xe4\\xff\n"},          // what is none would be a blob
        {"\xc2\x85x", "<6>\\xc2\\x85x\n"},        // NEL ends a line for some
        {"\xe2\x80\xa8", "<6>\\xe2\\x80\\xa8\n"}, // so does LINE SEPARATOR
        {"\xe2\x80\xae", "<6>\\xe2\\x80\\xae\n"}, // right to left from here
        {"", "<6>\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        catch_journal(LOG_LEVEL_INFO);
        log_info("%s", cases[i].message);
        release_stderr();
        assert_string_equal(caught, cases[i].line);
    }
}

// Around every limit: the line ends in a line end, keeps within PIPE_BUF, and says when it was cut.
static void test_long_messages(void **state)
{
    static const char octets[] = {'x', '\n'};
    (void)state;
    static char message[9000];
    for (size_t which = 0; which < 2; which++)
        for (size_t size = 900; size < sizeof message; size += size < 4200 ? 1 : 577) {
            memset(message, octets[which], size);
            message[size] = 0;
            catch_journal(LOG_LEVEL_INFO);
            log_info("%s", message);
            release_stderr();
            size_t line = strlen(caught), shown = which ? 4 : 1;
            assert_true(line <= 4096 && caught[line - 1] == '\n');
            assert_ptr_equal(strchr(caught, '\n'), caught + line - 1);
            bool whole = line == 3 + size * shown + 1;
            assert_true(whole || strcmp(caught + line - 4, "...\n") == 0);
            assert_true(whole || line > 3000);
        }
}

static void test_errno(void **state)
{
    (void)state;
    catch_journal(LOG_LEVEL_INFO);
    errno = ENOENT;
    log_info("%m");
    int after = errno;
    release_stderr();
    assert_int_equal(after, ENOENT);
    assert_string_equal(caught, "<6>No such file or directory\n");
}

enum { THREADS = 8, LINES = 500 };

static void *write_lines(void *argument)
{
    const char *letter = argument;
    char text[101];
    memset(text, *letter, 100);
    text[100] = 0;
    for (int i = 0; i < LINES; i++)
        log_info("%s", text);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    static const char letters[] = "abcdefgh";
    pthread_t threads[THREADS];
    catch_journal(LOG_LEVEL_INFO);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, write_lines, (void *)(uintptr_t)&letters[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    release_stderr();
    size_t lines = 0;
    for (const char *line = caught; *line; line += 104, lines++) {
        assert_memory_equal(line, "<6>", 3);
        assert_int_equal(strspn(line + 3, (char[]){line[3], 0}), 100);
        assert_int_equal(line[103], '\n');
    }
    assert_int_equal(lines, THREADS * LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_open),    cmocka_unit_test(test_time_and_levels),
        cmocka_unit_test(test_journal),        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_no_forged_line), cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_errno),          cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
