// Which server next? A pure function over what is known of each.
//
// Those that are lame for the zone, dead or of a family that does not work here are asked only when
// no others are left, and those asked already after those that were not. Of the rest, any within
// CHOOSE_BAND of the fastest is as good as another: the choice among them is by luck, for load and
// because a guesser should not know. One in CHOOSE_EXPLORE goes to any of them, so that a server
// that was slow once is not slow forever.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CHOOSE_TRIES_MAX 4 // asks to one address before all else is tried
#define CHOOSE_EXPLORE   20

struct choose_server {
    bool excluded;     // must not be asked, or has said already that it will not help
    bool doubtful;     // lame for this zone, or dead, or of a family that does not work
    bool waits;        // it was asked and has some of its time left
    uint8_t tries;     // asks sent to it in this walk
    uint32_t wait_us;  // how long to wait for its reply; 0: not known, so it is worth finding out
    uint32_t usual_us; // its reply comes sooner, nearly always; 0: not known
};

// The index of the next one to ask, or -1: none.
int choose_server(const struct choose_server *servers, unsigned count, uint32_t luck)
    __attribute__((nonnull));

// All had their tries and nobody has answered: from here on each may be asked again, those first
// that were asked least.
void choose_again(struct choose_server *servers, unsigned count) __attribute__((nonnull));

// How long to wait for the chosen one before another is asked as well: for its usual time, and
// never longer than for the best. One that is not known, or was silent, has the best one's whole
// time, or it would never be found out how fast it is. UINT32_MAX: nothing is known of any.
uint32_t choose_patience(const struct choose_server *servers, unsigned count, unsigned chosen)
    __attribute__((nonnull));
