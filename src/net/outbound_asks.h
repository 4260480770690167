// The asks that are under way: known by their number, and where each of them waits.
//
//   on its way by UDP or TCP  ->  taken out when its reply came, or it was cancelled
//                             ->  failed: in a list until somebody was told
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/ask.h"
#include "net/outbound_parts.h"

enum outbound_way { OUTBOUND_WAY_NONE, OUTBOUND_WAY_UDP, OUTBOUND_WAY_TCP, OUTBOUND_WAY_FAILED };

struct outbound_ask {
    uint32_t number;
    uint32_t next;  // in its bucket, or of the unused
    uint32_t place; // its socket or stream
    uint16_t id;    // over TCP
    uint8_t way;    // enum outbound_way; NONE: unused, or not sent yet
    uint8_t failure;
};

struct outbound_asks {
    struct outbound_ask *table;
    struct outbound_link *links; // in the list of its stream, or of the failed
    uint32_t *buckets;           // by number
    struct outbound_list failed;
    uint32_t unused;  // the first of those
    uint32_t touched; // places that were ever used
    uint32_t waiting; // by UDP and TCP
};

// False: out of memory; then it can be closed like any.
bool outbound_asks_open(struct outbound_asks *asks) __attribute__((nonnull, warn_unused_result));
void outbound_asks_close(struct outbound_asks *asks) __attribute__((nonnull));

// The place of a new one, without a way. The number is not there yet, and there is room for it.
uint32_t outbound_asks_add(struct outbound_asks *asks, uint32_t number) __attribute__((nonnull));
// OUTBOUND_NONE: there is none.
uint32_t outbound_asks_find(const struct outbound_asks *asks, uint32_t number)
    __attribute__((nonnull));
// It was sent, and waits in that socket or stream.
void outbound_asks_sent(struct outbound_asks *asks, uint32_t ask, enum outbound_way way,
                        uint32_t place) __attribute__((nonnull));
// It is over. If it had failed, nobody is told any more.
void outbound_asks_remove(struct outbound_asks *asks, uint32_t ask) __attribute__((nonnull));

void outbound_asks_fail(struct outbound_asks *asks, uint32_t ask, enum ask_failure failure)
    __attribute__((nonnull));
// The next that failed; it is removed by this. False: none.
bool outbound_asks_next_failed(struct outbound_asks *asks, uint32_t *number,
                               enum ask_failure *failure) __attribute__((nonnull));

// What an errno of socket, connect, send or recv means for an ask.
enum ask_failure outbound_failure(int error);
// Whether room may be made for such a failure by closing something else.
bool outbound_lacks_room(int error);
