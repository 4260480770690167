// A daemon in a child process, for tests of what only shows in a whole one: a folder with a
// configuration and zones, a control socket to ask, an exit code at the end.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "daemon/client.h"
#include "daemon/run.h"

#define GOOD_ZONE "$TTL 60\n@ SOA ns1 host 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.2\n"

struct running {
    char folder[64];
    char config[128], control[128], log[128];
    uint16_t port;
    pid_t pid;
};

static inline bool running_port_is_free(int kind, uint16_t port)
{
    struct address address;
    int fd = socket(AF_INET, kind, 0);
    bool free =
        address_parse("127.0.0.1", port, &address) && bind(fd, &address.any, address.size) == 0;
    close(fd);
    return free;
}

// Free for datagrams and for streams alike, and outside of what the kernel gives to clients.
static inline uint16_t running_free_port(void)
{
    for (;;) {
        uint16_t port = (uint16_t)(10000 + random_get32() % 20000);
        if (running_port_is_free(SOCK_DGRAM, port) && running_port_is_free(SOCK_STREAM, port))
            return port;
    }
}

static inline void running_write(const struct running *running, const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", running->folder, name);
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
}

// A folder with a configuration of the one zone example.test, its file a.zone, and `extra`. Nobody
// outside is ever asked.
static inline void running_prepare(struct running *running, const char *extra)
{
    *running = (struct running){.pid = -1, .port = running_free_port()};
    strcpy(running->folder, "/tmp/onym-test-XXXXXX");
    assert_non_null(mkdtemp(running->folder));
    snprintf(running->config, sizeof running->config, "%s/onym.yaml", running->folder);
    snprintf(running->control, sizeof running->control, "%s/state/ctl", running->folder);
    snprintf(running->log, sizeof running->log, "%s/log", running->folder);
    char text[1024];
    snprintf(text, sizeof text,
             "version: 1\nworkers: 1\nstate: %s/state\nlisten: [{addr: 127.0.0.1, port: %u}]\n"
             "zones: {example.test: {file: a.zone}}\n%s%s",
             running->folder, running->port,
             strstr(extra, "resolve:") ? "" : "resolve: {default: none}\n", extra);
    running_write(running, "onym.yaml", text);
    running_write(running, "a.zone", GOOD_ZONE);
}

static inline int running_ask(const struct running *running, const char *request,
                              struct buffer *reply)
{
    buffer_clear(reply);
    return control_ask(running->control, request, reply);
}

static inline char *running_log(const struct running *running);

// Starts it and waits until it serves.
static inline void running_start(struct running *running)
{
    running->pid = fork();
    assert_true(running->pid >= 0);
    if (running->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that fails leaves nothing behind
        int log = open(running->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        dup2(log, STDERR_FILENO);
        close(log);
        struct daemon_arguments arguments = {.path = running->config, .try_hint = true};
        _exit(daemon_run(&arguments));
    }
    struct buffer reply = {0};
    for (int tries = 0; tries < 2000; tries++) {
        if (running_ask(running, "{\"command\":\"status\"}", &reply) == 0 &&
            strstr(reply.text, "\"state\":\"serving\""))
            break;
        if (waitpid(running->pid, NULL, WNOHANG) != 0)
            fail_msg("it ended: %s", running_log(running));
        usleep(5000);
    }
    assert_non_null(strstr(buffer_text(&reply), "\"state\":\"serving\""));
    buffer_free(&reply);
}

// Its exit code, after a signal (0: none).
static inline int running_stop(struct running *running, int number)
{
    int status = 0;
    if (number)
        kill(running->pid, number);
    assert_int_equal(waitpid(running->pid, &status, 0), running->pid);
    running->pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline char *running_log(const struct running *running)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(running->log, 1 << 20, &text, &size), 0);
    return text;
}

static inline void running_remove_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *path = memory_format("%s/%s", folder, entry->d_name);
        if (unlink(path) < 0)
            running_remove_folder(path);
        free(path);
    }
    closedir(entries);
    rmdir(folder);
}

static inline void running_remove(struct running *running)
{
    if (running->pid > 0)
        running_stop(running, SIGKILL);
    running_remove_folder(running->folder);
}
