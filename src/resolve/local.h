// Names that are answered here, whatever the rest of the world says of them: those of hosts files
// and of the configuration's `hosts`, and the special names of RFC 6761 and its family.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/hash.h"
#include "dns/answer.h"
#include "resolve/known.h"

// Names of this machine's neighbourhood and their addresses; PTR for each address. Immutable once
// it is built, shared by count between houses.
struct local;

struct local_name {
    struct name name;
    struct address address; // no port
};
// Names and addresses are copied; equal pairs count once. `secret` keys the name_keys that it will
// be asked with. TTL of all: 60 seconds or so, since a file may change.
struct local *local_make(const struct local_name *names, size_t count,
                         const struct hash_key *secret)
    __attribute__((returns_nonnull, warn_unused_result));
struct local *local_hold(struct local *local); // NULL is fine
void local_release(struct local *local);       // from any thread; NULL is fine

// Fills the begun answer (AA, reason LOCAL): RA and everything else are serve's. True if the name
// is one of these: then nothing else may be asked about it.
bool local_answer(const struct local *local, const struct rules *rules,
                  const struct known_question *question, struct answer *answer)
    __attribute__((nonnull(2, 3, 4), warn_unused_result));
