// The other end of the control socket: what `onym ctl` asks a running daemon.
#pragma once

struct buffer;

// Sends one request (a JSON object) to the daemon at `socket_path` and adds its reply (a JSON
// object, without the line end) to `reply`. Requests and replies are told in control.h. Waits as
// long as the daemon is at it: a reload of large zones takes its time. Returns 0, or
//   -ENOENT -ECONNREFUSED   no daemon there
//   -EACCES                 not allowed to speak to it
//   -ETIMEDOUT              it took the request and said nothing for ten minutes
//   -EPROTO                 it hung up without a whole reply
// or another negative errno of the socket.
int control_ask(const char *socket_path, const char *request_json, struct buffer *reply)
    __attribute__((nonnull, warn_unused_result));
