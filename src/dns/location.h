// Where a client is, as far as any rule asks.
//
// Rules mention facts: "country SG", "AS 64500", "one of these networks". Each distinct fact that
// some rule mentions has a number, given once when the rules are read, and a location is the set of
// those that hold there. So whoever chooses by place compares small numbers, whatever databases
// they came from; and places that no rule tells apart are one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A set of facts: the numbers of those that hold, ascending.
struct facts {
    const uint16_t *list;
    size_t count;
};

// The point of a unit sphere, for distances: x towards 0°N 0°E, z towards the pole.
struct point {
    float x, y, z;
};

struct location {
    uint32_t set;       // number of the set among all sets that occur; 0: no fact holds
    struct facts facts; // that set; lives as long as the table that it came from
    bool is_placed;     // `point` is known
    struct point point;
    // The shortest prefix of the address in which every address has this location, 0 to 32 or 128:
    // what RFC 7871 7.2.1 calls the scope, for an answer that needed all of it.
    uint8_t scope;
};
