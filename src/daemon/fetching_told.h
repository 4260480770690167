// What is told of zones that come from primaries: for `ctl status`, and as metrics.
#pragma once

#include <stddef.h>

struct buffer;
struct daemon;
struct json;

// What is known of it, as members: primary, confirmed, next_s, expires_s, failures, problem.
void fetching_put(struct daemon *daemon, size_t index, struct json *json) __attribute__((nonnull));
void fetching_metrics(const struct daemon *daemon, struct buffer *to) __attribute__((nonnull));
