// The checker's life (companion.h).
#include "daemon/companion.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

#define NAME        "onym-checker"
#define WELL_MS     60000 // ran so long: its end is no sign of a fault that lasts
#define PATIENCE_MS 2000  // at the end

extern char **environ;

void companion_open(struct companion *companion, struct loop *loop, uint8_t kind)
{
    *companion =
        (struct companion){.loop = loop, .kind = kind, .socket = -1, .wait_ms = CHECKER_AGAIN_MS};
}

// Beside our own program; and where `make install` puts it.
static bool find_program(char path[static PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof NAME);
    if (size > 0) {
        path[size] = 0;
        char *slash = strrchr(path, '/');
        memcpy(slash + 1, NAME, sizeof NAME);
        if (access(path, X_OK) == 0)
            return true;
    }
    snprintf(path, PATH_MAX, "/usr/local/sbin/" NAME);
    if (access(path, X_OK) == 0)
        return true;
    snprintf(path, PATH_MAX, "/usr/sbin/" NAME);
    return access(path, X_OK) == 0;
}

static int spawn(const char *path, int socket, pid_t *pid)
{
    char *const arguments[] = {(char *)NAME, NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); // Ctrl-C at a terminal is for us, who tell it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    int error = posix_spawn(pid, path, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static void put_off(struct companion *companion, uint64_t now_ms)
{
    companion->again_ms = now_ms + companion->wait_ms;
    companion->wait_ms *= 2;
    if (companion->wait_ms > CHECKER_AGAIN_MAX_MS)
        companion->wait_ms = CHECKER_AGAIN_MAX_MS;
}

static void start(struct companion *companion, uint64_t now_ms)
{
    char path[PATH_MAX];
    int sockets[2], error = ENOENT;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) < 0) {
        log_error("no health checks: no socket for the checker: %s", strerror(errno));
        put_off(companion, now_ms);
        return;
    }
    if (companion->program || find_program(path))
        error = spawn(companion->program ? companion->program : path, sockets[1], &companion->pid);
    close(sockets[1]);
    const struct loop_tag tag = {.kind = companion->kind};
    if (!error)
        error = -loop_add(companion->loop, sockets[0], EPOLLIN, tag);
    companion->began_ms = now_ms;
    companion->starts++;
    if (!error) {
        companion->socket = sockets[0];
        return;
    }
    log_error("no health checks: %s cannot be started: %s", NAME, strerror(error));
    close(sockets[0]);
    put_off(companion, now_ms);
}

bool companion_run(struct companion *companion, uint64_t now_ms)
{
    if (companion->socket < 0 && now_ms >= companion->again_ms)
        start(companion, now_ms);
    return companion->socket >= 0;
}

bool companion_send(struct companion *companion, const uint8_t *message, size_t size)
{
    return companion->socket >= 0 &&
           send(companion->socket, message, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static void reap(struct companion *companion, bool kill_it)
{
    loop_remove(companion->loop, companion->socket);
    close(companion->socket);
    companion->socket = -1;
    for (unsigned waited_ms = 0; waitpid(companion->pid, NULL, WNOHANG) == 0; waited_ms++) {
        if (kill_it || waited_ms == PATIENCE_MS)
            kill(companion->pid, SIGKILL);
        usleep(1000);
    }
}

static void lose(struct companion *companion, uint64_t now_ms, const char *what)
{
    reap(companion, true);
    if (now_ms >= companion->began_ms + WELL_MS)
        companion->wait_ms = CHECKER_AGAIN_MS;
    put_off(companion, now_ms);
    log_warning("%s %s, and is started again in %" PRIu64 " ms", NAME, what,
                companion->again_ms - now_ms);
}

enum companion_heard companion_hear(struct companion *companion, uint64_t now_ms,
                                    struct probe_result *result)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    if (companion->socket < 0)
        return COMPANION_NOTHING;
    ssize_t size = recv(companion->socket, message, sizeof message, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return COMPANION_NOTHING;
    if (size > 0 && probe_read_result(message, (size_t)size, result))
        return COMPANION_RESULT;
    lose(companion, now_ms, "has ended by itself");
    return COMPANION_ENDED;
}

void companion_give_up(struct companion *companion, uint64_t now_ms)
{
    if (companion->socket >= 0)
        lose(companion, now_ms, "did not answer, was killed");
}

void companion_close(struct companion *companion)
{
    if (companion->socket >= 0)
        reap(companion, false);
}
