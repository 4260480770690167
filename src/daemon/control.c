// The control socket (control.h).
//
// Who may speak: the mode of the socket (0660) lets its owner and its group in; SO_PEERCRED asks
// again, for the mode of a socket counts for nothing on some systems and folders are copied around.
#include "daemon/control.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "base/log.h"
#include "base/memory.h"

#define FROM_NEXT_REST UINT64_MAX // active_ms of one whose time begins when control_rest looks
#define QUEUE_MAX      128        // who waits to be accepted: more than we talk to at once

// --- the socket

static bool fill_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return false;
    strcpy(address->sun_path, path);
    return true;
}

// Does somebody live behind this path? The kernel tells who made the socket.
static bool is_alive(const struct sockaddr_un *address, pid_t *holder)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    // EAGAIN: its queue is full, so it is there.
    bool alive =
        connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (alive && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
        *holder = peer.pid;
    close(fd);
    return alive;
}

static int bind_socket(int fd, const struct sockaddr_un *address, pid_t *holder)
{
    // Nobody shall find it with another mode, not even for a moment.
    mode_t before = umask(0117);
    int failed = bind(fd, (const struct sockaddr *)address, sizeof *address) < 0 ? -errno : 0;
    struct stat status;
    if (failed == -EADDRINUSE && !is_alive(address, holder) &&
        lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
        unlink(address->sun_path) == 0)
        failed = bind(fd, (const struct sockaddr *)address, sizeof *address) < 0 ? -errno : 0;
    umask(before);
    return failed;
}

int control_open(struct control *control, const char *path, uid_t user, gid_t group, pid_t *holder)
{
    *control = (struct control){.fd = -1, .user = user, .group = group};
    *holder = 0;
    struct sockaddr_un address;
    if (!fill_address(&address, path))
        return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int failed = bind_socket(fd, &address, holder);
    if (!failed && (user != geteuid() || group != getegid()) && lchown(path, user, group) < 0)
        failed = -errno;
    if (!failed && listen(fd, QUEUE_MAX) < 0)
        failed = -errno;
    if (failed) {
        close(fd);
        return failed;
    }
    control->fd = fd;
    control->path = memory_copy_text(path);
    return 0;
}

int control_attach(struct control *control, struct loop *loop, uint8_t kind_listener,
                   uint8_t kind_client)
{
    control->loop = loop;
    control->kind_listener = kind_listener;
    control->kind_client = kind_client;
    if (control->fd < 0)
        return 0;
    return loop_add(loop, control->fd, EPOLLIN, (struct loop_tag){.kind = kind_listener});
}

// --- clients

static struct loop_tag tag_of(const struct control *control, const struct control_client *client)
{
    return (struct loop_tag){control->kind_client, client->generation,
                             (uint32_t)(client - control->clients)};
}

static void drop(struct control_client *client)
{
    close(client->fd);
    buffer_free(&client->request);
    buffer_free(&client->reply);
    uint32_t generation = (client->generation + 1) & LOOP_GENERATION_MASK;
    *client = (struct control_client){.fd = -1, .generation = generation};
}

void control_leave(struct control *control)
{
    if (control->fd < 0)
        return;
    unlink(control->path);
    close(control->fd);
    free(control->path);
    control->fd = -1;
}

void control_close(struct control *control)
{
    control_leave(control);
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->clients[i].stage != CONTROL_FREE)
            drop(&control->clients[i]);
}

static bool has_group(int fd, gid_t group)
{
    gid_t groups[256];
    socklen_t size = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
        return false;
    for (size_t i = 0; i < size / sizeof groups[0]; i++)
        if (groups[i] == group)
            return true;
    return false;
}

static bool may_speak(const struct control *control, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    if (peer.uid == 0 || peer.uid == control->user || peer.gid == control->group ||
        has_group(fd, control->group))
        return true;
    log_warning("control: user %u (pid %d) may not speak to us", (unsigned)peer.uid, (int)peer.pid);
    return false;
}

// When it was last of use to anybody; one that has its reply is of none.
static uint64_t age_key(const struct control_client *client)
{
    return client->stage == CONTROL_ENDING ? 0 : client->active_ms;
}

// A place for one more; the longest silent one that we do not work for makes room.
static struct control_client *take_place(struct control *control)
{
    struct control_client *oldest = NULL;
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &control->clients[i];
        if (client->stage == CONTROL_FREE)
            return client;
        if (client->stage != CONTROL_WORKING && client->stage != CONTROL_LASTING &&
            (!oldest || age_key(client) < age_key(oldest)))
            oldest = client;
    }
    if (oldest)
        drop(oldest);
    return oldest;
}

static void turn_away(int fd, int exit_code, const char *why)
{
    char text[200];
    int size = snprintf(text, sizeof text, "{\"v\":1,\"ok\":false,\"exit\":%d,\"error\":\"%s\"}\n",
                        exit_code, why);
    send(fd, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static void enter(struct control *control, int fd, uint64_t now_ms)
{
    if (!may_speak(control, fd)) {
        turn_away(fd, 4, "this user may not control the daemon");
        return;
    }
    struct control_client *client = take_place(control);
    if (!client) {
        turn_away(fd, 6, "too many clients are at the control socket");
        return;
    }
    client->fd = fd;
    client->stage = CONTROL_READING;
    client->active_ms = now_ms;
    if (loop_add(control->loop, fd, EPOLLIN, tag_of(control, client)) < 0)
        drop(client);
}

void control_accept(struct control *control, uint64_t now_ms)
{
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        enter(control, fd, now_ms);
    }
}

// Is what came so far all of it? A line end or the end of the stream say so; without either an
// object that is complete is enough. `fresh` octets of it have just come.
static bool is_whole(const struct buffer *request, size_t fresh)
{
    if (fresh == 0 || memchr(request->text + request->size - fresh, '\n', fresh))
        return true;
    if (request->text[request->size - 1] != '}')
        return false;
    json_t *object = json_loadb(request->text, request->size, 0, NULL);
    json_decref(object);
    return object != NULL;
}

// True: the request is whole. A client that sends too much, or nothing, is dropped.
static bool read_request(struct control_client *client)
{
    char octets[65536];
    ssize_t got = recv(client->fd, octets, sizeof octets, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got > 0)
        buffer_add(&client->request, octets, (size_t)got);
    if (got < 0 || client->request.size == 0 || client->request.size > CONTROL_REQUEST_MAX) {
        drop(client);
        return false;
    }
    return is_whole(&client->request, (size_t)got);
}

static void write_reply(struct control *control, struct control_client *client)
{
    size_t left = client->reply.size - client->replied;
    ssize_t put =
        send(client->fd, client->reply.text + client->replied, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        drop(client);
        return;
    }
    if (put > 0)
        client->replied += (size_t)put;
    if (client->replied < client->reply.size)
        return;
    if (client->lasting) {
        client->stage = CONTROL_LASTING;
        loop_remove(control->loop, client->fd);
        return;
    }
    // A socket that is closed with octets unread resets the other side, which may then lose the
    // reply, or its end: a blank behind a request that was whole without it would do.
    shutdown(client->fd, SHUT_WR);
    client->stage = CONTROL_ENDING;
    loop_change(control->loop, client->fd, EPOLLIN, tag_of(control, client));
}

// Octets behind a request mean nothing; they are read so that the client is not reset.
static void read_away(struct control_client *client)
{
    char octets[4096];
    ssize_t got = recv(client->fd, octets, sizeof octets, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        drop(client);
}

struct control_client *control_read(struct control *control, struct loop_tag tag, uint32_t ready,
                                    uint64_t now_ms)
{
    struct control_client *client = &control->clients[tag.index];
    if (client->generation != tag.generation)
        return NULL;
    switch (client->stage) {
    case CONTROL_READING:
        client->active_ms = now_ms;
        if (!(ready & EPOLLIN) || !read_request(client))
            return NULL;
        client->stage = CONTROL_WORKING;
        // Nothing more is expected of it, but that it goes.
        loop_change(control->loop, client->fd, 0, tag);
        return client;
    case CONTROL_WORKING: drop(client); break; // it hung up
    case CONTROL_WRITING:
        client->active_ms = now_ms;
        write_reply(control, client);
        break;
    case CONTROL_ENDING: read_away(client); break; // its time runs on: it has had its reply
    case CONTROL_FREE:
    case CONTROL_LASTING: break;
    }
    return NULL;
}

struct control_ticket control_ticket(const struct control *control,
                                     const struct control_client *client)
{
    return (struct control_ticket){(uint32_t)(client - control->clients), client->generation};
}

struct control_client *control_find(struct control *control, struct control_ticket ticket)
{
    assert(ticket.index < CONTROL_CLIENTS_MAX);
    struct control_client *client = &control->clients[ticket.index];
    return client->stage == CONTROL_WORKING && client->generation == ticket.generation ? client
                                                                                       : NULL;
}

void control_reply(struct control *control, struct control_client *client, const char *text,
                   bool lasting)
{
    buffer_add_text(&client->reply, text);
    buffer_add_char(&client->reply, '\n');
    client->lasting = lasting;
    client->stage = CONTROL_WRITING;
    client->active_ms = FROM_NEXT_REST;
    loop_change(control->loop, client->fd, EPOLLOUT, tag_of(control, client));
    write_reply(control, client);
}

int control_rest(struct control *control, uint64_t now_ms)
{
    int next_ms = -1;
    for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct control_client *client = &control->clients[i];
        if (client->stage != CONTROL_READING && client->stage != CONTROL_WRITING &&
            client->stage != CONTROL_ENDING)
            continue;
        if (client->active_ms == FROM_NEXT_REST)
            client->active_ms = now_ms;
        uint64_t age_ms = now_ms - client->active_ms;
        if (age_ms >= CONTROL_IDLE_MS)
            drop(client);
        else if (next_ms < 0 || (int)(CONTROL_IDLE_MS - age_ms) < next_ms)
            next_ms = (int)(CONTROL_IDLE_MS - age_ms);
    }
    return next_ms;
}
