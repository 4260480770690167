// Names that the standards keep out of the public tree (RFC 6761 and its family): answered here, so
// that they are neither leaked to others nor believed from them.
#pragma once

#include <stdbool.h>

#include "dns/answer.h"
#include "resolve/known.h"

// Fills the begun answer. False: not a special name, or `rules` have a forward or stub zone for it.
bool special_answer(const struct rules *rules, const struct known_question *question,
                    struct answer *answer) __attribute__((nonnull, warn_unused_result));

// The table, for documents and tests: "localhost.", "RFC 6761 6.3"; NULL behind the last.
const char *special_zone_text(unsigned index, const char **source) __attribute__((nonnull));
