// Reading the command line (arguments.h).
//
// The walk over the words: noun and verb are the first words that are no flags; before them only
// the common flags are known, behind them the command's own too. Everything that is neither a flag
// nor a flag's value is a word, in the order given.
#include "cli/arguments.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "cli/command_find.h"

// Where we are in the command line.
struct walk {
    struct arguments *arguments;
    struct arguments_problem *problem;
    char *const *at;
    char *const *end;
    const char *noun; // waits for its verb
    bool plain;       // behind "--"
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct walk *walk, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(walk->problem->message, sizeof walk->problem->message, format, list);
    va_end(list);
    return false;
}

__attribute__((format(printf, 2, 3))) static void hint(struct walk *walk, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(walk->problem->hint, sizeof walk->problem->hint, format, list);
    va_end(list);
}

// --- values --------------------------------------------------------------------------------------

// True if `word` (of `size` octets) stands in a list that is separated by spaces.
static bool is_listed(const char *list, const char *word, size_t size)
{
    while (list && *list) {
        size_t length = strcspn(list, " ");
        if (length == size && memcmp(list, word, size) == 0)
            return true;
        list += length + strspn(list + length, " ");
    }
    return false;
}

static bool set_common(struct walk *walk, const struct command_flag *flag, const char *value)
{
    struct arguments *arguments = walk->arguments;
    if (strcmp(flag->name, "--help") == 0)
        arguments->help = true;
    else if (strcmp(flag->name, "--json") == 0)
        arguments->json = true;
    else if (strcmp(flag->name, "--quiet") == 0)
        arguments->quiet = true;
    else if (strcmp(flag->name, "--verbose") == 0)
        arguments->verbose++;
    else {
        assert(strcmp(flag->name, "--color") == 0);
        arguments->colour = strcmp(value, "always") == 0  ? COLOUR_ALWAYS
                            : strcmp(value, "never") == 0 ? COLOUR_NEVER
                                                          : COLOUR_AUTO;
    }
    return true;
}

static bool set(struct walk *walk, const struct command_flag *flag, const char *value)
{
    if (flag->choices && !is_listed(flag->choices, value, strlen(value))) {
        hint(walk, "one of: %s", flag->choices);
        return refuse(walk, "'%s' is no value of %s", value, flag->name);
    }
    const struct command_flag *common = command_common_flags();
    for (size_t i = 0; common[i].name; i++)
        if (flag == &common[i])
            return set_common(walk, flag, value);
    size_t index = (size_t)(flag - walk->arguments->command->flags);
    assert(index < FLAGS_MAX);
    walk->arguments->values[index] = value;
    return true;
}

// --- flags ---------------------------------------------------------------------------------------

static const struct command_flag *find_in(const struct command_flag *flags, const char *name,
                                          size_t size, char letter)
{
    for (; flags && flags->name; flags++) {
        if (letter ? flags->letter == letter
                   : strlen(flags->name) == size && memcmp(flags->name, name, size) == 0)
            return flags;
        if (!letter && name[0] == '+' && is_listed(flags->also, name + 1, size - 1))
            return flags;
    }
    return NULL;
}

static const struct command_flag *find_flag(const struct walk *walk, const char *name, size_t size,
                                            char letter)
{
    const struct command *command = walk->arguments->command;
    const struct command_flag *found = find_in(command ? command->flags : NULL, name, size, letter);
    return found ? found : find_in(command_common_flags(), name, size, letter);
}

static bool refuse_flag(struct walk *walk, const char *name, size_t size)
{
    char *typed = memory_format("%.*s", (int)size, name);
    struct suggestion suggestion = {.word = typed};
    const struct command *command = walk->arguments->command;
    for (size_t i = 0; command && command->flags && command->flags[i].name; i++)
        suggest_consider(&suggestion, command->flags[i].name);
    for (const struct command_flag *flag = command_common_flags(); flag->name; flag++)
        suggest_consider(&suggestion, flag->name);
    if (suggestion.best)
        hint(walk, "did you mean '%s'?", suggestion.best);
    refuse(walk, "unknown flag '%s'", typed);
    free(typed);
    return false;
}

// --flag, --flag=VALUE, --flag VALUE.
static bool take_long(struct walk *walk, const char *word)
{
    size_t size = strcspn(word, "=");
    const struct command_flag *flag = find_flag(walk, word, size, 0);
    if (!flag)
        return refuse_flag(walk, word, size);
    if (!flag->value && word[size] == '=')
        return refuse(walk, "%s takes no value", flag->name);
    if (!flag->value)
        return set(walk, flag, "");
    if (word[size] == '=')
        return set(walk, flag, word + size + 1);
    if (walk->at == walk->end)
        return refuse(walk, "%s needs a value: %s", flag->name, flag->value);
    return set(walk, flag, *walk->at++);
}

// -q, -qv, -cFILE, -c FILE.
static bool take_letters(struct walk *walk, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct command_flag *flag = find_flag(walk, NULL, 0, *letter);
        if (!flag) {
            char typed[3] = {'-', *letter, 0};
            return refuse_flag(walk, typed, 2);
        }
        if (!flag->value) {
            if (!set(walk, flag, ""))
                return false;
            continue;
        }
        if (letter[1])
            return set(walk, flag, letter + 1);
        if (walk->at == walk->end)
            return refuse(walk, "-%c needs a value: %s", *letter, flag->value);
        return set(walk, flag, *walk->at++);
    }
    return true;
}

// +word, +word=VALUE, +noword.
static bool take_plus(struct walk *walk, const char *word)
{
    size_t size = strcspn(word, "=");
    const struct command_flag *flag = find_flag(walk, word, size, 0);
    if (!flag && strncmp(word, "+no", 3) == 0 && word[size] == 0) {
        char *positive = memory_format("+%.*s", (int)(size - 3), word + 3);
        flag = find_flag(walk, positive, size - 2, 0);
        free(positive);
        if (flag)
            return set(walk, flag, "no");
    }
    if (!flag)
        return refuse_flag(walk, word, size);
    bool has = word[size] == '=' && word[size + 1];
    if (!flag->value && word[size] == '=')
        return refuse(walk, "%s takes no value", flag->name);
    if (flag->value && flag->value[0] != '[' && !has)
        return refuse(walk, "%s needs a value: %s=%s", flag->name, flag->name, flag->value);
    return set(walk, flag, has ? word + size + 1 : "");
}

// --- words ---------------------------------------------------------------------------------------

static bool refuse_noun(struct walk *walk, const char *word)
{
    const char *nearest = command_suggest_noun(word);
    if (nearest)
        hint(walk, "did you mean 'onym %s'?", nearest);
    else
        hint(walk, "'onym help' lists the commands");
    return refuse(walk, "unknown command '%s'", word);
}

static bool refuse_verb(struct walk *walk, const char *word)
{
    const char *nearest = command_suggest_verb(walk->noun, word);
    if (nearest)
        hint(walk, "did you mean 'onym %s %s'?", walk->noun, nearest);
    else
        hint(walk, "'onym help %s' lists what there is", walk->noun);
    return refuse(walk, "unknown command '%s %s'", walk->noun, word);
}

static bool take_word(struct walk *walk, const char *word)
{
    struct arguments *arguments = walk->arguments;
    if (!arguments->command) {
        bool verb = walk->noun;
        const struct command *command =
            verb ? command_find(walk->noun, word) : command_find(word, NULL);
        if (command)
            arguments->command = command;
        else if (verb)
            return refuse_verb(walk, word);
        else if (!command_has_noun(word))
            return refuse_noun(walk, word);
        else
            walk->noun = word;
        return true;
    }
    arguments->words[arguments->word_count++] = word;
    return true;
}

static bool has_plus(const struct command *command)
{
    for (const struct command_flag *flag = command->flags; flag && flag->name; flag++)
        if (flag->name[0] == '+')
            return true;
    return false;
}

static bool take(struct walk *walk, const char *word)
{
    const struct command *command = walk->arguments->command;
    if (walk->plain || word[0] == 0 || word[1] == 0)
        return take_word(walk, word);
    if (strcmp(word, "--") == 0) {
        walk->plain = true;
        return true;
    }
    if (strncmp(word, "--", 2) == 0)
        return take_long(walk, word);
    if (word[0] == '-')
        return take_letters(walk, word);
    if (word[0] == '+' && command && has_plus(command))
        return take_plus(walk, word);
    return take_word(walk, word);
}

// Too few words, too many.
static bool count_words(struct walk *walk)
{
    const struct arguments *arguments = walk->arguments;
    const struct command *command = arguments->command;
    const struct command_argument *argument = command->arguments;
    size_t taken = 0;
    for (; argument && argument->name; argument++) {
        if (taken == arguments->word_count && !argument->optional) {
            hint(walk, "see 'onym help %s%s%s'", command->noun, command->verb ? " " : "",
                 command->verb ? command->verb : "");
            return refuse(walk, "%s is missing", argument->name);
        }
        if (argument->many)
            return true;
        if (taken < arguments->word_count)
            taken++;
    }
    if (taken == arguments->word_count)
        return true;
    hint(walk, "see 'onym help %s%s%s'", command->noun, command->verb ? " " : "",
         command->verb ? command->verb : "");
    return refuse(walk, "'%s' is one word too many", arguments->words[taken]);
}

bool arguments_read(struct arguments *arguments, int count, char *const *words,
                    struct arguments_problem *problem)
{
    assert(count >= 0);
    *arguments = (struct arguments){0};
    *problem = (struct arguments_problem){0};
    arguments->words = memory_get_zeroed((size_t)count + 1, sizeof *arguments->words);
    struct walk walk = {
        .arguments = arguments, .problem = problem, .at = words, .end = words + count};
    while (walk.at < walk.end) {
        const char *word = *walk.at++;
        if (!arguments->command && !walk.noun && strcmp(word, "--version") == 0) {
            arguments->command = command_find("version", NULL);
            continue;
        }
        if (!take(&walk, word))
            return false;
    }
    if (arguments->help) {
        if (walk.noun && !arguments->command)
            arguments->words[arguments->word_count++] = walk.noun;
        return true;
    }
    if (arguments->command)
        return count_words(&walk);
    if (walk.noun) {
        hint(&walk, "'onym help %s' lists what there is", walk.noun);
        return refuse(&walk, "'%s' needs another word", walk.noun);
    }
    hint(&walk, "'onym help' lists the commands");
    return refuse(&walk, "what is to be done?");
}

void arguments_free(struct arguments *arguments)
{
    free(arguments->words);
    *arguments = (struct arguments){0};
}

// --- what commands ask ---------------------------------------------------------------------------

const char *arguments_value(const struct arguments *arguments, const char *flag)
{
    const struct command_flag *flags = arguments->command->flags;
    const struct command_flag *found = find_in(flags, flag, strlen(flag), 0);
    assert(found);
    return arguments->values[found - flags];
}

bool arguments_has(const struct arguments *arguments, const char *flag)
{
    return arguments_value(arguments, flag) != NULL;
}

const char *arguments_word(const struct arguments *arguments, size_t index)
{
    return index < arguments->word_count ? arguments->words[index] : NULL;
}

bool arguments_number(const struct arguments *arguments, const char *flag, uint32_t least,
                      uint32_t most, uint32_t *value)
{
    const char *text = arguments_value(arguments, flag);
    if (!text || !*text || strcmp(text, "no") == 0)
        return true;
    uint64_t number = 0;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && number <= UINT32_MAX; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    if (text[digits] != 0 || digits == 0 || number < least || number > most) {
        output_complain(NULL, "%s: '%s' is no number from %u to %u", flag, text, least, most);
        return false;
    }
    *value = (uint32_t)number;
    return true;
}
