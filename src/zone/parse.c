// The reader of zone files (parse.h).
//
//   scan.c cuts the text into words -> here: directive or record?
//     directive    changes the reader ($ORIGIN), the parser ($TTL), or brings more text
//                  ($INCLUDE: a reader inside this one; $GENERATE: texts made by generate.c)
//     record       reader.c
//
// A large file is read by several threads at once (parse_parts.h).
#include "zone/parse.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "zone/generate.h"
#include "zone/parse_parts.h"
#include "zone/reader.h"
#include "zone/scan.h"

#define SOURCES_MAX  UINT16_MAX // struct record counts files in 16 bits
#define INCLUDES_MAX 65536      // $INCLUDE lines of one run: files that include files multiply
static_assert(FILE_PADDING >= SCAN_PADDING, "what file_read gives can be scanned");
#define PROGRESS_STEP (1024 * 1024) // octets between two reports of progress

// --- directives ----------------------------------------------------------------------------------

static void read_source(struct reader *reader);

// Also from a line that has a problem elsewhere: its owner is still the one of the lines below.
static bool is_directive(const struct scan *scan)
{
    const struct token *first = &scan->tokens[0];
    return !scan->indented && !first->quoted && first->size > 0 && first->text[0] == '$';
}

static void read_ttl_directive(struct reader *reader)
{
    struct parser *parser = reader->parser;
    const struct token *token = &reader->scan.tokens[1];
    parser->has_ttl_default = true; // a bad one too: do not also warn of each record below
    if (text_period(token, &parser->ttl_default))
        return;
    parser->ttl_default = parser->options->ttl_default;
    reader_complain(reader, SEVERITY_ERROR, token, "0 to 2147483647 seconds, or like 1w2d3h4m5s",
                    "'%.*s' is not a TTL", reader_shown(token), token->text);
}

static void read_origin_directive(struct reader *reader)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    if (reader_read_name(reader, &reader->scan.tokens[1], storage, &name))
        reader_set_origin(reader, name);
}

// Reads the records that one $GENERATE makes. The first that has an error ends it: the others most
// likely have the same.
static void read_generated(struct reader *reader, const struct generate_range *range)
{
    static const char padding[SCAN_PADDING];
    struct parser *parser = reader->parser;
    const struct token *words = reader->scan.tokens + 2;
    size_t count = reader->scan.count - 2;
    size_t errors = parser->errors;
    struct buffer text = {0};
    struct scan scan;
    scan_begin(&scan, padding, 0);
    for (uint64_t value = range->start; value <= range->stop; value += range->step) {
        size_t at_fault = 0;
        buffer_clear(&text);
        const char *problem = generate_write(words, count, (uint32_t)value, &text, &at_fault);
        if (problem) {
            reader_complain(reader, SEVERITY_ERROR, &words[at_fault], NULL, "%s", problem);
            break;
        }
        reader->template = &words[0];
        size_t size = text.size;
        buffer_add(&text, padding, sizeof padding);
        reader->generated = buffer_text(&text);
        scan_again(&scan, buffer_text(&text), size);
        if (scan_next(&scan) == SCAN_RECORD)
            reader_read_record(reader, &scan);
        else
            reader_complain(reader, SEVERITY_ERROR, &words[0], NULL, "%s",
                            scan.problem.message ? scan.problem.message : "there is nothing in it");
        reader->template = NULL;
        if (parser->errors > errors)
            break;
    }
    reader->generated_warned = false;
    scan_free(&scan);
    buffer_free(&text);
}

static void read_generate_directive(struct reader *reader)
{
    const struct token *token = &reader->scan.tokens[1];
    struct generate_range range;
    char problem[120];
    if (generate_read_range(token, &range, problem, sizeof problem))
        read_generated(reader, &range);
    else
        reader_complain(reader, SEVERITY_ERROR, token, "start-stop or start-stop/step, like 1-100",
                        "'%.*s': %s", reader_shown(token), token->text, problem);
}

// "a -> b -> a": the files on the way from the one that is included again.
static void complain_of_loop(struct reader *reader, const struct reader *again,
                             const struct token *token)
{
    const struct record_source *sources = reader->parser->records->sources;
    struct buffer way = {0};
    buffer_add_text(&way, sources[again->source].path);
    for (const struct reader *at = reader; at != again; at = at->outer) {
        struct buffer longer = {0};
        buffer_format(&longer, "%s -> %s", sources[at->source].path, buffer_text(&way));
        buffer_free(&way);
        way = longer;
    }
    reader_complain(reader, SEVERITY_ERROR, token, NULL, "include loop: %s -> %s",
                    sources[again->source].path, buffer_text(&way));
    buffer_free(&way);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

// True: this $INCLUDE may be followed; else told.
static bool check_include(struct reader *reader, const struct token *token, const char *path)
{
    struct parser *parser = reader->parser;
    unsigned depth = 0; // of the file that this line is in, and then one more
    for (const struct reader *at = reader; at; at = at->outer, depth++) {
        if (is_same_file(path, parser->records->sources[at->source].path)) {
            complain_of_loop(reader, at, token);
            return false;
        }
    }
    if (depth > INCLUDE_DEPTH_MAX) {
        reader_complain(reader, SEVERITY_ERROR, token, NULL,
                        "$INCLUDE inside of $INCLUDE over %d deep", INCLUDE_DEPTH_MAX);
        return false;
    }
    if (++parser->includes > INCLUDES_MAX) {
        reader_complain(reader, SEVERITY_ERROR, token, NULL, "over %d $INCLUDE lines in one zone",
                        INCLUDES_MAX);
        return false;
    }
    return true;
}

// The index of the file's text, read now if it is new. Negative errno: it cannot be read.
static int open_source(struct parser *parser, const char *path)
{
    struct records *records = parser->records;
    for (size_t i = records->source_count; i-- > 0;)
        if (records->sources[i].octets && strcmp(records->sources[i].path, path) == 0)
            return (int)i;
    if (records->source_count == SOURCES_MAX)
        return -EMFILE;
    char *octets;
    size_t size;
    int result = file_read(path, SCAN_OCTETS_MAX, &octets, &size);
    return result < 0 ? result : (int)records_add_source(records, path, octets, size);
}

static void begin_reader(struct reader *reader, struct reader *outer, uint16_t source)
{
    struct parser *parser = reader->parser;
    const struct record_source *text = &parser->records->sources[source];
    reader->outer = outer;
    reader->source = source;
    reader->told = text->octets;
    scan_begin(&reader->scan, text->octets, text->size);
    parser->octets_total += text->size;
}

// RFC 1035 5.1: the included file does not change the origin of this one, and the owner for lines
// without one is again what it was before.
static void include_file(struct reader *reader, const struct token *token, const char *path,
                         struct name origin)
{
    struct parser *parser = reader->parser;
    int source = open_source(parser, path);
    if (source < 0) {
        reader_complain(reader, SEVERITY_ERROR, token, NULL, "cannot read %s: %s", path,
                        strerror(-source));
        return;
    }
    struct owner owner = parser->owner;
    struct reader inner = {.parser = parser};
    begin_reader(&inner, reader, (uint16_t)source);
    reader_set_origin(&inner, origin);
    read_source(&inner);
    scan_free(&inner.scan);
    parser->owner = owner;
    parser->owner_text = NULL;
}

static void read_include_directive(struct reader *reader)
{
    const struct scan *scan = &reader->scan;
    const struct token *token = &scan->tokens[1];
    struct name origin = reader->origin;
    uint8_t storage[NAME_OCTETS_MAX];
    if (scan->count > 2 && !reader_read_name(reader, &scan->tokens[2], storage, &origin))
        return;
    char *name = memory_get(token->size + 1);
    int size = text_unescape(token, (uint8_t *)name);
    if (size > 0)
        name[size] = 0;
    if (size <= 0 || strlen(name) != (size_t)size) {
        reader_complain(reader, SEVERITY_ERROR, token, NULL, "'%.*s' is not the name of a file",
                        reader_shown(token), token->text);
        free(name);
        return;
    }
    char *path = file_path_beside(reader->parser->records->sources[reader->source].path, name);
    if (check_include(reader, token, path))
        include_file(reader, token, path, origin);
    free(path);
    free(name);
}

enum directive { DIRECTIVE_ORIGIN, DIRECTIVE_TTL, DIRECTIVE_INCLUDE, DIRECTIVE_GENERATE };

static const struct {
    const char *word;
    const char *form;
    size_t words_min, words_max; // with the directive itself; 0: any number
} directives[] = {
    [DIRECTIVE_ORIGIN] = {"$ORIGIN", "$ORIGIN name", 2, 2},
    [DIRECTIVE_TTL] = {"$TTL", "$TTL seconds", 2, 2},
    [DIRECTIVE_INCLUDE] = {"$INCLUDE", "$INCLUDE file [origin]", 2, 3},
    [DIRECTIVE_GENERATE] = {"$GENERATE", "$GENERATE range owner [ttl] [class] type data", 5, 0},
};
#define DIRECTIVES (sizeof directives / sizeof directives[0])

static void refuse_directive(struct reader *reader, const struct token *token)
{
    char word[READER_SHOWN_MAX + 1], hint[128];
    snprintf(word, sizeof word, "%.*s", reader_shown(token), token->text);
    struct suggestion suggestion = {.word = word};
    for (size_t i = 0; i < DIRECTIVES; i++)
        suggest_consider(&suggestion, directives[i].word);
    if (suggestion.best)
        snprintf(hint, sizeof hint, "did you mean '%s'?", suggestion.best);
    else
        snprintf(hint, sizeof hint,
                 "known are $ORIGIN, $TTL, $INCLUDE and $GENERATE; a name that "
                 "begins with a dollar is written \\$");
    reader_complain(reader, SEVERITY_ERROR, token, hint, "unknown directive '%s'", word);
}

static void read_directive(struct reader *reader)
{
    const struct scan *scan = &reader->scan;
    const struct token *token = &scan->tokens[0];
    size_t which = 0;
    while (which < DIRECTIVES && !text_is(token, directives[which].word))
        which++;
    if (which == DIRECTIVES) {
        refuse_directive(reader, token);
        return;
    }
    size_t words_max = directives[which].words_max;
    if (scan->count < directives[which].words_min) {
        struct token end = reader_end(scan);
        reader_complain(reader, SEVERITY_ERROR, &end, directives[which].form, "%s needs more words",
                        directives[which].word);
        return;
    }
    if (words_max && scan->count > words_max)
        reader_complain(reader, SEVERITY_ERROR, &scan->tokens[words_max], directives[which].form,
                        "%s needs no more words", directives[which].word);
    switch ((enum directive)which) {
    case DIRECTIVE_ORIGIN: read_origin_directive(reader); break;
    case DIRECTIVE_TTL: read_ttl_directive(reader); break;
    case DIRECTIVE_INCLUDE: read_include_directive(reader); break;
    case DIRECTIVE_GENERATE: read_generate_directive(reader); break;
    }
}

// --- files ---------------------------------------------------------------------------------------

// The rest of the text most likely has as many records as what was read; and a few more.
static void reserve_records(struct reader *reader)
{
    struct records *records = reader->parser->records;
    const struct record_source *source = &records->sources[reader->source];
    uint64_t read = (uint64_t)(reader->scan.at - source->octets);
    records_reserve(records, records->count * source->size / read * 17 / 16);
}

void reader_tell_progress(struct reader *reader, bool at_once)
{
    struct parser *parser = reader->parser;
    struct parse_progress *progress = parser->options->progress;
    ptrdiff_t step = reader->scan.at - reader->told;
    if (step <= 0 || (!at_once && step < PROGRESS_STEP))
        return;
    parser->octets_read += (uint64_t)step;
    reader->told = reader->scan.at;
    if (!at_once)
        reserve_records(reader);
    if (progress)
        progress->tell(progress, parser->octets_read, parser->octets_total);
}

void reader_read_part(struct reader *reader)
{
    struct scan *scan = &reader->scan;
    struct parser *parser = reader->parser;
    while (!parser->lost) {
        switch (scan_next(scan)) {
        case SCAN_END: return;
        case SCAN_PROBLEM:
            // The lines below a broken line may repeat its owner.
            if (scan->count && !scan->indented && !is_directive(scan))
                reader_read_owner(reader, &scan->tokens[0]);
            reader_complain(reader, SEVERITY_ERROR, &scan->problem.token, scan->problem.hint, "%s",
                            scan->problem.message);
            break;
        case SCAN_RECORD:
            if (!is_directive(scan))
                reader_read_record(reader, scan);
            else if (parser->guesses)
                parser->lost = true; // it changes what other parts begin with, or brings files
            else
                read_directive(reader);
            break;
        }
        if (!parser->guesses)
            reader_tell_progress(reader, false);
    }
}

static void read_source(struct reader *reader)
{
    if (!parse_in_parts(reader))
        reader_read_part(reader);
    reader_tell_progress(reader, true);
}

static bool parse_source(uint16_t source, struct records *records,
                         const struct parse_options *options, struct report *report)
{
    struct parser *parser = memory_get(sizeof *parser);
    memset(parser, 0, offsetof(struct parser, rdata)); // 64 kB that every record overwrites
    parser->records = records;
    parser->report = report;
    parser->options = options;
    size_t size = name_print(records->origin, parser->zone_text);
    parser->zone_text[--size] = 0;
    parser->zone_text_size = size;

    struct reader reader = {.parser = parser};
    begin_reader(&reader, NULL, source);
    reader_set_origin(&reader, records->origin);
    read_source(&reader);
    scan_free(&reader.scan);
    bool good = parser->errors == 0;
    free(parser);
    return good;
}

static bool refuse_file(const char *path, int result, struct report *report)
{
    struct place place = {.file = path};
    report_add(report, SEVERITY_ERROR, &place, NULL, "cannot read it: %s", strerror(-result));
    return false;
}

bool parse_file(const char *path, struct records *records, const struct parse_options *options,
                struct report *report)
{
    char *octets;
    size_t size;
    if (records->source_count == SOURCES_MAX)
        return refuse_file(path, -EMFILE, report);
    int result = file_read(path, SCAN_OCTETS_MAX, &octets, &size);
    if (result < 0)
        return refuse_file(path, result, report);
    return parse_source(records_add_source(records, path, octets, size), records, options, report);
}

bool parse_text(const char *path, const char *octets, size_t size, struct records *records,
                const struct parse_options *options, struct report *report)
{
    if (size > SCAN_OCTETS_MAX)
        return refuse_file(path, -EFBIG, report);
    if (records->source_count == SOURCES_MAX)
        return refuse_file(path, -EMFILE, report);
    char *copy = memory_get(size + SCAN_PADDING);
    if (size)
        memcpy(copy, octets, size);
    memset(copy + size, 0, SCAN_PADDING);
    return parse_source(records_add_source(records, path, copy, size), records, options, report);
}
