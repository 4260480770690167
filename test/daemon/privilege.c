// Giving up root, in a child that may. (test/system/test_manager.py sees a whole daemon do it.)
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "daemon/privilege.h"

static void test_find(void **state)
{
    (void)state;
    struct privilege privilege;
    assert_int_equal(privilege_find(NULL, &privilege), 0);
    assert_false(privilege.change);
    assert_int_equal(privilege.user, geteuid());
    assert_int_equal(privilege_find("no-such-user", &privilege), -ENOENT);
    const struct passwd *self = getpwuid(geteuid());
    assert_int_equal(privilege_find(self->pw_name, &privilege), 0);
    assert_false(privilege.change); // we are that user already
    assert_int_equal(privilege_drop(&privilege), 0);
    if (geteuid() != 0) {
        assert_int_equal(privilege_find("root", &privilege), -EPERM);
        return;
    }
    assert_int_equal(privilege_find("nobody", &privilege), 0);
    assert_true(privilege.change);
    assert_string_equal(privilege.name, "nobody");
    assert_int_equal(privilege.user, getpwnam("nobody")->pw_uid);
}

// What a child that has become somebody else may still do; 0: just what it should.
static int try_all(void)
{
    struct privilege privilege;
    if (privilege_find("nobody", &privilege) || privilege_drop(&privilege))
        return 1;
    if (getuid() != privilege.user || geteuid() != privilege.user || getegid() != privilege.group)
        return 2;
    if (setuid(0) == 0 || setgid(0) == 0 || chown("/", 0, 0) == 0)
        return 3;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 4;
    struct address low;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (!address_parse("127.0.0.77", 77, &low) || bind(fd, &low.any, low.size) < 0)
        return errno == EACCES ? 5 : 0;
    return 0;
}

static void test_drop(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); // only root has something to give up
    pid_t child = fork();
    if (child == 0)
        _exit(try_all());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_folders(void **state)
{
    (void)state;
    struct privilege privilege;
    char top[] = "/tmp/onym-test-XXXXXX", path[96], file[96];
    assert_non_null(mkdtemp(top));
    bool is_root = geteuid() == 0;
    assert_int_equal(privilege_find(is_root ? "nobody" : NULL, &privilege), 0);
    assert_int_equal(privilege_make_folder(top, &privilege), 0);
    snprintf(path, sizeof path, "%s/a/b/c", top);
    assert_int_equal(privilege_make_folder(path, &privilege), 1);
    assert_int_equal(privilege_make_folder(path, &privilege), 0);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0750);
    assert_int_equal(status.st_uid, privilege.user);
    snprintf(file, sizeof file, "%s/file", top);
    fclose(fopen(file, "w"));
    assert_int_equal(privilege_make_folder(file, &privilege), -ENOTDIR);
    snprintf(path, sizeof path, "%s/file/below", top);
    assert_int_equal(privilege_make_folder(path, &privilege), -ENOTDIR);
    assert_int_equal(privilege_make_folder("", &privilege), -ENOENT);
    snprintf(path, sizeof path, "rm -r %s", top);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
