// Programs that check: how they end, what they say, and that nothing of them is left.
#include "asked.h"

#include <signal.h>

#include "checker/script.h"

static void run(const char *text, uint32_t timeout_ms, struct probe_result *result)
{
    struct script script = {0};
    struct probe probe = {.id = 9, .kind = PROBE_SCRIPT, .timeout_ms = timeout_ms};
    assert_true(address_parse("192.0.2.1", 0, &probe.address));
    probe.path = asked_program(text);
    assert_true(script_begin(&script, &probe, clock_now_ms(), result));
    while (!script_step(&script, clock_now_ms(), result))
        usleep(2000);
    assert_int_equal(script.pid, 0);
    assert_int_equal(result->id, 9);
    unlink(probe.path);
}

static void check(const char *text, bool good, const char *words)
{
    struct probe_result result = {0};
    run(text, 10000, &result);
    assert_int_equal(result.good, good);
    assert_string_equal(result.words, words);
}

static void test_ends(void **state)
{
    (void)state;
    check("#!/bin/sh\nexit 0\n", true, "the script ended well");
    check("#!/bin/sh\necho \"$1 $ONYM_ADDRESS\"; echo more\n", true, "192.0.2.1 192.0.2.1");
    check("#!/bin/sh\nexit 3\n", false, "the script ended with 3");
    check("#!/bin/sh\necho no disk >&2; exit 1\n", false, "the script ended with 1: no disk");
    check("#!/bin/sh\nprintf 'a\\033[1mb\\n'; exit 1\n", false, "the script ended with 1: a?[1mb");
    check("#!/bin/sh\nkill -TERM $$\n", false, "the script was killed by signal 15");
    check("#!/bin/sh\ncat; echo read\n", true, "read"); // its input is empty
    check("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' x\n", true,
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxx"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

// A program that hangs is killed with all that it started; so is what one leaves behind.
static void test_hangs(void **state)
{
    static const char *const texts[] = {
        "#!/bin/sh\nsleep 60 & echo $!; wait\n",
        "#!/bin/sh\nsleep 60 >/dev/null 2>&1 & echo $!\n",
    };
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct probe_result result = {0};
        uint64_t began_ms = clock_now_ms();
        run(texts[i], i ? 10000 : 300, &result);
        assert_true(clock_now_ms() - began_ms < 5000);
        assert_int_equal(result.good, i == 1);
        if (i == 0)
            assert_string_equal(result.words,
                                "the script did not end within 300 ms, and was killed");
        else
            for (unsigned wait = 0; kill(atoi(result.words), 0) == 0; wait++) {
                char path[64], text[256] = "";
                snprintf(path, sizeof path, "/proc/%d/stat", atoi(result.words));
                int fd = open(path, O_RDONLY);
                if (fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strstr(text, ") Z"))
                    wait = 1000; // dead, and nobody has asked for it yet
                if (fd >= 0)
                    close(fd);
                if (wait >= 1000)
                    break;
                assert_true(wait < 500);
                usleep(10000);
            }
    }
}

static void test_no_program(void **state)
{
    struct script script = {0};
    struct probe_result result = {0};
    struct probe probe = {.kind = PROBE_SCRIPT, .path = "/none/here", .timeout_ms = 100};
    (void)state;
    assert_true(address_parse("192.0.2.1", 0, &probe.address));
    assert_false(script_begin(&script, &probe, clock_now_ms(), &result));
    assert_string_equal(result.words, "the script cannot be run: No such file or directory");
    assert_false(result.good);
    script_end(&script); // nothing
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_no_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
