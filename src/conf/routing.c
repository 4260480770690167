// Routes out of the configuration (routing.h).
#include "conf/routing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "conf/items.h"
#include "conf/scalar.h"
#include "conf/tree.h"
#include "conf/wheres.h"
#include "dns/type.h"

#define TTL_MAX ((uint64_t)INT32_MAX) // RFC 2181 8

// --- one rule ------------------------------------------------------------------------------------

static const char *const rule_keys[] = {"where",  "give", "check",  "ttl", "count",
                                        "choose", "dead", "sticky", NULL};
static const char *const choose_words[] = {"all", "weighted", "nearest", NULL};
static const char *const dead_words[] = {"next", "all", "none", NULL};
static const char *const sticky_keys[] = {"ipv4", "ipv6", NULL};

static bool read_bits(struct filler *filler, const struct value *map, const char *key,
                      unsigned most, uint8_t *bits)
{
    uint64_t number;
    const struct value *value = tree_find(map, key);
    if (!value)
        return true;
    if (!tree_number(value, "a prefix length", (struct tree_range){1, most}, filler->report,
                     &number))
        return false;
    *bits = (uint8_t)number;
    return true;
}

// true: prefixes that networks are usually told by (RFC 7871 11.1); or lengths of one's own.
static bool read_sticky(struct filler *filler, const struct value *value, struct route_rule *rule)
{
    bool truth = true;
    if (value->kind != VALUE_MAP) {
        if (!tree_bool(value, "'sticky'", filler->report, &truth))
            return false;
        rule->sticky_v4 = truth ? 24 : 0;
        rule->sticky_v6 = truth ? 56 : 0;
        return true;
    }
    rule->sticky_v4 = 24;
    rule->sticky_v6 = 56;
    bool good = tree_has_only(value, sticky_keys, filler->report);
    good &= read_bits(filler, value, "ipv4", 32, &rule->sticky_v4);
    good &= read_bits(filler, value, "ipv6", 128, &rule->sticky_v6);
    return good;
}

// What is not said follows from what is given: weights are there to be used, and so are points.
static bool read_choosing(struct filler *filler, const struct value *map, struct route_rule *rule)
{
    const struct value *choose = tree_find(map, "choose"), *count = tree_find(map, "count");
    const struct value *dead = tree_find(map, "dead"), *sticky = tree_find(map, "sticky");
    unsigned word = ROUTE_ALL;
    uint64_t number = 0;
    bool good = true;
    for (unsigned i = 0; i < rule->item_count; i++)
        word = rule->items[i].weight != 1 ? (unsigned)ROUTE_WEIGHTED : word;
    if (choose)
        good &= tree_word(choose, "a way to choose", choose_words, filler->report, &word);
    rule->choose = (uint8_t)word;
    if (count)
        good &= tree_number(count, "a count of records", (struct tree_range){1, ROUTE_ITEMS_MAX},
                            filler->report, &number);
    if (count && good)
        rule->count = (uint16_t)number;
    word = ROUTE_DEAD_NEXT;
    if (dead)
        good &= tree_word(dead, "what to do when all are dead", dead_words, filler->report, &word);
    rule->dead = (uint8_t)word;
    if (sticky)
        good &= read_sticky(filler, sticky, rule);
    bool placed = false;
    for (unsigned i = 0; i < rule->item_count; i++)
        placed |= rule->items[i].is_placed;
    if (rule->choose == ROUTE_NEAREST && !placed) {
        value_report(filler->report, SEVERITY_ERROR, choose ? choose : map,
                     "give them some: {addr: 192.0.2.1, at: [1.35, 103.82]}",
                     "the nearest of records without a place");
        good = false;
    }
    filler->options->places.points |= rule->choose == ROUTE_NEAREST;
    return good;
}

static bool read_rule(struct filler *filler, const struct items_reader *items,
                      const struct value *map, struct route_rule *rule)
{
    const struct value *where = tree_find(map, "where"), *ttl = tree_find(map, "ttl");
    const struct value *give = tree_find(map, "give");
    *rule = (struct route_rule){.ttl = ROUTE_NO_TTL};
    if (!tree_is_map(map, "a rule", "{where: {country: SG}, give: [192.0.2.1]}", filler->report))
        return false;
    bool good = tree_has_only(map, rule_keys, filler->report);
    if (where)
        good &= wheres_read(filler, where, &rule->where);
    if (ttl)
        good &= tree_seconds(ttl, "a time to live", TTL_MAX, filler->report, &rule->ttl);
    if (!give) {
        value_report(filler->report, SEVERITY_ERROR, map, "like this: give: [192.0.2.1]",
                     "a rule that gives nothing: it has no 'give'");
        return false;
    }
    good &= items_read(filler, items, give, tree_find(map, "check"), rule);
    good = good && read_choosing(filler, map, rule);
    if (good && (items->type == TYPE_CNAME || items->type == TYPE_ALIAS))
        rule->count = 1; // more than one is no alias (RFC 2181 10.1)
    return good;
}

// --- the rules of a route ------------------------------------------------------------------------

static bool may_die(const struct route_rule *rule)
{
    for (unsigned i = 0; i < rule->item_count; i++)
        if (rule->items[i].target == ROUTE_NO_TARGET)
            return false;
    return rule->dead == ROUTE_DEAD_NEXT;
}

// A rule that stands behind one that takes all of its clients is used only when that one's records
// are all dead; if they never are, it is never used.
static void find_unreachable(struct filler *filler, const struct value *list,
                             const struct route_rule *rules, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            if (may_die(&rules[j]) ||
                !wheres_cover(&rules[j].where, &rules[i].where, filler->options))
                continue;
            value_report(filler->report, SEVERITY_WARNING, tree_item(list, i),
                         "remove it, or put it before that one",
                         "no client gets to this rule: the one at %s takes them all",
                         value_spot(tree_item(list, j)).text);
            break;
        }
}

static bool read_rules(struct filler *filler, const struct items_reader *items,
                       const struct value *list, struct route_spec *spec, uint32_t ttl)
{
    size_t count = tree_count(list);
    bool good = true;
    if (count == 0 || count > ROUTE_RULES_MAX) {
        value_report(filler->report, SEVERITY_ERROR, list, "like this: [{give: [192.0.2.1]}]",
                     count ? "more rules than %d" : "a route without a rule", ROUTE_RULES_MAX);
        return false;
    }
    struct route_rule *rules = arena_get(&filler->options->memory, count * sizeof *rules);
    struct route_mark *mark = arena_get(&filler->options->memory, sizeof *mark);
    mark->rules = arena_get(&filler->options->memory, count * sizeof *mark->rules);
    mark->place = filler_place(list);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = tree_item(list, i);
        good &= !item->bad && read_rule(filler, items, item, &rules[i]);
        if (rules[i].ttl == ROUTE_NO_TTL)
            rules[i].ttl = ttl;
        mark->rules[i] = filler_place(item);
    }
    if (good && rules[count - 1].where.count) {
        value_report(filler->report, SEVERITY_ERROR, tree_item(list, count - 1),
                     "end with one without 'where': {give: [...]}",
                     "the last rule has a 'where': for clients of other places there is none");
        good = false;
    }
    if (good)
        find_unreachable(filler, list, rules, count);
    spec->rules = rules;
    spec->rule_count = count;
    spec->mark = mark;
    return good;
}

// --- names and types -----------------------------------------------------------------------------

struct zone_reader {
    struct filler *filler;
    struct name zone;
    const char *text; // of the zone, for messages
    uint8_t view;
};

static void add_spec(struct filler *filler, const struct route_spec *spec)
{
    struct routing_options *routing = &filler->options->routing;
    if ((routing->count & (routing->count - 1)) == 0) {
        size_t room = routing->count ? 2 * routing->count : 1;
        struct route_spec *routes = arena_get(&filler->options->memory, room * sizeof *routes);
        if (routing->count)
            memcpy(routes, routing->routes, routing->count * sizeof *routes);
        routing->routes = routes;
    }
    routing->routes[routing->count++] = *spec;
}

static bool has_cname(const struct value *map)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (!map->pairs[i].key.bad && strcmp(map->pairs[i].key.text, "CNAME") == 0)
            return true;
    return false;
}

static void read_type(struct zone_reader *reader, const struct pair *pair, struct name owner,
                      uint32_t ttl)
{
    struct filler *filler = reader->filler;
    struct items_reader items = {.zone = reader->zone, .owner = owner};
    struct route_spec spec = {.owner = owner, .zone_labels = reader->zone.labels};
    if (pair->key.bad || pair->value.bad || strcmp(pair->key.text, "ttl") == 0 ||
        !items_find_type(filler, &pair->key, &items.type))
        return;
    spec.type = items.type;
    if (!read_rules(filler, &items, &pair->value, &spec, ttl))
        return;
    ((struct route_mark *)spec.mark)->view = reader->view;
    add_spec(filler, &spec);
}

static void read_name(struct zone_reader *reader, const struct pair *pair)
{
    struct filler *filler = reader->filler;
    const struct value *key = &pair->key, *map = &pair->value, *ttl_value;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name owner;
    uint32_t ttl = ROUTE_NO_TTL;
    if (key->bad || map->bad)
        return;
    enum name_text_result result =
        name_parse(key->text, key->count, &reader->zone, storage, &owner);
    if (result != NAME_TEXT_OK) {
        value_report(filler->report, SEVERITY_ERROR, key, NULL, "%s is not a name: %s",
                     value_quote(key->text).text, name_text_problem(result));
        return;
    }
    if (!name_is_within(owner, reader->zone)) {
        value_report(filler->report, SEVERITY_ERROR, key, "write it without the last dot",
                     "%s is not in the zone %s", value_quote(key->text).text, reader->text);
        return;
    }
    if (!tree_is_map(map, "what a name has", "\"www\": {A: [{give: [192.0.2.1]}]}", filler->report))
        return;
    owner.wire = arena_copy(&filler->options->memory, owner.wire, owner.size);
    if ((ttl_value = tree_find(map, "ttl")))
        (void)!tree_seconds(ttl_value, "a time to live", TTL_MAX, filler->report, &ttl);
    if (has_cname(map) && map->count > 1u + (ttl_value != NULL))
        value_report(filler->report, SEVERITY_ERROR, key, "an alias stands alone (RFC 1034 3.6.2)",
                     "%s has a CNAME and other types", value_quote(key->text).text);
    if (has_cname(map) && owner.labels == reader->zone.labels)
        value_report(filler->report, SEVERITY_ERROR, key, "use ALIAS there",
                     "a CNAME at the apex of a zone, where SOA and NS are (RFC 1034 3.6.2)");
    for (uint32_t i = 0; i < map->count; i++)
        read_type(reader, &map->pairs[i], owner, ttl);
}

static int compare_specs(const void *left, const void *right)
{
    const struct route_spec *a = *(const struct route_spec *const *)left;
    const struct route_spec *b = *(const struct route_spec *const *)right;
    int order = name_compare(a->owner, b->owner);
    return order ? order : (int)a->type - (int)b->type;
}

// Two ways to write one name ("www" and "www.example.test.").
static void find_doubles(struct filler *filler, size_t first, const struct value *map)
{
    const struct routing_options *routing = &filler->options->routing;
    size_t count = routing->count - first;
    const struct route_spec **order = memory_get((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = &routing->routes[first + i];
    qsort(order, count, sizeof *order, compare_specs);
    for (size_t i = 1; i < count; i++) {
        char text[NAME_TEXT_MAX];
        if (compare_specs(&order[i - 1], &order[i]) != 0)
            continue;
        name_print(order[i]->owner, text);
        value_report(filler->report, SEVERITY_ERROR, map, "remove one of them",
                     "the name %s has two routes of one type", text);
    }
    free(order);
}

// What stands in the file, for `config show`.
static void keep_text(struct filler *filler, const struct zone_reader *reader,
                      const struct pair *pair)
{
    struct routing_options *routing = &filler->options->routing;
    struct buffer text = {0};
    tree_print(&pair->value, &text);
    routing->zones[routing->zone_count++] =
        (struct zone_routes_option){.zone = reader->zone,
                                    .view = reader->view,
                                    .text = filler_copy(filler, buffer_text(&text)),
                                    .place = filler_place(&pair->key)};
    buffer_free(&text);
}

static void fill_zone(struct filler *filler, const struct pair *zone, uint8_t view)
{
    uint8_t storage[NAME_OCTETS_MAX];
    char text[NAME_TEXT_MAX];
    struct zone_reader reader = {.filler = filler, .text = text, .view = view};
    const struct pair *pair = zone->value.kind == VALUE_MAP
                                  ? value_find(&zone->value, schema_name(KEY_ZONES_ROUTES))
                                  : NULL;
    if (!pair || zone->key.bad || zone->value.bad || pair->value.kind != VALUE_MAP ||
        scalar_zone(zone->key.text, storage, &reader.zone))
        return;
    reader.zone.wire = arena_copy(&filler->options->memory, reader.zone.wire, reader.zone.size);
    name_print(reader.zone, text);
    size_t first = filler->options->routing.count;
    for (uint32_t i = 0; i < pair->value.count; i++)
        read_name(&reader, &pair->value.pairs[i]);
    find_doubles(filler, first, &pair->key);
    keep_text(filler, &reader, pair);
}

static void fill_databases(struct filler *filler, const struct value *map)
{
    struct places_options *places = &filler->options->places;
    const struct value *list = filler_take(filler, map, KEY_PLACES_DATABASES);
    size_t count = filler_count(list);
    places->databases = arena_get(&filler->options->memory, count * sizeof *places->databases);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        if (item)
            places->databases[places->database_count++] =
                (struct path_option){filler_path(filler, item), filler_place(item)};
    }
}

static size_t count_zones(const struct zones_of_view *list)
{
    return list->zones && list->zones->kind == VALUE_MAP ? list->zones->count : 0;
}

void routing_fill(struct filler *filler, const struct value *root,
                  const struct zones_of_view *lists, size_t list_count)
{
    struct routing_options *routing = &filler->options->routing;
    const char *key = schema_name(KEY_ZONES_ROUTES);
    size_t some = 0;
    fill_databases(filler, filler_take(filler, root, KEY_PLACES));
    for (size_t i = 0; i < list_count; i++)
        for (size_t j = 0; j < count_zones(&lists[i]); j++)
            some += tree_find(&lists[i].zones->pairs[j].value, key) != NULL;
    routing->zones = arena_get(&filler->options->memory, some * sizeof *routing->zones);
    for (size_t i = 0; i < list_count && some; i++)
        for (size_t j = 0; j < count_zones(&lists[i]); j++)
            fill_zone(filler, &lists[i].zones->pairs[j], lists[i].view);
}
