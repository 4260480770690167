// Parts of a text, guessed and taken in their order (parse_parts.h).
//
// Who may touch what: the text, the sources and the zone's name are read by all and changed by
// nobody while threads run. (An $INCLUDE followed by the caller adds to records->sources, so the
// threads have a copy of that table.) `crew` is under its lock. A part belongs to whoever took it
// until it is READ, and then to the caller.
#include "zone/parse_parts.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "zone/reader.h"

#define PART_OCTETS ((size_t)1024 * 1024) // some 30000 records: a few milliseconds
#define PARTS_MIN   4  // fewer are not worth the threads: a text of less than 4 MB
#define THREADS_MAX 64 // more than read faster than memory can be written
#define LOOK_LINES  16 // how far a better place to cut is looked for

// What a part's meaning depends on.
struct state {
    bool has_ttl_default;
    uint32_t ttl_default;
    struct name origin; // looks at origin_wire
    uint8_t origin_wire[NAME_OCTETS_MAX];
};

struct part {
    const char *start, *end; // both are starts of lines, or the end of the text
    enum { PART_FREE, PART_TAKEN, PART_READ } progress;
    struct state guess;
    struct parser *parser; // with all below while it is TAKEN or READ; NULL once it was used
    struct records records;
    struct report report;
    const char *reached; // where its records ended
    uint32_t lines;      // that it has up to there
};

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t read;   // a part was
    struct reader *reader; // the caller's
    const struct parser *parser;
    struct parse_options options;  // of the threads' parsers
    struct record_source *sources; // a copy of the table
    struct state state;            // what the next part is read with
    size_t records_guess;          // of one part
    struct part *parts;
    size_t count;
    size_t next; // the parts before it are taken or read
};

struct hand {
    struct crew *crew;
    struct arena arena; // owners and rdata of the parts that it read
    pthread_t thread;
};

// --- cutting -------------------------------------------------------------------------------------

// Two lines that begin with one word: the second repeats an owner, and of a doubtful owner the
// reader only warns once.
static bool share_first_word(const char *line, const char *other)
{
    while (*line == *other && *line != ' ' && *line != '\t' && *line != '\n' && *line)
        line++, other++;
    return *line == *other;
}

// The start of a line behind `at` that begins a record, if possible with another owner than the
// line before it; `end` if there is none.
static const char *find_cut(const char *at, const char *end)
{
    const char *found = NULL, *before = NULL;
    for (unsigned lines = 0; !found || lines < LOOK_LINES; lines++) {
        at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (!at || ++at == end)
            break;
        bool begins = scan_begins_record(at);
        if (begins && before && !share_first_word(before, at))
            return at;
        if (begins && !found)
            found = at;
        before = begins ? at : NULL;
    }
    return found ? found : end;
}

// The last part ends with the text.
static void cut(struct crew *crew, const char *start, size_t part_octets)
{
    const char *end = crew->reader->scan.end;
    size_t room = 0;
    while (start < end) {
        const char *stop =
            (size_t)(end - start) > part_octets ? find_cut(start + part_octets, end) : end;
        crew->parts = memory_grow(crew->parts, &room, crew->count + 1, sizeof *crew->parts);
        crew->parts[crew->count++] = (struct part){.start = start, .end = stop};
        start = stop;
    }
}

// --- reading a part ------------------------------------------------------------------------------

static void copy_state(const struct reader *reader, struct state *state)
{
    state->has_ttl_default = reader->parser->has_ttl_default;
    state->ttl_default = reader->parser->ttl_default;
    memcpy(state->origin_wire, reader->origin_wire, sizeof state->origin_wire);
    state->origin = (struct name){state->origin_wire, reader->origin.size, reader->origin.labels};
}

// A parser that knows the guess and nothing else.
static struct parser *make_parser(struct crew *crew, struct part *part)
{
    struct parser *parser = memory_get(sizeof *parser);
    memset(parser, 0, offsetof(struct parser, rdata));
    parser->records = &part->records;
    parser->report = &part->report;
    parser->options = &crew->options;
    parser->has_ttl_default = part->guess.has_ttl_default;
    parser->ttl_default = part->guess.ttl_default;
    memcpy(parser->zone_text, crew->parser->zone_text, crew->parser->zone_text_size + 1);
    parser->zone_text_size = crew->parser->zone_text_size;
    parser->guesses = true;
    return parser;
}

static void read_part(struct crew *crew, struct part *part, struct arena *arena)
{
    const struct scan *text = &crew->reader->scan;
    struct records *records = &part->records;
    records_begin(records, crew->parser->records->origin);
    records_reserve(records, crew->records_guess);
    records->arena = *arena;
    records->sources = crew->sources;
    part->parser = make_parser(crew, part);

    struct reader reader = {.parser = part->parser, .source = crew->reader->source};
    reader_set_origin(&reader, part->guess.origin);
    scan_begin(&reader.scan, part->start, (size_t)(text->end - part->start));
    reader.scan.at = reader.scan.line_start = part->start; // a mark is one only where a text begins
    reader.scan.stop = part->end;
    reader.scan.cautious = true;
    reader_read_part(&reader);
    part->reached = reader.scan.at;
    part->lines = reader.scan.line - 1;
    scan_free(&reader.scan);

    *arena = records->arena;
    records->arena = (struct arena){0};
    records->sources = NULL;
}

static void drop_part(struct part *part)
{
    records_free(&part->records);
    report_free(&part->report);
    free(part->parser);
    part->parser = NULL;
}

// Under the lock, which it leaves for a while. False: there is no part left.
static bool read_next(struct crew *crew, struct arena *arena)
{
    if (crew->next == crew->count)
        return false;
    struct part *part = &crew->parts[crew->next++];
    part->progress = PART_TAKEN;
    part->guess = crew->state;
    part->guess.origin.wire = part->guess.origin_wire;
    pthread_mutex_unlock(&crew->lock);
    read_part(crew, part, arena);
    pthread_mutex_lock(&crew->lock);
    part->progress = PART_READ;
    pthread_cond_signal(&crew->read);
    return true;
}

static void *work(void *argument)
{
    struct hand *hand = argument;
    pthread_mutex_lock(&hand->crew->lock);
    while (read_next(hand->crew, &hand->arena))
        ;
    pthread_mutex_unlock(&hand->crew->lock);
    return NULL;
}

// --- taking the parts ----------------------------------------------------------------------------

// The parser tells of an owner once, and not again where the next line repeats it.
static bool may_repeat_owner(const struct parser *parser, const struct part *part, const char *end)
{
    size_t size = parser->owner_text_size;
    return parser->owner_text && size <= (size_t)(end - part->start) &&
           memcmp(parser->owner_text, part->start, size) == 0;
}

static bool fits(const struct reader *reader, const struct part *part)
{
    const struct parser *parser = reader->parser;
    const struct state *guess = &part->guess;
    if (part->parser->lost || reader->scan.at != part->start)
        return false;
    if (guess->has_ttl_default != parser->has_ttl_default ||
        guess->ttl_default != parser->ttl_default || guess->origin.size != reader->origin.size ||
        memcmp(guess->origin_wire, reader->origin_wire, reader->origin.size) != 0)
        return false;
    bool silent = part->report.errors + part->report.warnings == 0;
    return silent || !may_repeat_owner(parser, part, reader->scan.end);
}

// Moves the part's records and problems to the caller's, whose lines count on from those above.
static void take_records(struct reader *reader, struct part *part)
{
    struct records *records = reader->parser->records;
    uint32_t lines_above = reader->scan.line - 1;
    size_t count = part->records.count;
    if (records->count + count > records->room)
        records_reserve(records, (records->count + count) * 3 / 2);
    for (size_t i = 0; i < count; i++) {
        struct record *record = &records->list[records->count++];
        *record = part->records.list[i];
        record->line += lines_above;
    }
    for (size_t i = 0; i < part->report.count; i++)
        part->report.problems[i].line += lines_above;
    report_move(reader->parser->report, &part->report);
}

// The parser goes on as if it had read the part itself.
static void take_state(struct reader *reader, const struct part *part)
{
    struct parser *parser = reader->parser;
    const struct parser *from = part->parser;
    parser->errors += from->errors;
    if (from->owner.state != OWNER_NONE) {
        parser->owner = from->owner;
        parser->owner_text = from->owner_text;
        parser->owner_text_size = from->owner_text_size;
    }
    if (from->has_ttl_last) {
        parser->has_ttl_last = true;
        parser->ttl_last = from->ttl_last;
    }
    reader->scan.at = reader->scan.line_start = part->reached;
    reader->scan.line += part->lines;
}

static void read_in_sequence(struct reader *reader, const struct part *part)
{
    reader->scan.stop = part->end;
    reader_read_part(reader);
    assert(reader->scan.at >= part->end);
}

// Gets the part read, by another thread or not at all; reads others while it waits. False: nobody
// has begun it, and nobody will. (Whoever sets the size of parts wants all of them guessed.)
static bool await(struct crew *crew, struct part *part, struct arena *arena)
{
    pthread_mutex_lock(&crew->lock);
    copy_state(crew->reader, &crew->state);
    if (part->progress == PART_FREE && crew->parser->options->part_octets == 0) {
        assert(part == &crew->parts[crew->next]);
        crew->next++;
        pthread_mutex_unlock(&crew->lock);
        return false;
    }
    while (part->progress != PART_READ)
        if (!read_next(crew, arena))
            pthread_cond_wait(&crew->read, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
    return true;
}

static void take_all(struct crew *crew, struct arena *arena)
{
    struct reader *reader = crew->reader;
    for (size_t i = 0; i < crew->count; i++) {
        struct part *part = &crew->parts[i];
        if (await(crew, part, arena)) {
            if (fits(reader, part)) {
                take_records(reader, part);
                take_state(reader, part);
            }
            drop_part(part);
        }
        read_in_sequence(reader, part); // all of it, or a record that goes on behind its end
        reader_tell_progress(reader, false);
    }
}

// --- the crew ------------------------------------------------------------------------------------

static void run(struct crew *crew, unsigned threads)
{
    struct hand *hands = memory_get_zeroed(threads, sizeof *hands);
    struct arena *arena = &crew->reader->parser->records->arena;
    unsigned started = 1; // the caller is the first hand
    for (; started < threads; started++) {
        hands[started].crew = crew;
        if (pthread_create(&hands[started].thread, NULL, work, &hands[started]) != 0)
            break; // then there are fewer
    }
    take_all(crew, &hands[0].arena);
    for (unsigned i = 0; i < started; i++) {
        if (i > 0)
            pthread_join(hands[i].thread, NULL);
        arena_join(arena, &hands[i].arena);
    }
    free(hands);
}

// The part at the head is read in sequence, to learn what the others begin with.
static size_t read_head(struct reader *reader, size_t part_octets)
{
    const struct records *records = reader->parser->records;
    const char *start = reader->scan.at;
    size_t before = records->count, octets = part_octets / 16 + 1;
    reader->scan.stop = find_cut(start + octets, reader->scan.end);
    reader_read_part(reader);
    size_t read = (size_t)(reader->scan.at - start) + 1;
    return (records->count - before) * (part_octets + part_octets / 8) / read + 16;
}

bool parse_in_parts(struct reader *reader)
{
    struct parser *parser = reader->parser;
    const struct parse_options *options = parser->options;
    size_t part_octets = options->part_octets ? options->part_octets : PART_OCTETS;
    size_t size = (size_t)(reader->scan.end - reader->scan.at);
    unsigned threads = options->threads < THREADS_MAX ? options->threads : THREADS_MAX;
    if (threads < 2 || size / part_octets < PARTS_MIN)
        return false;
    struct crew crew = {.reader = reader, .parser = parser};
    crew.options = (struct parse_options){.ttl_default = options->ttl_default};
    crew.records_guess = read_head(reader, part_octets);
    cut(&crew, reader->scan.at, part_octets);
    copy_state(reader, &crew.state);
    const struct records *records = parser->records;
    crew.sources = memory_get(records->source_count * sizeof *crew.sources);
    memcpy(crew.sources, records->sources, records->source_count * sizeof *crew.sources);
    pthread_mutex_init(&crew.lock, NULL);
    pthread_cond_init(&crew.read, NULL);
    run(&crew, threads);
    pthread_cond_destroy(&crew.read);
    pthread_mutex_destroy(&crew.lock);
    free(crew.sources);
    free(crew.parts);
    return true;
}
