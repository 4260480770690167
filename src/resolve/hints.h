// The root servers that are known from birth (RFC 9609 2).
//
// Only a place to begin at: the first walk asks one of them who the root servers are now, and from
// then on the answer counts (RFC 9609 3). They change once in years; a list that is out of date
// works as long as one of them answers.
#pragma once

#include "dns/delegation.h"

// Adds all thirteen, with their IPv4 and IPv6 addresses and port 0.
void hints_fill(struct delegation *root) __attribute__((nonnull));
