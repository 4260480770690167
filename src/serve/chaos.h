// Who is answering: the CHAOS names of RFC 4892 (hostname.bind, id.server) and their version twins.
#pragma once

#include "dns/answer.h"
#include "dns/query.h"
#include "serve/serve.h"

// Answers a query of class CH: TXT of the four names if that part of the identity is told; all
// else is REFUSED.
void chaos_answer(const struct identity *identity, const struct query *query, struct answer *answer)
    __attribute__((nonnull));
