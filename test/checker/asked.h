// Checks of this machine's own sockets and programs, for the tests of this room.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "policy/probe.h"

// A socket that listens on 127.0.0.1; its port is in the probe.
static inline int asked_listen(struct probe *probe)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    probe->address.v4 = address;
    probe->address.size = size;
    return fd;
}

// Says one reply to each who connects, and what the last request was.
struct asked_page {
    int fd;
    pthread_t thread;
    const char *reply; // NULL: nothing is said
    char request[4096];
};

static inline void *asked_serve(void *argument)
{
    struct asked_page *page = argument;
    int client;
    while ((client = accept(page->fd, NULL, NULL)) >= 0) {
        ssize_t size = recv(client, page->request, sizeof page->request - 1, 0);
        page->request[size > 0 ? size : 0] = 0;
        if (!page->reply)
            (void)!recv(client, page->request, 1, 0); // until the other end hangs up
        else
            (void)!send(client, page->reply, strlen(page->reply), MSG_NOSIGNAL);
        close(client);
    }
    return NULL;
}

static inline void asked_open(struct asked_page *page, struct probe *probe, const char *reply)
{
    *page = (struct asked_page){.fd = asked_listen(probe), .reply = reply};
    assert_int_equal(pthread_create(&page->thread, NULL, asked_serve, page), 0);
}

static inline void asked_close(struct asked_page *page)
{
    shutdown(page->fd, SHUT_RDWR);
    pthread_join(page->thread, NULL);
    close(page->fd);
}

// A program in a fresh file, whose name is returned.
static inline const char *asked_program(const char *text)
{
    static char path[64];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.40s/onym-check-XXXXXX", base ? base : "/tmp");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    return path;
}
