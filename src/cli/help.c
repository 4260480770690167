// Help texts (help.h).
//
// Everything is a paragraph or a row of two columns, the second wrapped:
//
//   -p, --port PORT       the server's port, default 53
//   |                     |                                          |
//   INDENT                COLUMN                                     width of the screen, 60 to 100
#include "cli/help.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/command_find.h"
#include "cli/exit.h"
#include "cli/output.h"

#define INDENT    2
#define COLUMN    26
#define WIDTH_MIN 60
#define WIDTH_MAX 100 // longer lines are hard to read

static size_t measure_screen(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

static void add_spaces(struct buffer *to, size_t count)
{
    while (count--)
        buffer_add_char(to, ' ');
}

// Adds the words of a paragraph from column `at`; further lines are indented by `indent`.
static void add_wrapped(struct buffer *to, const char *text, size_t size, size_t at, size_t indent)
{
    size_t width = measure_screen();
    bool first = true;
    while (size) {
        size_t length = 0;
        while (length < size && text[length] != ' ')
            length++;
        if (!first && at + 1 + length > width) {
            buffer_add_char(to, '\n');
            add_spaces(to, indent);
            at = indent;
        } else if (!first) {
            buffer_add_char(to, ' ');
            at++;
        }
        buffer_add(to, text, length);
        at += length;
        first = false;
        while (length < size && text[length] == ' ')
            length++;
        text += length;
        size -= length;
    }
    buffer_add_char(to, '\n');
}

static void add_row(struct buffer *to, const char *left, const char *right)
{
    size_t used = INDENT + strlen(left);
    add_spaces(to, INDENT);
    buffer_add_text(to, left);
    if (used + 2 > COLUMN) {
        buffer_add_char(to, '\n');
        used = 0;
    }
    add_spaces(to, COLUMN - used);
    add_wrapped(to, right, strlen(right), COLUMN, COLUMN);
}

static void add_title(struct buffer *to, const char *title)
{
    buffer_add_char(to, '\n');
    output_paint(to, "1", title);
    buffer_add_char(to, '\n');
}

static void add_paragraphs(struct buffer *to, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t size = end ? (size_t)(end - text) : strlen(text);
        buffer_add_char(to, '\n');
        add_wrapped(to, text, size, 0, 0);
        text += size + (end ? 2 : 0);
    }
}

static void add_name(struct buffer *to, const struct command *command)
{
    buffer_format(to, "%s%s%s", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
}

// --- one command ---------------------------------------------------------------------------------

static void add_usage(struct buffer *to, const struct command *command)
{
    buffer_add_text(to, "\nusage: onym ");
    add_name(to, command);
    for (const struct command_argument *word = command->arguments; word && word->name; word++)
        buffer_format(to, word->optional ? " [%s%s]" : " %s%s", word->name,
                      word->many ? "..." : "");
    buffer_add_text(to, " [flags]\n");
}

static void add_words(struct buffer *to, const struct command *command)
{
    if (command->arguments)
        buffer_add_char(to, '\n');
    for (const struct command_argument *word = command->arguments; word && word->name; word++)
        add_row(to, word->name, word->help);
}

static void add_flags(struct buffer *to, const struct command_flag *flags)
{
    struct buffer left = {0};
    for (const struct command_flag *flag = flags; flag && flag->name; flag++) {
        buffer_clear(&left);
        if (flag->letter)
            buffer_format(&left, "-%c, ", flag->letter);
        buffer_add_text(&left, flag->name);
        if (flag->value && flag->value[0] == '[')
            buffer_format(&left, "[=%s", flag->value + 1);
        else if (flag->value)
            buffer_format(&left, "%c%s", flag->name[0] == '+' ? '=' : ' ', flag->value);
        add_row(to, buffer_text(&left), flag->help);
    }
    buffer_free(&left);
}

static void add_exit(struct buffer *to, unsigned code)
{
    for (const struct exit_row *row = exit_table(); row->words; row++) {
        if (row->code != code)
            continue;
        buffer_format(to, "  %2u  ", code);
        add_wrapped(to, row->words, strlen(row->words), 6, 6);
    }
}

static void add_exits(struct buffer *to, const struct command *command)
{
    add_title(to, "exit codes");
    for (unsigned code = EXIT_OK; code <= EXIT_USAGE; code++)
        add_exit(to, code);
    for (const unsigned char *code = command->exits; code && *code; code++)
        add_exit(to, *code);
}

static void add_examples(struct buffer *to, const struct command *command)
{
    add_title(to, "examples");
    for (const struct command_example *example = command->examples; example->line; example++) {
        buffer_format(to, "  onym %s\n", example->line);
        add_spaces(to, 6);
        add_wrapped(to, example->what, strlen(example->what), 6, 6);
    }
}

void help_print_command(struct buffer *to, const struct command *command)
{
    struct buffer name = {0};
    buffer_add_text(&name, "onym ");
    add_name(&name, command);
    output_paint(to, "1", buffer_text(&name));
    buffer_free(&name);
    buffer_format(to, ": %s\n", command->summary);
    add_usage(to, command);
    add_paragraphs(to, command->details);
    add_words(to, command);
    if (command->flags) {
        add_title(to, "flags");
        add_flags(to, command->flags);
    }
    add_title(to, "flags of every command");
    add_flags(to, command_common_flags());
    add_exits(to, command);
    add_examples(to, command);
}

// --- all commands --------------------------------------------------------------------------------

void help_print_overview(struct buffer *to, const char *noun)
{
    output_paint(to, "1", "onym " ONYM_VERSION);
    buffer_add_text(to, ": answers names\n\nusage: onym ");
    buffer_format(to, "%s [words] [flags]\n\n", noun ? noun : "COMMAND");
    struct buffer left = {0};
    for (const struct command *command = command_table(); command->noun; command++) {
        if (noun && strcmp(noun, command->noun) != 0)
            continue;
        buffer_clear(&left);
        add_name(&left, command);
        add_row(to, buffer_text(&left), command->summary);
    }
    buffer_free(&left);
    buffer_add_text(to, "\n'onym help COMMAND' says more, 'onym man' prints the manual.\n");
}

// --- the table as JSON ---------------------------------------------------------------------------

static void write_argument(struct json *json, const struct command_argument *word)
{
    json_open_object(json, NULL);
    json_text(json, "name", word->name);
    json_text(json, "help", word->help);
    json_bool(json, "optional", word->optional);
    json_bool(json, "many", word->many);
    json_close_object(json);
}

static void write_flag(struct json *json, const struct command_flag *flag)
{
    json_open_object(json, NULL);
    json_text(json, "name", flag->name);
    if (flag->letter)
        json_octets(json, "letter", &flag->letter, 1);
    if (flag->value)
        json_text(json, "value", flag->value);
    json_text(json, "help", flag->help);
    json_close_object(json);
}

static void write_flags(struct json *json, const char *key, const struct command_flag *flags)
{
    json_open_array(json, key);
    for (const struct command_flag *flag = flags; flag && flag->name; flag++)
        write_flag(json, flag);
    json_close_array(json);
}

static void write_command(struct json *json, const struct command *command)
{
    json_open_object(json, NULL);
    json_text(json, "noun", command->noun);
    if (command->verb)
        json_text(json, "verb", command->verb);
    json_text(json, "summary", command->summary);
    json_text(json, "details", command->details);
    json_open_array(json, "arguments");
    for (const struct command_argument *word = command->arguments; word && word->name; word++)
        write_argument(json, word);
    json_close_array(json);
    write_flags(json, "flags", command->flags);
    json_open_array(json, "examples");
    for (const struct command_example *example = command->examples; example->line; example++) {
        json_open_object(json, NULL);
        json_text(json, "line", example->line);
        json_text(json, "what", example->what);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

static void print_json(struct buffer *to, const struct command *only, const char *noun)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_open_array(&json, "commands");
    for (const struct command *command = command_table(); command->noun; command++)
        if (only ? command == only : !noun || strcmp(noun, command->noun) == 0)
            write_command(&json, command);
    json_close_array(&json);
    write_flags(&json, "flags", command_common_flags());
    json_open_array(&json, "exit_codes");
    for (const struct exit_row *row = exit_table(); row->words; row++) {
        json_open_object(&json, NULL);
        json_number(&json, "code", row->code);
        json_text(&json, "words", row->words);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_close_object(&json);
    buffer_add_char(to, '\n');
}

void help_print(struct buffer *to, const struct command *command, const char *noun, bool json)
{
    if (json)
        print_json(to, command, noun);
    else if (command)
        help_print_command(to, command);
    else
        help_print_overview(to, noun);
}

// --- the command ---------------------------------------------------------------------------------

static int refuse(const char *noun, const char *verb)
{
    const char *near = verb ? command_suggest_verb(noun, verb) : command_suggest_noun(noun);
    struct buffer hint = {0};
    if (near)
        buffer_format(&hint, "did you mean 'onym help %s%s%s'?", verb ? noun : "", verb ? " " : "",
                      near);
    output_complain(near ? buffer_text(&hint) : "'onym help' lists the commands",
                    "there is no command '%s%s%s'", noun, verb ? " " : "", verb ? verb : "");
    buffer_free(&hint);
    return EXIT_USAGE;
}

int command_help(const struct arguments *arguments)
{
    const char *noun = arguments_word(arguments, 0), *verb = arguments_word(arguments, 1);
    const struct command *command = NULL;
    if (noun) {
        command = command_find(noun, verb);
        if (!command && (verb || !command_has_noun(noun)))
            return refuse(noun, command_has_noun(noun) ? verb : NULL);
    }
    struct buffer text = {0};
    help_print(&text, command, noun, arguments->json);
    output_put(&text);
    buffer_free(&text);
    return EXIT_OK;
}
