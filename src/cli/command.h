// The commands of onym: ONE table that the command line is read by and that help, the manual and
// the completions are printed from. A new command is one row here and one function in its noun's
// file.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arguments;

// What a word or a flag's value is, for completions.
enum command_words {
    WORDS_ANY,     // nothing can be proposed
    WORDS_CHOICE,  // one of `choices`
    WORDS_FILE,    // a file
    WORDS_COMMAND, // the nouns and verbs of this table
    WORDS_TYPE,    // RR types
};

// A word that is no flag.
struct command_argument {
    const char *name; // "FILE"; NULL marks the end of the list
    const char *help;
    bool optional;
    bool many; // any number of them, and of those behind it
    enum command_words words;
    const char *choices; // separated by spaces
};

// A flag. Those of `query` that dig has too begin with '+'; +noNAME undoes them.
struct command_flag {
    const char *name;  // "--config", "+short"; NULL marks the end of the list
    char letter;       // -c; 0: none
    const char *also;  // other spellings of a + flag, without it, separated by spaces; or NULL
    const char *value; // "FILE": needs a value; "[N]": may have one; NULL: has none
    enum command_words words;
    const char *choices;
    const char *help;
};
#define FLAGS_MAX 40 // of one command

struct command_example {
    const char *line; // without "onym"; NULL marks the end of the list
    const char *what;
};

struct command {
    const char *noun;    // "zone"; NULL marks the end of the table
    const char *verb;    // "check"; NULL: the noun alone is the command
    const char *summary; // one line, lower case, no full stop
    const char *details; // paragraphs, separated by an empty line
    const struct command_argument *arguments;
    const struct command_flag *flags;
    const unsigned char *exits; // the exit codes it may have besides 0, 1 and 2; ended by 0
    const struct command_example *examples;
    int (*run)(const struct arguments *arguments); // returns an exit code
};

// A noun whose commands have verbs.
struct command_noun {
    const char *noun; // NULL marks the end of the table
    const char *summary;
};

const struct command *command_table(void);
const struct command_noun *command_nouns(void);
// The flags that every command has.
const struct command_flag *command_common_flags(void);
