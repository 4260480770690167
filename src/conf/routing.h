// `zones.*.routes`: what names of a zone have for clients of different places (zone/route.h), and
// the databases of `places`.
//
//   routes:
//     "www":
//       ttl: 60                              of all below; else the replaced RRset's, or the zone's
//       A:
//         - {where: {country: SG}, give: [192.0.2.10, 192.0.2.11], check: web}
//         - {where: {country: [CA, US]}, give: [{addr: 192.0.2.20, weight: 3}, 192.0.2.21]}
//         - {give: [192.0.2.99]}             the last one is for all others
//
// The tree is read whole, and all that is wrong in it is told.
#pragma once

#include "conf/filler.h"
#include "conf/value.h"
#include "conf/zones.h"

// Fills options->places and options->routing from these maps of zones; checks are filled already.
void routing_fill(struct filler *filler, const struct value *root,
                  const struct zones_of_view *lists, size_t list_count)
    __attribute__((nonnull(1, 3)));
