// Who has to be told of a new version of which zone (NOTIFY, RFC 1996), and when.
//
//     target = notices_target(notices, &address, key)   a secondary; found again if it is known
//     notices_add(notices, target, zone)                may be told of this zone; in rising order
//     notices_want(notices, target, zone)               is to be told of it
//
//     while (notices_next(notices, now_ms, &notice))    one message to be sent
//         ...                                           or notices_end(): it need not be told
//     notices_end(notices, target, notices_find(notices, target, id))     it has answered
//
// Zones are numbers of the caller's. A secondary has a few messages on their way and gets the next
// one when one of them was answered, so one that is quick is told of a million zones in the time
// that it takes to read them, and one that is dead holds up nobody else. However often a zone
// changes meanwhile it is told of it once more. What is not answered is sent again, later and
// later, and given up at last: secondaries ask by themselves then (RFC 1035 4.3.5).
//
// Nothing here sends, or reads a clock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/limits.h"
#include "dns/tsig.h"

#define NOTICE_NO_KEY SIZE_MAX

struct notice_flight { // a message that waits for its answer
    uint32_t zone;
    uint16_t id;
    uint8_t tries; // 0: unused
    bool again;    // the zone has changed since it was sent
    uint64_t due_ms;
    struct tsig tsig; // the caller's
};

struct notice_zone {
    uint32_t zone;
    bool wanted; // and not on its way
};

struct notice_target {
    struct address address;
    size_t key; // the caller's number; NOTICE_NO_KEY: none
    struct notice_zone *zones;
    size_t zone_count, zone_room;
    size_t wanted, cursor;
    struct notice_flight flights[NOTICE_FLIGHTS_MAX];
    unsigned flying;
    bool silent; // the last message was given up
};

struct notices {
    struct notice_target *targets;
    size_t count, room;
};

struct notice {
    size_t target;
    struct notice_flight *flight; // NULL: given up; its zone was
    uint32_t zone;
    bool first_loss; // given up, and the one before it was not
};

void notices_free(struct notices *notices) __attribute__((nonnull));

size_t notices_target(struct notices *notices, const struct address *address, size_t key)
    __attribute__((nonnull));
// Zones of one target in rising order, each once.
void notices_add(struct notices *notices, size_t target, uint32_t zone) __attribute__((nonnull));
// Of a zone that was added.
void notices_want(struct notices *notices, size_t target, uint32_t zone) __attribute__((nonnull));
// Is it to be told of it, or being told?
bool notices_is_wanted(const struct notices *notices, size_t target, uint32_t zone)
    __attribute__((nonnull));

// The next message to be sent now, or that is given up. Its ID is a new one for each try.
bool notices_next(struct notices *notices, uint64_t now_ms, struct notice *notice)
    __attribute__((nonnull, warn_unused_result));
// The message with this ID. NULL: there is none.
struct notice_flight *notices_find(struct notices *notices, size_t target, uint16_t id)
    __attribute__((nonnull, warn_unused_result));
// It was answered, or need not be sent.
void notices_end(struct notices *notices, size_t target, struct notice_flight *flight)
    __attribute__((nonnull));
// Milliseconds until notices_next may have something; -1: never.
int notices_rest(const struct notices *notices, uint64_t now_ms) __attribute__((nonnull));
