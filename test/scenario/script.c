// Reads .rpl files (see script.h): line by line, each line a few words; records go to the zone
// parser, whose problems come back with the line of this file.
#include "script.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "dns/message.h"
#include "dns/type.h"
#include "zone/parse.h"

#define WORDS_MAX     64
#define LINE_TEXT_MAX 8192
#define SCRIPT_MAX    (16 * 1024 * 1024)
#define SECONDS_MAX   31536000 // a year: sums of them stay far below what a clock can count

struct line {
    char text[LINE_TEXT_MAX]; // the words, each ended by a NUL
    char *words[WORDS_MAX];
    unsigned count;
};

struct reader {
    struct script *script;
    const char *at, *end;
    uint32_t number; // of the line last read
    struct line line;
    struct script_entry *entry; // between ENTRY_BEGIN and ENTRY_END
    struct script_range *range; // between RANGE_BEGIN and RANGE_END
    struct script_range **range_end;
    struct script_step *step; // whose entry is still to come
    struct script_step **step_end;
    struct script_zone *zone; // of the configuration, being told
    bool over;                // SCENARIO_END was read
};

static bool __attribute__((format(printf, 2, 3)))
refuse(struct reader *reader, const char *format, ...)
{
    struct script *script = reader->script;
    if (script->problem)
        return false;
    struct buffer text = {0};
    buffer_format(&text, "%s:%u: ", script->path, reader->number);
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    script->problem = text.text;
    return false;
}

static void *get(struct reader *reader, size_t size)
{
    return memset(arena_get(&reader->script->memory, size), 0, size);
}

// --- lines and words -----------------------------------------------------------------------------

static size_t line_size(const struct reader *reader)
{
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    return (size_t)((newline ? newline : reader->end) - reader->at);
}

// Where a comment begins, outside of quotes.
static size_t without_comment(const char *text, size_t size, const char *marks)
{
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] && strchr(marks, text[i]))
            return i;
    }
    return size;
}

static void cut_words(struct line *line)
{
    static const char blanks[] = " \t\r\"";
    char *at = line->text + strspn(line->text, blanks);
    for (line->count = 0; *at && line->count < WORDS_MAX; at += strspn(at, blanks)) {
        line->words[line->count++] = at;
        at += strcspn(at, blanks);
        if (*at)
            *at++ = 0;
    }
}

// The next line that has a word. False: there is none.
static bool next_line(struct reader *reader, const char *comments)
{
    while (reader->at < reader->end) {
        size_t size = line_size(reader);
        size_t used = without_comment(reader->at, size, comments);
        if (used >= LINE_TEXT_MAX)
            used = LINE_TEXT_MAX - 1;
        memcpy(reader->line.text, reader->at, used);
        reader->line.text[used] = 0;
        reader->number++;
        reader->at += size < (size_t)(reader->end - reader->at) ? size + 1 : size;
        cut_words(&reader->line);
        if (reader->line.count)
            return true;
    }
    return false;
}

static bool is(const struct reader *reader, unsigned word, const char *text)
{
    return word < reader->line.count && strcasecmp(reader->line.words[word], text) == 0;
}

static bool read_number(struct reader *reader, unsigned word, unsigned *number)
{
    char *end = NULL;
    if (word >= reader->line.count)
        return refuse(reader, "a number is missing");
    *number = (unsigned)strtoul(reader->line.words[word], &end, 10);
    return *end == 0 || refuse(reader, "'%s' is not a number", reader->line.words[word]);
}

static bool read_seconds(struct reader *reader, const char *text, uint64_t *us)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0 && seconds <= SECONDS_MAX)) // NAN too
        return refuse(reader, "'%s' is not a number of seconds", text);
    *us = (uint64_t)(seconds * 1e6);
    return true;
}

static bool read_name(struct reader *reader, const char *text, struct name *name)
{
    uint8_t *storage = arena_get(&reader->script->memory, NAME_OCTETS_MAX);
    enum name_text_result result = name_parse(text, strlen(text), &NAME_ROOT, storage, name);
    return result == NAME_TEXT_OK ||
           refuse(reader, "bad name '%s': %s", text, name_text_problem(result));
}

static bool read_address(struct reader *reader, const char *text, struct script_address **list)
{
    struct script_address *more = get(reader, sizeof *more);
    if (!address_parse(text, 53, &more->address))
        return refuse(reader, "'%s' is not an address", text);
    while (*list)
        list = &(*list)->next;
    *list = more;
    return true;
}

// --- the configuration ---------------------------------------------------------------------------

static struct script_zone *add_zone(struct reader *reader, bool forward)
{
    struct script_zone **end = &reader->script->zones;
    while (*end)
        end = &(*end)->next;
    *end = get(reader, sizeof **end);
    (*end)->forward = forward;
    return *end;
}

static bool says_yes(const char *value)
{
    return strcasecmp(value, "yes") == 0 || strcasecmp(value, "on") == 0 ||
           strcasecmp(value, "true") == 0;
}

// A key that stands for yes or no.
static bool *find_switch(struct script *script, const char *key)
{
    const struct {
        const char *key;
        bool *value;
    } rows[] = {
        {"do-ip4", &script->ipv4},
        {"do-ip6", &script->ipv6},
        {"query-minimization", &script->minimise},
        {"qname-minimisation", &script->minimise},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(key, rows[i].key) == 0)
            return rows[i].value;
    return NULL;
}

// Without a block around it, an address is the root's.
static bool read_server(struct reader *reader, const char *key, const char *value)
{
    bool forward = strcmp(key, "forward-addr") == 0;
    if (!reader->script->unbound && (!reader->zone || reader->zone->forward != forward)) {
        reader->zone = add_zone(reader, forward);
        reader->zone->name = NAME_ROOT;
    }
    if (!reader->zone)
        return refuse(reader, "%s outside of a zone", key);
    return read_address(reader, value, &reader->zone->addresses);
}

static bool read_setting(struct reader *reader)
{
    struct script *script = reader->script;
    struct line *line = &reader->line;
    char *key = line->words[0];
    size_t size = strlen(key);
    if (key[size - 1] != ':')
        return refuse(reader, "'%s' is no key: a colon is missing", key);
    key[size - 1] = 0;
    if (line->count == 1) {
        bool zone = strcmp(key, "stub-zone") == 0 || strcmp(key, "forward-zone") == 0;
        script->unbound |= zone || strcmp(key, "server") == 0;
        reader->zone = zone ? add_zone(reader, key[0] == 'f') : NULL;
        return true;
    }
    const char *value = line->words[1];
    bool *known = find_switch(script, key);
    if (known)
        *known = says_yes(value);
    else if (strcmp(key, "do-not-query-localhost") == 0)
        script->asks_localhost = !says_yes(value);
    else if (strcmp(key, "trust-anchor") == 0)
        script->validates = true;
    else if (strcmp(key, "stub-addr") == 0 || strcmp(key, "forward-addr") == 0)
        return read_server(reader, key, value);
    else if (strcmp(key, "stub-name") == 0)
        return read_name(reader, value, &script->root_name);
    else if (strcmp(key, "name") == 0 && reader->zone)
        return read_name(reader, value, &reader->zone->name);
    return true; // the others are other servers' affair
}

static bool read_config(struct reader *reader)
{
    while (next_line(reader, ";#")) {
        if (is(reader, 0, "CONFIG_END"))
            return true;
        // Lines that only a person understands are in no file that is well formed.
        if (!read_setting(reader))
            return false;
    }
    return refuse(reader, "no CONFIG_END");
}

// --- entries -------------------------------------------------------------------------------------

struct word_bit {
    const char *word;
    unsigned bit;
};

static const struct word_bit match_words[] = {
    {"opcode", MATCH_OPCODE},
    {"qtype", MATCH_QTYPE},
    {"qname", MATCH_QNAME},
    {"qcase", MATCH_QCASE},
    {"subdomain", MATCH_SUBDOMAIN},
    {"flags", MATCH_FLAGS},
    {"rcode", MATCH_RCODE},
    {"question", MATCH_QUESTION},
    {"answer", MATCH_ANSWER},
    {"authority", MATCH_AUTHORITY},
    {"additional", MATCH_ADDITIONAL},
    {"edns", MATCH_EDNS},
    {"all", MATCH_ALL},
    {"ttl", MATCH_TTL},
    {"UDP", MATCH_UDP},
    {"TCP", MATCH_TCP},
    {"DO", MATCH_DO},
    {"noedns", MATCH_NOEDNS},
    {NULL, 0},
};
static const struct word_bit adjust_words[] = {
    {"copy_id", ADJUST_COPY_ID},
    {"copy_query", ADJUST_COPY_QUERY},
    {"raw_id", ADJUST_RAW_ID},
    {"do_not_answer", ADJUST_DO_NOT_ANSWER},
    {NULL, 0},
};
static const struct word_bit flag_words[] = {
    {"QR", FLAG_QR}, {"AA", FLAG_AA}, {"TC", FLAG_TC}, {"RD", FLAG_RD},
    {"RA", FLAG_RA}, {"AD", FLAG_AD}, {"CD", FLAG_CD}, {NULL, 0},
};

static bool find_word(const struct word_bit *table, const char *word, unsigned *bits)
{
    for (; table->word; table++) {
        if (strcasecmp(table->word, word) == 0) {
            *bits |= table->bit;
            return true;
        }
    }
    return false;
}

static bool read_match(struct reader *reader)
{
    for (unsigned i = 1; i < reader->line.count; i++)
        if (!find_word(match_words, reader->line.words[i], &reader->entry->match))
            return refuse(reader, "MATCH does not know '%s'", reader->line.words[i]);
    return true;
}

static bool read_adjust(struct reader *reader)
{
    for (unsigned i = 1; i < reader->line.count; i++) {
        const char *word = reader->line.words[i], *value = strchr(word, '=');
        size_t size = value ? (size_t)(value - word) : 0;
        if ((size == 5 && memcmp(word, "sleep", 5) == 0) ||
            (size == 12 && memcmp(word, "packet_sleep", 12) == 0)) {
            if (!read_seconds(reader, value + 1, &reader->entry->sleep_us))
                return false;
        } else if (!find_word(adjust_words, word, &reader->entry->adjust)) {
            return refuse(reader, "ADJUST does not know '%s'", word);
        }
    }
    return true;
}

static bool find_rcode(const char *word, uint16_t *rcode)
{
    for (unsigned code = 0; code < 24; code++) {
        const char *known = rcode_word(code);
        if (known && strcasecmp(known, word) == 0) {
            *rcode = (uint16_t)code;
            return true;
        }
    }
    return false;
}

static bool find_opcode(const char *word, uint16_t *flags)
{
    for (unsigned code = 0; code < 16; code++) {
        const char *known = opcode_word(code);
        if (known && strcasecmp(known, word) == 0) {
            *flags |= (uint16_t)(code << 11);
            return true;
        }
    }
    return false;
}

static bool read_reply(struct reader *reader)
{
    struct script_entry *entry = reader->entry;
    for (unsigned i = 1; i < reader->line.count; i++) {
        const char *word = reader->line.words[i];
        unsigned flags = 0;
        if (strcasecmp(word, "DO") == 0)
            entry->dnssec_ok = true;
        else if (find_word(flag_words, word, &flags))
            entry->flags |= (uint16_t)flags;
        else if (!find_rcode(word, &entry->rcode) && !find_opcode(word, &entry->flags))
            return refuse(reader, "REPLY does not know '%s'", word);
    }
    return true;
}

static bool ends_section(const char *line, size_t size)
{
    return (size >= 7 && strncasecmp(line, "SECTION", 7) == 0) ||
           (size >= 9 && strncasecmp(line, "ENTRY_END", 9) == 0);
}

static bool read_question(struct reader *reader)
{
    struct script_entry *entry = reader->entry;
    if (!read_name(reader, reader->line.words[0], &entry->name))
        return false;
    entry->has_question = true;
    for (unsigned i = 1; i < reader->line.count; i++) {
        const char *word = reader->line.words[i];
        uint16_t class;
        if (isdigit((unsigned char)word[0]) || class_parse(word, strlen(word), &class))
            continue;
        if (!type_parse(word, strlen(word), &entry->type))
            return refuse(reader, "'%s' is no type", word);
    }
    return entry->type != 0 || refuse(reader, "the question has no type");
}

// Records are read as a zone of the root's; a line's blanks at its start mean nothing here.
static bool read_records(struct reader *reader, struct records *records)
{
    struct buffer text = {0};
    uint32_t first = reader->number;
    while (reader->at < reader->end) {
        size_t size = line_size(reader), blank = 0;
        while (blank < size && isspace((unsigned char)reader->at[blank]))
            blank++;
        if (ends_section(reader->at + blank, size - blank))
            break;
        buffer_add(&text, reader->at + blank, size - blank);
        buffer_add_char(&text, '\n');
        reader->number++;
        reader->at += size < (size_t)(reader->end - reader->at) ? size + 1 : size;
    }
    static const struct parse_options options = {.ttl_default = 3600};
    struct report report = {0};
    bool good =
        parse_text(reader->script->path, buffer_text(&text), text.size, records, &options, &report);
    for (size_t i = 0; !good && i < report.count; i++) {
        if (report.problems[i].severity != SEVERITY_ERROR)
            continue;
        reader->number = first + report.problems[i].line;
        refuse(reader, "%s", report.problems[i].message);
    }
    report_free(&report);
    buffer_free(&text);
    return good;
}

static bool read_section(struct reader *reader)
{
    static const char *const words[] = {"QUESTION", "ANSWER", "AUTHORITY", "ADDITIONAL"};
    for (unsigned i = 1; i < 4; i++)
        if (is(reader, 1, words[i]))
            return read_records(reader, &reader->entry->sections[i]);
    if (!is(reader, 1, words[0]))
        return refuse(reader, "SECTION is one of QUESTION, ANSWER, AUTHORITY, ADDITIONAL");
    // At most one question stands in it.
    const char *at = reader->at;
    uint32_t number = reader->number;
    if (next_line(reader, ";") &&
        !ends_section(reader->line.words[0], strlen(reader->line.words[0])))
        return read_question(reader);
    reader->at = at;
    reader->number = number;
    return true;
}

static bool begin_entry(struct reader *reader)
{
    if (!reader->range && !reader->step)
        return refuse(reader, "ENTRY_BEGIN outside of RANGE and STEP");
    struct script_entry *entry = get(reader, sizeof *entry);
    entry->line = reader->number;
    for (unsigned i = 0; i < 4; i++)
        records_begin(&entry->sections[i], NAME_ROOT);
    if (reader->range) {
        *reader->range->end = entry;
        reader->range->end = &entry->next;
    } else {
        reader->step->entry = entry;
        reader->step = NULL;
    }
    reader->entry = entry;
    return true;
}

static bool read_in_entry(struct reader *reader)
{
    if (is(reader, 0, "MATCH"))
        return read_match(reader);
    if (is(reader, 0, "ADJUST"))
        return read_adjust(reader);
    if (is(reader, 0, "REPLY"))
        return read_reply(reader);
    if (is(reader, 0, "SECTION"))
        return read_section(reader);
    if (is(reader, 0, "MANDATORY")) // that it is asked for is other servers' affair
        return true;
    if (!is(reader, 0, "ENTRY_END"))
        return refuse(reader, "'%s' has no place in an entry", reader->line.words[0]);
    reader->entry = NULL;
    return true;
}

// --- ranges and steps ----------------------------------------------------------------------------

static bool begin_range(struct reader *reader)
{
    struct script_range *range = get(reader, sizeof *range);
    range->end = &range->entries;
    *reader->range_end = range;
    reader->range_end = &range->next;
    reader->range = range;
    return read_number(reader, 1, &range->first) && read_number(reader, 2, &range->last);
}

static bool read_step(struct reader *reader)
{
    static const struct word_bit acts[] = {
        {"QUERY", ACT_QUERY},
        {"CHECK_ANSWER", ACT_CHECK_ANSWER},
        {"TIME_PASSES", ACT_TIME_PASSES},
        {"TRAFFIC", ACT_NOTHING},
        {"NOTHING", ACT_NOTHING},
        {NULL, 0},
    };
    struct script_step *step = get(reader, sizeof *step);
    unsigned act = 0;
    step->line = reader->number;
    if (!read_number(reader, 1, &step->number))
        return false;
    if (reader->line.count < 3 || !find_word(acts, reader->line.words[2], &act))
        return refuse(reader, "STEP n wants QUERY, CHECK_ANSWER, TIME_PASSES, TRAFFIC or NOTHING");
    step->act = (enum script_act)act;
    if (step->act == ACT_TIME_PASSES) {
        if (!is(reader, 3, "ELAPSE") || reader->line.count < 5)
            return refuse(reader, "TIME_PASSES wants ELAPSE and seconds");
        if (!read_seconds(reader, reader->line.words[4], &step->elapse_us))
            return false;
    }
    if (step->act == ACT_QUERY && is(reader, 3, "ADDRESS") && reader->line.count > 4 &&
        !address_parse(reader->line.words[4], 53, &step->client))
        return refuse(reader, "'%s' is not an address", reader->line.words[4]);
    *reader->step_end = step;
    reader->step_end = &step->next;
    reader->step = step->act == ACT_QUERY || step->act == ACT_CHECK_ANSWER ? step : NULL;
    return true;
}

static bool read_outside(struct reader *reader)
{
    if (is(reader, 0, "ENTRY_BEGIN"))
        return begin_entry(reader);
    if (is(reader, 0, "ADDRESS") && reader->range && reader->line.count > 1)
        return read_address(reader, reader->line.words[1], &reader->range->addresses);
    if (reader->step)
        return refuse(reader, "the step at line %u has no entry", reader->step->line);
    if (is(reader, 0, "RANGE_END") && reader->range) {
        reader->range = NULL;
        return true;
    }
    if (is(reader, 0, "RANGE_BEGIN") && !reader->range)
        return begin_range(reader);
    if (is(reader, 0, "STEP") && !reader->range)
        return read_step(reader);
    reader->over = is(reader, 0, "SCENARIO_END") && !reader->range;
    return reader->over || refuse(reader, "'%s' has no place here", reader->line.words[0]);
}

static bool read_scenario(struct reader *reader)
{
    if (!next_line(reader, ";") || !is(reader, 0, "SCENARIO_BEGIN"))
        return refuse(reader, "no SCENARIO_BEGIN");
    struct buffer title = {0};
    for (unsigned i = 1; i < reader->line.count; i++)
        buffer_format(&title, "%s%s", i > 1 ? " " : "", reader->line.words[i]);
    reader->script->title = title.text;
    while (!reader->over && next_line(reader, ";"))
        if (!(reader->entry ? read_in_entry(reader) : read_outside(reader)))
            return false;
    return reader->over || refuse(reader, "no SCENARIO_END");
}

static bool read_all(struct script *script, size_t size)
{
    struct reader *reader = memory_get(sizeof *reader);
    *reader = (struct reader){.script = script,
                              .at = script->octets,
                              .end = script->octets + size,
                              .range_end = &script->ranges,
                              .step_end = &script->steps};
    script->minimise = script->ipv4 = script->ipv6 = true;
    bool good = read_name(reader, "k.root-servers.net.", &script->root_name) &&
                read_config(reader) && read_scenario(reader);
    free(reader);
    return good;
}

bool script_read(struct script *script, const char *path)
{
    *script = (struct script){.path = memory_copy_text(path)};
    size_t size = 0;
    int result = file_read(path, SCRIPT_MAX, &script->octets, &size);
    if (result == 0)
        return read_all(script, size);
    script->problem = memory_format("%s:0: %s", path, strerror(-result));
    return false;
}

bool script_read_text(struct script *script, const char *path, const char *text)
{
    *script = (struct script){.path = memory_copy_text(path), .octets = memory_copy_text(text)};
    return read_all(script, strlen(text));
}

static void free_entry(struct script_entry *entry)
{
    for (unsigned i = 0; entry && i < 4; i++)
        records_free(&entry->sections[i]);
}

void script_free(struct script *script)
{
    for (struct script_range *range = script->ranges; range; range = range->next)
        for (struct script_entry *entry = range->entries; entry; entry = entry->next)
            free_entry(entry);
    for (struct script_step *step = script->steps; step; step = step->next)
        free_entry(step->entry);
    arena_free(&script->memory);
    free(script->path);
    free(script->octets);
    free(script->title);
    free(script->problem);
}
