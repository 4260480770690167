// Zones from the file and from folders (zones.h). All of them go into one array, which is sorted by
// name; what has the same name then stands side by side, the zone that wins first:
//
//   a.test.  zones    <- wins        b.test.  folder, x/b.test.zone   <- wins, but it is an error
//   a.test.  folder                  b.test.  folder, y/b.test
//
// Names and paths stand in the order of the folder at first, and are copied in that of the names:
// whoever walks a million zones later walks through memory from one end to the other.
#include "conf/zones.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "conf/members.h"
#include "conf/remotes.h"
#include "conf/scalar.h"
#include "conf/updates.h"
#include "conf/schema.h"
#include "zone/zonemd.h"

#define AHEAD 8 // entries

struct entry {
    struct zone_option zone;
    const struct value *at; // where the configuration says it
};

// Sixteen octets of a name's spelling (see spell) as one number. Numbers are quick to compare, and
// of a million names few are equal in their first two or three.
struct ordered {
    __uint128_t part;
    const struct entry *entry;
};

struct list {
    struct options *options;
    struct report *report;
    struct arena texts; // of the entries
    struct entry *entries;
    size_t count, room;
    uint8_t view; // whose zones are being added
    size_t catalogs;
};

// The name and the path behind it.
static void copy_texts(struct arena *memory, struct zone_option *zone, const uint8_t *wire,
                       const char *file)
{
    size_t file_size = strlen(file) + 1;
    uint8_t *texts = arena_get(memory, zone->size + file_size);
    zone->wire = memcpy(texts, wire, zone->size);
    zone->file = memcpy(texts + zone->size, file, file_size);
}

static struct entry *add(struct list *list, struct name name, const char *file,
                         const struct value *at, bool from_folder)
{
    list->entries = memory_grow(list->entries, &list->room, list->count + 1, sizeof *list->entries);
    list->entries[list->count++] = (struct entry){
        .at = at,
        .zone = {.size = name.size,
                 .labels = name.labels,
                 .view = list->view,
                 .from_folder = from_folder,
                 .place = {at->source->path, at->line, at->column}},
    };
    struct entry *entry = &list->entries[list->count - 1];
    copy_texts(&list->texts, &entry->zone, name.wire, file);
    return entry;
}

// --- from the file -------------------------------------------------------------------------------

// False where it is bad or not said.
static bool is_true(const struct value *zone, enum schema_key key)
{
    const struct pair *pair = value_find(zone, schema_name(key));
    bool wanted;
    return pair && !pair->value.bad && pair->value.kind == VALUE_TEXT &&
           scalar_bool(pair->value.text, &wanted) && wanted;
}

static const struct remotes_option *read_remotes(struct list *list, const struct value *zone,
                                                 enum schema_key key)
{
    const struct pair *pair = value_find(zone, schema_name(key));
    if (!pair || pair->value.bad || pair->value.kind == VALUE_NONE)
        return NULL;
    return remotes_fill(list->options, &pair->value, list->report);
}

static const struct updates_option *read_updates(struct list *list, const struct value *zone,
                                                 struct name name)
{
    const struct pair *pair = value_find(zone, schema_name(KEY_ZONES_UPDATE));
    if (!pair || pair->value.bad || pair->value.kind == VALUE_NONE)
        return NULL;
    return updates_fill(list->options, &pair->value, name, list->report);
}

// The number of the word; where there is none, `otherwise`.
static unsigned read_word(const struct value *zone, enum schema_key key, const char *const *words,
                          unsigned otherwise)
{
    const struct pair *pair = value_find(zone, schema_name(key));
    unsigned word;
    if (!pair || pair->value.bad || pair->value.kind != VALUE_TEXT ||
        !scalar_word(pair->value.text, words, &word))
        return otherwise;
    return word;
}

// A zone is read from its file or taken from its primaries. False: told, or bad anyway.
static bool check_source(struct list *list, const struct pair *pair, const struct pair *file,
                         const struct remotes_option *from)
{
    const struct pair *written = value_find(&pair->value, schema_name(KEY_ZONES_FROM));
    bool catalog = is_true(&pair->value, KEY_ZONES_CATALOG);
    if (catalog && file)
        value_report(
            list->report, SEVERITY_ERROR, &pair->key,
            "remove 'file', or 'catalog': the file may be of a catalog",
            "catalog %s is made of this server's zones or taken from primaries, and is not "
            "read from a file",
            value_quote(pair->key.text).text);
    if (!catalog && !file && !from && !(written && (written->value.bad || written->value.count)))
        value_report(list->report, SEVERITY_ERROR, &pair->key,
                     "give it one, as in {file: example.test.zone}, or a primary, as in {from: "
                     "192.0.2.1}",
                     "zone %s has no file", value_quote(pair->key.text).text);
    if (file && from)
        value_report(list->report, SEVERITY_ERROR, &pair->key, "remove one of them",
                     "zone %s has a file and primaries, and only one of them can say what it is",
                     value_quote(pair->key.text).text);
    const struct pair *updates = value_find(&pair->value, schema_name(KEY_ZONES_UPDATE));
    if (from && read_word(&pair->value, KEY_ZONES_ZONEMD_GENERATE, zonemd_hash_words,
                          ZONEMD_HASH_NONE) != ZONEMD_HASH_NONE)
        value_report(list->report, SEVERITY_ERROR, &pair->key, "verify it here, by 'zonemd: true'",
                     "the ZONEMD record of %s is its primary's to make",
                     value_quote(pair->key.text).text);
    if (from && updates && !updates->value.bad)
        updates_check_forwarded(&updates->value, list->report);
    return file ? !from && !file->value.bad && file->value.kind == VALUE_TEXT
                : from != NULL || catalog;
}

static void read_catalog(struct list *list, const struct pair *pair, struct name name,
                         struct zone_option *zone)
{
    const struct pair *members = value_find(&pair->value, schema_name(KEY_ZONES_MEMBERS));
    const struct pair *updates = value_find(&pair->value, schema_name(KEY_ZONES_UPDATE));
    bool catalog = is_true(&pair->value, KEY_ZONES_CATALOG);
    bool given = members && !members->value.bad && members->value.kind != VALUE_NONE;
    if (catalog && ++list->catalogs == CATALOGS_MAX + 1)
        value_report(list->report, SEVERITY_ERROR, &pair->key, NULL, "more than %d catalogs",
                     CATALOGS_MAX);
    zone->catalog = catalog && zone->from;
    zone->makes_catalog = catalog && !zone->from;
    if (given && !zone->makes_catalog)
        value_report(list->report, SEVERITY_ERROR, &members->key,
                     "a catalog that is made here has 'catalog: true' and no 'from'",
                     "%s is no catalog of ours that could have members",
                     value_quote(pair->key.text).text);
    if (!zone->makes_catalog)
        return;
    if (updates && updates->value.kind != VALUE_NONE)
        value_report(list->report, SEVERITY_ERROR, &updates->key,
                     "change the zones that it lists, and its members",
                     "nobody can update catalog "
                     "%s: it is made here",
                     value_quote(pair->key.text).text);
    members_fill(list->options, given ? &members->value : NULL, name, zone->view, list->report);
}

static void add_pair(struct list *list, const struct pair *pair)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    if (pair->key.bad || pair->value.bad || scalar_zone(pair->key.text, storage, &name))
        return;
    const struct pair *file = value_find(&pair->value, schema_name(KEY_ZONES_FILE));
    const struct remotes_option *from = read_remotes(list, &pair->value, KEY_ZONES_FROM);
    if (!check_source(list, pair, file, from))
        return;
    char *path =
        file ? file_path_beside(file->value.source->path, file->value.text) : memory_copy_text("");
    struct zone_option *zone = &add(list, name, path, &pair->key, false)->zone;
    zone->zonemd = is_true(&pair->value, KEY_ZONES_ZONEMD);
    zone->from = from;
    read_catalog(list, pair, name, zone);
    zone->notify = read_remotes(list, &pair->value, KEY_ZONES_NOTIFY);
    zone->updates = read_updates(list, &pair->value, name);
    zone->serials = (enum serial_policy)read_word(&pair->value, KEY_ZONES_SERIAL,
                                                  serial_policy_words, SERIAL_INCREMENT);
    zone->make = (uint8_t)read_word(&pair->value, KEY_ZONES_ZONEMD_GENERATE, zonemd_hash_words,
                                    ZONEMD_HASH_NONE);
    free(path);
}

// --- from a folder -------------------------------------------------------------------------------

static bool is_regular(const struct dirent *found, const char *path)
{
    struct stat status;
    if (found->d_type == DT_REG)
        return true;
    if (found->d_type != DT_LNK && found->d_type != DT_UNKNOWN)
        return false;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_passed_over(const char *name)
{
    return name[0] == '.' || name[strlen(name) - 1] == '~';
}

// `path` has the folder in it and room for a name behind it.
static void add_found(struct list *list, const struct zone_folder *folder,
                      const struct dirent *found, const char *path)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    char text[sizeof found->d_name];
    size_t size = strlen(found->d_name), suffix = strlen(".zone");
    memcpy(text, found->d_name, size + 1);
    if (size > suffix && strcmp(text + size - suffix, ".zone") == 0)
        text[size - suffix] = 0;
    if (!is_regular(found, path))
        return;
    const char *problem = scalar_zone(text, storage, &name);
    struct place place = {.file = path};
    if (problem) {
        report_add(list->report, SEVERITY_ERROR, &place,
                   "rename it; names that begin with '.' or end with '~' are passed over",
                   "%s is not the name of a zone: %s", value_quote(text).text, problem);
        return;
    }
    struct zone_option *zone = &add(list, name, path, folder->item, true)->zone;
    zone->zonemd = folder->zonemd;
    zone->notify = folder->notify;
    zone->serials = SERIAL_INCREMENT;
}

static void read_folder(struct list *list, const struct zone_folder *folder)
{
    DIR *open = opendir(folder->path);
    if (!open) {
        value_report(list->report, SEVERITY_ERROR, folder->item, NULL,
                     "cannot read the folder %s: %s", value_quote(folder->path).text,
                     strerror(errno));
        return;
    }
    struct buffer path = {0};
    buffer_add_text(&path, folder->path);
    if (path.text[path.size - 1] != '/')
        buffer_add_char(&path, '/');
    size_t size = path.size;
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(open);
        if (!found)
            break;
        if (is_passed_over(found->d_name))
            continue;
        path.size = size;
        buffer_add(&path, found->d_name, strlen(found->d_name) + 1);
        add_found(list, folder, found, path.text);
    }
    int failed = errno;
    buffer_free(&path);
    if (failed)
        value_report(list->report, SEVERITY_ERROR, folder->item, NULL,
                     "cannot read all of the folder %s: %s", value_quote(folder->path).text,
                     strerror(failed));
    closedir(open);
}

// --- doubles -------------------------------------------------------------------------------------

static struct name name_of(const struct entry *entry)
{
    return (struct name){entry->zone.wire, entry->zone.size, entry->zone.labels};
}

#define PART_OCTETS sizeof(__uint128_t)

// A text whose octets are in the order that names are in (RFC 4034 6.1): labels from the root down,
// folded, a zero behind each. Octets 0 and 1, which would get in the zero's way, have a 1 before
// them. Zeros follow behind the end. Returns its size.
static size_t spell(struct name name, uint8_t to[static 2 * NAME_OCTETS_MAX + PART_OCTETS])
{
    size_t size = 0;
    for (unsigned depth = 1; depth <= name.labels; depth++) {
        const uint8_t *label = name_suffix(name, depth).wire;
        for (unsigned i = 1; i <= *label; i++) {
            uint8_t octet = byte_fold(label[i]);
            if (octet <= 1)
                to[size++] = 1;
            to[size++] = octet;
        }
        to[size++] = 0;
    }
    memset(to + size, 0, PART_OCTETS);
    return size;
}

// The part of the spelling that begins at octet `from`; 0: it has ended before.
static __uint128_t measure_part(struct name name, size_t from)
{
    uint8_t octets[2 * NAME_OCTETS_MAX + PART_OCTETS];
    if (from >= spell(name, octets))
        return 0;
    __uint128_t part = 0;
    for (size_t i = 0; i < PART_OCTETS; i += 4)
        part = part << 32 | bytes_get32(octets + from + i);
    return part;
}

static int compare_parts(const void *left, const void *right)
{
    const struct ordered *one = left, *other = right;
    return one->part < other->part ? -1 : one->part > other->part;
}

// Of one name: everybody's before that of a view, and the zone that wins first.
static int compare_doubles(const void *left, const void *right)
{
    const struct entry *a = ((const struct ordered *)left)->entry;
    const struct entry *b = ((const struct ordered *)right)->entry;
    if (a->zone.view != b->zone.view)
        return (int)a->zone.view - (int)b->zone.view;
    if (a->zone.from_folder != b->zone.from_folder)
        return a->zone.from_folder ? 1 : -1;
    if (a->at->source != b->at->source)
        return a->at->source->number < b->at->source->number ? -1 : 1;
    if (a->at->offset != b->at->offset)
        return a->at->offset < b->at->offset ? -1 : 1;
    return strcmp(a->zone.file, b->zone.file);
}

// Sorts what is equal in its first `from` octets by the part that follows, and then what is equal
// in that as well by the next one, at most 32 parts deep.
static void sort_parts(struct ordered *order, size_t count, size_t from)
{
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        order[i].part = measure_part(name_of(order[i].entry), from);
        same = same && order[i].part == order[0].part;
    }
    if (!same)
        qsort(order, count, sizeof *order, compare_parts);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && order[end].part == order[first].part; end++)
            ;
        if (end - first == 1)
            continue;
        if (order[first].part == 0) // they ended: it is one name
            qsort(order + first, end - first, sizeof *order, compare_doubles);
        else
            sort_parts(order + first, end - first, from + PART_OCTETS);
    }
}

static struct ordered *sort(const struct list *list)
{
    struct ordered *order = memory_get_large(list->count * sizeof *order);
    for (size_t i = 0; i < list->count; i++)
        order[i].entry = &list->entries[i];
    sort_parts(order, list->count, 0);
    return order;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

// `winner` and `other` have the same name, and `winner` stands first.
static void tell_double(const struct list *list, const struct entry *winner,
                        const struct entry *other)
{
    char text[NAME_TEXT_MAX];
    name_print(name_of(winner), text);
    struct quoted name = value_quote(text);
    const char *both = "remove one of them, or rename the file";
    if (other->zone.from_folder && is_same_file(winner->zone.file, other->zone.file))
        return;
    if (!other->zone.from_folder)
        value_report(list->report, SEVERITY_ERROR, other->at, NULL,
                     "zone %s is given twice, first at %s", name.text, value_spot(winner->at).text);
    else if (winner->zone.from_folder)
        value_report(list->report, SEVERITY_ERROR, other->at, both, "zone %s has two files: %s, %s",
                     name.text, value_quote(winner->zone.file).text,
                     value_quote(other->zone.file).text);
    else
        value_report(list->report, SEVERITY_WARNING, other->at, both,
                     "%s is not used: zone %s has its file at %s",
                     value_quote(other->zone.file).text, name.text, value_spot(winner->at).text);
}

// Entries stand in no order, and waiting for each of them and its texts would take longer than all
// else that is done with them here.
static void prefetch(const struct list *list, const struct ordered *order, size_t at)
{
    if (at + 2 * AHEAD < list->count)
        __builtin_prefetch(order[at + 2 * AHEAD].entry);
    if (at + AHEAD < list->count) {
        const uint8_t *texts = name_of(order[at + AHEAD].entry).wire;
        __builtin_prefetch(texts);
        __builtin_prefetch(texts + 64);
    }
}

// Keeps the first of each name, in options->zones.
static void keep_winners(struct list *list)
{
    struct options *options = list->options;
    struct ordered *order = sort(list);
    options->zones = arena_get(&options->memory, list->count * sizeof *options->zones);
    const struct entry *winner = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct entry *entry = order[i].entry;
        prefetch(list, order, i);
        if (winner && winner->zone.view == entry->zone.view &&
            name_equal(name_of(winner), name_of(entry))) {
            tell_double(list, winner, entry);
            if (winner->zone.from_folder) // one file in two folders: the stricter one counts
                options->zones[options->zone_count - 1].zonemd |= entry->zone.zonemd;
            continue;
        }
        winner = entry;
        struct zone_option *zone = &options->zones[options->zone_count++];
        *zone = entry->zone;
        copy_texts(&options->memory, zone, entry->zone.wire, entry->zone.file);
    }
    free(order);
}

void zones_fill(struct options *options, const struct zones_wanted *wanted, struct report *report)
{
    struct list list = {.options = options, .report = report};
    assert(options->zone_count == 0);
    for (size_t i = 0; i < wanted->list_count; i++) {
        const struct value *zones = wanted->lists[i].zones;
        list.view = wanted->lists[i].view;
        for (uint32_t j = 0; zones && zones->kind == VALUE_MAP && j < zones->count; j++)
            add_pair(&list, &zones->pairs[j]);
    }
    list.view = 0;
    for (size_t i = 0; i < wanted->folder_count; i++)
        read_folder(&list, &wanted->folders[i]);
    keep_winners(&list);
    free(list.entries);
    arena_free(&list.texts);
}

void zones_join(struct options *options, const struct zone_option *list, size_t count)
{
    size_t total = options->zone_count + count, at = 0, from = 0;
    struct zone_option *zones = arena_get(&options->memory, total * sizeof *zones);
    const struct zone_option *old = options->zones;
    for (size_t i = 0; i < count; i++) {
        struct name name = {list[i].wire, list[i].size, list[i].labels};
        for (; from < options->zone_count; from++) {
            int order =
                name_compare((struct name){old[from].wire, old[from].size, old[from].labels}, name);
            if (order > 0 || (order == 0 && old[from].view > list[i].view))
                break;
            zones[at++] = old[from];
        }
        zones[at++] = list[i];
    }
    while (from < options->zone_count)
        zones[at++] = old[from++];
    options->zones = zones;
    options->zone_count = total;
}
