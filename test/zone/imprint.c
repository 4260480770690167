// zone/imprint: what is the same file, what only has the same content, and what has changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "zone/imprint.h"

#define LATER_NS INT64_C(10000000000) // a reading that began when the file was long there

static char folder[] = "/tmp/onym-imprint-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644); // in place: the inode stays
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static struct imprint take(const char *path, const char *text, int64_t age_ns)
{
    struct imprint imprint;
    write_text(path, text);
    assert_true(imprint_take(&imprint, path, text, strlen(text), imprint_now_ns() + age_ns));
    return imprint;
}

static void test_old_file_is_not_read(void **state)
{
    (void)state;
    struct imprint imprint = take("a", "octets", LATER_NS);
    assert_int_equal(imprint.settled, 1);
    assert_true(imprint_holds(&imprint, "a"));
    imprint.content.low++; // nobody looked
    assert_true(imprint_holds(&imprint, "a"));
}

// The file may have changed while it was read, and its times need not say so.
static void test_young_file_is_read(void **state)
{
    (void)state;
    struct imprint imprint = take("a", "octets", 0);
    assert_int_equal(imprint.settled, 0);
    assert_true(imprint_holds(&imprint, "a"));
    imprint.content.low++;
    assert_false(imprint_holds(&imprint, "a"));
}

static void test_same_content_in_another_file(void **state)
{
    (void)state;
    struct imprint imprint = take("a", "octets", LATER_NS);
    assert_int_equal(utimensat(AT_FDCWD, "a", NULL, 0), 0); // touch
    assert_true(imprint_holds(&imprint, "a"));
    write_text("copy", "octets");
    assert_int_equal(rename("copy", "a"), 0);
    assert_true(imprint_holds(&imprint, "a"));
}

static void test_changed_file(void **state)
{
    (void)state;
    struct imprint imprint = take("a", "octets", LATER_NS);
    static const char *const texts[] = {"0ctets", "octet", "octetss", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text("a", texts[i]);
        assert_false(imprint_holds(&imprint, "a"));
        // Whoever sets the time back cannot set that of the inode.
        struct timespec times[2] = {
            {.tv_nsec = UTIME_OMIT},
            {imprint.modified_ns / 1000000000, imprint.modified_ns % 1000000000}};
        assert_int_equal(utimensat(AT_FDCWD, "a", times, 0), 0);
        assert_false(imprint_holds(&imprint, "a"));
    }
    assert_int_equal(unlink("a"), 0);
    assert_false(imprint_holds(&imprint, "a"));
}

// The file was replaced between its reading and the look at it: the content that counts is what was
// read.
static void test_replaced_while_it_was_read(void **state)
{
    (void)state;
    struct imprint imprint;
    write_text("a", "longer than before");
    assert_true(imprint_take(&imprint, "a", "octets", 6, imprint_now_ns() + LATER_NS));
    assert_int_equal(imprint.settled, 0);
    assert_false(imprint_holds(&imprint, "a"));
}

static void test_only_regular_files(void **state)
{
    (void)state;
    struct imprint imprint;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_false(imprint_take(&imprint, "pipe", "", 0, 0));
    assert_false(imprint_take(&imprint, "nowhere", "", 0, 0));
    imprint = take("a", "octets", LATER_NS);
    assert_false(imprint_holds(&imprint, "pipe")); // and does not wait for it
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_file_is_not_read),
        cmocka_unit_test(test_young_file_is_read),
        cmocka_unit_test(test_same_content_in_another_file),
        cmocka_unit_test(test_changed_file),
        cmocka_unit_test(test_replaced_while_it_was_read),
        cmocka_unit_test(test_only_regular_files),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
