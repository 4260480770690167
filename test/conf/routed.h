// Configurations with routes, and what is told of them.
#pragma once

#include "told.h"

#include "conf/options.h"
#include "dns/type.h"

// The configuration of one zone, example.test, with these routes (YAML on one line).
static inline struct options *routed_read(const char *routes, const char *told)
{
    struct report report = {0};
    char *text = memory_format("zones: {example.test: {file: z, routes: %s}}\n", routes);
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    free(text);
    return options;
}

static inline void routed_bad(const char *routes, const char *told)
{
    assert_null(routed_read(routes, told));
}

// The first route of a configuration that is good.
static inline const struct route_spec *routed_first(const struct options *options)
{
    assert_non_null(options);
    assert_true(options->routing.count >= 1);
    return &options->routing.routes[0];
}
#define AT "a.yaml:1:"
