// SvcParams of SVCB and HTTPS from text (RFC 9460 2.1 and appendix A).
#pragma once

#include <stdbool.h>

struct words;

// All words left are parameters: key, key=value, key="value"; a word that is quoted as a whole is
// taken like one without quotes. Appends them sorted by key.
bool svcb_parse(struct words *words) __attribute__((nonnull, warn_unused_result));
