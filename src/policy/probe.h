// What the daemon and the checker say to each other: one message for one check, one for its result,
// each a packet of a SOCK_SEQPACKET socket.
//
//   request   head | host | path | text | statuses      texts end with a NUL
//   result    id | good | words
//
// Both are one build, so the heads are structs as they lie in memory; but neither believes the
// other's sizes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define PROBE_MESSAGE_MAX  4096
#define PROBE_WORDS_MAX    160 // of a result, its NUL included
#define PROBE_STATUSES_MAX 32

enum probe_kind { PROBE_TCP, PROBE_HTTP, PROBE_HTTPS, PROBE_SCRIPT };

struct probe {
    uint64_t id;
    enum probe_kind kind;
    struct address address; // with the port, but for a script
    uint32_t timeout_ms;
    bool verify;                           // HTTPS: the certificate
    const char *host;                      // HTTP: the Host header, and SNI; "": the address
    const char *path;                      // of the URL, or of the script
    const char *text;                      // must be in the body; "": anything will do
    uint16_t statuses[PROBE_STATUSES_MAX]; // good ones
    uint16_t status_count;                 // 0: 200 to 399
};

struct probe_result {
    uint64_t id;
    bool good;
    char words[PROBE_WORDS_MAX];
};

// Returns the size, 0: the texts are too long.
size_t probe_write(const struct probe *probe, uint8_t message[static PROBE_MESSAGE_MAX])
    __attribute__((nonnull, warn_unused_result));
// The texts look into the message. False: it is none.
bool probe_read(const uint8_t *message, size_t size, struct probe *probe)
    __attribute__((nonnull, warn_unused_result));
size_t probe_write_result(const struct probe_result *result,
                          uint8_t message[static PROBE_MESSAGE_MAX])
    __attribute__((nonnull, warn_unused_result));
bool probe_read_result(const uint8_t *message, size_t size, struct probe_result *result)
    __attribute__((nonnull, warn_unused_result));
