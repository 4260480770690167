// The hand that makes room: it empties one segment after the other, the oldest first or one whose
// time is over, and copies forward what was used since it came by the last time (as SIEVE and its
// kin do; one bit for each entry).
//
// Whoever puts moves the hand on by a few entries, so that nobody ever stops for a whole segment.
// What survives must not be so much that nothing is gained: survivors are paid for by what went,
// with a credit, since what is used stands together in segments of its own.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/segment.h"
#include "cache/table.h"

struct hand {
    pthread_mutex_t lock;
    struct segment *victim; // NULL: none is being emptied
    uint32_t at;            // octets of it that are done
    size_t credit, credit_max;
};

void hand_open(struct hand *hand, size_t credit_max) __attribute__((nonnull));
void hand_close(struct hand *hand) __attribute__((nonnull));
// Goes over about `octets` octets while spare segments are short. Not under a lock. If another
// thread has the hand, that one does the work.
struct hand_turn {
    struct table *table;
    struct segments *segments;
    uint32_t now_s, stale_s;
};
void hand_move(struct hand *hand, const struct hand_turn *turn, size_t octets)
    __attribute__((nonnull));
