// The map (world.h).
#include "cli/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOP_DEGREES 85 // where the map begins; as tools/world has it

// The polynomial of Savric, Patterson, Jenny, "The Equal Earth map projection" (2018), (1) and (2).
static const double a1 = 1.340264, a2 = -0.081106, a3 = 0.000893, a4 = 0.003796;

static double radians(double degrees)
{
    return degrees * M_PI / 180;
}

static double parametric(double latitude)
{
    return asin(sqrt(3) / 2 * sin(radians(latitude)));
}

// To the north, on a sphere of radius 1.
static double northing(double theta)
{
    double t2 = theta * theta, t6 = t2 * t2 * t2;
    return theta * (a4 * t6 * t2 + a3 * t6 + a2 * t2 + a1);
}

static double easting(double longitude, double theta)
{
    double t2 = theta * theta, t6 = t2 * t2 * t2;
    return 2 * sqrt(3) * radians(longitude) * cos(theta) /
           (3 * (9 * a4 * t6 * t2 + 7 * a3 * t6 + 3 * a2 * t2 + a1));
}

struct world_spot world_place(double latitude, double longitude)
{
    double scale = WORLD_WIDTH / 2.0 / easting(180, 0), theta = parametric(latitude);
    return (struct world_spot){
        .x = WORLD_WIDTH / 2.0 + scale * easting(longitude, theta),
        .y = scale * (northing(parametric(TOP_DEGREES)) - northing(theta)),
    };
}

static int compare(const void *code, const void *country)
{
    return strcmp(code, ((const struct world_country *)country)->code);
}

const struct world_country *world_find(const char *code)
{
    return bsearch(code, world_countries, world_country_count, sizeof world_countries[0], compare);
}
