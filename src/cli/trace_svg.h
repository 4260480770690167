// A walk as a picture, for a ticket; from the same JSON as its text (trace_text.h).
#pragma once

#include <jansson.h>

struct buffer;

// A standalone SVG: one row for each step, asks as bars over the time they took.
void trace_svg(const json_t *walk, struct buffer *to) __attribute__((nonnull));
