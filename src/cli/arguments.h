// A command's flags and words, read from the command line by its row in the table of commands.
//
//   onym zone check -v db.example example.test --strict
//                      [0]        [1]                     words
//                   --verbose                --strict     values
//
// --flag VALUE, --flag=VALUE, -c VALUE, -cVALUE, -qv; +word, +word=VALUE, +noword; "--" ends flags.
// A flag that is given twice counts as it was given last.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "cli/output.h"

struct arguments {
    const struct command *command; // NULL: none was named, only common flags
    const char *values[FLAGS_MAX]; // of command->flags in their order; NULL: not given
    const char **words;            // owned; the texts are the command line's own
    size_t word_count;
    bool help, version, json, quiet;
    unsigned verbose;
    enum output_colour colour;
};

// What is wrong with a command line.
struct arguments_problem {
    char message[300];
    char hint[300]; // "": none
};

// Reads the words behind the program's name. False: `problem` says why, `command` is set as far as
// it was known. With --help nothing is required. The caller frees.
bool arguments_read(struct arguments *arguments, int count, char *const *words,
                    struct arguments_problem *problem) __attribute__((nonnull(1, 4)));
void arguments_free(struct arguments *arguments) __attribute__((nonnull));

// The value of a flag of this command, NULL: not given. A flag without a value has "" when given,
// and "no" is the value of +noNAME.
const char *arguments_value(const struct arguments *arguments, const char *flag)
    __attribute__((nonnull));
bool arguments_has(const struct arguments *arguments, const char *flag) __attribute__((nonnull));
// The word at this place, or NULL.
const char *arguments_word(const struct arguments *arguments, size_t index)
    __attribute__((nonnull));
// A flag's value as a number; `value` stays as it is when the flag was not given (or has no value).
// False: it is none, or out of range, and was complained about.
bool arguments_number(const struct arguments *arguments, const char *flag, uint32_t least,
                      uint32_t most, uint32_t *value) __attribute__((nonnull, warn_unused_result));
