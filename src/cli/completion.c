// Completion scripts (completion.h), a printer for each shell. All three find the noun and the verb
// as the first words that are no flags, and propose flags, choices, types or files from there.
#include "cli/completion.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/command_find.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "dns/type.h"

// In single quotes, with a backslash before each character of `specials`.
static void add_quoted(struct buffer *to, const char *text, const char *specials)
{
    buffer_add_char(to, '\'');
    for (; *text; text++) {
        if (*text == '\'') {
            buffer_add_text(to, "'\\''");
            continue;
        }
        if (strchr(specials, *text))
            buffer_add_char(to, '\\');
        buffer_add_char(to, *text);
    }
    buffer_add_char(to, '\'');
}

static void add_types(struct buffer *to)
{
    for (const struct type_row *row = type_table(); row->mnemonic; row++)
        buffer_format(to, "%s%s", row == type_table() ? "" : " ", row->mnemonic);
}

// Each noun once, in the table's order.
static bool is_first_of_noun(const struct command *command)
{
    for (const struct command *before = command_table(); before < command; before++)
        if (strcmp(before->noun, command->noun) == 0)
            return false;
    return true;
}

static const char *summary_of_noun(const struct command *command)
{
    for (const struct command_noun *noun = command_nouns(); noun->noun; noun++)
        if (strcmp(noun->noun, command->noun) == 0)
            return noun->summary;
    return command->summary;
}

static void add_nouns(struct buffer *to)
{
    for (const struct command *command = command_table(); command->noun; command++)
        if (is_first_of_noun(command))
            buffer_format(to, "%s%s", command == command_table() ? "" : " ", command->noun);
}

static void add_verbs(struct buffer *to, const char *noun)
{
    bool first = true;
    for (const struct command *command = command_table(); command->noun; command++) {
        if (strcmp(command->noun, noun) != 0 || !command->verb)
            continue;
        buffer_format(to, "%s%s", first ? "" : " ", command->verb);
        first = false;
    }
}

// What can be proposed: the last argument that something is known of, else the first.
static const struct command_argument *find_argument(const struct command *command)
{
    const struct command_argument *found = command->arguments;
    for (const struct command_argument *word = found; word && word->name; word++)
        if (word->words != WORDS_ANY)
            found = word;
    return found;
}

static void add_flag_names(struct buffer *to, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++)
        buffer_format(to, " %s", flags->name);
}

// --- bash ----------------------------------------------------------------------------------------

static void add_bash_words(struct buffer *to, const struct command *command)
{
    const struct command_argument *argument = find_argument(command);
    if (!argument)
        return;
    switch (argument->words) {
    case WORDS_CHOICE: buffer_format(to, " proposals+=' %s'", argument->choices); break;
    case WORDS_FILE: buffer_add_text(to, " files=1"); break;
    case WORDS_COMMAND: buffer_add_text(to, " proposals+=\" $nouns\""); break;
    case WORDS_TYPE:
        buffer_add_text(to, " proposals+=' ");
        add_types(to);
        buffer_add_char(to, '\'');
        break;
    case WORDS_ANY: break;
    }
}

static void add_bash_command(struct buffer *to, const struct command *command)
{
    buffer_format(to, "        '%s%s%s') proposals='", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
    add_flag_names(to, command->flags);
    buffer_add_char(to, '\'');
    add_bash_words(to, command);
    buffer_add_text(to, " ;;\n");
}

// A flag whose value is a file or a choice: what comes behind it.
static void add_bash_values(struct buffer *to, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++) {
        if (flags->words == WORDS_ANY)
            continue;
        buffer_add_text(to, "        ");
        if (flags->letter)
            buffer_format(to, "-%c | ", flags->letter);
        buffer_format(to, "%s) ", flags->name);
        if (flags->words == WORDS_FILE)
            buffer_add_text(to, "COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n");
        else
            buffer_format(to, "COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
                          flags->choices);
    }
}

static void print_bash(struct buffer *to)
{
    buffer_add_text(to,
                    "# bash completion for onym; printed by 'onym completion bash'\n"
                    "_onym() {\n"
                    "    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "    local noun= verb= proposals= files= nouns='");
    add_nouns(to);
    buffer_add_text(to, "' i\n"
                        "    COMPREPLY=()\n"
                        "    case $last in\n");
    add_bash_values(to, command_common_flags());
    add_bash_values(to, command_find("serve", NULL)->flags);
    add_bash_values(to, command_find("ctl", "status")->flags);
    buffer_add_text(to, "    esac\n"
                        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                        "        [[ ${COMP_WORDS[i]} == [-+@]* ]] && continue\n"
                        "        if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}\n"
                        "        elif [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; fi\n"
                        "    done\n"
                        "    case $noun in\n"
                        "        '') proposals=$nouns ;;\n");
    for (const struct command_noun *noun = command_nouns(); noun->noun; noun++) {
        buffer_format(to, "        %s) [[ -z $verb ]] && proposals='", noun->noun);
        add_verbs(to, noun->noun);
        buffer_add_text(to, "' ;;\n");
    }
    buffer_add_text(to, "        *) verb= ;;\n"
                        "    esac\n"
                        "    case \"$noun${verb:+ $verb}\" in\n");
    for (const struct command *command = command_table(); command->noun; command++)
        add_bash_command(to, command);
    buffer_add_text(to, "    esac\n    proposals+='");
    add_flag_names(to, command_common_flags());
    buffer_add_text(to, "'\n"
                        "    COMPREPLY=($(compgen -W \"$proposals\" -- \"$word\"))\n"
                        "    [[ -n $files ]] && COMPREPLY+=($(compgen -f -- \"$word\"))\n"
                        "}\n"
                        "complete -o filenames -F _onym onym\n");
}

// --- zsh -----------------------------------------------------------------------------------------

static void add_zsh_action(struct buffer *to, enum command_words words, const char *choices)
{
    switch (words) {
    case WORDS_CHOICE: buffer_format(to, "(%s)", choices); break;
    case WORDS_FILE: buffer_add_text(to, "_files"); break;
    case WORDS_COMMAND:
        buffer_add_char(to, '(');
        add_nouns(to);
        buffer_add_char(to, ')');
        break;
    case WORDS_TYPE:
        buffer_add_char(to, '(');
        add_types(to);
        buffer_add_char(to, ')');
        break;
    case WORDS_ANY: break;
    }
}

static void add_zsh_flags(struct buffer *to, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++) {
        const char *assign = !flags->value ? "" : flags->name[0] == '+' ? "=-" : "=";
        buffer_add_text(to, " \\\n                ");
        if (flags->letter)
            buffer_format(to, "'(-%c %s)'{-%c%s,%s%s}", flags->letter, flags->name, flags->letter,
                          flags->value ? "+" : "", flags->name, assign);
        else
            buffer_format(to, "%s%s", flags->name, assign);
        struct buffer help = {0};
        buffer_format(&help, "[%s]", flags->help);
        add_quoted(to, buffer_text(&help), ":");
        buffer_free(&help);
        if (!flags->value)
            continue;
        buffer_add_text(to, "':value:");
        add_zsh_action(to, flags->words, flags->choices);
        buffer_add_char(to, '\'');
    }
}

static void add_zsh_command(struct buffer *to, const struct command *command)
{
    buffer_format(to, "        '%s%s%s') _arguments -S", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
    add_zsh_flags(to, command->flags);
    add_zsh_flags(to, command_common_flags());
    const struct command_argument *argument = find_argument(command);
    if (argument) {
        buffer_format(to, " \\\n                '*:%s:", argument->name);
        add_zsh_action(to, argument->words, argument->choices);
        buffer_add_char(to, '\'');
    }
    buffer_add_text(to, " ;;\n");
}

static void add_zsh_description(struct buffer *to, const char *word, const char *summary)
{
    struct buffer text = {0};
    buffer_format(&text, "%s:%s", word, summary);
    buffer_add_char(to, ' ');
    add_quoted(to, buffer_text(&text), "");
    buffer_free(&text);
}

static void print_zsh(struct buffer *to)
{
    buffer_add_text(to, "#compdef onym\n"
                        "# zsh completion for onym; printed by 'onym completion zsh'\n"
                        "_onym() {\n"
                        "    local -a proposals\n"
                        "    local command\n"
                        "    if (( CURRENT == 2 )); then\n"
                        "        proposals=(");
    for (const struct command *command = command_table(); command->noun; command++)
        if (is_first_of_noun(command))
            add_zsh_description(to, command->noun, summary_of_noun(command));
    buffer_add_text(to, ")\n        _describe command proposals\n        return\n    fi\n"
                        "    command=$words[2]\n"
                        "    shift words; (( CURRENT-- ))\n"
                        "    case $command in\n");
    for (const struct command_noun *noun = command_nouns(); noun->noun; noun++) {
        buffer_format(to,
                      "        %s)\n            if (( CURRENT == 2 )); then\n"
                      "                proposals=(",
                      noun->noun);
        for (const struct command *command = command_table(); command->noun; command++)
            if (strcmp(command->noun, noun->noun) == 0)
                add_zsh_description(to, command->verb, command->summary);
        buffer_add_text(to, ")\n                _describe verb proposals\n"
                            "                return\n            fi\n"
                            "            command+=\" $words[2]\"\n"
                            "            shift words; (( CURRENT-- )) ;;\n");
    }
    buffer_add_text(to, "    esac\n    case $command in\n");
    for (const struct command *command = command_table(); command->noun; command++)
        add_zsh_command(to, command);
    buffer_add_text(to, "    esac\n}\n"
                        "if [[ $funcstack[1] == _onym ]]; then _onym \"$@\"; "
                        "else compdef _onym onym; fi\n");
}

// --- fish ----------------------------------------------------------------------------------------

static void begin_fish(struct buffer *to, const struct command *command)
{
    buffer_format(to, "complete -c onym -n '__onym_is %s%s%s'", command->noun,
                  command->verb ? " " : "", command->verb ? command->verb : "");
}

static void add_fish_flag(struct buffer *to, const struct command_flag *flag)
{
    if (flag->name[0] == '+') {
        buffer_format(to, " -a '%s'", flag->name);
    } else {
        if (flag->letter)
            buffer_format(to, " -s %c", flag->letter);
        buffer_format(to, " -l %s", flag->name + 2);
        if (flag->value)
            buffer_add_text(to, flag->words == WORDS_FILE ? " -r -F" : " -x");
        if (flag->words == WORDS_CHOICE)
            buffer_format(to, " -a '%s'", flag->choices);
    }
    buffer_add_text(to, " -d ");
    add_quoted(to, flag->help, "\\");
    buffer_add_char(to, '\n');
}

static void add_fish_words(struct buffer *to, const struct command *command)
{
    const struct command_argument *argument = find_argument(command);
    if (!argument || argument->words == WORDS_ANY)
        return;
    begin_fish(to, command);
    switch (argument->words) {
    case WORDS_CHOICE: buffer_format(to, " -a '%s'", argument->choices); break;
    case WORDS_FILE: buffer_add_text(to, " -F"); break;
    case WORDS_COMMAND:
        buffer_add_text(to, " -a '");
        add_nouns(to);
        buffer_add_char(to, '\'');
        break;
    case WORDS_TYPE:
        buffer_add_text(to, " -a '");
        add_types(to);
        buffer_add_char(to, '\'');
        break;
    case WORDS_ANY: break;
    }
    buffer_add_char(to, '\n');
}

static void add_fish_names(struct buffer *to)
{
    for (const struct command *command = command_table(); command->noun; command++) {
        if (is_first_of_noun(command)) {
            buffer_format(to, "complete -c onym -n '__onym_is_only' -a %s -d ", command->noun);
            add_quoted(to, summary_of_noun(command), "\\");
            buffer_add_char(to, '\n');
        }
        if (!command->verb)
            continue;
        buffer_format(to, "complete -c onym -n '__onym_is_only %s' -a %s -d ", command->noun,
                      command->verb);
        add_quoted(to, command->summary, "\\");
        buffer_add_char(to, '\n');
    }
}

static void print_fish(struct buffer *to)
{
    buffer_add_text(to, "# fish completion for onym; printed by 'onym completion fish'\n"
                        "function __onym_words\n"
                        "    set -l words (commandline -opc)\n"
                        "    set -e words[1]\n"
                        "    string match -rv '^[-+@]' -- $words\n"
                        "end\n"
                        "function __onym_is_only\n"
                        "    set -l words (__onym_words)\n"
                        "    test \"$words\" = \"$argv\"\n"
                        "end\n"
                        "function __onym_is\n"
                        "    set -l words (__onym_words)\n"
                        "    set -l count (count $argv)\n"
                        "    test $count -gt 0 -a (count $words) -ge $count\n"
                        "    and test \"$words[1..$count]\" = \"$argv\"\n"
                        "end\n"
                        "complete -c onym -f\n");
    add_fish_names(to);
    for (const struct command_flag *flag = command_common_flags(); flag->name; flag++) {
        buffer_add_text(to, "complete -c onym");
        add_fish_flag(to, flag);
    }
    for (const struct command *command = command_table(); command->noun; command++) {
        for (const struct command_flag *flag = command->flags; flag && flag->name; flag++) {
            begin_fish(to, command);
            add_fish_flag(to, flag);
        }
        add_fish_words(to, command);
    }
}

// --- the command ---------------------------------------------------------------------------------

static const struct {
    const char *shell;
    void (*print)(struct buffer *to);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
#define SHELLS (sizeof shells / sizeof shells[0])

bool completion_print(const char *shell, struct buffer *to)
{
    for (size_t i = 0; i < SHELLS; i++) {
        if (strcmp(shells[i].shell, shell) != 0)
            continue;
        shells[i].print(to);
        return true;
    }
    return false;
}

int command_completion(const struct arguments *arguments)
{
    const char *shell = arguments_word(arguments, 0);
    struct buffer script = {0}, text = {0};
    if (!completion_print(shell, &script)) {
        output_complain("one of: bash zsh fish", "there are no completions for '%s'", shell);
        return EXIT_USAGE;
    }
    if (arguments->json) {
        struct json json = json_begin(&text);
        json_open_object(&json, NULL);
        json_number(&json, "v", 1);
        json_text(&json, "shell", shell);
        json_text(&json, "script", buffer_text(&script));
        json_close_object(&json);
        buffer_add_char(&text, '\n');
    }
    output_put(arguments->json ? &text : &script);
    buffer_free(&script);
    buffer_free(&text);
    return EXIT_OK;
}
