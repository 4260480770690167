// Programs that check (script.h).
#include "checker/script.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(struct probe_result *result, const char *what, int error)
{
    result->good = false;
    snprintf(result->words, sizeof result->words, "%s: %s", what, strerror(error));
}

// The child's: its own group, no signal blocked, its input empty, its output ours.
static int spawn(const char *path, char *const arguments[], char *const environment[], int output,
                 pid_t *pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    // Not all that libcurl opens is closed in children.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    int error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

bool script_begin(struct script *script, const struct probe *probe, uint64_t now_ms,
                  struct probe_result *result)
{
    char address[ADDRESS_TEXT_MAX], variable[ADDRESS_TEXT_MAX + 16], path[160];
    const char *way = getenv("PATH");
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0) {
        fail(result, "no pipe", errno);
        return false;
    }
    fcntl(pipes[1], F_SETFL, 0); // programs know nothing of an output that may be full
    address_print_host(&probe->address, address);
    snprintf(variable, sizeof variable, "ONYM_ADDRESS=%s", address);
    snprintf(path, sizeof path, "PATH=%s", way && strlen(way) < 150 ? way : "/usr/bin:/bin");
    char *arguments[] = {(char *)probe->path, address, NULL};
    char *environment[] = {variable, path, NULL};
    *script = (struct script){.id = probe->id,
                              .output = pipes[0],
                              .timeout_ms = probe->timeout_ms,
                              .end_ms = now_ms + probe->timeout_ms};
    int error = spawn(probe->path, arguments, environment, pipes[1], &script->pid);
    close(pipes[1]);
    if (!error)
        return true;
    close(pipes[0]);
    script->pid = 0;
    fail(result, "the script cannot be run", error);
    return false;
}

static void read_output(struct script *script)
{
    char octets[512];
    ssize_t size;
    while ((size = read(script->output, octets, sizeof octets)) > 0) {
        size_t left = sizeof script->line - 1 - script->size;
        size_t part = (size_t)size < left ? (size_t)size : left;
        memcpy(script->line + script->size, octets, part);
        script->size += part;
    }
    script->is_silent = size == 0;
}

// The first line, of what a terminal can show.
static void cut_line(struct script *script)
{
    script->line[script->size] = 0;
    script->line[strcspn(script->line, "\r\n")] = 0;
    for (char *at = script->line; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

void script_end(struct script *script)
{
    if (script->pid == 0)
        return;
    kill(-script->pid, SIGKILL);
    while (waitpid(script->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(script->output);
    script->pid = 0;
}

static void judge(struct script *script, int status, struct probe_result *result)
{
    cut_line(script);
    result->good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const char *colon = *script->line ? ": " : "";
    if (result->good)
        snprintf(result->words, sizeof result->words, "%s",
                 *script->line ? script->line : "the script ended well");
    else if (WIFEXITED(status))
        snprintf(result->words, sizeof result->words, "the script ended with %d%s%.100s",
                 WEXITSTATUS(status), colon, script->line);
    else
        snprintf(result->words, sizeof result->words, "the script was killed by signal %d%s%.100s",
                 WTERMSIG(status), colon, script->line);
}

// The program itself decides: what it left behind in its group goes with it.
bool script_step(struct script *script, uint64_t now_ms, struct probe_result *result)
{
    int status;
    read_output(script);
    result->id = script->id;
    siginfo_t ended = {0};
    bool has_ended = waitid(P_PID, (id_t)script->pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                     ended.si_pid == script->pid;
    if (!has_ended && now_ms < script->end_ms)
        return false;
    kill(-script->pid, SIGKILL); // before it is reaped: its number is not another's yet
    while (waitpid(script->pid, &status, 0) < 0 && errno == EINTR)
        ;
    read_output(script);
    close(script->output);
    script->pid = 0;
    if (has_ended) {
        judge(script, status, result);
        return true;
    }
    result->good = false;
    snprintf(result->words, sizeof result->words,
             "the script did not end within %u ms, and was killed", script->timeout_ms);
    return true;
}
