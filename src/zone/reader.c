// Records of a zone file: owner, TTL and class in any order, type, rdata (RFC 1035 5.1).
//
// A problem is told and the rest of the record is still read, as far as it makes sense without the
// part at fault, so that one run finds them all. Only whole records are added. A line without owner
// below one whose owner was refused is read for its problems and not added either.
#include "zone/reader.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/suggest.h"
#include "dns/rdata.h"
#include "dns/type.h"

#define TTL_MAX INT32_MAX // RFC 2181 8

// --- problems ------------------------------------------------------------------------------------

int reader_shown(const struct token *token)
{
    return (int)(token->size < READER_SHOWN_MAX ? token->size : READER_SHOWN_MAX);
}

static struct place place_of(const struct reader *reader, const struct token *token)
{
    const struct record_source *source = &reader->parser->records->sources[reader->source];
    const char *line = token->text - token->quoted - (token->column - 1);
    return (struct place){.file = source->path,
                          .line = token->line,
                          .column = token->column,
                          .width = token->size + (token->quoted ? 2 : 0),
                          .source = line,
                          .source_size = (uint32_t)(source->octets + source->size - line)};
}

// Words that $GENERATE made stand nowhere: the template is shown for them, and one warning is
// enough.
void reader_complain(struct reader *reader, enum severity severity, const struct token *token,
                     const char *hint, const char *format, ...)
{
    struct parser *parser = reader->parser;
    if (severity == SEVERITY_ERROR)
        parser->errors++;
    else if (reader->template && reader->generated_warned)
        return;
    struct buffer message = {0};
    if (reader->template) {
        reader->generated_warned |= severity == SEVERITY_WARNING;
        token = reader->template;
        buffer_format(&message, "generated '%.*s': ", READER_SHOWN_MAX, reader->generated);
    }
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    struct place place = place_of(reader, token);
    report_add(parser->report, severity, &place, hint, "%s", buffer_text(&message));
    buffer_free(&message);
}

// Just behind the last word, where one more should stand.
struct token reader_end(const struct scan *scan)
{
    struct token token = scan->tokens[scan->count - 1];
    token.text += token.size + token.quoted;
    token.column += token.size + (token.quoted ? 2u : 0u);
    token.size = 1;
    token.quoted = false;
    return token;
}

// --- names ---------------------------------------------------------------------------------------

static bool reads_origin(const struct token *token)
{
    return token->size == 1 && token->text[0] == '@' && !token->quoted;
}

// www.example.test without its last dot in the zone example.test (RFC 1035 5.1: relative names get
// the origin) is legal and nearly always a slip. Under "$ORIGIN ." it means what it says.
static void warn_of_missing_dot(struct reader *reader, const struct token *token, struct name name)
{
    const struct parser *parser = reader->parser;
    size_t size = parser->zone_text_size;
    if (size == 0 || token->size < size || reader->origin.labels == 0)
        return;
    if (token->text[token->size - 1] == '.')
        return;
    const char *tail = token->text + token->size - size;
    struct token end = {.text = tail, .size = (uint32_t)size};
    if (!text_is(&end, parser->zone_text) || (token->size > size && tail[-1] != '.'))
        return;
    char text[NAME_TEXT_MAX], hint[NAME_TEXT_MAX + 64];
    name_print(name, text);
    snprintf(hint, sizeof hint, "a dot missing at its end? '%.*s.'", (int)token->size, token->text);
    reader_complain(reader, SEVERITY_WARNING, token, hint, "'%.*s' is relative: it means %s",
                    reader_shown(token), token->text, text);
}

// Reads a name that an owner, $ORIGIN or $INCLUDE gives. False: told.
bool reader_read_name(struct reader *reader, const struct token *token,
                      uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
{
    if (token->quoted) {
        reader_complain(reader, SEVERITY_ERROR, token, "write the name without quotes",
                        "a name does not stand in quotes");
        return false;
    }
    enum name_text_result result =
        name_parse(token->text, token->size, &reader->origin, storage, name);
    if (result != NAME_TEXT_OK) {
        reader_complain(reader, SEVERITY_ERROR, token, NULL, "bad name '%.*s': %s",
                        reader_shown(token), token->text, name_text_problem(result));
        return false;
    }
    if (!reads_origin(token))
        warn_of_missing_dot(reader, token, *name);
    return true;
}

void reader_set_origin(struct reader *reader, struct name name)
{
    memmove(reader->origin_wire, name.wire, name.size);
    reader->origin = (struct name){reader->origin_wire, name.size, name.labels};
    reader->origin_in_zone = name_is_within(reader->origin, reader->parser->records->origin);
    reader->parser->owner_text = NULL;
}

static void check_owner_in_zone(struct reader *reader, const struct token *token, struct name name)
{
    struct parser *parser = reader->parser;
    // A relative name is where its origin is. (An escaped dot at the end only costs the look.)
    bool relative = token->text[token->size - 1] != '.';
    if (relative && reader->origin_in_zone)
        return;
    if (name_is_within(name, parser->records->origin))
        return;
    char text[NAME_TEXT_MAX], zone[NAME_TEXT_MAX], hint[2 * NAME_TEXT_MAX];
    name_print(name, text);
    name_print(parser->records->origin, zone);
    snprintf(hint, sizeof hint, "the zone is %s%s", zone,
             relative ? "; an $ORIGIN above leads out of it" : "");
    reader_complain(reader, SEVERITY_ERROR, token, hint, "%s is out of the zone", text);
    parser->owner.state = OWNER_REFUSED;
}

void reader_read_owner(struct reader *reader, const struct token *token)
{
    struct parser *parser = reader->parser;
    struct owner *owner = &parser->owner;
    if (parser->owner_text && token->size == parser->owner_text_size && !token->quoted &&
        token->text[token->size - 1] == parser->owner_text[token->size - 1] && // mostly differs
        memcmp(token->text, parser->owner_text, token->size) == 0)
        return;
    parser->owner_text = NULL;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    if (!reader_read_name(reader, token, storage, &name)) {
        owner->state = OWNER_REFUSED;
        return;
    }
    if (owner->size != name.size || memcmp(owner->wire, name.wire, name.size) != 0) {
        memcpy(owner->wire, name.wire, name.size);
        owner->size = name.size;
        owner->labels = name.labels;
        owner->stored = NULL;
    }
    owner->state = OWNER_GOOD;
    check_owner_in_zone(reader, token, name);
    if (owner->state == OWNER_GOOD && !reader->template) {
        parser->owner_text = token->text;
        parser->owner_text_size = token->size;
    }
}

// --- TTL, class, type ----------------------------------------------------------------------------

// What stands between owner and rdata.
struct head {
    bool has_ttl;
    bool has_class;
    bool refused; // a problem was told
    uint32_t ttl;
    uint16_t type;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_class(const struct token *token, uint16_t *class)
{
    switch (byte_fold((uint8_t)token->text[0])) { // IN CH CS CLASSn HS NONE
    case 'i':
    case 'c':
    case 'h':
    case 'n': return class_parse(token->text, token->size, class);
    default: return false; // and ANY is taken for the type
    }
}

static void take_class(struct reader *reader, const struct token *token, uint16_t class,
                       struct head *head)
{
    head->has_class = true;
    if (class == CLASS_IN)
        return;
    reader_complain(reader, SEVERITY_ERROR, token, "only class IN is served",
                    "class %.*s in a zone", reader_shown(token), token->text);
    head->refused = true;
}

// A word of up to 8 octets as a number; 0: it has more, or none. Behind every text are NULs to read
// (scan.h).
static uint64_t short_word(const struct token *token)
{
    uint64_t word;
    if (token->size - 1 > 7)
        return 0;
    memcpy(&word, token->text, sizeof word);
    return word & bytes_first(token->size);
}

static bool repeats_type(const struct parser *parser, const struct token *token)
{
    return parser->type_word && short_word(token) == parser->type_word && !token->quoted;
}

// TTL and class, either order, each at most once (RFC 1035 5.1). Returns the index behind them.
static size_t read_ttl_and_class(struct reader *reader, const struct scan *scan, size_t at,
                                 struct head *head)
{
    for (; at < scan->count; at++) {
        const struct token *token = &scan->tokens[at];
        uint16_t class;
        if (repeats_type(reader->parser, token) || token->size == 0 || token->quoted)
            break;
        if (!head->has_ttl && is_digit(token->text[0]) && text_period(token, &head->ttl))
            head->has_ttl = true;
        else if (!head->has_class && read_class(token, &class))
            take_class(reader, token, class, head);
        else
            break;
    }
    return at;
}

static bool read_type(struct parser *parser, const struct token *token, uint16_t *type)
{
    if (repeats_type(parser, token)) {
        *type = parser->type;
        return true;
    }
    if (token->quoted || token->size == 0 || !type_parse(token->text, token->size, type))
        return false;
    parser->type_word = short_word(token);
    parser->type = *type;
    return true;
}

static bool suggest_type(const struct token *token, char *hint, size_t hint_size)
{
    char word[LABEL_OCTETS_MAX + 1];
    snprintf(word, sizeof word, "%.*s", reader_shown(token), token->text);
    struct suggestion suggestion = {.word = word};
    for (const struct type_row *row = type_table(); row->mnemonic; row++)
        if (!row->meta)
            suggest_consider(&suggestion, row->mnemonic);
    if (suggestion.best)
        snprintf(hint, hint_size, "did you mean '%s'?", suggestion.best);
    return suggestion.best != NULL;
}

// In capitals: hosts are called "ns" and "mx", and hardly "NS" and "MX".
static bool looks_like_type(const struct token *token)
{
    uint16_t any;
    return token->size && token->text[0] >= 'A' && token->text[0] <= 'Z' &&
           (type_parse(token->text, token->size, &any) || read_class(token, &any));
}

static void refuse_type_word(struct reader *reader, const struct scan *scan, size_t at,
                             const struct head *head)
{
    const struct token *token = &scan->tokens[at];
    const struct token *first = scan->indented ? NULL : &scan->tokens[0];
    char hint[128] = "";
    bool number = token->size && is_digit(token->text[0]);
    if (token->size && token->text[0] == '$')
        snprintf(hint, sizeof hint, "a directive begins in the first column of its line");
    else if (!number && suggest_type(token, hint, sizeof hint))
        ; // is in the hint
    else if (first && looks_like_type(first))
        snprintf(hint, sizeof hint,
                 "'%.*s' was read as the owner; to repeat the owner above, begin the line with a "
                 "blank",
                 reader_shown(first), first->text);
    else if (number)
        snprintf(hint, sizeof hint,
                 head->has_ttl ? "the TTL was given already"
                               : "a TTL is 0 to 2147483647 or like 1w2d3h4m5s");
    else
        snprintf(hint, sizeof hint, "types that have no name are written TYPEn");
    reader_complain(reader, SEVERITY_ERROR, token, hint, "unknown type '%.*s'", reader_shown(token),
                    token->text);
}

// From the first word behind the owner. Returns the index of the first word of rdata; 0: told.
static size_t read_head(struct reader *reader, const struct scan *scan, size_t at,
                        struct head *head)
{
    struct parser *parser = reader->parser;
    *head = (struct head){0};
    at = read_ttl_and_class(reader, scan, at, head);
    if (head->has_ttl) {
        parser->ttl_last = head->ttl;
        parser->has_ttl_last = true;
    }
    if (at == scan->count) {
        struct token end = reader_end(scan);
        reader_complain(reader, SEVERITY_ERROR, &end, "owner, TTL, class, type, data",
                        "the record ends before its type");
        return 0;
    }
    if (!read_type(parser, &scan->tokens[at], &head->type)) {
        refuse_type_word(reader, scan, at, head);
        return 0;
    }
    if (type_is_meta(head->type)) { // RFC 6895 3.1
        reader_complain(reader, SEVERITY_ERROR, &scan->tokens[at], NULL,
                        "type %.*s stands in messages, never in a zone",
                        reader_shown(&scan->tokens[at]), scan->tokens[at].text);
        return 0;
    }
    return at + 1;
}

// --- records -------------------------------------------------------------------------------------

// $TTL (RFC 2308 4), else the last TTL that was given (RFC 1035 5.1), else the SOA's own minimum,
// which was the default before $TTL was (RFC 1035 3.3.13).
static uint32_t settle_ttl(struct reader *reader, const struct head *head, const struct token *word,
                           size_t rdata_size)
{
    struct parser *parser = reader->parser;
    if (head->has_ttl)
        return head->ttl;
    if (parser->has_ttl_default)
        return parser->ttl_default;
    if (parser->has_ttl_last)
        return parser->ttl_last;
    if (parser->guesses) {
        parser->lost = true;
        return 0;
    }
    if (head->type == TYPE_SOA && rdata_size >= 4) {
        uint32_t minimum = bytes_get32(parser->rdata + rdata_size - 4);
        parser->ttl_default = minimum <= TTL_MAX ? minimum : TTL_MAX;
        parser->has_ttl_default = true;
        return parser->ttl_default;
    }
    parser->ttl_last = parser->options->ttl_default;
    parser->has_ttl_last = true;
    reader_complain(reader, SEVERITY_WARNING, word, "begin the file with a $TTL line",
                    "no TTL here or above; %u is used from here on", parser->ttl_last);
    return parser->ttl_last;
}

// `record` has all but its owner and rdata, which are the parser's and go into the arena.
static void add_record(struct parser *parser, struct record record)
{
    struct records *records = parser->records;
    struct owner *owner = &parser->owner;
    if (!owner->stored)
        owner->stored = records_copy(&records->arena, owner->wire, owner->size);
    record.owner = owner->stored;
    record.owner_size = owner->size;
    record.owner_labels = owner->labels;
    record.rdata = records_copy(&records->arena, parser->rdata, record.rdata_size);
    *records_add(records) = record;
}

// The words of `scan`, which is the reader's own or that of a $GENERATE.
void reader_read_record(struct reader *reader, struct scan *scan)
{
    struct parser *parser = reader->parser;
    if (!scan->indented) {
        reader_read_owner(reader, &scan->tokens[0]);
    } else if (parser->owner.state == OWNER_NONE && parser->guesses) {
        parser->lost = true;
        return;
    } else if (parser->owner.state == OWNER_NONE) {
        reader_complain(reader, SEVERITY_ERROR, &scan->tokens[0],
                        "write '@' for the zone's own name",
                        "no owner: the line begins with a blank, and there is none above");
        parser->owner.state = OWNER_REFUSED;
    }
    struct head head;
    size_t at = read_head(reader, scan, scan->indented ? 0 : 1, &head);
    if (at == 0)
        return;
    if (scan->has_values && head.type != TYPE_SVCB && head.type != TYPE_HTTPS)
        scan_split_values(scan, at);

    struct rdata_problem problem; // not cleared as a whole: 300 octets for each record
    problem.token = NULL;
    problem.message[0] = problem.hint[0] = 0;
    size_t rdata_size = 0;
    if (!rdata_parse(head.type, scan->tokens + at, scan->count - at, &reader->origin, parser->rdata,
                     &rdata_size, &problem)) {
        struct token end = reader_end(scan);
        reader_complain(reader, SEVERITY_ERROR, problem.token ? problem.token : &end,
                        problem.hint[0] ? problem.hint : NULL, "%s", problem.message);
        return;
    }
    assert(rdata_size <= RDATA_MAX);
    uint32_t ttl = settle_ttl(reader, &head, &scan->tokens[at - 1], rdata_size);
    if (head.refused || parser->owner.state != OWNER_GOOD)
        return;
    const struct token *place = reader->template ? reader->template : &scan->tokens[0];
    add_record(parser, (struct record){.ttl = ttl,
                                       .line = place->line,
                                       .type = head.type,
                                       .rdata_size = (uint16_t)rdata_size,
                                       .file = reader->source});
}
