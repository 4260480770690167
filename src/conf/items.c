// The records of a rule (items.h).
#include "conf/items.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "conf/scalar.h"
#include "conf/tree.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/scan.h"

#define WEIGHT_MAX 10000
#define STRING_MAX 255 // octets of one character-string (RFC 1035 3.3)

// --- types ---------------------------------------------------------------------------------------

static const uint16_t types[] = {TYPE_A,    TYPE_AAAA,  TYPE_CNAME, TYPE_TXT,
                                 TYPE_SVCB, TYPE_HTTPS, TYPE_ALIAS};
#define TYPE_COUNT (sizeof types / sizeof types[0])

bool items_find_type(struct filler *filler, const struct value *key, uint16_t *type)
{
    struct buffer hint = {0};
    struct suggestion suggestion = {.word = key->text};
    char words[TYPE_COUNT][TYPE_TEXT_MAX];
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        type_print(types[i], words[i]);
        suggest_consider(&suggestion, words[i]);
        *type = types[i];
        if (strcmp(words[i], key->text) == 0)
            return true;
    }
    if (suggestion.best)
        buffer_format(&hint, "did you mean '%s'?", suggestion.best);
    for (size_t i = 0; i < TYPE_COUNT && !suggestion.best; i++)
        buffer_format(&hint, "%s%s", i ? ", " : "routes are for ", words[i]);
    value_report(filler->report, SEVERITY_ERROR, key, buffer_text(&hint),
                 "%s is no type that a route can give, nor 'ttl'", value_quote(key->text).text);
    buffer_free(&hint);
    return false;
}

// --- records -------------------------------------------------------------------------------------

// A text cut into strings.
static size_t spell_text(const char *text, uint8_t rdata[static RDATA_MAX])
{
    size_t left = strlen(text), size = 0;
    do {
        size_t part = left < STRING_MAX ? left : STRING_MAX;
        rdata[size++] = (uint8_t)part;
        memcpy(rdata + size, text, part);
        size += part;
        text += part;
        left -= part;
    } while (left && size + STRING_MAX + 1 < RDATA_MAX);
    return size;
}

static bool parse_words(const struct items_reader *reader, const char *text,
                        uint8_t rdata[static RDATA_MAX], size_t *size,
                        struct rdata_problem *problem)
{
    struct scan scan;
    struct buffer padded = {0};
    buffer_add_text(&padded, text);
    size_t text_size = padded.size;
    for (unsigned i = 0; i < SCAN_PADDING; i++)
        buffer_add_char(&padded, 0);
    scan_begin(&scan, padded.text, text_size);
    enum scan_result result = scan_next(&scan);
    bool good = false;
    *problem = (struct rdata_problem){0};
    if (result == SCAN_RECORD)
        good =
            rdata_parse(reader->type, scan.tokens, scan.count, &reader->zone, rdata, size, problem);
    else
        snprintf(problem->message, sizeof problem->message, "%s",
                 result == SCAN_PROBLEM ? scan.problem.message : "nothing is there");
    scan_free(&scan);
    buffer_free(&padded);
    return good;
}

static bool read_record(struct filler *filler, const struct items_reader *reader,
                        const struct value *value, struct route_item *item)
{
    uint8_t *rdata = memory_get(RDATA_MAX);
    struct rdata_problem problem = {0};
    size_t size = 0;
    bool good = tree_is_text(value, "a record", filler->report);
    if (good && reader->type == TYPE_TXT) {
        size = spell_text(value->text, rdata);
    } else if (good && !parse_words(reader, value->text, rdata, &size, &problem)) {
        value_report(filler->report, SEVERITY_ERROR, value, *problem.hint ? problem.hint : NULL,
                     "%s", problem.message);
        good = false;
    }
    if (good && size > ROUTE_OCTETS_MAX) {
        value_report(filler->report, SEVERITY_ERROR, value, NULL, "a record of over %d octets",
                     ROUTE_OCTETS_MAX);
        good = false;
    }
    if (good) {
        item->rdata = arena_copy(&filler->options->memory, rdata, size);
        item->rdata_size = (uint16_t)size;
    }
    free(rdata);
    return good;
}

// --- what stands beside a record -----------------------------------------------------------------

static bool read_degrees(struct filler *filler, const struct value *value, double most,
                         double *degrees)
{
    char *end;
    if (!tree_is_text(value, "a coordinate", filler->report))
        return false;
    *degrees = strtod(value->text, &end);
    bool plain = strspn(value->text, "+-.0123456789") == value->count && value->count;
    if (plain && *end == 0 && *degrees >= -most && *degrees <= most)
        return true;
    value_report(filler->report, SEVERITY_ERROR, value, "latitude and longitude: [1.35, 103.82]",
                 "%s is not a number of degrees from %g to %g", value_quote(value->text).text,
                 -most, most);
    return false;
}

static bool read_point(struct filler *filler, const struct value *list, struct route_item *item)
{
    double latitude, longitude;
    if (list->kind != VALUE_LIST || list->count != 2) {
        value_report(filler->report, SEVERITY_ERROR, list, "like this: at: [1.35, 103.82]",
                     "'at' must be a list of a latitude and a longitude");
        return false;
    }
    if (!read_degrees(filler, &list->items[0], 90, &latitude) ||
        !read_degrees(filler, &list->items[1], 180, &longitude))
        return false;
    latitude *= M_PI / 180;
    longitude *= M_PI / 180;
    item->point = (struct point){.x = (float)(cos(latitude) * cos(longitude)),
                                 .y = (float)(cos(latitude) * sin(longitude)),
                                 .z = (float)sin(latitude)};
    item->is_placed = true;
    return true;
}

static bool read_weight(struct filler *filler, const struct value *value, struct route_item *item)
{
    uint64_t number;
    if (!tree_number(value, "a weight", (struct tree_range){0, WEIGHT_MAX}, filler->report,
                     &number))
        return false;
    item->weight = (uint16_t)number;
    return true;
}

static bool is_address(uint16_t type)
{
    return type == TYPE_A || type == TYPE_AAAA;
}

static bool read_map(struct filler *filler, const struct items_reader *reader,
                     const struct value *map, struct route_item *item)
{
    static const char *const for_addresses[] = {"addr", "weight", "at", NULL};
    static const char *const for_others[] = {"data", "weight", "at", NULL};
    bool address = is_address(reader->type);
    const struct value *record = tree_find(map, address ? "addr" : "data");
    const struct value *weight = tree_find(map, "weight"), *at = tree_find(map, "at");
    bool good = tree_has_only(map, address ? for_addresses : for_others, filler->report);
    if (!record) {
        value_report(filler->report, SEVERITY_ERROR, map,
                     address ? "like this: {addr: 192.0.2.1, weight: 3}"
                             : "like this: {data: target.example.net., weight: 3}",
                     "a record without '%s'", address ? "addr" : "data");
        return false;
    }
    good &= read_record(filler, reader, record, item);
    if (weight)
        good &= read_weight(filler, weight, item);
    if (at)
        good &= read_point(filler, at, item);
    return good;
}

// --- health --------------------------------------------------------------------------------------

static bool find_check(struct filler *filler, const struct value *name, uint32_t *index)
{
    const struct options *options = filler->options;
    struct suggestion suggestion = {.word = name->text};
    if (!tree_is_text(name, "the name of a check", filler->report))
        return false;
    for (size_t i = 0; i < options->check_count; i++) {
        suggest_consider(&suggestion, options->checks[i].name);
        *index = (uint32_t)i;
        if (strcmp(options->checks[i].name, name->text) == 0)
            return true;
    }
    struct buffer hint = {0};
    if (suggestion.best)
        buffer_format(&hint, "did you mean '%s'?", suggestion.best);
    else
        buffer_format(&hint, "write it into 'checks', like this: checks: {%s: {http: \"/health\"}}",
                      name->text);
    value_report(filler->report, SEVERITY_ERROR, name, buffer_text(&hint), "there is no check %s",
                 value_quote(name->text).text);
    buffer_free(&hint);
    return false;
}

static struct address address_of(uint16_t type, const uint8_t *rdata)
{
    struct address address = {0};
    if (type == TYPE_A) {
        address.v4.sin_family = AF_INET;
        memcpy(&address.v4.sin_addr, rdata, 4);
        address.size = sizeof address.v4;
    } else {
        address.v6.sin6_family = AF_INET6;
        memcpy(&address.v6.sin6_addr, rdata, 16);
        address.size = sizeof address.v6;
    }
    return address;
}

// At most half full, so that the search ends.
#define TARGET_SLOTS 32768
static_assert(TARGET_SLOTS >= 2 * CHECK_TARGETS_MAX, "a search ends at a free slot");

// Where its number and one more stands, or belongs: then it is 0.
static uint32_t *find_slot(struct filler *filler, uint32_t check, const struct address *address)
{
    const struct options *options = filler->options;
    bool v4 = address->any.sa_family == AF_INET;
    const uint8_t *octets =
        v4 ? (const uint8_t *)&address->v4.sin_addr : address->v6.sin6_addr.s6_addr;
    uint32_t at = check * 0x9e3779b1u;
    for (unsigned i = 0; i < (v4 ? 4u : 16u); i++)
        at = (at ^ octets[i]) * 0x01000193u; // FNV-1a
    if (!filler->targets) {
        size_t size = TARGET_SLOTS * sizeof *filler->targets;
        filler->targets = memset(arena_get(&filler->gathered->trees, size), 0, size);
    }
    for (at ^= at >> 15;; at++) {
        uint32_t *slot = &filler->targets[at % TARGET_SLOTS];
        if (!*slot)
            return slot;
        const struct check_target_option *target = &options->targets[*slot - 1];
        if (target->check == check && address_equal(&target->address, address))
            return slot;
    }
}

// One address that two routes check in the same way is one target. ROUTE_NO_TARGET: there are too
// many.
static uint32_t target_of(struct filler *filler, uint32_t check, const struct address *address)
{
    struct options *options = filler->options;
    uint32_t *slot = find_slot(filler, check, address);
    if (*slot)
        return *slot - 1;
    if (options->target_count == CHECK_TARGETS_MAX)
        return ROUTE_NO_TARGET;
    if ((options->target_count & (options->target_count - 1)) == 0) {
        size_t room = options->target_count ? 2 * options->target_count : 1;
        struct check_target_option *targets = arena_get(&options->memory, room * sizeof *targets);
        if (options->target_count)
            memcpy(targets, options->targets, options->target_count * sizeof *targets);
        options->targets = targets;
    }
    options->targets[options->target_count++] = (struct check_target_option){check, *address};
    *slot = (uint32_t)options->target_count;
    return *slot - 1;
}

static bool add_targets(struct filler *filler, const struct items_reader *reader,
                        const struct value *check, struct route_item *items, size_t count)
{
    uint32_t index = 0;
    if (!is_address(reader->type)) {
        value_report(filler->report, SEVERITY_ERROR, check, "only A and AAAA can have one",
                     "a check of what is no address");
        return false;
    }
    if (!find_check(filler, check, &index))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct address address = address_of(reader->type, items[i].rdata);
        items[i].target = target_of(filler, index, &address);
        if (items[i].target != ROUTE_NO_TARGET)
            continue;
        value_report(filler->report, SEVERITY_ERROR, check, NULL,
                     "more than %d addresses are checked", CHECK_TARGETS_MAX);
        return false;
    }
    return true;
}

// --- all of it -----------------------------------------------------------------------------------

static bool is_double(const struct route_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].rdata_size == items[count].rdata_size &&
            memcmp(items[i].rdata, items[count].rdata, items[i].rdata_size) == 0)
            return true;
    return false;
}

static bool read_items(struct filler *filler, const struct items_reader *reader,
                       const struct value *give, struct route_item *items)
{
    size_t octets = 0;
    bool good = true;
    for (size_t i = 0; i < tree_count(give); i++) {
        const struct value *value = tree_item(give, i);
        items[i] = (struct route_item){.weight = 1, .target = ROUTE_NO_TARGET};
        if (value->kind == VALUE_MAP ? !read_map(filler, reader, value, &items[i])
                                     : !read_record(filler, reader, value, &items[i])) {
            good = false;
            items[i].rdata = (const uint8_t *)"";
            continue;
        }
        octets += items[i].rdata_size;
        if (is_double(items, i)) {
            value_report(filler->report, SEVERITY_ERROR, value, "write it once, with a weight",
                         "this record is there already");
            good = false;
        }
    }
    if (octets > ROUTE_OCTETS_MAX) {
        value_report(filler->report, SEVERITY_ERROR, give, NULL,
                     "the records of one rule have over %d octets", ROUTE_OCTETS_MAX);
        good = false;
    }
    return good;
}

bool items_read(struct filler *filler, const struct items_reader *reader, const struct value *give,
                const struct value *check, struct route_rule *rule)
{
    size_t count = tree_count(give);
    if (give->bad)
        return false;
    if (count == 0 || count > ROUTE_ITEMS_MAX) {
        value_report(filler->report, SEVERITY_ERROR, give, "like this: give: [192.0.2.1]",
                     count ? "more than %d records" : "a place without a record", ROUTE_ITEMS_MAX);
        return false;
    }
    struct route_item *items = arena_get(&filler->options->memory, count * sizeof *items);
    rule->items = items;
    rule->item_count = (uint16_t)count;
    if (!read_items(filler, reader, give, items))
        return false;
    return !check || add_targets(filler, reader, check, items, count);
}
