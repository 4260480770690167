// Sends questions to one name server and waits for the replies: all at the same time, each on a
// socket of its own, over UDP or TCP.
//
// A reply is taken if it comes from where it was asked for, has the question's ID and repeats the
// question. What has the wrong source or ID may be somebody else's: it is noted, and the wait goes
// on. What has the right ones but is no reply to this question ends it: the server is at fault.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "cli/request.h"

enum ask_result {
    ASK_REPLIED,
    ASK_BAD_REPLY, // `problem` says why
    ASK_TIMED_OUT,
    ASK_NO_SERVER, // `error` says why: the machine refused, no way there ...
};

struct ask {
    // What is asked: a whole message with a question, as request_build makes it.
    uint8_t query[REQUEST_MAX];
    size_t query_size;
    // What came of it.
    enum ask_result result;
    int error;           // errno
    const char *problem; // a constant
    uint8_t *reply;      // with ASK_REPLIED; owned, ask_free
    size_t reply_size;
    bool over_tcp;
    uint32_t rtt_us;      // from the last time it was sent; over TCP from before the connection
    unsigned sent;        // how often
    unsigned strays;      // messages from elsewhere, or with another ID
    struct address stray; // where the last one with the wrong source came from; size 0: none
};

struct ask_options {
    struct address server; // a wildcard address means this machine
    bool tcp;
    uint32_t time_ms; // for each try; over TCP, where there is one try, for all of them together
    unsigned tries;   // at least 1
};

void ask_all(struct ask *const *asks, size_t count, const struct ask_options *options)
    __attribute__((nonnull));
void ask_free(struct ask *ask) __attribute__((nonnull));
