// Houses built by hand, for tests of what stands on them.
#pragma once

#include <string.h>

#include "base/report.h"
#include "daemon/house.h"

static const struct hash_key built_secret = {{1, 2}};
static const struct cookie_secret built_cookies = {{3}};

static inline struct options *built_options(const char *text)
{
    struct report report = {0};
    struct options *options = options_read_text("test.yaml", text, strlen(text), &report);
    assert_int_equal(report.errors, 0);
    assert_non_null(options);
    report_free(&report);
    return options;
}

// A house without listeners whose zones all are in `state`, without content.
static inline struct house *built_house(const char *text, enum zone_state state)
{
    struct house *house = house_make(built_options(text));
    for (size_t i = 0; i < house->options->zone_count; i++)
        house->zones[i].zone = zone_empty(house_zone_name(house->options, i),
                                          house->options->zones[i].file, state, "not read");
    house_finish(house, &built_secret, &built_cookies);
    house->number = 1;
    return house;
}
