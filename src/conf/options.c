// The merged tree into options (options.h), key by key with filler.h's help. What stands in
// `resolve`, `hosts` and `cache` is resolving.c's.
#include "conf/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "conf/access.h"
#include "conf/checks.h"
#include "conf/filler.h"
#include "conf/gather.h"
#include "conf/keys.h"
#include "conf/remotes.h"
#include "conf/resolving.h"
#include "conf/routing.h"
#include "conf/scalar.h"
#include "conf/schema.h"
#include "conf/views.h"
#include "conf/zones.h"

#define CONTROL_PATH_MAX (sizeof((struct sockaddr_un *)0)->sun_path - 1)

// --- state and control ---------------------------------------------------------------------------

// systemd's $STATE_DIRECTORY, which may be several with colons between.
static char *find_state(struct filler *filler)
{
    const char *folders = filler->alone ? NULL : getenv("STATE_DIRECTORY");
    size_t size = folders ? strcspn(folders, ":") : 0;
    if (size == 0)
        return NULL;
    char *state = arena_copy(&filler->options->memory, folders, size + 1);
    state[size] = 0;
    filler->options->origins[KEY_STATE] = (struct option_place){.file = "STATE_DIRECTORY"};
    return state;
}

static void fill_state(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *value = filler_take(filler, root, KEY_STATE);
    options->state_given = !filler_is_default(filler, KEY_STATE, value);
    if (!options->state_given)
        options->state = find_state(filler);
    if (!options->state)
        options->state =
            options->state_given ? filler_path(filler, value) : filler_copy(filler, value->text);
}

static void fill_control(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *value = filler_take(filler, root, KEY_CONTROL), *state = NULL;
    if (!filler_is_default(filler, KEY_CONTROL, value)) {
        options->control = filler_path(filler, value);
    } else if (options->state_given) {
        state = filler_look(filler, root, KEY_STATE);
        char *path = memory_format("%s/ctl", options->state);
        options->control = filler_copy(filler, path);
        free(path);
    } else {
        options->control = filler_copy(filler, value->text);
    }
    if (strlen(options->control) > CONTROL_PATH_MAX)
        value_report(filler->report, SEVERITY_ERROR, state ? state : value,
                     "give a shorter one in 'control'",
                     "the path of the control socket has over %zu octets: %s", CONTROL_PATH_MAX,
                     value_quote(options->control).text);
}

// --- listen --------------------------------------------------------------------------------------

struct listener { // what the addresses of one entry share
    uint16_t port;
    unsigned kinds;
};

static unsigned read_kinds(const struct value *kinds)
{
    unsigned set = 0;
    for (size_t i = 0; i < filler_count(kinds); i++) {
        const struct value *item = filler_item(kinds, i);
        unsigned word;
        if (item && scalar_word(item->text, schema_row(KEY_LISTEN_KINDS)->words, &word))
            set |= 1u << word;
    }
    return set;
}
static_assert(LISTEN_UDP == 1 << 0 && LISTEN_TCP == 1 << 1, "in the order of the schema's words");

static bool is_same(const struct listen_option *a, const struct listen_option *b)
{
    if (a->port != b->port || !(a->kinds & b->kinds) || a->is_interface != b->is_interface)
        return false;
    return a->is_interface ? strcmp(a->addr, b->addr) == 0
                           : address_equal(&a->address, &b->address);
}

static const struct listen_option *find_same(const struct options *options,
                                             const struct listen_option *wanted)
{
    for (size_t i = 0; i < options->listen_count; i++)
        if (is_same(&options->listen[i], wanted))
            return &options->listen[i];
    return NULL;
}

static void add_listener(struct filler *filler, const struct value *addr, struct listener listener)
{
    struct options *options = filler->options;
    struct listen_option option = {
        .addr = filler_copy(filler, addr->text),
        .port = listener.port,
        .kinds = listener.kinds,
        .place = filler_place(addr),
    };
    option.is_interface = scalar_host(addr->text, &option.address) == SCALAR_INTERFACE;
    if (!option.is_interface)
        address_set_port(&option.address, option.port);
    if (options->listen_count == LISTENERS_MAX) {
        value_report(filler->report, SEVERITY_ERROR, addr, NULL, "more than %d addresses",
                     LISTENERS_MAX);
        return;
    }
    const struct listen_option *same = find_same(options, &option);
    if (same)
        value_report(filler->report, SEVERITY_ERROR, addr, "remove one of them",
                     "port %u of %s is listened on already, at %s:%u", option.port,
                     value_quote(addr->text).text, same->place.file, same->place.line);
    else
        options->listen[options->listen_count++] = option;
}

static void fill_listener(struct filler *filler, const struct value *entry)
{
    const struct pair *addr = value_find(entry, schema_name(KEY_LISTEN_ADDR));
    if (!addr || addr->value.kind == VALUE_NONE) {
        value_report(filler->report, SEVERITY_ERROR, entry, "like this: {addr: 192.0.2.53}",
                     "an entry of 'listen' without 'addr'");
        return;
    }
    const struct value *port = filler_look(filler, entry, KEY_LISTEN_PORT);
    uint64_t number = 0;
    bool good = scalar_number(port->text, &number);
    assert(good && number <= UINT16_MAX);
    struct listener listener = {
        .port = (uint16_t)number,
        .kinds = read_kinds(filler_look(filler, entry, KEY_LISTEN_KINDS)),
    };
    for (size_t i = 0; !addr->value.bad && i < filler_count(&addr->value); i++) {
        const struct value *item = filler_item(&addr->value, i);
        if (item)
            add_listener(filler, item, listener);
    }
}

static void fill_listen(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *list = filler_take(filler, root, KEY_LISTEN);
    options->listen = arena_get(&options->memory, LISTENERS_MAX * sizeof *options->listen);
    assert(list->kind == VALUE_LIST);
    for (uint32_t i = 0; i < list->count; i++)
        if (!list->items[i].bad)
            fill_listener(filler, &list->items[i]);
}

// --- zones ---------------------------------------------------------------------------------------

// An entry is a path, or a map with one.
static void fill_folder(struct filler *filler, const struct value *entry,
                        struct zone_folder *folders)
{
    struct options *options = filler->options;
    const struct value *path = entry;
    const struct remotes_option *notify = NULL;
    bool zonemd = false;
    if (entry->kind == VALUE_MAP) {
        const struct pair *pair = value_find(entry, schema_name(KEY_ZONE_FOLDERS_PATH));
        const struct value *truth = filler_look(filler, entry, KEY_ZONE_FOLDERS_ZONEMD);
        bool good = scalar_bool(truth->text, &zonemd);
        assert(good);
        path = pair ? &pair->value : NULL;
        notify = remotes_fill(options, filler_look(filler, entry, KEY_ZONE_FOLDERS_NOTIFY),
                              filler->report);
    }
    if (!path)
        value_report(filler->report, SEVERITY_ERROR, entry, "like this: {path: /etc/onym/zones}",
                     "an entry of 'zone_folders' without 'path'");
    if (!path || path->bad)
        return;
    size_t at = options->zone_folder_count++;
    options->zone_folders[at] = (struct folder_option){.path = filler_path(filler, path),
                                                       .zonemd = zonemd,
                                                       .notify = notify,
                                                       .place = filler_place(entry)};
    folders[at] = (struct zone_folder){options->zone_folders[at].path, entry, zonemd, notify};
}

// Zones that were made by command are found where they were put. False: there are none.
static bool find_added(struct filler *filler, const struct value *list, struct zone_folder *folder)
{
    struct stat status;
    char *path = memory_format("%s/" ADDED_FOLDER, filler->options->state);
    bool there = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    if (there)
        *folder = (struct zone_folder){.path = filler_copy(filler, path), .item = list};
    free(path);
    return there;
}

static void fill_zones(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *zones = filler_take(filler, root, KEY_ZONES);
    const struct value *list = filler_take(filler, root, KEY_ZONE_FOLDERS);
    size_t count = filler_count(list);
    struct zone_folder *folders =
        arena_get(&filler->gathered->trees, (count + 1) * sizeof *folders);
    options->zone_folders = arena_get(&options->memory, count * sizeof *options->zone_folders);
    for (size_t i = 0; i < count; i++) {
        const struct value *entry = filler_item(list, i);
        if (entry)
            fill_folder(filler, entry, folders);
    }
    size_t folder_count = options->zone_folder_count;
    if (!filler->alone && find_added(filler, list, &folders[folder_count]))
        folder_count++;
    struct zones_of_view lists[VIEWS_MAX + 1] = {{.zones = zones}};
    size_t list_count = 1 + views_fill(filler, root, lists + 1);
    checks_fill(filler, root);
    routing_fill(filler, root, lists, list_count);
    struct zones_wanted wanted = {
        .lists = lists,
        .list_count = list_count,
        .folders = folders,
        .folder_count = filler->alone ? 0 : folder_count,
    };
    if (!filler->zoneless)
        zones_fill(options, &wanted, filler->report);
}

// --- all of it -----------------------------------------------------------------------------------

static void fill_identity(struct filler *filler, const struct value *map)
{
    struct options *options = filler->options;
    options->identity.name = filler_take_text(filler, map, KEY_IDENTITY_NAME);
    options->identity.version = filler_take_text(filler, map, KEY_IDENTITY_VERSION);
    const struct value *nsid = filler_take(filler, map, KEY_IDENTITY_NSID);
    bool good =
        !nsid || scalar_nsid(nsid->text, options->identity.nsid, &options->identity.nsid_size);
    assert(good);
}

static void fill_log(struct filler *filler, const struct value *map)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                            LOG_LEVEL_DEBUG}; // in the order of the schema's words
    const struct value *level = filler_take(filler, map, KEY_LOG_LEVEL);
    unsigned word;
    bool good = scalar_word(level->text, schema_row(KEY_LOG_LEVEL)->words, &word);
    assert(good && word < sizeof levels / sizeof levels[0]);
    filler->options->log.level = levels[word];
    filler->options->log.queries = filler_take_bool(filler, map, KEY_LOG_QUERIES);
}

static void fill(struct filler *filler)
{
    struct options *options = filler->options;
    const struct value *root = &filler->gathered->root;
    const struct value *access = filler_take(filler, root, KEY_ACCESS);
    const struct value *answers = filler_take(filler, root, KEY_ANSWERS);
    (void)filler_take(filler, root, KEY_VERSION);
    options->user = filler_take_text(filler, root, KEY_USER);
    options->workers = (unsigned)filler_take_number(filler, root, KEY_WORKERS);
    fill_state(filler, root);
    fill_control(filler, root);
    fill_identity(filler, filler_take(filler, root, KEY_IDENTITY));
    fill_listen(filler, root);
    keys_fill(filler, root);
    options->recurse = access_fill(filler, filler_take(filler, access, KEY_ACCESS_RECURSE),
                                   &options->recurse_count);
    options->transfer = access_fill(filler, filler_take(filler, access, KEY_ACCESS_TRANSFER),
                                    &options->transfer_count);
    options->ecs =
        access_fill(filler, filler_take(filler, access, KEY_ACCESS_ECS), &options->ecs_count);
    options->answers.minimal = filler_take_bool(filler, answers, KEY_ANSWERS_MINIMAL);
    options->answers.rotate = filler_take_bool(filler, answers, KEY_ANSWERS_ROTATE);
    fill_zones(filler, root);
    resolving_fill(filler, root);
    views_fill_resolve(filler, root);
    const struct value *history = filler_take(filler, root, KEY_HISTORY);
    options->history_keep_s = filler_take_duration(filler, history, KEY_HISTORY_KEEP) / 1000;
    options->history_size = filler_take_size(filler, history, KEY_HISTORY_SIZE);
    fill_log(filler, filler_take(filler, root, KEY_LOG));

    options->file_count = filler->gathered->source_count;
    options->files = arena_get(&options->memory, options->file_count * sizeof(char *));
    for (size_t i = 0; i < options->file_count; i++)
        options->files[i] = (char *)filler->gathered->sources[i]->path;
}

static struct options *begin(const char *path)
{
    struct options *options = memory_get_zeroed(1, sizeof *options);
    size_t size = KEY_COUNT * sizeof *options->origins;
    options->origins = memset(arena_get(&options->memory, size), 0, size);
    if (path)
        options->path = arena_copy(&options->memory, path, strlen(path) + 1);
    return options;
}

static struct options *finish(struct filler *filler, size_t errors_before)
{
    struct options *options = filler->options;
    fill(filler);
    gather_free(filler->gathered);
    if (filler->report->errors == errors_before)
        return options;
    options_free(options);
    return NULL;
}

static struct options *read_files(const char *path, bool zoneless, struct report *report)
{
    struct options *options = begin(path);
    struct gathered gathered = {.lasting = &options->memory};
    struct filler filler = {
        .options = options, .gathered = &gathered, .report = report, .zoneless = zoneless};
    size_t errors = report->errors;
    if (path)
        gather_file(&gathered, path, report);
    gather_variables(&gathered, (const char *const *)environ, report);
    return finish(&filler, errors);
}

struct options *options_read(const char *path, struct report *report)
{
    return read_files(path, false, report);
}

struct options *options_read_without_zones(const char *path, struct report *report)
{
    return read_files(path, true, report);
}

struct options *options_read_text(const char *path, const char *text, size_t size,
                                  struct report *report)
{
    struct options *options = begin(path);
    struct gathered gathered = {.lasting = &options->memory};
    struct filler filler = {
        .options = options, .gathered = &gathered, .report = report, .alone = true};
    struct source source = {.path = options->path, .text = text, .size = size};
    size_t errors = report->errors;
    gather_text(&gathered, &source, report);
    return finish(&filler, errors);
}

void options_free(struct options *options)
{
    if (!options)
        return;
    arena_free(&options->memory);
    free(options);
}
