// The state folder: one lock, one secret, and nothing that stops a start but another daemon.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/state.h"

static char folder[64], path[96];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static int prepare(pid_t *holder)
{
    struct privilege privilege;
    assert_int_equal(privilege_find(NULL, &privilege), 0);
    return state_prepare(path, &privilege, holder);
}

static void test_secret_lasts(void **state)
{
    (void)state;
    struct state first, second;
    pid_t holder;
    assert_int_equal(prepare(&holder), 0);
    assert_int_equal(state_open(&first, path, &holder), 0);
    assert_true(first.lock >= 0);
    state_close(&first);
    assert_int_equal(state_open(&second, path, &holder), 0);
    assert_memory_equal(&first.hash, &second.hash, sizeof first.hash);
    assert_memory_equal(&first.cookies, &second.cookies, sizeof first.cookies);
    assert_memory_not_equal(&first.hash, &first.cookies, sizeof first.hash);
    state_close(&second);
    // Another folder has another one.
    char other[128];
    snprintf(other, sizeof other, "%s/other", folder);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(state_open(&second, other, &holder), 0);
    assert_memory_not_equal(&first.hash, &second.hash, sizeof first.hash);
    state_close(&second);
}

static void test_damaged_secret(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 31, 33, 1000};
    struct state opened;
    pid_t holder;
    char file[128], octets[1000] = {0};
    snprintf(file, sizeof file, "%s/secret", path);
    assert_int_equal(prepare(&holder), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(file_write(file, octets, sizes[i], 0600), 0);
        assert_int_equal(state_open(&opened, path, &holder), 0);
        assert_memory_not_equal(&opened.hash, octets, sizeof opened.hash);
        state_close(&opened);
        struct stat status;
        assert_int_equal(stat(file, &status), 0);
        assert_int_equal(status.st_size, 32);
        assert_int_equal(status.st_mode & 07777, 0600);
    }
}

static void test_locked(void **state)
{
    (void)state;
    struct state first, second;
    pid_t holder;
    assert_int_equal(prepare(&holder), 0);
    assert_int_equal(state_open(&first, path, &holder), 0);
    assert_int_equal(prepare(&holder), -EWOULDBLOCK);
    assert_int_equal(holder, getpid());
    assert_int_equal(state_open(&second, path, &holder), -EWOULDBLOCK);
    assert_int_equal(holder, getpid());
    state_close(&first);
    assert_int_equal(prepare(&holder), 0);
    assert_int_equal(state_open(&second, path, &holder), 0);
    state_close(&second);
    state_close(&second); // closing twice is fine
}

static void test_no_folder(void **state)
{
    (void)state;
    struct state first, second;
    pid_t holder;
    snprintf(path, sizeof path, "%s/file", folder);
    fclose(fopen(path, "w"));
    strcat(path, "/state");
    assert_int_equal(prepare(&holder), 0);
    assert_int_equal(state_open(&first, path, &holder), 0);
    assert_int_equal(first.lock, -1);
    assert_int_equal(state_open(&second, path, &holder), 0);
    assert_memory_not_equal(&first.hash, &second.hash, sizeof first.hash);
    state_close(&first);
    state_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_secret_lasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_secret, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_locked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
