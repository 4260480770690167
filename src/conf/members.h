// `zones.*.members`: which zones a catalog lists that is made here (RFC 9432).
#pragma once

#include "base/report.h"
#include "conf/options.h"
#include "conf/value.h"

// A catalog more in options->catalogs, at most CATALOGS_MAX; `list` NULL: it has every zone with a
// file.
void members_fill(struct options *options, const struct value *list, struct name catalog,
                  uint8_t view, struct report *report) __attribute__((nonnull(1, 5)));
// The first entry of the catalog that the zone is of. NULL: it is no member.
const struct member_option *members_find(const struct catalog_option *catalog,
                                         const struct zone_option *zone) __attribute__((nonnull));
