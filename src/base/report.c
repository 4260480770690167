// Problems found in files, kept and printed (report.h).
//
// A problem is copied when it is added: the text of its line is cut and cleaned there, one '?' for
// each octet that no screen should get, so that columns stay columns. Message, hint and file name
// are kept as they came (JSON wants them whole) and cleaned while printed.
//
// Two columns: `column` is the place in the file, `caret` the place in the piece of the line that
// was kept. They differ where the line was long:
//
//   kept   ...ccess: [192.168.0.0/16, 10.0.0.0/8, ...
//             ^ caret
//
// Printing goes over `order`: files as they were first seen, within a file by line, within a line
// as found.
#include "base/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"

#define SHOWN_MAX    120 // octets of a line that are shown: a wide terminal less the gutter
#define SHOWN_BEFORE 60  // of these at most so many before the column, where a line is cut in front

// --- adding --------------------------------------------------------------------------------------

// The octets of a character that may be shown; 0: not to be shown.
static size_t measure_shown(const char *text, size_t size)
{
    uint32_t code;
    size_t count = utf8_get(text, size, &code);
    return count && utf8_printable(code) ? count : 0;
}

static void add_clean(struct buffer *to, const char *text, size_t size)
{
    while (size) {
        size_t count = measure_shown(text, size);
        if (count)
            buffer_add(to, text, count);
        else
            buffer_add_char(to, *text == '\t' ? '\t' : '?');
        text += count ? count : 1;
        size -= count ? count : 1;
    }
}

static void add_clean_text(struct buffer *to, const char *text)
{
    add_clean(to, text, strlen(text));
}

static bool is_continuation(char octet)
{
    return ((uint8_t)octet & 0xc0) == 0x80;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t measure_line(const char *source, size_t size)
{
    const char *end = memchr(source, '\n', size);
    if (end)
        size = (size_t)(end - source);
    return size && source[size - 1] == '\r' ? size - 1 : size;
}

// Keeps the part of the line around the column. Dots stand for what was cut off, in front as many
// as octets they replace, so that the caret only moves by what lies before them.
static void keep_source(struct problem *problem, const struct place *place)
{
    size_t size = measure_line(place->source, place->source_size);
    const char *line = place->source;
    size_t from = 0;
    if (size > SHOWN_MAX && place->column > SHOWN_MAX - SHOWN_BEFORE / 2)
        from = least(place->column - 1 - SHOWN_BEFORE, size - SHOWN_MAX);
    size_t to = least(from + SHOWN_MAX, size);
    while (to < size && is_continuation(line[to]) && to + 3 > from + SHOWN_MAX)
        to--;

    struct buffer kept = {0};
    size_t dots = from ? 3 : 0;
    while (dots && from + dots < to && dots < 6 && is_continuation(line[from + dots]))
        dots++;
    for (size_t i = 0; i < dots; i++)
        buffer_add_char(&kept, '.');
    add_clean(&kept, line + from + dots, to - from - dots);
    if (to < size)
        buffer_add_text(&kept, "...");
    problem->source = kept.text ? kept.text : memory_copy_text("");
    if (problem->column)
        problem->caret = (uint32_t)(least(place->column, size + 1) - from);
}

static void free_problem(struct problem *problem)
{
    free(problem->file);
    free(problem->source);
    free(problem->message);
    free(problem->hint);
}

static void keep(struct report *report, const struct problem *problem)
{
    assert(report->count < PROBLEMS_MAX);
    report->problems =
        memory_grow(report->problems, &report->room, report->count + 1, sizeof *problem);
    report->problems[report->count++] = *problem;
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free_problem(&report->problems[i]);
    free(report->problems);
    *report = (struct report){0};
}

void report_add(struct report *report, enum severity severity, const struct place *place,
                const char *hint, const char *format, ...)
{
    static const struct place nowhere = {0};
    if (severity == SEVERITY_ERROR)
        report->errors++;
    else
        report->warnings++;
    if (report->count == PROBLEMS_MAX)
        return;
    if (!place)
        place = &nowhere;
    struct problem problem = {
        .severity = severity,
        .line = place->line,
        .column = place->line ? place->column : 0,
        .width = place->width ? place->width : 1,
        .file = place->file ? memory_copy_text(place->file) : NULL,
        .hint = hint ? memory_copy_text(hint) : NULL,
    };
    if (place->source)
        keep_source(&problem, place);
    struct buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    problem.message = message.text ? message.text : memory_copy_text("");
    keep(report, &problem);
}

void report_move(struct report *to, struct report *from)
{
    assert(to != from);
    for (size_t i = 0; i < from->count; i++) {
        if (to->count < PROBLEMS_MAX)
            keep(to, &from->problems[i]);
        else
            free_problem(&from->problems[i]);
    }
    to->errors += from->errors;
    to->warnings += from->warnings;
    free(from->problems);
    *from = (struct report){0};
}

// --- order ---------------------------------------------------------------------------------------

struct position {
    const struct problem *problem;
    size_t file; // files count from 1 in the order first seen; 0: no file
};

static size_t number_file(const struct position *before, size_t count, const char *file,
                          size_t *files)
{
    if (!file)
        return 0;
    for (size_t i = count; i-- > 0;) // from the end: mostly it is the same file as before
        if (before[i].problem->file && strcmp(before[i].problem->file, file) == 0)
            return before[i].file;
    return ++*files;
}

static int compare(const void *left, const void *right)
{
    const struct position *a = left, *b = right;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->problem->line != b->problem->line)
        return a->problem->line < b->problem->line ? -1 : 1;
    return a->problem < b->problem ? -1 : a->problem > b->problem;
}

// One position for each problem kept; the caller frees them.
static struct position *sort(const struct report *report, size_t *files)
{
    struct position *order = memory_get_zeroed(report->count, sizeof *order);
    *files = 0;
    for (size_t i = 0; i < report->count; i++) {
        order[i].problem = &report->problems[i];
        order[i].file = number_file(order, i, report->problems[i].file, files);
    }
    qsort(order, report->count, sizeof *order, compare);
    return order;
}

// --- printing ------------------------------------------------------------------------------------

static const char bold[] = "\033[1m";
static const char normal[] = "\033[0m";

static const struct {
    const char *word;
    const char *colour;
} severities[] = {
    [SEVERITY_WARNING] = {"warning", "\033[1;33m"},
    [SEVERITY_ERROR] = {"error", "\033[1;31m"},
};

static void put_heading(struct buffer *to, const struct problem *problem, bool colour)
{
    if (colour)
        buffer_add_text(to, bold);
    if (problem->file) {
        add_clean_text(to, problem->file);
        buffer_add_char(to, ':');
    }
    if (problem->line)
        buffer_format(to, "%u:", problem->line);
    if (problem->column)
        buffer_format(to, "%u:", problem->column);
    if (problem->file || problem->line)
        buffer_add_char(to, ' ');
    if (colour)
        buffer_add_text(to, severities[problem->severity].colour);
    buffer_format(to, "%s:", severities[problem->severity].word);
    if (colour)
        buffer_format(to, "%s%s", normal, bold);
    buffer_add_char(to, ' ');
    add_clean_text(to, problem->message);
    if (colour)
        buffer_add_text(to, normal);
    buffer_add_char(to, '\n');
}

// Tabs are copied, so that the caret stands right whatever a tab is worth; a character of several
// octets takes one column. (Of wide ones, which take two, we know nothing.)
static void put_caret(struct buffer *to, const struct problem *problem, bool colour)
{
    const char *source = problem->source;
    size_t size = strlen(source), start = problem->caret - 1;
    size_t end = least(start + problem->width, size);
    assert(start <= size);
    while (start > 0 && is_continuation(source[start]))
        start--; // a column inside of a character means that character
    for (size_t i = 0; i < start; i++)
        if (!is_continuation(source[i]))
            buffer_add_char(to, source[i] == '\t' ? '\t' : ' ');
    if (colour)
        buffer_add_text(to, severities[problem->severity].colour);
    buffer_add_char(to, '^');
    for (size_t i = start + 1; i < end; i++)
        if (!is_continuation(source[i]))
            buffer_add_char(to, '^');
    if (colour)
        buffer_add_text(to, normal);
    buffer_add_char(to, '\n');
}

static void put_problem(struct buffer *to, const struct problem *problem, bool colour)
{
    put_heading(to, problem, colour);
    int gutter = 5;
    if (problem->source) {
        if (problem->line)
            gutter = snprintf(NULL, 0, "%5u", problem->line);
        if (problem->line)
            buffer_format(to, "%*u | %s\n", gutter, problem->line, problem->source);
        else
            buffer_format(to, "%*s | %s\n", gutter, "", problem->source);
        if (problem->caret) {
            buffer_format(to, "%*s | ", gutter, "");
            put_caret(to, problem, colour);
        }
    }
    if (problem->hint) {
        buffer_format(to, "%*s = ", gutter, "");
        add_clean_text(to, problem->hint);
        buffer_add_char(to, '\n');
    }
}

static void put_count(struct buffer *to, size_t count, const char *word)
{
    buffer_format(to, "%zu %s%s", count, word, count == 1 ? "" : "s");
}

static void put_summary(struct buffer *to, const struct report *report, size_t files)
{
    size_t hidden = report->errors + report->warnings - report->count;
    if (hidden) {
        put_count(to, hidden, "more problem");
        buffer_add_text(to, hidden == 1 ? " is not shown\n" : " are not shown\n");
    }
    if (report->errors)
        put_count(to, report->errors, "error");
    if (report->errors && report->warnings)
        buffer_add_text(to, ", ");
    if (report->warnings)
        put_count(to, report->warnings, "warning");
    if (files) {
        buffer_add_text(to, hidden ? " in at least " : " in "); // where the hidden are, none knows
        put_count(to, files, "file");
    }
    buffer_add_char(to, '\n');
}

void report_write(const struct report *report, struct buffer *to, bool colour)
{
    if (report->errors + report->warnings == 0)
        return;
    size_t files;
    struct position *order = sort(report, &files);
    for (size_t i = 0; i < report->count; i++)
        put_problem(to, order[i].problem, colour);
    put_summary(to, report, files);
    free(order);
}

void report_print(const struct report *report, FILE *to, bool colour)
{
    struct buffer buffer = {0};
    report_write(report, &buffer, colour);
    fputs(buffer_text(&buffer), to);
    buffer_free(&buffer);
}

// --- JSON ----------------------------------------------------------------------------------------

static void put_text_or_null(struct json *json, const char *key, const char *text)
{
    if (text)
        json_text(json, key, text);
    else
        json_none(json, key);
}

static void put_number_or_null(struct json *json, const char *key, uint32_t number)
{
    if (number)
        json_number(json, key, number);
    else
        json_none(json, key);
}

void report_json(const struct report *report, struct json *json, const char *key)
{
    size_t files;
    struct position *order = sort(report, &files);
    json_open_array(json, key);
    for (size_t i = 0; i < report->count; i++) {
        const struct problem *problem = order[i].problem;
        json_open_object(json, NULL);
        json_text(json, "severity", severities[problem->severity].word);
        put_text_or_null(json, "file", problem->file);
        put_number_or_null(json, "line", problem->line);
        put_number_or_null(json, "column", problem->column);
        json_text(json, "message", problem->message);
        put_text_or_null(json, "hint", problem->hint);
        put_text_or_null(json, "source", problem->source);
        json_close_object(json);
    }
    json_close_array(json);
    free(order);
}
