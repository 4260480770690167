// Scripts end with their checker, and only those that still ran.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "checker/warden.h"

// A group of two that does nothing, for ever; its number. Before the warden is started: unlike a
// program that is begun, a mere fork would hold the warden's pipe.
static pid_t begin_group(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTERM, SIG_IGN);
        (void)!fork();
        for (;;)
            pause();
    }
    setpgid(pid, pid); // whoever of us is first
    return pid;
}

static int end_of(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void test_what_runs_is_killed(void **state)
{
    (void)state;
    struct warden warden;
    int ends[2];
    char octet;
    pid_t two = begin_group(), over = begin_group();
    assert_int_equal(pipe(ends), 0);
    pid_t one = begin_group(); // both of it hold the pipe
    close(ends[1]);
    assert_int_equal(warden_start(&warden), 0);
    warden_watch(&warden, one);
    warden_watch(&warden, over);
    warden_watch(&warden, two);
    warden_forget(&warden, over);
    warden_stop(&warden);
    assert_int_equal(end_of(one), SIGKILL);
    assert_int_equal(end_of(two), SIGKILL);
    assert_int_equal(read(ends[0], &octet, 1), 0); // no one of it is left
    close(ends[0]);
    assert_int_equal(waitpid(over, NULL, WNOHANG), 0); // nobody's affair any more
    kill(-over, SIGKILL);
    end_of(over);
    warden_stop(&warden); // once more is nothing
}

// The other end of the pipe is held by nobody but the one who was killed.
static void test_killed_checker(void **state)
{
    (void)state;
    pid_t group = begin_group();
    pid_t checker = fork();
    if (checker == 0) {
        struct warden warden;
        if (warden_start(&warden))
            _exit(1);
        warden_watch(&warden, group);
        for (;;)
            pause();
    }
    usleep(200000);
    assert_int_equal(waitpid(group, NULL, WNOHANG), 0);
    kill(checker, SIGKILL);
    assert_int_equal(end_of(checker), SIGKILL);
    assert_int_equal(end_of(group), SIGKILL);
}

// More than there can be are not watched, and hurt nobody; slots are used again.
static void test_many(void **state)
{
    (void)state;
    struct warden warden;
    pid_t group = begin_group();
    assert_int_equal(warden_start(&warden), 0);
    for (unsigned turn = 0; turn < 3; turn++) {
        for (int i = 0; i < CHECKS_RUNNING_MAX + 10; i++)
            warden_watch(&warden, 2000000000 + i); // above every number that the kernel gives
        for (int i = 0; i < CHECKS_RUNNING_MAX + 10; i++)
            warden_forget(&warden, 2000000000 + i);
    }
    warden_watch(&warden, group);
    warden_stop(&warden);
    assert_int_equal(end_of(group), SIGKILL);
}

// A socket that the warden held would never end for the one at its other end.
static void test_holds_nothing(void **state)
{
    (void)state;
    struct warden warden;
    int sockets[2];
    char path[64], octet;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
    assert_int_equal(warden_start(&warden), 0);
    close(sockets[1]);
    assert_int_equal(recv(sockets[0], &octet, 1, 0), 0); // its end has come
    close(sockets[0]);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)warden.pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(count, 4); // 0, 1, 2 and the pipe
    warden_stop(&warden);
}

static void test_without_one(void **state)
{
    (void)state;
    struct warden none = {.pipe = -1};
    warden_watch(&none, 1);
    warden_forget(&none, 1);
    warden_stop(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_runs_is_killed),
        cmocka_unit_test(test_killed_checker),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_holds_nothing),
        cmocka_unit_test(test_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
