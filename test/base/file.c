// Whole files: every size, every refusal, and that a write that fails leaves the old file and
// nothing else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/onym-file-XXXXXX";

static int open_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static size_t count_entries(void)
{
    DIR *entries = opendir(".");
    assert_non_null(entries);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    return count;
}

static int close_folder(void **state)
{
    (void)state;
    unlink("zone");
    rmdir("sub");
    size_t left = count_entries();
    return chdir("/") == 0 && rmdir(folder) == 0 && left == 0 ? 0 : -1;
}

static void test_there_and_back(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *out = malloc(sizes[i] + 1), *in;
        size_t size;
        for (size_t k = 0; k < sizes[i]; k++)
            out[k] = (char)(k * 7);
        assert_int_equal(file_write("zone", out, sizes[i], 0640), 0);
        assert_int_equal(file_read("zone", sizes[i], &in, &size), 0);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(in, out, size);
        for (size_t k = 0; k < FILE_PADDING; k++)
            assert_int_equal(in[size + k], 0);
        free(in);
        if (sizes[i]) {
            assert_int_equal(file_read("zone", sizes[i] - 1, &in, &size), -EFBIG);
            assert_null(in);
        }
        free(out);
    }
    assert_int_equal(count_entries(), 1);
}

static void test_mode(void **state)
{
    (void)state;
    umask(077); // the mode is the caller's, not the umask's
    struct stat status;
    char path[100];
    snprintf(path, sizeof path, "%s/zone", folder);
    assert_int_equal(file_write(path, "x", 1, 0644), 0);
    assert_int_equal(stat("zone", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(file_write(path, "x", 1, 0600), 0);
    assert_int_equal(stat("zone", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_refusals(void **state)
{
    (void)state;
    char *octets;
    size_t size;
    assert_int_equal(file_read("no-such", 100, &octets, &size), -ENOENT);
    assert_int_equal(file_read(".", 100, &octets, &size), -EISDIR);
    assert_int_equal(file_read("", 100, &octets, &size), -ENOENT);
    assert_int_equal(mkdir("sub", 0755), 0);
    size_t before = count_entries();
    assert_int_equal(file_write("no-such/zone", "x", 1, 0644), -ENOENT);
    assert_int_equal(file_write("", "x", 1, 0644), -ENOENT);
    assert_int_equal(file_write("sub/", "x", 1, 0644), -EISDIR);
    assert_int_equal(file_write("sub", "x", 1, 0644), -EISDIR); // found out by the rename
    assert_int_equal(count_entries(), before);
}

static void test_failed_write_keeps_old(void **state)
{
    (void)state;
    static char large[100000];
    struct rlimit before, small;
    char *octets;
    size_t size;
    assert_int_equal(file_write("zone", "old", 3, 0644), 0);
    size_t entries = count_entries();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 50000; // the disk is full in the middle of the write
    setrlimit(RLIMIT_FSIZE, &small);
    int result = file_write("zone", large, sizeof large, 0644);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(result, -EFBIG);
    assert_int_equal(count_entries(), entries);
    assert_int_equal(file_read("zone", 100, &octets, &size), 0);
    assert_string_equal(octets, "old");
    free(octets);
}

// No size is known before: pipes and /proc.
static void test_read_sizeless(void **state)
{
    (void)state;
    char *octets;
    size_t size;
    assert_int_equal(file_read("/proc/self/stat", 100000, &octets, &size), 0);
    assert_int_equal(strtol(octets, NULL, 10), getpid());
    assert_int_equal(strlen(octets), size);
    free(octets);

    int ends[2];
    static char text[20000];
    assert_int_equal(pipe(ends), 0);
    memset(text, 'z', sizeof text);
    assert_int_equal(write(ends[1], text, sizeof text), sizeof text);
    close(ends[1]);
    char path[40];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(file_read(path, sizeof text, &octets, &size), 0);
    assert_int_equal(size, sizeof text);
    assert_memory_equal(octets, text, size);
    free(octets);
    close(ends[0]);
    assert_int_equal(file_read("/dev/zero", 100000, &octets, &size), -EFBIG);
}

static void test_path_beside(void **state)
{
    static const struct {
        const char *beside, *path, *result;
    } cases[] = {
        {"/etc/onym/onym.yaml", "zones/a.zone", "/etc/onym/zones/a.zone"},
        {"/etc/onym/onym.yaml", "/var/a.zone", "/var/a.zone"},
        {"/etc/onym/onym.yaml", "../a.zone", "/etc/onym/../a.zone"},
        {"onym.yaml", "a.zone", "a.zone"},
        {"conf/onym.yaml", "a.zone", "conf/a.zone"},
        {"/onym.yaml", "a.zone", "/a.zone"},
        {"conf/", "a.zone", "conf/a.zone"},
        {"conf/onym.yaml", "", "conf/"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *result = file_path_beside(cases[i].beside, cases[i].path);
        assert_string_equal(result, cases[i].result);
        free(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_mode),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_failed_write_keeps_old),
        cmocka_unit_test(test_read_sizeless),  cmocka_unit_test(test_path_beside),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
