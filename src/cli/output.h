// Where commands write: data to stdout, words to stderr, and what the two can show.
//
// What was asked for goes through output_put; that it may not arrive (a full disk, a closed pipe)
// is noticed there and told once, by output_end, as exit code 1. Everything said beside it is
// words.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buffer;

enum output_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

// Once, before anything is written. Reads NO_COLOR, CLICOLOR_FORCE, TERM and the locale.
void output_begin(enum output_colour colour, bool quiet, unsigned verbose);

// Writes the text to stdout and clears the buffer.
void output_put(struct buffer *buffer) __attribute__((nonnull));
// True once stdout took no more: a long listing may stop.
bool output_failed(void);
// Flushes. Returns `code`, or EXIT_FAILED when stdout did not take everything: after a word on why,
// but without one when the reader has closed its end of a pipe.
int output_end(int code);

// Words to stderr, a line each. `say` is silent with -q, `tell` speaks only with -v.
void output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void output_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
// "onym: " and what is wrong, always; `hint` (may be NULL): what to do about it, on its own line.
void output_complain(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A piece that is not a whole line, such as a report; with -q too.
void output_words(const struct buffer *buffer) __attribute__((nonnull));

bool output_has_colour(void);        // stdout
bool output_words_have_colour(void); // stderr
bool output_is_utf8_screen(void);    // stdout is a terminal that shows UTF-8
bool output_is_quiet(void);
bool output_is_verbose(void);

// Adds a text in a colour ("1;31"), plain where stdout has none.
void output_paint(struct buffer *to, const char *colour, const char *text) __attribute__((nonnull));
// Adds octets of a stranger's: what no screen should get becomes '?'.
void output_clean(struct buffer *to, const char *text, size_t size) __attribute__((nonnull));
