// Reports of problems as a command's output.
#pragma once

struct report;

// Prints to stdout, where the problems are what was asked for.
void problems_put(const struct report *report) __attribute__((nonnull));
// Says them on stderr, where they are beside the point. With -q only if there are errors.
void problems_say(const struct report *report) __attribute__((nonnull));
