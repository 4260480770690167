// The manual pages (manual.h). The macros of man(7): .TH .SH .SS .TP .PP .nf .fi.
#include "cli/manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "conf/manual.h"

// Text as roff wants it: a dot or a quote at the start of a line would be a macro, "-" a hyphen
// that nobody can copy.
static void add_octets(struct buffer *to, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool starts = to->size == 0 || to->text[to->size - 1] == '\n';
        if (text[i] == '\\')
            buffer_add_text(to, "\\e");
        else if (text[i] == '-')
            buffer_add_text(to, "\\-");
        else if (starts && (text[i] == '.' || text[i] == '\''))
            buffer_format(to, "\\&%c", text[i]);
        else
            buffer_add_char(to, text[i]);
    }
}

static void add_text(struct buffer *to, const char *text)
{
    add_octets(to, text, strlen(text));
}

static void add_paragraphs(struct buffer *to, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t size = end ? (size_t)(end - text) : strlen(text);
        buffer_add_text(to, ".PP\n");
        add_octets(to, text, size);
        buffer_add_char(to, '\n');
        text += size + (end ? 2 : 0);
    }
}

static void add_row(struct buffer *to, const char *bold, const char *value, const char *help)
{
    buffer_add_text(to, ".TP\n\\fB");
    add_text(to, bold);
    buffer_add_text(to, "\\fR");
    if (value && *value) {
        buffer_add_text(to, value[0] == '[' ? "[=\\fI" : " \\fI");
        add_octets(to, value[0] == '[' ? value + 1 : value,
                   strcspn(value[0] == '[' ? value + 1 : value, "]"));
        buffer_add_text(to, value[0] == '[' ? "\\fR]" : "\\fR");
    }
    buffer_add_char(to, '\n');
    add_text(to, help);
    buffer_add_char(to, '\n');
}

static void add_flags(struct buffer *to, const struct command_flag *flags)
{
    struct buffer name = {0};
    for (; flags && flags->name; flags++) {
        buffer_clear(&name);
        if (flags->letter)
            buffer_format(&name, "-%c, ", flags->letter);
        buffer_add_text(&name, flags->name);
        if (flags->name[0] == '+' && flags->value && flags->value[0] != '[')
            buffer_format(&name, "=%s", flags->value);
        bool inside = flags->name[0] == '+' && flags->value && flags->value[0] != '[';
        add_row(to, buffer_text(&name), inside ? NULL : flags->value, flags->help);
    }
    buffer_free(&name);
}

static void add_usage(struct buffer *to, const struct command *command)
{
    buffer_add_text(to, ".PP\n\\fBonym ");
    buffer_format(to, "%s%s%s\\fR", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
    for (const struct command_argument *word = command->arguments; word && word->name; word++)
        buffer_format(to, word->optional ? " [\\fI%s\\fR%s]" : " \\fI%s\\fR%s", word->name,
                      word->many ? "..." : "");
    buffer_add_text(to, " [flags]\n");
}

static void add_command(struct buffer *to, const struct command *command)
{
    buffer_format(to, ".SS %s%s%s\n", command->noun, command->verb ? " " : "",
                  command->verb ? command->verb : "");
    buffer_add_char(to, (char)toupper((unsigned char)command->summary[0]));
    add_text(to, command->summary + 1);
    buffer_add_text(to, ".\n");
    add_usage(to, command);
    add_paragraphs(to, command->details);
    for (const struct command_argument *word = command->arguments; word && word->name; word++)
        add_row(to, word->name, NULL, word->help);
    add_flags(to, command->flags);
    buffer_add_text(to, ".PP\nExamples:\n");
    for (const struct command_example *example = command->examples; example->line; example++) {
        struct buffer line = {0};
        buffer_format(&line, "onym %s", example->line);
        add_row(to, buffer_text(&line), NULL, example->what);
        buffer_free(&line);
    }
}

void manual_print_onym(struct buffer *to)
{
    buffer_add_text(to, ".TH ONYM 1 \"\" \"onym " ONYM_VERSION "\" \"onym\"\n"
                        ".SH NAME\nonym \\- answers names: a DNS server and its tools\n"
                        ".SH SYNOPSIS\n\\fBonym\\fR \\fICOMMAND\\fR [words] [flags]\n"
                        ".SH DESCRIPTION\n");
    add_text(to,
             "One program: 'onym serve' is the server, the other commands check, ask and steer. "
             "What was asked for goes to stdout, words about it to stderr. Names may be given "
             "with or without the last dot.");
    buffer_add_text(to, "\n.SH COMMANDS\n");
    for (const struct command *command = command_table(); command->noun; command++)
        add_command(to, command);
    buffer_add_text(to, ".SH FLAGS OF EVERY COMMAND\n");
    add_flags(to, command_common_flags());
    buffer_add_text(to, ".SH EXIT STATUS\n");
    for (const struct exit_row *row = exit_table(); row->words; row++) {
        char code[8];
        snprintf(code, sizeof code, "%d", row->code);
        add_row(to, code, NULL, row->words);
    }
    buffer_add_text(to, ".SH ENVIRONMENT\n");
    add_row(to, "NO_COLOR, CLICOLOR_FORCE", NULL, "no colours; colours also without a terminal");
    add_row(to, "ONYM_KEY", NULL,
            "a value of the configuration, as ONYM_LOG__LEVEL=debug; see onym.yaml(5)");
    buffer_add_text(to, ".SH FILES\n");
    add_row(to, CONFIG_PATH, NULL, "the configuration");
    add_row(to, "/etc/resolv.conf", NULL, "the name server that is asked if none is given");
    buffer_add_text(to, ".SH SEE ALSO\n.BR onym.yaml (5),\n.BR dig (1)\n");
}

void manual_print_onym_yaml(struct buffer *to)
{
    buffer_add_text(to, ".TH ONYM.YAML 5 \"\" \"onym " ONYM_VERSION "\" \"onym\"\n"
                        ".SH NAME\nonym.yaml \\- the configuration of onym\n"
                        ".SH DESCRIPTION\n");
    add_text(to, "A YAML file. Every key may be left out. 'onym check' finds all errors in it, "
                 "'onym config explain KEY' says what is said here, and 'onym config show --all' "
                 "what counts.");
    buffer_add_char(to, '\n');
    schema_manual(to);
    buffer_add_text(to, ".SH EXAMPLE\n.nf\n");
    struct buffer sample = {0};
    schema_sample(&sample);
    add_text(to, buffer_text(&sample));
    buffer_free(&sample);
    buffer_add_text(to, ".fi\n.SH FILES\n");
    add_row(to, CONFIG_PATH, NULL, "where it is looked for");
    buffer_add_text(to, ".SH SEE ALSO\n.BR onym (1)\n");
}

int command_man(const struct arguments *arguments)
{
    const char *page = arguments_word(arguments, 0);
    struct buffer roff = {0}, text = {0};
    bool yaml = page && strncmp(page, "onym.yaml", 9) == 0;
    if (page && !yaml && strcmp(page, "onym") != 0 && strcmp(page, "onym.1") != 0) {
        output_complain("onym or onym.yaml", "there is no page '%s'", page);
        return EXIT_USAGE;
    }
    if (yaml)
        manual_print_onym_yaml(&roff);
    else
        manual_print_onym(&roff);
    if (arguments->json) {
        struct json json = json_begin(&text);
        json_open_object(&json, NULL);
        json_number(&json, "v", 1);
        json_text(&json, "page", yaml ? "onym.yaml.5" : "onym.1");
        json_text(&json, "roff", buffer_text(&roff));
        json_close_object(&json);
        buffer_add_char(&text, '\n');
    }
    output_put(arguments->json ? &text : &roff);
    buffer_free(&roff);
    buffer_free(&text);
    return EXIT_OK;
}
