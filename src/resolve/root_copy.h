// A copy of the root zone on this machine (RFC 8806): walks begin there, and no root server is
// told who looks for what, or can be out of reach.
//
//     example.test. A   at or below a cut   the delegation with its glue: the walk goes on there
//     test. DS, . NS    in the copy         the RRset, or that there is none
//     nonsense.         not in it           NXDOMAIN, with the SOA of the copy
//
// What it says is taken as a root server's own answer, with the TTLs of the file. It answers no
// client: what it said is kept in the cache like all else. Its wildcards and DNAMEs, which the root
// of the Internet has none of, are left to the root servers.
#pragma once

#include "dns/delegation.h"
#include "resolve/rules.h"
#include "resolve/scrub.h"

struct root_copy_question {
    struct name name;
    const struct name_key *key; // of the name, with the secret that the copy was read with
    uint16_t type;
};

enum root_copy_says {
    ROOT_COPY_SILENT,  // it has no word on this: a root server is to be asked
    ROOT_COPY_REFERS,  // *cut was made; names and addresses look into the copy
    ROOT_COPY_ANSWERS, // *kept is what it says; look into the copy and the question
};
enum root_copy_says root_copy_ask(const struct zone *copy, const struct hash_key *secret,
                                  const struct root_copy_question *question, struct delegation *cut,
                                  struct kept *kept) __attribute__((nonnull, warn_unused_result));

// Is there one, and is it not older than its SOA's expire (RFC 8806 2)?
static inline bool root_copy_counts(const struct rules *rules, uint64_t now_us)
{
    return rules->root_copy && now_us < rules->root_copy_end_us;
}
