// Internationalized names (RFC 5890): U-labels that people type and read, A-labels on the wire.
#pragma once

#include <stdbool.h>

#include "dns/name.h"

struct buffer;

// A name as typed, in UTF-8, with its U-labels as A-labels (IDNA2008, with UTS 46's mapping). Fresh
// memory, the caller frees; NULL: `problem` says why. A name without other than ASCII octets is
// copied as it is.
char *idn_to_ascii(const char *text, const char **problem)
    __attribute__((nonnull, warn_unused_result));

// A name as typed, as idn_to_ascii has it, absolute whether it ends with a dot or not; in `wire`.
// False after a complaint.
bool idn_read_name(const char *text, uint8_t wire[static NAME_OCTETS_MAX], struct name *name)
    __attribute__((nonnull, warn_unused_result));

// Adds the name with its A-labels as U-labels. False, and nothing is added: it has none, or one
// that is not valid or would not show what it is.
bool idn_to_unicode(struct name name, struct buffer *to)
    __attribute__((nonnull, warn_unused_result));
