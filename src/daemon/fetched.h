// What is known of a zone that is taken from primaries (fetching.h), for as long as one house after
// another has it. The main thread's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;
struct fetch;
struct house;

struct fetched_zone {
    uint32_t index;    // in the house's options
    uint8_t primary;   // of its list, which is asked now or was asked last
    bool whole;        // the next transfer is an AXFR
    bool again;        // it was notified while it was asked about
    unsigned failures; // in a row
    // When a primary that has it from nobody said that ours is the newest, as far as is known (RFC
    // 7314); may be before this start.
    int64_t confirmed_ms;
    uint64_t confirmed_date_s; // the same by CLOCK_REALTIME; 0: never
    uint64_t kept_date_s;      // the same, as history knows it
    char *problem;             // of the last failure
    struct fetch *fetch;       // what is under way; NULL: nothing
    bool handed;               // the writer has a version of it
    bool newer;                // the primary has said that it has a newer one
    bool queued;               // it waits in one of the crowds
    bool plain;                // a primary did not understand EDNS
    bool uncompared;           // the next transfer is not held against ours: that went wrong
    uint64_t heard_ms;         // a primary's last word
    uint64_t turn_ms;          // before this house; 0: at once
};

// The zones of a house that have primaries, in the order of its options. What was known of a zone
// that had them before goes over to it; nothing of it is under way. The caller's.
struct fetched_zone *fetched_make(struct daemon *daemon, const struct house *next, size_t *count)
    __attribute__((nonnull, warn_unused_result));
void fetched_free(struct fetched_zone *zones, size_t count);
// By its place in the house's options. NULL: it has no primary.
struct fetched_zone *fetched_find(struct fetched_zone *zones, size_t count, size_t index)
    __attribute__((warn_unused_result));
