// A routed name as text, for people, from its JSON (route_json.h).
#pragma once

#include <jansson.h>

struct buffer;

void route_text(const json_t *routed, struct buffer *to) __attribute__((nonnull));
// "country SG, CA", "everybody else" of the last of several rules, "everybody" of the only one: in
// one line, cut where it is long.
void route_text_where(const json_t *rules, size_t index, struct buffer *to)
    __attribute__((nonnull));
