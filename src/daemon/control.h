// The control socket: one request and one reply for each connection, both a JSON object.
//
//   {"v":1,"command":"status"}                                \n, end of stream, or just complete
//   {"v":1,"ok":true,"exit":0, ...}                           \n, end of stream
//
// The commands and what they reply are in commands.h; here are the socket, who may speak, and
// limits, so that no client can hold up the daemon. All of it belongs to the main thread and never
// waits.
//
//   control_accept()      clients came
//   c = control_read()    a client is ready; not NULL: its request is whole, in c->request
//   control_reply(c, ..)  at once or later; the client is gone after it
//   control_rest()        closes those that take too long
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "net/loop.h"

enum control_stage {
    CONTROL_FREE,
    CONTROL_READING,
    CONTROL_WORKING, // the request is whole, the reply is not there yet
    CONTROL_WRITING,
    CONTROL_ENDING,  // replied and told so; what it may still send is read, until it hangs up
    CONTROL_LASTING, // replied; held open until the daemon ends, so that its end is seen
};

struct control_client {
    int fd;
    enum control_stage stage;
    uint32_t generation;
    uint64_t active_ms;
    bool lasting;
    struct buffer request;
    struct buffer reply;
    size_t replied; // octets of it that were taken
    // What a request that works waits for; the commands' own.
    uint64_t waits_for; // the reload of this number; 0: none
    bool waits_zone;    // a zone that is read alone ...
    bool zone_begun;    // ... which has begun
};

struct control {
    int fd; // -1: there is no socket
    char *path;
    struct loop *loop;
    uint8_t kind_listener, kind_client; // of the tags
    uid_t user;                         // who may speak beside root
    gid_t group;
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

// Opens the socket; before root is given up, for its folder may be root's. `user` and `group` are
// those that we will be; the socket will be theirs, with mode 0660. A stale socket is replaced. 0,
// -EADDRINUSE: a living daemon has it, *holder is its pid, or another negative errno.
int control_open(struct control *control, const char *path, uid_t user, gid_t group, pid_t *holder)
    __attribute__((nonnull, warn_unused_result));
// Lets the loop wait for it.
int control_attach(struct control *control, struct loop *loop, uint8_t kind_listener,
                   uint8_t kind_client) __attribute__((nonnull, warn_unused_result));
// Takes the socket out of its folder; nobody new comes, who is there stays.
void control_leave(struct control *control) __attribute__((nonnull));
// The same, and closes clients as they are.
void control_close(struct control *control) __attribute__((nonnull));

// Which client a late reply is for: places are used again.
struct control_ticket {
    uint32_t index, generation;
};
struct control_ticket control_ticket(const struct control *control,
                                     const struct control_client *client) __attribute__((nonnull));
// NULL: it has hung up, or has its reply.
struct control_client *control_find(struct control *control, struct control_ticket ticket)
    __attribute__((nonnull, warn_unused_result));

void control_accept(struct control *control, uint64_t now_ms) __attribute__((nonnull));
struct control_client *control_read(struct control *control, struct loop_tag tag, uint32_t ready,
                                    uint64_t now_ms) __attribute__((nonnull, warn_unused_result));
// Sends `text` and a line end; from now on the client has CONTROL_IDLE_MS to take some of it,
// however long it has waited. With `lasting` the connection stays until control_close.
void control_reply(struct control *control, struct control_client *client, const char *text,
                   bool lasting) __attribute__((nonnull));
// Returns the milliseconds until it wants to be called again, -1: not before something happens.
int control_rest(struct control *control, uint64_t now_ms) __attribute__((nonnull));
