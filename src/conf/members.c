// What catalogs list (members.h).
#include "conf/members.h"

#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "conf/filler.h"
#include "conf/scalar.h"
#include "conf/tree.h"

static bool read_name(struct options *options, const struct value *item, const char *text,
                      struct name *name, struct report *report)
{
    uint8_t storage[NAME_OCTETS_MAX];
    const char *problem = scalar_zone(text, storage, name);
    if (problem)
        value_report(report, SEVERITY_ERROR, item, NULL, "%s is not the name of a zone: %s",
                     value_quote(item->text).text, problem);
    else
        name->wire = arena_copy(&options->memory, name->wire, name->size);
    return !problem;
}

static void read_groups(struct options *options, const struct value *list,
                        struct member_option *member, struct report *report)
{
    size_t count = list ? filler_count(list) : 0;
    member->groups = arena_get(&options->memory, count * sizeof *member->groups);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        if (!item || item->kind != VALUE_TEXT)
            continue;
        for (size_t j = 0; j < member->group_count; j++)
            if (strcmp(member->groups[j], item->text) == 0)
                value_report(report, SEVERITY_ERROR, item, NULL, "group %s is there twice",
                             value_quote(item->text).text);
        member->groups[member->group_count++] =
            arena_copy(&options->memory, item->text, strlen(item->text) + 1);
    }
}

// "*.x" is all below x.
static bool read_member(struct options *options, const struct value *item,
                        struct member_option *member, struct report *report)
{
    const struct value *zone =
        item->kind == VALUE_MAP ? filler_find(item, KEY_ZONES_MEMBERS_ZONE) : item;
    const struct value *coo = filler_find(item, KEY_ZONES_MEMBERS_COO);
    const struct value *reset = filler_find(item, KEY_ZONES_MEMBERS_RESET);
    uint64_t number = 0;
    *member = (struct member_option){0};
    if (!item->bad && !zone)
        value_report(report, SEVERITY_ERROR, item, "as in {zone: example.test, groups: [signed]}",
                     "it does not say which zone");
    if (item->bad || !zone || zone->kind != VALUE_TEXT)
        return false;
    member->below = strncmp(zone->text, "*.", 2) == 0;
    if (!read_name(options, zone, zone->text + (member->below ? 2 : 0), &member->zone, report))
        return false;
    read_groups(options, filler_find(item, KEY_ZONES_MEMBERS_GROUPS), member, report);
    if (coo && coo->kind == VALUE_TEXT && !read_name(options, coo, coo->text, &member->coo, report))
        return false;
    if (reset && reset->kind == VALUE_TEXT && scalar_number(reset->text, &number))
        member->reset = (uint32_t)number;
    return true;
}

void members_fill(struct options *options, const struct value *list, struct name catalog,
                  uint8_t view, struct report *report)
{
    size_t most = list ? filler_count(list) : 0;
    if (options->catalog_count == CATALOGS_MAX)
        return; // which is an error already
    if (!options->catalogs)
        options->catalogs = arena_get(&options->memory, CATALOGS_MAX * sizeof *options->catalogs);
    struct catalog_option *made = &options->catalogs[options->catalog_count++];
    *made = (struct catalog_option){.zone = catalog, .view = view};
    made->zone.wire = arena_copy(&options->memory, catalog.wire, catalog.size);
    made->list = arena_get(&options->memory, most * sizeof *made->list);
    for (size_t i = 0; i < most; i++) {
        const struct value *item = filler_item(list, i);
        if (item && read_member(options, item, &made->list[made->count], report))
            made->count++;
    }
    if (!list)
        return;
    struct buffer text = {0};
    tree_print(list, &text);
    made->yaml = arena_copy(&options->memory, buffer_text(&text), text.size + 1);
    buffer_free(&text);
}

const struct member_option *members_find(const struct catalog_option *catalog,
                                         const struct zone_option *zone)
{
    static const struct member_option any;
    const struct name name = {zone->wire, zone->size, zone->labels};
    if (zone->view != catalog->view || zone->makes_catalog)
        return NULL;
    if (!catalog->yaml)
        return *zone->file ? &any : NULL;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct member_option *member = &catalog->list[i];
        if (member->below ? name.labels > member->zone.labels && name_is_within(name, member->zone)
                          : name_equal(name, member->zone))
            return member;
    }
    return NULL;
}
