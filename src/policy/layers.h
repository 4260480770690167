// The networks of all rules as one layer of runs: at each address the facts whose networks it is
// in.
#pragma once

#include "policy/runs.h"
#include "policy/traits.h"

void layers_of_nets(const struct places_wants *wants, int family, struct traits *traits,
                    struct runs *runs) __attribute__((nonnull));
