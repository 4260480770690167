// A walk as people read it: a tree on the terminal. It is printed from the JSON of dns/explain.h,
// so that a walk of the running server looks like one of our own.
#pragma once

#include <jansson.h>

struct buffer;

void trace_text(const json_t *walk, struct buffer *to) __attribute__((nonnull));
