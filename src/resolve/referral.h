// The best referral that is known, for who asks without RD for what is not known here (RFC 1034
// 4.3.1, 4.3.2 step 4).
#pragma once

#include <stdbool.h>

#include "resolve/known.h"

// The deepest delegation in the cache at or above the name: NS in the authority section, addresses
// beside it, all in the answer's scratch. False: none is known, not even one of the root's servers.
bool known_referral(const struct cache *cache, const struct rules *rules,
                    const struct known_question *question, uint32_t now_s, struct answer *answer)
    __attribute__((nonnull, warn_unused_result));
