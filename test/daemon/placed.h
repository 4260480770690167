// A configuration that asks for countries, and databases for it.
#pragma once

#include "../policy/tiny.h"
#include "built.h"

static inline void placed_write(const char *path, const char *country)
{
    static struct tiny tiny;
    tiny_open(&tiny, 4, 24);
    tiny_put(&tiny, "192.0.2.0/24", tiny_flat(&tiny, &(struct tiny_place){.country = country}));
    tiny_write(&tiny, "new");
    tiny_close(&tiny);
    assert_int_equal(rename("new", path), 0);
}

static inline struct options *placed_options(const char *country)
{
    char text[400];
    snprintf(text, sizeof text,
             "places: {databases: [country.mmdb]}\n"
             "zones: {a.test: {file: a, routes: {w: {A: [{where: {country: %s}, give: 192.0.2.1}, "
             "{give: 192.0.2.2}]}}}}\n",
             country);
    return built_options(text);
}

// The number of the set of facts at 192.0.2.1: 0, if the country is not the one that is asked for.
static inline unsigned placed_set(const struct places *places)
{
    struct address address;
    struct location location;
    assert_true(address_parse("192.0.2.1", 0, &address));
    places_find(places, &address, &location);
    return location.set;
}
