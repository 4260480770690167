// Stdout and stderr of a command (output.h).
//
// The only state here is what the process has one of: its two streams, and what the user said about
// them. Nothing but commands may include this.
#include "cli/output.h"

#include <assert.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "cli/exit.h"

static struct {
    bool colour, words_colour;
    bool utf8_screen;
    bool quiet;
    unsigned verbose;
    int error; // errno of the first write that stdout did not take
} output;

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value;
}

// no-color.org and bixense.com/clicolors: the flag first, then NO_COLOR, then CLICOLOR_FORCE.
static bool shows_colour(enum output_colour colour, int descriptor)
{
    switch (colour) {
    case COLOUR_ALWAYS: return true;
    case COLOUR_NEVER: return false;
    case COLOUR_AUTO: break;
    }
    if (is_set("NO_COLOR"))
        return false;
    const char *force = getenv("CLICOLOR_FORCE");
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    const char *terminal = getenv("TERM");
    return isatty(descriptor) && terminal && strcmp(terminal, "dumb") != 0;
}

void output_begin(enum output_colour colour, bool quiet, unsigned verbose)
{
    setlocale(LC_CTYPE, "");
    output.colour = shows_colour(colour, STDOUT_FILENO);
    output.words_colour = shows_colour(colour, STDERR_FILENO);
    output.utf8_screen = isatty(STDOUT_FILENO) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    output.quiet = quiet;
    output.verbose = verbose;
    output.error = 0;
}

void output_put(struct buffer *buffer)
{
    errno = 0;
    if (!output.error && buffer->size &&
        fwrite(buffer->text, 1, buffer->size, stdout) != buffer->size)
        output.error = errno ? errno : EIO;
    buffer_clear(buffer);
}

bool output_failed(void)
{
    return output.error != 0;
}

int output_end(int code)
{
    errno = 0;
    if (fflush(stdout) != 0 && !output.error)
        output.error = errno ? errno : EIO;
    if (!output.error)
        return code;
    if (output.error != EPIPE)
        output_complain(NULL, "cannot write to stdout: %s", strerror(output.error));
    return EXIT_FAILED;
}

static void write_line(const char *format, va_list arguments)
{
    struct buffer line = {0};
    buffer_format_list(&line, format, arguments);
    buffer_add_char(&line, '\n');
    output_words(&line);
    buffer_free(&line);
}

void output_say(const char *format, ...)
{
    if (output.quiet)
        return;
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void output_tell(const char *format, ...)
{
    if (output.verbose == 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void output_complain(const char *hint, const char *format, ...)
{
    struct buffer line = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_add_text(&line, output.words_colour ? "\033[1;31monym:\033[0m " : "onym: ");
    buffer_format_list(&line, format, arguments);
    va_end(arguments);
    buffer_add_char(&line, '\n');
    if (hint)
        buffer_format(&line, "  %s\n", hint);
    output_words(&line);
    buffer_free(&line);
}

// What was put to stdout comes first on a terminal that shows both.
void output_words(const struct buffer *buffer)
{
    errno = 0;
    if (fflush(stdout) != 0 && !output.error)
        output.error = errno ? errno : EIO;
    fputs(buffer_text(buffer), stderr);
}

bool output_has_colour(void)
{
    return output.colour;
}

bool output_words_have_colour(void)
{
    return output.words_colour;
}

bool output_is_utf8_screen(void)
{
    return output.utf8_screen;
}

bool output_is_quiet(void)
{
    return output.quiet;
}

bool output_is_verbose(void)
{
    return output.verbose > 0;
}

void output_paint(struct buffer *to, const char *colour, const char *text)
{
    if (output.colour)
        buffer_format(to, "\033[%sm%s\033[0m", colour, text);
    else
        buffer_add_text(to, text);
}

void output_clean(struct buffer *to, const char *text, size_t size)
{
    while (size) {
        uint32_t code;
        size_t count = utf8_get(text, size, &code);
        if (count && utf8_printable(code))
            buffer_add(to, text, count);
        else
            buffer_add_char(to, '?');
        text += count ? count : 1;
        size -= count ? count : 1;
    }
}
