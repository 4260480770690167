// Values of the schema in words, for messages and manuals.
#pragma once

#include "conf/schema.h"

struct buffer;

// What one value may be: "a number from 1 to 65535", "one of udp, tcp". Of a list: each item.
void schema_describe(enum schema_key key, struct buffer *to) __attribute__((nonnull));
