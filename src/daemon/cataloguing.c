// Catalogs' members (cataloguing.h).
#include "daemon/cataloguing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "conf/zones.h"
#include "daemon/daemon.h"
#include "transfer/catalog.h"
#include "zone/revive.h"

struct catalogued {
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    unsigned view;
    bool wanted;          // by the options that were joined last
    bool news;            // its list was not joined yet
    struct zone *seen;    // the version that was read last; held
    struct catalog list;  // of the last version that could be read
    char *problem;        // of the version that was read last; NULL: none
    struct arena memory;  // of `leaving`
    struct name *leaving; // members that went or are to be fetched anew, for when the house has
    size_t leaving_count, leaving_room; // changed
};

// NULL: so many have come and gone that there is no number left.
static struct catalogued *find(struct cataloguing *cataloguing, struct name name, unsigned view)
{
    for (size_t i = 0; i < cataloguing->count; i++)
        if (cataloguing->list[i].view == view && name_equal(cataloguing->list[i].name, name))
            return &cataloguing->list[i];
    if (cataloguing->count == UINT16_MAX) {
        log_error("a catalog is not read: too many others have come and gone; a restart helps");
        return NULL;
    }
    cataloguing->list = memory_grow(cataloguing->list, &cataloguing->room, cataloguing->count + 1,
                                    sizeof *cataloguing->list);
    for (size_t i = 0; i < cataloguing->count; i++) // they may have moved
        cataloguing->list[i].name.wire = cataloguing->list[i].wire;
    struct catalogued *catalog = &cataloguing->list[cataloguing->count++];
    *catalog = (struct catalogued){.view = view};
    catalog->name = name_fold(name, catalog->wire);
    return catalog;
}

static struct name option_name(const struct zone_option *zone)
{
    return (struct name){zone->wire, zone->size, zone->labels};
}

// --- reading -------------------------------------------------------------------------------------

static void set_problem(struct catalogued *catalog, char *problem)
{
    free(catalog->problem);
    catalog->problem = problem;
}

static void note_broken(struct catalogued *catalog, enum catalog_result result,
                        const struct catalog_place *at)
{
    char name[NAME_TEXT_MAX], where[NAME_TEXT_MAX];
    name_print(catalog->name, name);
    name_print(at->name, where);
    set_problem(catalog, memory_format("%s %s", where, catalog_words(result)));
    log_error("catalog %s, serial %u: %s; its %zu zones stay as they are", name,
              catalog->seen->image.serial, catalog->problem, catalog->list.count);
}

static void leave(struct catalogued *catalog, const struct catalog_member *member)
{
    struct name name = catalog_zone(member);
    name.wire = arena_copy(&catalog->memory, name.wire, name.size);
    catalog->leaving = memory_grow(catalog->leaving, &catalog->leaving_room,
                                   catalog->leaving_count + 1, sizeof *catalog->leaving);
    catalog->leaving[catalog->leaving_count++] = name;
}

// True: there is a difference, and the new list counts from now on.
static bool compare(struct catalogued *catalog, struct catalog *list)
{
    size_t counts[CATALOG_CHANGED + 1] = {0};
    struct catalog_changes changes;
    catalog_changes_begin(&changes, &catalog->list, list);
    while (catalog_changes_next(&changes)) {
        counts[changes.kind]++;
        if (changes.kind == CATALOG_REMOVED || changes.kind == CATALOG_RESET)
            leave(catalog, changes.before);
    }
    char name[NAME_TEXT_MAX];
    name_print(catalog->name, name);
    bool differs = counts[CATALOG_ADDED] + counts[CATALOG_REMOVED] + counts[CATALOG_RESET] +
                       counts[CATALOG_CHANGED] >
                   0;
    if (differs)
        log_info("catalog %s, serial %u: %zu zones, %zu of them new, %zu gone, %zu fetched anew",
                 name, catalog->seen->image.serial, list->count, counts[CATALOG_ADDED],
                 counts[CATALOG_REMOVED], counts[CATALOG_RESET]);
    return differs;
}

// Takes a version over. True: the list has changed.
static bool read_version(struct catalogued *catalog, struct zone *version)
{
    struct catalog list = {0};
    struct catalog_place at;
    zone_release(catalog->seen);
    catalog->seen = version;
    enum catalog_result result = catalog_read(&list, &version->image, CATALOG_MEMBERS_MAX, &at);
    if (result != CATALOG_GOOD) {
        note_broken(catalog, result, &at);
        catalog_free(&list);
        return false;
    }
    set_problem(catalog, NULL);
    bool differs = compare(catalog, &list);
    catalog_free(&catalog->list);
    catalog->list = list;
    catalog->news |= differs;
    return differs;
}

void cataloguing_start(struct daemon *daemon, const struct options *options)
{
    struct history *history = changing_history(daemon->changing);
    for (size_t i = 0; history && i < options->zone_count; i++) {
        const struct zone_option *zone = &options->zones[i];
        if (!zone->catalog)
            continue;
        struct report report = {0};
        struct revived revived = {0};
        const char *view = zone->view ? options->views[zone->view - 1].name : "";
        const struct revival revival = {
            history, {view, option_name(zone)}, zone->file, &daemon->state.hash, &report};
        struct catalogued *catalog = find(&daemon->cataloguing, option_name(zone), zone->view);
        if (catalog)
            zone_revive(&revival, &revived);
        if (revived.zone && revived.zone->state == ZONE_SERVED)
            (void)read_version(catalog, revived.zone);
        else
            zone_release(revived.zone);
        buffer_free(&revived.source);
        report_free(&report);
    }
}

// --- joining -------------------------------------------------------------------------------------

struct candidate {
    const struct catalog_member *member;
    uint16_t number; // of its catalog
};

struct joining {
    struct daemon *daemon;
    struct options *options;
    struct candidate *list;
    size_t count;
};

static int compare_candidates(const void *left, const void *right, void *context)
{
    const struct candidate *a = left, *b = right;
    const struct cataloguing *cataloguing = context;
    int order = name_compare(catalog_zone(a->member), catalog_zone(b->member));
    if (order == 0)
        order = (int)cataloguing->list[a->number].view - (int)cataloguing->list[b->number].view;
    return order ? order : (int)a->number - (int)b->number;
}

static void gather(struct joining *joining)
{
    struct cataloguing *cataloguing = &joining->daemon->cataloguing;
    size_t total = 0, used = 0;
    for (size_t i = 0; i < cataloguing->count; i++)
        total += cataloguing->list[i].wanted ? cataloguing->list[i].list.count : 0;
    joining->list = memory_get((total + 1) * sizeof *joining->list);
    for (size_t i = 0; i < cataloguing->count; i++) {
        const struct catalogued *catalog = &cataloguing->list[i];
        for (size_t j = 0; catalog->wanted && j < catalog->list.count; j++)
            joining->list[joining->count++] =
                (struct candidate){&catalog->list.members[j], (uint16_t)i};
        used += catalog->wanted && catalog->list.count;
    }
    if (used > 1) // one alone is in order
        qsort_r(joining->list, joining->count, sizeof *joining->list, compare_candidates,
                cataloguing);
}

static void tell_clash(const struct catalogued *catalog, struct name member, const char *why)
{
    char name[NAME_TEXT_MAX], text[NAME_TEXT_MAX];
    if (!catalog->news)
        return;
    name_print(catalog->name, name);
    name_print(member, text);
    log_warning("catalog %s lists %s, which %s; that stays as it is", name, text, why);
}

// Whose the zone is in the current house; NULL: no catalog's.
static const struct catalogued *find_owner(struct daemon *daemon, struct name name, unsigned view)
{
    const struct house *house = daemon_house(daemon);
    size_t index;
    if (!house || !house_find_in_view(house->options, name, view, &index) ||
        house->options->zones[index].member_of == 0)
        return NULL;
    return &daemon->cataloguing.list[house->options->zones[index].member_of - 1];
}

// RFC 9432 4.3.1: of several that list one name, the one that has it, or whom that lets have it.
static const struct candidate *choose(struct joining *joining, const struct candidate *first,
                                      const struct candidate *end)
{
    struct cataloguing *cataloguing = &joining->daemon->cataloguing;
    struct name name = catalog_zone(first->member);
    const struct catalogued *owner =
        find_owner(joining->daemon, name, cataloguing->list[first->number].view);
    const struct candidate *chosen = first;
    for (const struct candidate *at = first; at < end; at++)
        if (&cataloguing->list[at->number] == owner)
            chosen = at;
    for (const struct candidate *at = first; at < end; at++) {
        struct catalogued *from = &cataloguing->list[chosen->number];
        struct catalogued *to = &cataloguing->list[at->number];
        if (at == chosen)
            continue;
        enum catalog_move move = catalog_move(&from->list, at->member, to->name);
        if (move == CATALOG_STAYS) {
            tell_clash(to, name, "another catalog has");
            continue;
        }
        if (move == CATALOG_MOVES_AFRESH && from == owner)
            leave(to, at->member);
        chosen = at;
    }
    return chosen;
}

static const struct zone_option *find_option(const struct options *options,
                                             const struct catalogued *catalog)
{
    size_t index;
    bool found = house_find_in_view(options, catalog->name, catalog->view, &index);
    assert(found);
    (void)found;
    return &options->zones[index];
}

static void add_member(struct joining *joining, const struct candidate *chosen,
                       struct zone_option *zone)
{
    const struct catalogued *catalog = &joining->daemon->cataloguing.list[chosen->number];
    const struct zone_option *of = find_option(joining->options, catalog);
    struct name name = catalog_zone(chosen->member);
    uint8_t *texts = arena_get(&joining->options->memory, name.size + 1u);
    memcpy(texts, name.wire, name.size);
    texts[name.size] = 0;
    *zone = (struct zone_option){.wire = texts,
                                 .size = name.size,
                                 .labels = name.labels,
                                 .view = of->view,
                                 .file = (char *)texts + name.size, // none
                                 .from = of->from,
                                 .member_of = (uint16_t)(chosen->number + 1),
                                 .serials = SERIAL_INCREMENT,
                                 .place = of->place};
}

static bool is_same(const struct joining *joining, const struct candidate *a,
                    const struct candidate *b)
{
    const struct catalogued *list = joining->daemon->cataloguing.list;
    return list[a->number].view == list[b->number].view &&
           name_equal(catalog_zone(a->member), catalog_zone(b->member));
}

static void join_all(struct joining *joining)
{
    struct catalogued *catalogs = joining->daemon->cataloguing.list;
    struct zone_option *zones = memory_get((joining->count + 1) * sizeof *zones);
    size_t count = 0, index;
    const struct candidate *end = joining->list + joining->count;
    for (const struct candidate *first = joining->list, *next; first < end; first = next) {
        for (next = first + 1; next < end && is_same(joining, first, next); next++)
            ;
        const struct catalogued *catalog = &catalogs[first->number];
        if (house_find_in_view(joining->options, catalog_zone(first->member), catalog->view,
                               &index))
            tell_clash(catalog, catalog_zone(first->member), "the configuration has");
        else
            add_member(joining, choose(joining, first, next), &zones[count++]);
    }
    zones_join(joining->options, zones, count);
    free(zones);
}

void cataloguing_join(struct daemon *daemon, struct options *options)
{
    struct cataloguing *cataloguing = &daemon->cataloguing;
    struct joining joining = {.daemon = daemon, .options = options};
    bool any = false;
    for (size_t i = 0; i < cataloguing->count; i++)
        cataloguing->list[i].wanted = false;
    for (size_t i = 0; i < options->zone_count; i++) {
        struct catalogued *catalog =
            options->zones[i].catalog
                ? find(cataloguing, option_name(&options->zones[i]), options->zones[i].view)
                : NULL;
        if (catalog)
            any = catalog->wanted = true;
    }
    if (!any)
        return;
    gather(&joining);
    join_all(&joining);
    free(joining.list);
    for (size_t i = 0; i < cataloguing->count; i++)
        cataloguing->list[i].news = false;
}

// --- afterwards ----------------------------------------------------------------------------------

// What has left the catalogs is gone from the house, with all that was known of it (5.3); what is
// in it again is fetched as a whole (5.4).
static void let_go(struct daemon *daemon, struct catalogued *catalog)
{
    const struct options *options = daemon_house(daemon)->options;
    for (size_t i = 0; i < catalog->leaving_count; i++) {
        struct name name = catalog->leaving[i];
        size_t index;
        bool there = house_find_in_view(options, name, catalog->view, &index);
        if (there && !options->zones[index].member_of)
            continue; // the configuration has it now
        changing_forget(daemon, name, catalog->view);
        if (there)
            (void)fetching_want(daemon, index, true);
    }
    catalog->leaving_count = 0;
    arena_free(&catalog->memory);
    catalog->memory = (struct arena){0};
}

static void settle(struct daemon *daemon)
{
    struct cataloguing *cataloguing = &daemon->cataloguing;
    const struct rebuild_outcome *last = &daemon->rebuild.last;
    if (!cataloguing->changed || last->number < cataloguing->number ||
        (last->exit != 0 && last->exit != 7))
        return; // its configuration is broken: the next one that is not will have the members
    cataloguing->changed = false;
    for (size_t i = 0; i < cataloguing->count; i++)
        let_go(daemon, &cataloguing->list[i]);
}

void cataloguing_step(struct daemon *daemon)
{
    struct cataloguing *cataloguing = &daemon->cataloguing;
    const struct house *house = daemon_house(daemon);
    bool changed = false;
    settle(daemon);
    for (size_t i = 0; i < cataloguing->count; i++) {
        struct catalogued *catalog = &cataloguing->list[i];
        struct zone *version =
            catalog->wanted ? house_zone_of(house, catalog->name, catalog->view) : NULL;
        if (version && version != catalog->seen && version->state == ZONE_SERVED)
            changed |= read_version(catalog, zone_hold(version));
    }
    if (!changed)
        return;
    cataloguing->changed = true;
    cataloguing->number = rebuild_ask(daemon);
}

void cataloguing_free(struct cataloguing *cataloguing)
{
    for (size_t i = 0; i < cataloguing->count; i++) {
        struct catalogued *catalog = &cataloguing->list[i];
        zone_release(catalog->seen);
        catalog_free(&catalog->list);
        arena_free(&catalog->memory);
        free(catalog->leaving);
        free(catalog->problem);
    }
    free(cataloguing->list);
    *cataloguing = (struct cataloguing){0};
}

void cataloguing_put(struct daemon *daemon, size_t index, struct json *json)
{
    struct cataloguing *cataloguing = &daemon->cataloguing;
    const struct zone_option *zone = &daemon_house(daemon)->options->zones[index];
    char name[NAME_TEXT_MAX];
    if (zone->member_of) {
        name_print(cataloguing->list[zone->member_of - 1].name, name);
        json_text(json, "catalog", name);
    }
    if (zone->makes_catalog)
        json_number(json, "members", (int64_t)listing_count(daemon, index));
    const struct catalogued *catalog =
        zone->catalog ? find(cataloguing, option_name(zone), zone->view) : NULL;
    if (!catalog)
        return;
    json_number(json, "members", (int64_t)catalog->list.count);
    if (catalog->problem)
        json_text(json, "catalog_problem", catalog->problem);
}
