// Commands by what was written (command_find.h).
#include "cli/command_find.h"

#include <string.h>

#include "base/suggest.h"

const struct command *command_find(const char *noun, const char *verb)
{
    for (const struct command *command = command_table(); command->noun; command++) {
        if (strcmp(command->noun, noun) != 0)
            continue;
        if (verb ? command->verb && strcmp(command->verb, verb) == 0 : !command->verb)
            return command;
    }
    return NULL;
}

bool command_has_noun(const char *noun)
{
    for (const struct command *command = command_table(); command->noun; command++)
        if (strcmp(command->noun, noun) == 0)
            return true;
    return false;
}

const char *command_suggest_noun(const char *word)
{
    struct suggestion suggestion = {.word = word};
    for (const struct command *command = command_table(); command->noun; command++)
        suggest_consider(&suggestion, command->noun);
    return suggestion.best;
}

const char *command_suggest_verb(const char *noun, const char *word)
{
    struct suggestion suggestion = {.word = word};
    for (const struct command *command = command_table(); command->noun; command++)
        if (command->verb && strcmp(command->noun, noun) == 0)
            suggest_consider(&suggestion, command->verb);
    return suggestion.best;
}
