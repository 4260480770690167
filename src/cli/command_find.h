// Commands by the words that were written, and what may have been meant by those that are none.
#pragma once

#include <stdbool.h>

#include "cli/command.h"

// The command of this noun and verb (NULL: of the noun alone). NULL: none.
const struct command *command_find(const char *noun, const char *verb) __attribute__((nonnull(1)));
// True if some command has this noun, with or without a verb.
bool command_has_noun(const char *noun) __attribute__((nonnull));
// The nearest known noun, or verb of `noun`; NULL: nothing is near.
const char *command_suggest_noun(const char *word) __attribute__((nonnull));
const char *command_suggest_verb(const char *noun, const char *word) __attribute__((nonnull));
