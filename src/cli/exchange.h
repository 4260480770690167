// Questions to one name server and what came of each: asked, asked again where the reply says so
// (truncated: over TCP, RFC 7766 5; BADCOOKIE: with the cookie that it brought, RFC 7873 5.3), read
// and judged.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cli/ask.h"
#include "cli/outcome.h"
#include "cli/query_words.h"
#include "cli/request.h"
#include "cli/response.h"

struct exchange {
    struct request request;
    struct ask ask;
    struct response response; // well-formed unless the outcome is a BAD_REPLY, TIMED_OUT, NO_SERVER
    enum outcome outcome;
    const char *problem; // of a bad reply
    bool truncated;      // over UDP, and so it was asked again
    bool cookie_renewed; // asked again because of BADCOOKIE
};

// A question for each type of the query, all asked at the same time. The array of query->type_count
// is owned by the caller, who frees it with exchange_free.
struct exchange *exchange_run(const struct query_words *query, const struct address *server)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void exchange_free(struct exchange *exchanges, size_t count);
