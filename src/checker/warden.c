// The warden (warden.h).
#include "checker/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"

static void strike(pid_t *groups, pid_t wanted, pid_t fresh)
{
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++)
        if (groups[i] == wanted) {
            groups[i] = fresh;
            return;
        }
}

// A number is a group that runs, a negative one a group that is over: each is one write, and so is
// read whole.
static void keep_watch(int pipe)
{
    pid_t groups[CHECKS_RUNNING_MAX] = {0};
    int32_t word;
    ssize_t size;
    while ((size = read(pipe, &word, sizeof word)) == sizeof word || (size < 0 && errno == EINTR)) {
        if (size < 0)
            continue;
        if (word > 0)
            strike(groups, 0, word);
        else
            strike(groups, -word, 0);
    }
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++)
        if (groups[i] > 0)
            kill(-groups[i], SIGKILL);
}

// Keeps the pipe alone, as the first behind the standard ones, which become nothing. Above all it
// must not hold the checker's socket: the daemon would not see the checker's end.
static int let_go(int pipe)
{
    enum { KEPT = STDERR_FILENO + 1 };
    int high = fcntl(pipe, F_DUPFD, KEPT), nothing = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; fd < KEPT; fd++)
        dup2(nothing, fd);
    dup2(high, KEPT);
    closefrom(KEPT + 1);
    return KEPT;
}

int warden_start(struct warden *warden)
{
    int pipes[2], error;
    *warden = (struct warden){.pipe = -1};
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -errno;
    warden->pid = fork();
    error = errno;
    if (warden->pid == 0) {
        prctl(PR_SET_NAME, "onym-warden");
        setpgid(0, 0); // what is meant for the checker's group is not for us
        keep_watch(let_go(pipes[0]));
        _exit(0);
    }
    close(pipes[0]);
    if (warden->pid < 0) {
        close(pipes[1]);
        return -error;
    }
    warden->pipe = pipes[1];
    return 0;
}

static void tell(const struct warden *warden, int32_t word)
{
    while (warden->pipe >= 0 && write(warden->pipe, &word, sizeof word) < 0 && errno == EINTR)
        ;
}

void warden_watch(const struct warden *warden, pid_t group)
{
    tell(warden, group);
}

void warden_forget(const struct warden *warden, pid_t group)
{
    tell(warden, -group);
}

void warden_stop(struct warden *warden)
{
    if (warden->pipe < 0)
        return;
    close(warden->pipe);
    warden->pipe = -1;
    while (waitpid(warden->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
