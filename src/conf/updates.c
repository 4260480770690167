// Who may change a zone (updates.h).
#include "conf/updates.h"

#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/limits.h"
#include "base/memory.h"
#include "conf/filler.h"
#include "conf/keys.h"
#include "conf/scalar.h"
#include "dns/type.h"
#include "serve/update.h"

static bool read_by(struct options *options, const struct value *item, struct update_option *update,
                    struct report *report)
{
    struct access_option option;
    if (item->kind != VALUE_TEXT || !scalar_access(item->text, &option))
        return false;
    option.text = arena_copy(&options->memory, item->text, strlen(item->text) + 1);
    option.place = (struct option_place){item->source->path, item->line, item->column};
    if (option.kind == ACCESS_KEY &&
        !keys_refer(options, item, option.text + strlen(ACCESS_KEY_WORD), &option.key, report))
        return false;
    update->by = arena_copy(&options->memory, &option, sizeof option);
    return true;
}

static bool is_loopback(const struct prefix *prefix)
{
    static const uint8_t six[16] = {[15] = 1};
    return prefix->family == AF_INET ? prefix->bits >= 8 && prefix->octets[0] == 127
                                     : prefix->bits == 128 && memcmp(prefix->octets, six, 16) == 0;
}

// One UDP packet can change a zone, and whose address it bears is whoever sends it to choose.
static void warn_forgeable(const struct value *item, const struct access_option *by,
                           struct report *report)
{
    bool safe = by->kind == ACCESS_KEY || by->kind == ACCESS_LOCALHOST || by->kind == ACCESS_NONE ||
                (by->kind == ACCESS_PREFIX && is_loopback(&by->prefix));
    if (!safe)
        value_report(report, SEVERITY_WARNING, item, "name a key: onym key add",
                     "the sender's address of an update over UDP can be forged by anybody");
}

// "*.x" and "x", with or without the last dot.
static bool read_name(struct options *options, const struct value *item, struct name zone,
                      struct name *name, struct report *report)
{
    uint8_t storage[NAME_OCTETS_MAX], whole[NAME_OCTETS_MAX];
    static const uint8_t star[] = {1, '*', 0};
    const struct name wildcard = {star, sizeof star, 1};
    bool below = strncmp(item->text, "*.", 2) == 0;
    const char *problem = scalar_zone(item->text + (below ? 2 : 0), storage, name);
    if (!problem && below && !name_join(wildcard, 1, *name, whole, name))
        problem = "it is too long";
    if (problem) {
        value_report(report, SEVERITY_ERROR, item, NULL, "%s is no name: %s",
                     value_quote(item->text).text, problem);
        return false;
    }
    if (!name_is_within(*name, zone)) {
        char text[NAME_TEXT_MAX];
        name_print(zone, text);
        value_report(report, SEVERITY_ERROR, item,
                     "write the whole name, not what stands before "
                     "the zone's",
                     "%s is not in the zone %s", value_quote(item->text).text, text);
        return false;
    }
    name->wire = arena_copy(&options->memory, name->wire, name->size);
    return true;
}

static void read_names(struct options *options, const struct value *list, struct name zone,
                       struct update_option *update, struct report *report)
{
    size_t count = list ? filler_count(list) : 0;
    update->names = arena_get(&options->memory, count * sizeof *update->names);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        if (item && item->kind == VALUE_TEXT &&
            read_name(options, item, zone, &update->names[update->name_count], report))
            update->name_count++;
    }
}

static void read_types(struct options *options, const struct value *list,
                       struct update_option *update, struct report *report)
{
    size_t count = list ? filler_count(list) : 0;
    update->types = arena_get(&options->memory, count * sizeof *update->types);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        uint16_t type;
        if (!item || item->kind != VALUE_TEXT)
            continue;
        if (type_parse(item->text, strlen(item->text), &type) && !type_is_meta(type))
            update->types[update->type_count++] = type;
        else
            value_report(report, SEVERITY_ERROR, item, "as in a zone file: A, TXT, TYPE65280",
                         "%s is not a type of records", value_quote(item->text).text);
    }
}

static bool is_true(const struct value *value)
{
    bool wanted;
    return value && value->kind == VALUE_TEXT && scalar_bool(value->text, &wanted) && wanted;
}

static bool read_update(struct options *options, const struct value *item, struct name zone,
                        struct update_option *update, struct report *report)
{
    const struct value *by =
        item->kind == VALUE_MAP ? filler_find(item, KEY_ZONES_UPDATE_BY) : item;
    *update = (struct update_option){0};
    if (item->bad)
        return false;
    if (!by)
        value_report(report, SEVERITY_ERROR, item, "as in {by: \"key:certbot\", acme: true}",
                     "it does not say who may");
    if (!by || !read_by(options, by, update, report))
        return false;
    warn_forgeable(by, update->by, report);
    read_names(options, filler_find(item, KEY_ZONES_UPDATE_NAMES), zone, update, report);
    read_types(options, filler_find(item, KEY_ZONES_UPDATE_TYPES), update, report);
    update->acme = is_true(filler_find(item, KEY_ZONES_UPDATE_ACME));
    if (update->acme && update->type_count)
        value_report(report, SEVERITY_ERROR, item, "remove one of them",
                     "'acme' allows TXT records, and 'types' is there too");
    return true;
}

const struct updates_option *updates_fill(struct options *options, const struct value *list,
                                          struct name zone, struct report *report)
{
    size_t most = filler_count(list);
    struct updates_option *updates =
        arena_get(&options->memory, sizeof *updates + most * sizeof updates->list[0]);
    updates->count = 0;
    if (most > UPDATE_RULES_MAX) {
        value_report(report, SEVERITY_ERROR, list, NULL, "more than %d entries", UPDATE_RULES_MAX);
        return NULL;
    }
    for (size_t i = 0; i < most; i++) {
        const struct value *item = filler_item(list, i);
        if (item && read_update(options, item, zone, &updates->list[updates->count], report))
            updates->count++;
    }
    return updates->count ? updates : NULL;
}

void updates_check_forwarded(const struct value *list, struct report *report)
{
    static const enum schema_key limits[] = {KEY_ZONES_UPDATE_NAMES, KEY_ZONES_UPDATE_TYPES,
                                             KEY_ZONES_UPDATE_ACME};
    for (size_t i = 0; i < filler_count(list); i++) {
        const struct value *item = filler_item(list, i);
        for (size_t j = 0; item && j < sizeof limits / sizeof limits[0]; j++) {
            const struct value *limit = filler_find(item, limits[j]);
            if (limit)
                value_report(report, SEVERITY_ERROR, limit,
                             "say it in the primary's configuration, for the key that 'from' signs "
                             "with",
                             "updates of this zone are passed on to its primary, which judges what "
                             "they may change");
        }
    }
}

// --- handed down ---------------------------------------------------------------------------------

static void copy_rule(struct update_policy *policy, const struct update_option *option,
                      struct update_rule *rule)
{
    rule->acme = option->acme;
    rule->name_count = option->name_count;
    rule->names = arena_get(&policy->memory, option->name_count * sizeof *rule->names);
    for (size_t i = 0; i < option->name_count; i++) {
        rule->names[i] = option->names[i];
        rule->names[i].wire =
            arena_copy(&policy->memory, option->names[i].wire, option->names[i].size);
    }
    rule->type_count = option->type_count;
    rule->types = arena_get(&policy->memory, option->type_count * sizeof *rule->types);
    if (option->type_count)
        memcpy(rule->types, option->types, option->type_count * sizeof *rule->types);
}

// Its primaries may say that it has changed: known by their addresses, or by their keys.
static void add_primaries(struct access *access, const struct remotes_option *from)
{
    for (size_t i = 0; from && i < from->count; i++) {
        struct prefix prefix = prefix_of_address(&from->list[i].address);
        access_add(access, &prefix);
        if (from->list[i].keyed)
            access_add_key(access, (uint32_t)from->list[i].key + 1);
    }
}

static void fill_zone(struct updating_zone *zone, const struct zone_option *option,
                      struct own_addresses own)
{
    const struct updates_option *updates = option->updates;
    zone->name = (struct name){option->wire, option->size, option->labels};
    zone->view = option->view;
    zone->serials = option->serials;
    zone->make = option->make;
    zone->forwards = option->from != NULL;
    add_primaries(&zone->primaries, option->from);
    if (!updates)
        return;
    zone->policy = update_policy_make(updates->count);
    zone->who = memory_get_zeroed(updates->count, sizeof *zone->who);
    for (size_t i = 0; i < updates->count; i++) {
        copy_rule(zone->policy, &updates->list[i], &zone->policy->rules[i]);
        options_access(updates->list[i].by, 1, own, &zone->who[i]);
    }
}

static bool is_listed(const struct zone_option *zone)
{
    return zone->updates || zone->from || zone->view;
}

// A view's own zone that nobody may change stands before everybody's of its name, which somebody
// may.
struct updating *options_updating(const struct options *options, struct own_addresses own)
{
    size_t count = 0;
    bool any = false;
    for (size_t i = 0; i < options->zone_count; i++) {
        any |= options->zones[i].updates || options->zones[i].from;
        count += is_listed(&options->zones[i]);
    }
    if (!any)
        return NULL;
    struct updating *updating = updating_make(count);
    count = 0;
    for (size_t i = 0; i < options->zone_count; i++)
        if (is_listed(&options->zones[i]))
            fill_zone(&updating->list[count++], &options->zones[i], own);
    return updating;
}
