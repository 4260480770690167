// Replies for people: what goes to stdout is made of records as zone files have them and of
// comments; what went wrong on the way is words for stderr.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct address;
struct buffer;
struct exchange;
struct query_words;

struct exchange_view {
    const struct query_words *query;
    const struct address *server; // that was asked
    const char *server_text;      // as the user named it
    uint64_t total_us;            // for all questions
};

// One reply with its header, sections and numbers. Nothing if there was no reply.
void exchange_text(const struct exchange *exchange, const struct exchange_view *view,
                   struct buffer *to) __attribute__((nonnull));
// The rdata of its answer section, a line each.
void exchange_text_brief(const struct exchange *exchange, struct buffer *to)
    __attribute__((nonnull));
// One listing of the answers to all questions, and what else was said to them.
void exchange_text_all(const struct exchange *exchanges, const struct exchange_view *view,
                       struct buffer *to) __attribute__((nonnull));
// Says on stderr which questions got no good reply, and what could be done.
void exchange_text_complain(const struct exchange *exchanges, const struct exchange_view *view)
    __attribute__((nonnull));
