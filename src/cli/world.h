// A map of the world to draw on: outlines of countries, and where a point of the earth is on it.
//
// The map is an Equal Earth projection: areas are what they are. Antarctica is left out, and so are
// islands that would be smaller than a dot; their countries have a point.
#pragma once

#include <stddef.h>

#define WORLD_WIDTH  2000 // units of the map
#define WORLD_HEIGHT 866  // down to 56 degrees of southern latitude

struct world_country {
    char code[3];              // ISO 3166-1
    float longitude, latitude; // the middle of its largest part, in degrees
    const char *outline;       // a path of SVG in units of the map; "": too small to be seen
};

// In the order of the codes. Printed by tools/world.
extern const struct world_country world_countries[];
extern const size_t world_country_count;

// NULL: it is not on the map.
const struct world_country *world_find(const char *code) __attribute__((nonnull));

struct world_spot {
    double x, y; // to the east and the south of the map's left upper corner
};
struct world_spot world_place(double latitude, double longitude);
