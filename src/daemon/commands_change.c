// Changes of zones by command (commands_change.h).
//
// Records are written as in a zone file and read by the parser of those, a line for each. A line is
// made of pieces that hold no line ends and do not begin with '$', so that it stays one record.
#include "daemon/commands_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/memory.h"
#include "daemon/changing.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"
#include "dns/type.h"
#include "zone/diff.h"
#include "zone/dump.h"
#include "zone/parse.h"
#include "zone/revive.h"

#define TTL_DEFAULT_S 3600
#define COUNT_DEFAULT 20

// --- whose zone ----------------------------------------------------------------------------------

bool commands_change_find(struct daemon *daemon, struct control_client *client,
                          const json_t *request, struct commands_zone *asked)
{
    const char *zone = json_string_value(json_object_get(request, "zone"));
    const char *view = json_string_value(json_object_get(request, "view"));
    unsigned number = 0;
    asked->house = daemon_house(daemon);
    if (!asked->house || !zone || !commands_find_zone(daemon, zone, &asked->index)) {
        commands_refuse_zone(daemon, client);
        return false;
    }
    const struct options *options = asked->house->options;
    for (size_t i = 0; view && i < options->view_count; i++)
        if (strcmp(options->views[i].name, view) == 0)
            number = (unsigned)i + 1;
    asked->name = house_zone_name(options, asked->index);
    if ((view && number == 0) || !house_find_in_view(options, asked->name, number, &asked->index)) {
        reply_refuse(daemon, client, 5, "the view has no zone of that name", NULL);
        return false;
    }
    asked->view = view ? view : "";
    return true;
}

static struct history_zone history_zone_of(const struct commands_zone *asked)
{
    return (struct history_zone){asked->view, asked->name};
}

// Who is at the other end of the socket, as the kernel says. A number: to look for its name may
// mean to ask a server, and the main thread waits for nobody. `onym zone log` does.
static void name_client(const struct control_client *client, char *text, size_t room)
{
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        snprintf(text, room, "command");
    else
        snprintf(text, room, "uid %u", who.uid);
}

// --- edits ---------------------------------------------------------------------------------------

static bool is_piece(const char *text)
{
    if (*text == '$')
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == ';')
            return false;
    return true;
}

struct lines {
    struct name zone;
    struct buffer added, removed; // lines of a zone file
    struct edit *edit;            // for what goes as a whole
    const char *problem;
};

static bool take_name(struct lines *lines, const char *text, struct record *record,
                      uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name;
    enum name_text_result result = name_parse(text, strlen(text), &lines->zone, storage, &name);
    if (result != NAME_TEXT_OK || !name_is_within(name, lines->zone)) {
        lines->problem =
            result == NAME_TEXT_OK ? "a name is not in the zone" : name_text_problem(result);
        return false;
    }
    record->owner = name.wire;
    record->owner_size = name.size;
    record->owner_labels = name.labels;
    return true;
}

// All of a type at a name, or of the whole name.
static void remove_whole(struct lines *lines, const char *name, const char *type,
                         struct records *to)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct record record = {.type = TYPE_ANY, .rdata = (const uint8_t *)""};
    if (*type && (!type_parse(type, strlen(type), &record.type) || type_is_meta(record.type)))
        lines->problem = "a type is none that a zone has";
    else if (take_name(lines, name, &record, storage))
        diff_add(to, &record);
}

static void put_line(struct buffer *to, const char *name, int64_t ttl, const char *type,
                     const char *data)
{
    if (ttl >= 0)
        buffer_format(to, "%s %" PRId64 " IN %s %s\n", name, ttl, type, data);
    else
        buffer_format(to, "%s IN %s %s\n", name, type, data);
}

static void take_edit(struct lines *lines, const json_t *edit)
{
    const char *verb = json_string_value(json_object_get(edit, "do"));
    const char *name = json_string_value(json_object_get(edit, "name"));
    const char *type = json_string_value(json_object_get(edit, "type"));
    const json_t *ttl = json_object_get(edit, "ttl"), *data = json_object_get(edit, "data"), *item;
    bool adds = verb && strcmp(verb, "add") == 0, sets = verb && strcmp(verb, "set") == 0;
    size_t index;
    if (!verb || !name || !is_piece(name) || (type && !is_piece(type)) ||
        ((adds || sets) && !type)) {
        lines->problem = "an edit has 'do', a name and, but for removals, a type";
        return;
    }
    if (sets || json_array_size(data) == 0)
        remove_whole(lines, name, type ? type : "",
                     sets ? &lines->edit->replaced : &lines->edit->removed);
    json_array_foreach(data, index, item)
    {
        const char *text = json_string_value(item);
        if (!text || !is_piece(text)) {
            lines->problem = "data is a text without line ends and ';'";
            return;
        }
        put_line(adds || sets ? &lines->added : &lines->removed, name,
                 json_is_integer(ttl) ? json_integer_value(ttl) : -1, type, text);
    }
}

static bool read_lines(const struct buffer *text, struct records *records, struct report *report)
{
    const struct parse_options options = {.ttl_default = TTL_DEFAULT_S};
    struct buffer whole = {0};
    buffer_format(&whole, "$TTL %d\n", TTL_DEFAULT_S);
    buffer_add(&whole, buffer_text(text), text->size);
    bool good = parse_text("edit", buffer_text(&whole), whole.size, records, &options, report);
    buffer_free(&whole);
    return good;
}

static void refuse_problems(struct daemon *daemon, struct control_client *client,
                            const struct report *report)
{
    struct reply reply;
    reply_begin(&reply, 2);
    json_text(&reply.json, "error", "a record cannot be read");
    report_json(report, &reply.json, "problems");
    reply_send(daemon, client, &reply, false);
}

// False: the client was told.
static bool read_edits(struct daemon *daemon, struct control_client *client, const json_t *edits,
                       struct amendment *amendment)
{
    struct edit *wanted = &amendment->edit;
    struct lines lines = {.zone = amendment->zone->origin, .edit = wanted};
    struct report report = {0};
    const json_t *edit;
    size_t index;
    json_array_foreach(edits, index, edit) if (!lines.problem) take_edit(&lines, edit);
    if (json_array_size(edits) == 0)
        lines.problem = "there is nothing to change";
    bool good = !lines.problem && read_lines(&lines.removed, &wanted->removed, &report) &&
                read_lines(&lines.added, &wanted->added, &report);
    if (lines.problem) {
        reply_refuse(daemon, client, 2, lines.problem, NULL);
    } else if (!good) {
        refuse_problems(daemon, client, &report);
    }
    report_free(&report);
    buffer_free(&lines.added);
    buffer_free(&lines.removed);
    return good;
}

// --- a whole text --------------------------------------------------------------------------------

// But for what belongs to a version, and not to who changes it: the SOA, and a digest of ours.
static void copy_wanted(const struct amendment *amendment, const struct records *from,
                        struct records *to)
{
    for (size_t i = 0; i < from->count; i++)
        if (from->list[i].type != TYPE_SOA &&
            (from->list[i].type != TYPE_ZONEMD || !amendment->make))
            diff_add(to, &from->list[i]);
}

// What differs from the zone as it is, but for the SOA, becomes the edit. False: the client was
// told.
static bool read_text(struct daemon *daemon, struct control_client *client, const char *text,
                      bool adds, struct amendment *amendment)
{
    const struct parse_options options = {.ttl_default = TTL_DEFAULT_S};
    struct records before, after;
    struct report report = {0};
    struct diff diff;
    if (amendment->zone->state != ZONE_SERVED) {
        reply_refuse(daemon, client, 1, "the zone is not served", NULL);
        return false;
    }
    records_begin(&after, amendment->zone->origin);
    bool good = parse_text("text", text, strlen(text), &after, &options, &report);
    if (good) {
        records_sort(&after);
        zone_records(amendment->zone, &daemon->state.hash, &before);
        diff_make(&diff, &before, &after);
        copy_wanted(amendment, &diff.added, &amendment->edit.added);
        if (!adds)
            copy_wanted(amendment, &diff.removed, &amendment->edit.removed);
        diff_free(&diff);
        records_free(&before);
    } else {
        refuse_problems(daemon, client, &report);
    }
    records_free(&after);
    report_free(&report);
    return good;
}

// --- undo ----------------------------------------------------------------------------------------

struct wanted_change {
    struct name zone;
    uint64_t number; // 0: the last; then the one that was found
    struct diff *diff;
    bool found;
};

static bool take_change(void *context, const struct history_change *change)
{
    struct wanted_change *wanted = context;
    wanted->found = (wanted->number == 0 || wanted->number == change->number) &&
                    diff_unpack(change->octets, change->size, wanted->zone, wanted->diff);
    wanted->number = change->number;
    return false; // it is the first that comes, or not there
}

// *number 0: the last one, whose number it is then.
static bool find_change(struct daemon *daemon, const struct commands_zone *asked, uint64_t *number,
                        struct diff *diff)
{
    struct history *history = changing_history(daemon->changing);
    struct wanted_change wanted = {.zone = asked->name, .number = *number, .diff = diff};
    if (!history)
        return false;
    if (*number == 0)
        (void)!history_last(history, history_zone_of(asked), 1, take_change, &wanted);
    else
        (void)!history_each(history, history_zone_of(asked), *number - 1, take_change, &wanted);
    *number = wanted.number;
    return wanted.found;
}

// False: the client was told.
static bool read_undo(struct daemon *daemon, struct control_client *client,
                      const struct commands_zone *asked, uint64_t number,
                      struct amendment *amendment)
{
    struct diff diff = {0};
    if (!find_change(daemon, asked, &number, &diff)) {
        reply_refuse(daemon, client, 5, "history has no such change of the zone",
                     "'onym zone log ZONE' lists them");
        return false;
    }
    copy_wanted(amendment, &diff.added, &amendment->edit.removed);
    copy_wanted(amendment, &diff.removed, &amendment->edit.added);
    diff_free(&diff);
    amendment->change = CHANGE_UNDO;
    char who[200];
    snprintf(who, sizeof who, "%s, of change %" PRIu64, amendment->who, number);
    free(amendment->who);
    amendment->who = memory_copy_text(who);
    return true;
}

// --- change --------------------------------------------------------------------------------------

static void put_lines(struct json *json, const char *key, const struct records *records)
{
    json_open_array(json, key);
    for (size_t i = 0; i < records->count; i++) {
        struct buffer line = {0};
        dump_record(&records->list[i], &line);
        json_octets(json, NULL, line.text, line.size - 1);
        buffer_free(&line);
    }
    json_close_array(json);
}

static void put_diff(struct json *json, const struct diff *diff)
{
    put_lines(json, "removed", &diff->removed);
    put_lines(json, "added", &diff->added);
}

struct waiting {
    struct daemon *daemon;
    struct control_ticket client;
};

static int exit_of(const struct amendment *amendment)
{
    switch (amendment->verdict) {
    case CHANGING_DONE: return 0;
    case CHANGING_REFUSED: return amendment->report.errors ? 2 : 6;
    case CHANGING_STALE: return 6;
    case CHANGING_FULL:
    case CHANGING_FAILED: break;
    }
    return 1;
}

static void end_change(void *context, const struct amendment *amendment)
{
    struct waiting *waiting = context;
    struct daemon *daemon = waiting->daemon;
    struct control_client *client = control_find(&daemon->control, waiting->client);
    struct reply reply;
    struct diff diff;
    if (!client)
        return;
    reply_begin(&reply, exit_of(amendment));
    if (amendment->verdict != CHANGING_DONE)
        json_text(&reply.json, "error", amendment->problem);
    json_number(&reply.json, "serial_from", amendment->serial_from);
    json_number(&reply.json, "serial_to", amendment->serial_to);
    json_bool(&reply.json, "dry", amendment->edit.dry);
    if (amendment->changed.size &&
        diff_unpack((const uint8_t *)amendment->changed.text, amendment->changed.size,
                    amendment->zone->origin, &diff)) {
        put_diff(&reply.json, &diff);
        diff_free(&diff);
    }
    report_json(&amendment->report, &reply.json, "problems");
    reply_send(daemon, client, &reply, false);
}

static bool read_change(struct daemon *daemon, struct control_client *client, const json_t *request,
                        const struct commands_zone *asked, struct amendment *amendment)
{
    const json_t *undo = json_object_get(request, "undo"),
                 *serial = json_object_get(request, "serial");
    amendment->edit.dry = json_is_true(json_object_get(request, "dry"));
    amendment->edit.is_serial = json_is_integer(serial);
    amendment->edit.serial = (uint32_t)json_integer_value(serial);
    const char *text = json_string_value(json_object_get(request, "text"));
    if (text)
        return read_text(daemon, client, text, json_is_true(json_object_get(request, "add")),
                         amendment);
    if (json_is_integer(undo))
        return read_undo(daemon, client, asked, (uint64_t)json_integer_value(undo), amendment);
    return read_edits(daemon, client, json_object_get(request, "edits"), amendment);
}

void command_run_change(struct daemon *daemon, struct control_client *client, json_t *request)
{
    struct commands_zone asked;
    char who[128];
    if (!commands_change_find(daemon, client, request, &asked))
        return;
    const struct zone_option *option = &asked.house->options->zones[asked.index];
    if (option->from || option->makes_catalog) {
        reply_refuse(daemon, client, 1,
                     option->from ? "the zone is its primary's to change"
                                  : "the catalog is made of the zones that it lists",
                     NULL);
        return;
    }
    name_client(client, who, sizeof who);
    struct amendment *amendment =
        amendment_make(AMENDMENT_EDIT, asked.house->zones[asked.index].zone, asked.view, who);
    amendment->change = CHANGE_COMMAND;
    amendment->view_number = option->view;
    amendment->serials = option->serials;
    amendment->make = option->make;
    records_begin(&amendment->edit.removed, asked.name);
    records_begin(&amendment->edit.replaced, asked.name);
    records_begin(&amendment->edit.added, asked.name);
    if (!read_change(daemon, client, request, &asked, amendment)) {
        amendment_free(amendment);
        return;
    }
    struct waiting *waiting = memory_get(sizeof *waiting);
    *waiting = (struct waiting){daemon, control_ticket(&daemon->control, client)};
    amendment->done = end_change;
    amendment->context = waiting;
    (void)!changing_submit(daemon->changing, amendment); // it has no message: there is room
}

// --- history -------------------------------------------------------------------------------------

static void put_when(struct json *json, const struct history_change *change)
{
    char text[40];
    struct tm parts;
    time_t date = (time_t)(change->date_us / 1000000);
    gmtime_r(&date, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    json_text(json, "at", text);
}

static bool put_change(void *context, const struct history_change *change)
{
    struct json *json = context;
    struct packed_reader reader;
    struct packed_record record;
    uint32_t removed = change->size >= 4 ? bytes_get32(change->octets) : 0, all = 0;
    packed_begin(&reader, change->octets, change->size);
    while (packed_next(&reader, &record))
        all++;
    json_open_object(json, NULL);
    json_number(json, "number", (int64_t)change->number);
    json_number(json, "serial_from", change->serial_from);
    json_number(json, "serial_to", change->serial_to);
    put_when(json, change);
    json_text(json, "kind", change_kind_word(change->kind));
    json_text(json, "who", change->who);
    json_number(json, "removed", removed);
    json_number(json, "added", all - removed);
    json_close_object(json);
    return true;
}

static void reply_one(struct daemon *daemon, struct control_client *client,
                      const struct commands_zone *asked, uint64_t number)
{
    struct diff diff = {0};
    struct reply reply;
    if (!find_change(daemon, asked, &number, &diff)) {
        reply_refuse(daemon, client, 5, "history has no such change of the zone",
                     "'onym zone log ZONE' lists them");
        return;
    }
    reply_begin(&reply, 0);
    json_number(&reply.json, "number", (int64_t)number);
    json_number(&reply.json, "serial_from", diff.serial_from);
    json_number(&reply.json, "serial_to", diff.serial_to);
    put_diff(&reply.json, &diff);
    reply_send(daemon, client, &reply, false);
    diff_free(&diff);
}

void command_run_history(struct daemon *daemon, struct control_client *client, json_t *request)
{
    struct commands_zone asked;
    struct reply reply;
    const json_t *number = json_object_get(request, "number"),
                 *count = json_object_get(request, "count");
    if (!commands_change_find(daemon, client, request, &asked))
        return;
    if (json_is_integer(number)) {
        reply_one(daemon, client, &asked, (uint64_t)json_integer_value(number));
        return;
    }
    struct history *history = changing_history(daemon->changing);
    int64_t wanted = json_is_integer(count) ? json_integer_value(count) : COUNT_DEFAULT;
    reply_begin(&reply, 0);
    json_open_array(&reply.json, "changes");
    if (history)
        (void)!history_last(history, history_zone_of(&asked), wanted > 0 ? (size_t)wanted : 1,
                            put_change, &reply.json);
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
}
