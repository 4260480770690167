// One question and what came of it, as a JSON object on one line.
#pragma once

struct buffer;
struct exchange;
struct exchange_view;

void exchange_json(const struct exchange *exchange, const struct exchange_view *view,
                   struct buffer *to) __attribute__((nonnull));
