// Memory that may be used: the machine's, and what groups leave of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/capacity.h"
#include "base/file.h"

static void put(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}

static void test_group(void **state)
{
    char folder[] = "/tmp/onym-capacity-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("a", 0755), 0);
    assert_int_equal(mkdir("a/b", 0755), 0);
    assert_true(capacity_of_group(folder, "/a/b") == UINT64_MAX);
    put("a/b/memory.max", "max\n");
    assert_true(capacity_of_group(folder, "/a/b") == UINT64_MAX);
    put("a/memory.max", "1073741824\n"); // one above counts as well
    assert_int_equal(capacity_of_group(folder, "/a/b"), 1 << 30);
    put("a/b/memory.max", "4096\n");
    assert_int_equal(capacity_of_group(folder, "/a/b"), 4096);
    assert_int_equal(capacity_of_group(folder, "/a"), 1 << 30);
    assert_true(capacity_of_group(folder, "/") == UINT64_MAX);
    put("memory.max", "8192\n");
    assert_int_equal(capacity_of_group(folder, "/"), 8192);
    assert_int_equal(capacity_of_group(folder, ""), 8192);
    assert_int_equal(unlink("memory.max") | unlink("a/memory.max") | unlink("a/b/memory.max"), 0);
    assert_int_equal(rmdir("a/b") | rmdir("a"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_machine(void **state)
{
    (void)state;
    assert_true(capacity_memory() >= 16 << 20);
    uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    assert_true(capacity_memory() <= machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
