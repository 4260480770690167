// Whole zones for whom access.transfer allows: AXFR (RFC 5936) and IXFR (RFC 1995).
//
// An IXFR is answered with the SOA where the client has the newest version, or where it came over
// UDP; and else as an AXFR, which RFC 1995 4 allows whenever the difference is not at hand.
#pragma once

#include <stdbool.h>

#include "dns/answer.h"
#include "dns/query.h"
#include "serve/serve.h"

// Fills the begun answer to a query of either type; or sets packet->outgoing, which is whose who
// sends, and leaves the answer alone.
void transfer_answer(const struct server *server, struct serve_worker *worker,
                     const struct query *query, struct packet *packet, struct answer *answer)
    __attribute__((nonnull));
