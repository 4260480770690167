// From a command line to an exit code.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>

#include "cli/exit.h"
#include "spoken.h"

static void test_usage(void **state)
{
    (void)state;
    struct spoken spoken = speak("zone chck a");
    assert_int_equal(spoken.code, EXIT_USAGE);
    assert_string_equal(spoken.out, "");
    assert_string_equal(spoken.err,
                        "onym: unknown command 'zone chck'\n  did you mean 'onym zone check'?\n");
    hush(&spoken);
}

// Runs a command whose stdout is `target`, and keeps what it says on stderr.
static int write_to(int target, char *said, size_t size)
{
    static const char *const words[] = {"help"};
    int err = memfd_create("err", MFD_CLOEXEC);
    int kept_out = divert(stdout, target), kept_err = divert(stderr, err);
    int code = run_command(1, (char *const *)words);
    restore(stdout, kept_out);
    restore(stderr, kept_err);
    ssize_t got = pread(err, said, size - 1, 0);
    said[got < 0 ? 0 : got] = 0;
    close(err);
    close(target);
    return code;
}

static void test_full_disk(void **state)
{
    (void)state;
    char said[200];
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_int_equal(write_to(full, said, sizeof said), EXIT_FAILED);
    assert_string_equal(said, "onym: cannot write to stdout: No space left on device\n");
}

static void test_closed_pipe(void **state)
{
    (void)state;
    char said[200];
    int ends[2];
    signal(SIGPIPE, SIG_IGN); // as systemd starts services; else the signal ends the command
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(write_to(ends[1], said, sizeof said), EXIT_FAILED);
    assert_string_equal(said, "");
    signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_closed_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
