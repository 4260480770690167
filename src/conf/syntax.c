// YAML into values (syntax.h).
//
// libyaml gives events; a value is read by one function for each kind, and the children of lists
// and maps wait on one stack until their parent ends and their number is known:
//
//   stack  [ items of the root so far | of the map in it so far | of the list in that ]
//                                       ^ `begin` of read_children for the map
//
// Places are ours, not libyaml's: it counts characters and takes U+2028 for a line break, while
// editors and struct place count octets and '\n'. A cursor follows its character index through the
// text, forward only, because the events of a document come in the order of the text.
#include "conf/syntax.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "base/memory.h"

#define ANCHORS_MAX 256 // in one file; they are searched one after another

static_assert(sizeof(struct pair) == 2 * sizeof(struct value),
              "a key and a value, as on the stack");
static_assert(CONFIG_OCTETS_MAX < UINT32_MAX, "offsets and columns have 32 bits");

struct cursor {
    size_t index; // libyaml's: characters from the start
    uint32_t offset, line, line_start;
};

struct anchor {
    char *name;
    struct value value;
    uint64_t weight; // values that one alias to it stands for
};

struct reader {
    yaml_parser_t parser;
    const struct source *source;
    struct arena *arena;
    struct report *report;
    struct cursor start, cursor; // `start`: behind a byte order mark
    struct value *stack;
    size_t used, room;
    struct anchor *anchors;
    size_t anchor_count, anchor_room;
    uint64_t values, values_max; // with those that aliases stand for
    unsigned depth;
};

// --- places --------------------------------------------------------------------------------------

static size_t measure_character(const char *text)
{
    uint8_t first = (uint8_t)text[0];
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static void step(const struct source *source, struct cursor *cursor)
{
    const char *at = source->text + cursor->offset;
    size_t size = measure_character(at), left = source->size - cursor->offset;
    cursor->offset += (uint32_t)(size < left ? size : left);
    cursor->index++;
    if (*at == '\n') {
        cursor->line++;
        cursor->line_start = cursor->offset;
    }
}

static void move(const struct reader *reader, struct cursor *cursor, size_t index)
{
    if (index < cursor->index) // only where a problem began before the place it was seen at
        *cursor = reader->start;
    while (cursor->index < index && cursor->offset < reader->source->size)
        step(reader->source, cursor);
}

// A value of one column at the cursor.
static struct value locate_cursor(const struct source *source, const struct cursor *cursor)
{
    return (struct value){
        .source = source,
        .line = cursor->line,
        .column = cursor->offset - cursor->line_start + 1,
        .offset = cursor->offset,
        .width = 1,
    };
}

// From the value's place to `index`, or to the end of its line. A list or map in brackets that ends
// in another line keeps its one column.
static void widen(const struct reader *reader, struct value *value, size_t index)
{
    struct cursor end = reader->cursor;
    if (end.line != value->line)
        return;
    while (end.index < index && end.offset < reader->source->size) {
        char c = reader->source->text[end.offset];
        if (c == '\n' || c == '\r')
            break;
        step(reader->source, &end);
    }
    if (end.offset > value->offset)
        value->width = end.offset - value->offset;
}

static struct value locate(struct reader *reader, const yaml_event_t *event)
{
    move(reader, &reader->cursor, event->start_mark.index);
    struct value value = locate_cursor(reader->source, &reader->cursor);
    if (event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT)
        widen(reader, &value, event->end_mark.index);
    return value;
}

// --- problems of syntax --------------------------------------------------------------------------

// libyaml's words and ours. The first row that fits counts; a NULL fits all.
static const struct trouble {
    const char *problem, *context; // parts of libyaml's two sentences
    const char *found;             // the octet at the place is one of these; "": there is none
    bool at_context;               // the place is where it began, not where it was noticed
    const char *message, *hint;
} troubles[] = {
    {"cannot start any token", NULL, "\t", false, "a tab in the indentation", "use spaces"},
    {"a tab character", NULL, NULL, false, "a tab in the indentation", "use spaces"},
    {"cannot start any token", NULL, NULL, false, "a text cannot begin with this sign",
     "put quotes around the text"},
    {"mapping values are not allowed", NULL, NULL, false, "a ':' that cannot stand here",
     "put quotes around a text with ': ' in it; a key takes its own line, as far in as its "
     "neighbours"},
    {"block sequence entries are not allowed", NULL, NULL, false, "a list cannot begin here",
     "begin it on a line of its own, or write [a, b]"},
    {"mapping keys are not allowed", NULL, NULL, false, "a '?' that cannot stand here",
     "put quotes around the text"},
    {"could not find expected ':'", NULL, NULL, true, "a key without ':'",
     "write 'key: value', with a space after the ':'"},
    {"unexpected end of stream", "quoted scalar", NULL, true, "a quote that is never closed",
     "close it with the same sign"},
    {"unexpected document indicator", "quoted scalar", NULL, true, "a quote that is never closed",
     "close it with the same sign"},
    {"unknown escape character", NULL, NULL, false, "an unknown escape in double quotes",
     "write \\\\ for a backslash, or use single quotes"},
    {"hexdecimal number", NULL, NULL, false, "hexadecimal digits are missing in an escape", NULL},
    {"invalid Unicode character escape", NULL, NULL, false, "an escape that is no character", NULL},
    {"found unexpected ':'", NULL, NULL, true, "a text with ':' that needs quotes",
     "inside of [ ] and { } put quotes around it, as in [\"2001:db8::\"]"},
    {"expected node content", "flow node", "", false, "the text ends inside of [ ] or { }",
     "close what is open"},
    {"expected node content", "flow node", ":", false, "a text with ':' that needs quotes",
     "inside of [ ] and { } put quotes around it, as in [\"::1\"]"},
    {"expected node content", NULL, NULL, false, "a value cannot begin with this sign",
     "put quotes around a text, or close what is open"},
    {"expected ',' or ']'", NULL, NULL, true, "a '[' that is not closed, or lacks a ','",
     "end the list with ']'"},
    {"expected ',' or '}'", NULL, NULL, true, "a '{' that is not closed, or lacks a ','",
     "end the map with '}'"},
    {"expected key", "block mapping", NULL, false, "a line that does not fit the keys before it",
     "begin the keys of one map in the same column"},
    {"expected '-' indicator", NULL, NULL, false, "a line that does not fit the list before it",
     "begin each item with '- ' in the same column"},
    {"alphabetic or numeric character", "alias", NULL, true, "a text cannot begin with '*'",
     "put quotes around the text"},
    {"alphabetic or numeric character", "anchor", NULL, true, "a text cannot begin with '&'",
     "put quotes around the text"},
    {"", "a tag", NULL, true, "a text cannot begin with '!'", "put quotes around the text"},
    {"undefined tag handle", NULL, NULL, false, "a text cannot begin with '!'",
     "put quotes around the text"},
    {"", "block scalar", NULL, false, "a text cannot begin with '|' or '>'",
     "put quotes around the text"},
    {"", "a directive", NULL, true, "a line cannot begin with '%'", NULL},
    {"directive", NULL, NULL, false, "a line with '%' given twice", NULL},
    {"incompatible YAML document", NULL, NULL, false, "a version of YAML that is not known",
     "remove the line"},
    {"expected <document start>", NULL, NULL, false, "more text after the end of the map",
     "remove the { } around the map, or put all of it inside"},
    {"UTF-8", NULL, NULL, false, "an octet that is not UTF-8", "save the file as UTF-8"},
    {"Unicode", NULL, NULL, false, "an octet that is not UTF-8", "save the file as UTF-8"},
    {"control characters", NULL, NULL, false, "a control character", "remove it"},
    {NULL}, // none fits: libyaml's own words
};

static bool contains(const char *text, const char *part)
{
    return text && strstr(text, part);
}

static bool fits(const struct trouble *row, const yaml_parser_t *parser, char found)
{
    return contains(parser->problem, row->problem) &&
           (!row->context || contains(parser->context, row->context)) &&
           (!row->found || (found ? strchr(row->found, found) != NULL : !row->found[0]));
}

static struct value locate_index(const struct reader *reader, size_t index)
{
    struct cursor cursor = reader->start;
    move(reader, &cursor, index);
    return locate_cursor(reader->source, &cursor);
}

// The reader of libyaml, below its scanner, counts octets.
static struct value locate_octet(const struct reader *reader, size_t offset)
{
    struct cursor cursor = reader->start;
    offset += reader->start.offset;
    while (cursor.offset < offset && cursor.offset < reader->source->size)
        step(reader->source, &cursor);
    return locate_cursor(reader->source, &cursor);
}

// "port:53" is a text, and it goes on in the next line, whose ':' is then one too many.
static bool follows_bare_colon(const struct value *place)
{
    const char *text = place->source->text;
    size_t end = place->offset - (place->column - 1); // of the line before, with its line feed
    bool bare = false;
    if (end == 0)
        return false;
    for (size_t i = end - 1; i > 0 && text[i - 1] != '\n'; i--) {
        if (text[i - 1] != ':')
            continue;
        if (strchr(" \t\r\n", text[i]))
            return false;
        bare = true;
    }
    return bare;
}

static bool is_first_in_line(const struct value *place)
{
    const char *text = place->source->text;
    size_t start = place->offset - (place->column - 1), at = start;
    while (at < place->offset && text[at] == ' ')
        at++;
    return at == place->offset;
}

static void tell_trouble(const struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct value place = parser->error == YAML_READER_ERROR
                             ? locate_octet(reader, parser->problem_offset)
                             : locate_index(reader, parser->problem_mark.index);
    bool inside = place.offset < reader->source->size;
    char found = inside ? reader->source->text[place.offset] : 0;
    const struct trouble *row = troubles;
    while (row->problem && !fits(row, parser, found))
        row++;
    if (row->at_context && parser->context)
        place = locate_index(reader, parser->context_mark.index);
    const char *hint = row->hint, *message = row->message;
    if (!message)
        message = parser->problem ? parser->problem : "out of memory";
    if (contains(parser->problem, "mapping values") && follows_bare_colon(&place))
        hint = "in the line before, put a space after the ':'";
    if (contains(parser->problem, "expected key") && !is_first_in_line(&place)) {
        message = "more text after the end of the value";
        hint = "put quotes around all of it; inside of single quotes write '' for a quote";
    }
    value_report(reader->report, SEVERITY_ERROR, &place, hint, "%s", message);
}

// --- values --------------------------------------------------------------------------------------

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    tell_trouble(reader);
    return false;
}

static bool count_values(struct reader *reader, uint64_t more, const struct value *at)
{
    reader->values += more;
    if (reader->values <= reader->values_max)
        return true;
    value_report(reader->report, SEVERITY_ERROR, at, "write fewer aliases of aliases",
                 "too many values (aliases count as what they stand for)");
    return false;
}

static bool is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static void take_text(struct reader *reader, const yaml_event_t *event, struct value *value)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    value->text = arena_copy(reader->arena, text, size + 1);
    value->count = (uint32_t)strlen(value->text);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    value->kind = plain && is_null(text) ? VALUE_NONE : VALUE_TEXT;
    if (value->count != size)
        value_refuse(reader->report, value, NULL, "a text cannot have a NUL in it");
}

// An alias is the value that it stands for, at the place of the alias; what is inside of that value
// stays where it is.
static bool take_alias(struct reader *reader, const yaml_event_t *event, struct value *value)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reader->anchor_count; i-- > 0;) { // the last of one name counts
        const struct anchor *anchor = &reader->anchors[i];
        if (strcmp(anchor->name, name) != 0)
            continue;
        struct value place = *value;
        *value = anchor->value;
        value->line = place.line;
        value->column = place.column;
        value->width = place.width;
        value->offset = place.offset;
        return count_values(reader, anchor->weight - 1, value);
    }
    value_refuse(reader->report, value, "put quotes around a text that begins with '*'",
                 "nothing before has the anchor %s", value_quote(name).text);
    value->kind = VALUE_NONE;
    value->text = "";
    return true;
}

static bool keep_anchor(struct reader *reader, const char *name, const struct value *value,
                        uint64_t weight)
{
    if (reader->anchor_count == ANCHORS_MAX) {
        value_report(reader->report, SEVERITY_ERROR, value, NULL, "more than %d anchors",
                     ANCHORS_MAX);
        return false;
    }
    reader->anchors = memory_grow(reader->anchors, &reader->anchor_room, reader->anchor_count + 1,
                                  sizeof *reader->anchors);
    char *copy = arena_copy(reader->arena, name, strlen(name) + 1);
    reader->anchors[reader->anchor_count++] = (struct anchor){copy, *value, weight};
    return true;
}

// Keys are sorted by a hash, which brings equal ones together at a third of the time that sorting
// the texts takes; a million zones are a million keys of one map.
struct hashed {
    uint64_t hash;
    struct value *key;
};

static uint64_t hash_text(const char *text) // FNV-1a
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    return hash;
}

static int compare_keys(const void *left, const void *right)
{
    const struct hashed *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    int order = strcmp(a->key->text, b->key->text);
    return order ? order : a->key < b->key ? -1 : a->key > b->key;
}

static void find_doubles(struct reader *reader, const struct value *map)
{
    struct hashed *order = memory_get(map->count * sizeof *order);
    for (uint32_t i = 0; i < map->count; i++)
        order[i] = (struct hashed){hash_text(map->pairs[i].key.text), &map->pairs[i].key};
    qsort(order, map->count, sizeof *order, compare_keys);
    const struct hashed *first = &order[0];
    for (uint32_t i = 1; i < map->count; i++) {
        if (order[i].hash != first->hash || strcmp(order[i].key->text, first->key->text) != 0) {
            first = &order[i];
            continue;
        }
        struct value *key = order[i].key;
        if (!key->bad)
            value_refuse(reader->report, key, NULL, "key %s is given twice, first in line %u",
                         value_quote(key->text).text, first->key->line);
    }
    free(order);
}

static void check_keys(struct reader *reader, struct value *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        struct value *key = &map->pairs[i].key;
        if (key->kind == VALUE_LIST || key->kind == VALUE_MAP) {
            value_refuse(reader->report, key, "put quotes around a text that begins with [ or {",
                         "a key must be a text");
            key->text = "";
            key->count = 0;
        } else if (strcmp(key->text, "<<") == 0) {
            value_refuse(reader->report, key, "write the keys out, or use an alias for the value",
                         "'<<' does not merge maps here");
        }
        key->kind = VALUE_TEXT;
    }
    if (map->count > 1)
        find_doubles(reader, map);
}

static bool read_value(struct reader *reader, yaml_event_t *event, struct value *value);

static void push(struct reader *reader, const struct value *value)
{
    reader->stack =
        memory_grow(reader->stack, &reader->room, reader->used + 1, sizeof *reader->stack);
    reader->stack[reader->used++] = *value;
}

// Reads up to the end of the list or map `value`. Returns its children, keys and values alike, and
// how many; NULL after a problem.
static struct value *read_children(struct reader *reader, yaml_event_type_t end,
                                   struct value *value, size_t *count)
{
    if (reader->depth == CONFIG_DEPTH_MAX) {
        value_report(reader->report, SEVERITY_ERROR, value, NULL, "more than %d levels",
                     CONFIG_DEPTH_MAX);
        return NULL;
    }
    reader->depth++;
    size_t begin = reader->used;
    yaml_event_t event;
    for (;;) {
        if (!next_event(reader, &event))
            return NULL;
        if (event.type == end)
            break;
        struct value child;
        if (!read_value(reader, &event, &child))
            return NULL;
        push(reader, &child);
    }
    if (event.end_mark.index > event.start_mark.index) // a bracket, not the end of a block
        widen(reader, value, event.end_mark.index);
    yaml_event_delete(&event);
    reader->depth--;
    *count = reader->used - begin;
    reader->used = begin;
    if (*count == 0)
        return arena_get(reader->arena, 0); // there may be no stack yet
    return arena_copy(reader->arena, &reader->stack[begin], *count * sizeof(struct value));
}

static bool read_list(struct reader *reader, struct value *value)
{
    size_t count;
    value->kind = VALUE_LIST;
    value->items = read_children(reader, YAML_SEQUENCE_END_EVENT, value, &count);
    if (!value->items)
        return false;
    value->count = (uint32_t)count;
    return true;
}

static bool read_map(struct reader *reader, struct value *value)
{
    size_t count;
    value->kind = VALUE_MAP;
    struct value *children = read_children(reader, YAML_MAPPING_END_EVENT, value, &count);
    if (!children)
        return false;
    assert(count % 2 == 0);
    value->pairs = (struct pair *)children;
    value->count = (uint32_t)(count / 2);
    check_keys(reader, value);
    return true;
}

// What comes before the value itself: an anchor's name, in fresh memory, or NULL; a tag is refused.
static char *read_properties(struct reader *reader, const yaml_event_t *event, struct value *value)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (tag)
        value_refuse(reader->report, value, "put quotes around a text that begins with '!'",
                     "tags like !!str have no meaning here");
    return anchor ? memory_copy_text((const char *)anchor) : NULL;
}

// Takes the event, and the rest of the value if it has more.
static bool read_value(struct reader *reader, yaml_event_t *event, struct value *value)
{
    uint64_t before = reader->values;
    *value = locate(reader, event);
    bool good = count_values(reader, 1, value);
    char *anchor = read_properties(reader, event, value);
    yaml_event_type_t type = event->type;
    if (type == YAML_ALIAS_EVENT)
        good = good && take_alias(reader, event, value);
    else if (type == YAML_SCALAR_EVENT)
        take_text(reader, event, value);
    yaml_event_delete(event);
    if (type == YAML_SEQUENCE_START_EVENT)
        good = good && read_list(reader, value);
    else if (type == YAML_MAPPING_START_EVENT)
        good = good && read_map(reader, value);
    if (good && anchor)
        good = keep_anchor(reader, anchor, value, reader->values - before);
    free(anchor);
    return good;
}

// --- the document --------------------------------------------------------------------------------

// The type of the next event, which must have nothing to free; YAML_NO_EVENT after a problem.
static yaml_event_type_t skip_event(struct reader *reader, struct value *place)
{
    yaml_event_t event;
    if (!next_event(reader, &event))
        return YAML_NO_EVENT;
    *place = locate(reader, &event);
    yaml_event_type_t type = event.type;
    yaml_event_delete(&event);
    return type;
}

static bool read_document(struct reader *reader, struct value *root)
{
    struct value place;
    if (skip_event(reader, &place) != YAML_STREAM_START_EVENT)
        return false;
    *root = locate_cursor(reader->source, &reader->start);
    root->text = "";
    yaml_event_type_t type = skip_event(reader, &place);
    if (type != YAML_DOCUMENT_START_EVENT)
        return type == YAML_STREAM_END_EVENT; // nothing but comments
    yaml_event_t event;
    if (!next_event(reader, &event) || !read_value(reader, &event, root))
        return false;
    if (skip_event(reader, &place) != YAML_DOCUMENT_END_EVENT)
        return false;
    type = skip_event(reader, &place);
    if (type == YAML_DOCUMENT_START_EVENT)
        value_report(reader->report, SEVERITY_ERROR, &place, "remove the '---'",
                     "a second document begins here; one file holds one");
    return type == YAML_STREAM_END_EVENT;
}

bool syntax_read(const struct source *source, struct arena *arena, struct report *report,
                 struct value *root)
{
    assert(source->path && (source->text || source->size == 0));
    size_t mark = source->size >= 3 && memcmp(source->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct reader reader = {
        .source = source,
        .arena = arena,
        .report = report,
        .start = {.line = 1, .offset = (uint32_t)mark, .line_start = (uint32_t)mark},
        .values_max = SYNTAX_ALIASED_FREE + source->size,
    };
    reader.cursor = reader.start;
    *root = locate_cursor(source, &reader.start);
    if (source->size > CONFIG_OCTETS_MAX) {
        value_report(report, SEVERITY_ERROR, root, NULL, "more than %d octets", CONFIG_OCTETS_MAX);
        return false;
    }
    if (!yaml_parser_initialize(&reader.parser))
        abort(); // out of memory, or libyaml is not what it was
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const uint8_t *)source->text + mark,
                                 source->size - mark);
    bool good = read_document(&reader, root);
    yaml_parser_delete(&reader.parser);
    free(reader.anchors);
    free(reader.stack);
    return good;
}
