// Problems found in files: every one of them, each with its place, the line and the likely fix.
//
// The zone parser, the configuration and their checks add problems here; commands and the daemon
// print them. One report serves one run over any number of files. What it prints:
//
//   /etc/onym/onym.yaml:14:5: error: unknown key 'acces'
//      14 |     acces: [192.168.0.0/16]
//         |     ^^^^^
//         = did you mean 'access'?
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buffer;

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };

// Where a problem is. Lines and columns count from 1, columns in octets; 0 = unknown, left out.
struct place {
    const char *file; // copied by report_add; NULL when there is no file
    uint32_t line;
    uint32_t column;
    uint32_t width;     // how many columns the caret underlines; 0 counts as 1
    const char *source; // the text of that line, not terminated; NULL: shown without it
    uint32_t source_size;
};

struct problem {
    enum severity severity;
    char *file;
    uint32_t line, column, width;
    uint32_t caret; // where `column` is in `source`, from 1; less than it where the line was cut
    char *source;   // that line, cut to what a screen shows, '?' for what none shows, or NULL
    char *message;  // one sentence without a full stop
    char *hint;     // the likely fix, or NULL
};

struct report {
    struct problem *problems; // the first PROBLEMS_MAX of them, in the order found
    size_t count;
    size_t room;
    size_t errors; // all that were added, also those past PROBLEMS_MAX
    size_t warnings;
};

void report_free(struct report *report);

// Adds a problem. `hint` may be NULL; everything is copied.
void report_add(struct report *report, enum severity severity, const struct place *place,
                const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

// Moves all of `from` to the end of `to` and leaves `from` empty.
void report_move(struct report *to, struct report *from);

// Prints the problems as above, sorted by file and line where they came out of order within a
// file, and then a summary line ("3 errors, 1 warning in 2 files"), nothing at all if empty.
void report_print(const struct report *report, FILE *to, bool colour);
// The same into a text.
void report_write(const struct report *report, struct buffer *to, bool colour);
// As a JSON array of {severity, file, line, column, message, hint, source}. `key` as for
// json_text().
struct json;
void report_json(const struct report *report, struct json *json, const char *key);
