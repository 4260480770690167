// `zones.*.update`: who may change a zone, and what of it.
#pragma once

#include "base/report.h"
#include "conf/options.h"
#include "conf/rules.h"
#include "conf/value.h"

// In options.memory, after the keys (keys.h). NULL: nobody.
const struct updates_option *updates_fill(struct options *options, const struct value *list,
                                          struct name zone, struct report *report)
    __attribute__((nonnull));
// Of a zone that has primaries (`from`): only who may have an update passed on to them.
void updates_check_forwarded(const struct value *list, struct report *report)
    __attribute__((nonnull));

// The same as serve takes it: all zones that may be changed. Looks at names in options.memory.
// NULL: there are none. The caller releases it.
struct updating;
struct updating *options_updating(const struct options *options, struct own_addresses own)
    __attribute__((nonnull, warn_unused_result));
