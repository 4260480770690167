// The scanner of scan.h: one table of octet classes, one switch, and masks of 64 octets inside of
// words (scan_mask.h).
//
// The NULs behind the text are of class CONTROL, so every loop stops there without asking for the
// end; only CONTROL asks whether it is the end or an octet that has no business here.
//
// After a problem the record is read on to its own end, so that one mistake is told once. The
// exception is a parenthesis that nothing closes: it swallows all that follows. Then reading begins
// again at the next line that looks like the start of a record.
#include "zone/scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

// Each unclosed parenthesis costs one more pass over the rest of the text. More than these and the
// rest is given up: a file of nothing but "(" must not take forever.
#define REWINDS_MAX 16

enum octet_class { WORD, BLANK, NEWLINE, COMMENT, QUOTE, OPEN, CLOSE, ESCAPE, CONTROL };

static const uint8_t classes[256] = {
    [0x00 ... 0x08] = CONTROL,
    ['\t'] = BLANK,
    ['\n'] = NEWLINE,
    [0x0b ... 0x1f] = CONTROL, // with CR, which is a blank in front of LF
    [' '] = BLANK,
    ['"'] = QUOTE,
    ['('] = OPEN,
    [')'] = CLOSE,
    [';'] = COMMENT,
    ['\\'] = ESCAPE,
    [0x7f] = CONTROL,
};

static enum octet_class class_of(char octet)
{
    return classes[(uint8_t)octet];
}

static struct token make_token(const struct scan *scan, const char *from, size_t size)
{
    return (struct token){.text = from,
                          .size = (uint32_t)size,
                          .line = scan->line,
                          .column = (uint32_t)(from - scan->line_start) + 1};
}

static void note(struct scan *scan, struct token token, const char *message, const char *hint)
{
    if (!scan->problem.message)
        scan->problem = (struct scan_problem){message, hint, token};
}

static inline void push(struct scan *scan, const char *from, const char *to, bool quoted)
{
    if ((size_t)(to - scan->record) > RECORD_TEXT_MAX) {
        note(scan, make_token(scan, from, (size_t)(to - from)),
             "a record of more than 1 MB of text", "is a quote or a parenthesis missing?");
        return;
    }
    if (__builtin_expect(scan->count == scan->room, 0))
        scan->tokens =
            memory_grow(scan->tokens, &scan->room, scan->count + 1, sizeof *scan->tokens);
    struct token *token = &scan->tokens[scan->count++]; // filled in place: this is the inner loop
    token->text = from;
    token->size = (uint32_t)(to - from);
    token->line = scan->line;
    token->column = (uint32_t)(from - scan->line_start) + 1 - quoted;
    token->quoted = quoted;
}

// Behind a backslash: the octet that it hides from us, unless the line or the text ends here.
static const char *skip_escape(const char *at)
{
    enum octet_class class = class_of(at[1]);
    return class == NEWLINE || class == CONTROL ? at + 1 : at + 2;
}

// The first octet at or behind `at` that is not plain WORD.
static inline const char *find_special(struct scan *scan, const char *at)
{
    uintptr_t offset = (uintptr_t)at - (uintptr_t)scan->block;
    if (offset < SCAN_BLOCK) {
        uint64_t rest = scan->special >> offset;
        if (rest)
            return at + __builtin_ctzll(rest);
        at = scan->block + SCAN_BLOCK;
    }
    do {
        scan->block = at;
        scan->special = scan->mask(at);
        at += SCAN_BLOCK;
    } while (!scan->special);
    return scan->block + __builtin_ctzll(scan->special);
}

// CR counts as a blank in front of LF; nowhere else.
static bool is_line_end(const char *at)
{
    return at[0] == '\n' || (at[0] == '\r' && at[1] == '\n');
}

static void note_control(struct scan *scan, const char *at)
{
    struct token token = make_token(scan, at, 1);
    if (*at == 0)
        note(scan, token, "a NUL octet in the text",
             "is the file UTF-16, binary, or damaged? write \\000 to mean a NUL");
    else if (*at == '\r')
        note(scan, token, "a carriage return that no line feed follows", "write \\013 to mean one");
    else
        note(scan, token, "a control character in the text", "write \\DDD, its decimal number");
}

// From an opening quote to the closing one, or to where the line ends without one.
static const char *find_closing_quote(struct scan *scan, const char *open)
{
    const char *at = find_special(scan, open + 1);
    while (class_of(*at) != QUOTE) {
        if (class_of(*at) == ESCAPE) {
            at = skip_escape(at);
        } else if (is_line_end(at) || at == scan->end) {
            note(scan, make_token(scan, open, 1), "this quote is not closed on its line",
                 "add the closing \", or write \\\" to mean a quote");
            break;
        } else {
            if (class_of(*at) == CONTROL)
                note_control(scan, at);
            at++;
        }
        at = find_special(scan, at);
    }
    return at;
}

static void take_quoted(struct scan *scan)
{
    const char *open = scan->at;
    const char *close = find_closing_quote(scan, open);
    push(scan, open + 1, close, true);
    scan->at = close + (*close == '"');
}

static void take_word(struct scan *scan)
{
    const char *at = find_special(scan, scan->at);
    while (*at == '\\')
        at = find_special(scan, skip_escape(at));
    if (*at == '"' && at > scan->at && at[-1] == '=') {
        at = find_closing_quote(scan, at);
        at += *at == '"';
        scan->has_values = true;
    }
    push(scan, scan->at, at, false);
    scan->at = at + (*at == ' '); // mostly one blank stands there, and then the next word
}

static void skip_comment(struct scan *scan)
{
    size_t left = (size_t)(scan->end - scan->at);
    const char *stop = memchr(scan->at, '\n', left);
    if (!stop)
        stop = scan->end;
    // A block of NULs, as a crash may leave behind, also eats line ends: never pass over records
    // so.
    const char *nul = memchr(scan->at, 0, (size_t)(stop - scan->at));
    if (nul)
        note_control(scan, nul);
    scan->at = stop;
}

static void begin_line(struct scan *scan)
{
    scan->line_start = scan->at;
    scan->line++;
}

static void begin_record(struct scan *scan)
{
    scan->record = scan->at;
    scan->record_line = scan->line;
    scan->indented = class_of(*scan->at) == BLANK;
    scan->has_values = false;
    scan->count = 0;
    scan->problem.message = NULL;
    scan->depth = 0;
}

static void open_parenthesis(struct scan *scan)
{
    if (scan->depth++ == 0)
        scan->open = make_token(scan, scan->at, 1);
    scan->at++;
}

static void close_parenthesis(struct scan *scan)
{
    if (scan->depth)
        scan->depth--;
    else
        note(scan, make_token(scan, scan->at, 1), "a closing parenthesis that none opened",
             "write \\) to mean the character");
    scan->at++;
}

// Back to behind the line of a parenthesis that is never closed. What follows in continuation lines
// is mostly indented, so the first line that is not is taken for the next record.
static void rewind_behind_open(struct scan *scan)
{
    if (scan->problem.message && scan->problem.token.line > scan->open.line)
        scan->problem.message = NULL; // will be met again
    note(scan, scan->open, "this parenthesis is never closed", NULL);
    if (scan->rewinds++ == REWINDS_MAX) {
        scan->problem.hint = "too many of these: the rest of the file was not read";
        return;
    }
    scan->at = scan->open.text;
    scan->line = scan->open.line;
    do {
        const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
        scan->at = newline ? newline + 1 : scan->end;
        begin_line(scan);
    } while (class_of(*scan->at) != WORD && class_of(*scan->at) != ESCAPE && scan->at != scan->end);
}

static enum scan_result finish_record(struct scan *scan)
{
    if (scan->problem.message)
        return SCAN_PROBLEM;
    return scan->count ? SCAN_RECORD : SCAN_END;
}

// The record is not complete where a cautious scan stops: as if none of it had been read.
static enum scan_result give_back(struct scan *scan)
{
    scan->at = scan->line_start = scan->record;
    scan->line = scan->record_line;
    scan->depth = 0;
    return SCAN_END;
}

static enum scan_result finish_text(struct scan *scan)
{
    if (scan->depth && scan->cautious)
        return give_back(scan);
    if (scan->depth)
        rewind_behind_open(scan);
    return finish_record(scan);
}

bool scan_begins_record(const char *line)
{
    return class_of(*line) == WORD && *line != '$';
}

enum scan_result scan_next(struct scan *scan)
{
    assert(*scan->end == 0);
    begin_record(scan);
    if (scan->at >= scan->stop)
        return SCAN_END;
    for (;;) {
        while (class_of(*scan->at) == WORD) // a branch that is guessed right, not a jump by table
            take_word(scan);
        switch (class_of(*scan->at)) {
        case BLANK: scan->at++; break;
        case WORD:
        case ESCAPE: take_word(scan); break;
        case QUOTE: take_quoted(scan); break;
        case COMMENT: skip_comment(scan); break;
        case OPEN: open_parenthesis(scan); break;
        case CLOSE: close_parenthesis(scan); break;
        case NEWLINE:
            scan->at++;
            begin_line(scan);
            if (scan->depth && scan->cautious && scan->at >= scan->stop)
                return give_back(scan);
            if (scan->depth)
                break;
            if (scan->count || scan->problem.message)
                return finish_record(scan);
            begin_record(scan);
            if (scan->at >= scan->stop)
                return SCAN_END;
            break;
        case CONTROL:
            if (scan->at == scan->end)
                return finish_text(scan);
            if (!is_line_end(scan->at))
                note_control(scan, scan->at);
            scan->at++;
            break;
        }
    }
}

void scan_split_values(struct scan *scan, size_t from)
{
    for (size_t i = from; i < scan->count; i++) {
        struct token *token = &scan->tokens[i];
        const char *sign = token->quoted ? NULL : memmem(token->text, token->size, "=\"", 2);
        if (!sign)
            continue;
        size_t name_size = (size_t)(sign - token->text) + 1;
        struct token value = *token;
        value.text += name_size + 1; // without the quotes
        value.size -= (uint32_t)name_size + 2;
        value.column += (uint32_t)name_size;
        value.quoted = true;
        token->size = (uint32_t)name_size;
        scan->tokens =
            memory_grow(scan->tokens, &scan->room, scan->count + 1, sizeof *scan->tokens);
        memmove(&scan->tokens[i + 2], &scan->tokens[i + 1],
                (scan->count - i - 1) * sizeof *scan->tokens);
        scan->tokens[++i] = value;
        scan->count++;
    }
}

void scan_again(struct scan *scan, const char *octets, size_t size)
{
    assert(size <= SCAN_OCTETS_MAX && octets[size] == 0);
    struct token *tokens = scan->tokens;
    size_t room = scan->room;
    bool marked = size >= 3 && memcmp(octets, "\xef\xbb\xbf", 3) == 0; // UTF-8's byte order mark
    const char *start = octets + (marked ? 3 : 0);
    *scan = (struct scan){.at = start,
                          .end = octets + size,
                          .stop = octets + size,
                          .mask = scan_variant_at(0)->mask,
                          .line_start = start,
                          .line = 1,
                          .tokens = tokens,
                          .room = room};
}

void scan_begin(struct scan *scan, const char *octets, size_t size)
{
    *scan = (struct scan){0};
    scan_again(scan, octets, size);
}

void scan_free(struct scan *scan)
{
    free(scan->tokens);
    *scan = (struct scan){0};
}
