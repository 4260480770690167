// Zones made and taken away by command (commands_create.h).
#include "daemon/commands_create.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "conf/options.h"
#include "conf/scalar.h"
#include "daemon/changing.h"
#include "daemon/commands.h"
#include "daemon/daemon.h"
#include "daemon/reply.h"
#include "zone/judge.h"
#include "zone/serial.h"

// "STATE/added/example.test.zone"; NULL: that is no name for a file, or not with what a new file's
// has behind it until it is whole.
static char *path_of(struct daemon *daemon, struct name zone)
{
    char text[NAME_TEXT_MAX];
    size_t size = name_print(zone, text);
    if (size > 1)
        text[size - 1] = 0;
    if (strchr(text, '/') || text[0] == '.' || strlen(text) > NAME_MAX - 32)
        return NULL;
    return memory_format("%s/" ADDED_FOLDER "/%s.zone", daemon_house(daemon)->options->state, text);
}

static bool take_zone(struct daemon *daemon, struct control_client *client, const json_t *request,
                      uint8_t wire[static NAME_OCTETS_MAX], struct name *zone)
{
    const char *text = json_string_value(json_object_get(request, "zone"));
    const char *problem = text ? scalar_zone(text, wire, zone) : "it is not given";
    if (!daemon_house(daemon))
        reply_refuse(daemon, client, 6, "the first zones are still being loaded", NULL);
    else if (daemon->state.lock < 0)
        reply_refuse(daemon, client, 1, "there is no state folder that it could be kept in", NULL);
    else if (problem)
        reply_refuse(daemon, client, 2, problem, "a zone's name is like example.test");
    else
        return true;
    return false;
}

// The whole as it was given: no directives, so that it is only what it says.
static bool take_text(const char *whole, struct buffer *text)
{
    if (*whole == '$' || strstr(whole, "\n$"))
        return false;
    buffer_add_text(text, whole);
    return true;
}

// Each has at least its SOA and a name server: a name of its own, or the zone's first address.
static bool write_text(const json_t *request, struct name zone, struct buffer *text)
{
    char name[NAME_TEXT_MAX];
    uint32_t serial = serial_next(SERIAL_DATE, 0, clock_date_s());
    const json_t *line;
    size_t index;
    const char *whole = json_string_value(json_object_get(request, "text"));
    bool served = false;
    if (whole)
        return take_text(whole, text);
    name_print(zone, name);
    buffer_format(text,
                  "$ORIGIN %s\n$TTL 3600\n@ SOA ns1 hostmaster %" PRIu32
                  " 7200 3600 1209600 300\n@ NS ns1\n",
                  name, serial);
    json_array_foreach(json_object_get(request, "records"), index, line)
    {
        const char *record = json_string_value(line);
        if (!record || strpbrk(record, "\r\n") || *record == '$')
            return false;
        served |= strncmp(record, "ns1 ", 4) == 0;
        buffer_format(text, "%s\n", record);
    }
    if (!served) // an address that is nobody's: 'onym zone set' gives it one
        buffer_add_text(text, "ns1 A 127.0.0.1\n");
    return true;
}

// NULL: it is good.
static bool judge(const char *path, struct name zone, const struct buffer *text,
                  struct report *report)
{
    struct records records;
    const struct judge_options options = {.octets = buffer_text(text), .size = text->size};
    records_begin(&records, zone);
    bool good = judge_zone(path, &records, &options, report);
    records_free(&records);
    return good;
}

static int write_file(const char *path, const struct buffer *text)
{
    char *folder = memory_copy_text(path);
    *strrchr(folder, '/') = 0;
    int made = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
    free(folder);
    return made ? made : file_write(path, buffer_text(text), text->size, 0644);
}

static void refuse_report(struct daemon *daemon, struct control_client *client,
                          struct report *report)
{
    struct reply reply;
    reply_begin(&reply, 2);
    json_text(&reply.json, "error", "that is no zone");
    report_json(report, &reply.json, "problems");
    reply_send(daemon, client, &reply, false);
}

void command_run_create(struct daemon *daemon, struct control_client *client, json_t *request)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name zone;
    struct buffer text = {0};
    struct report report = {0};
    size_t index;
    if (!take_zone(daemon, client, request, wire, &zone))
        return;
    char *path = path_of(daemon, zone);
    int error = 0;
    if (!path)
        reply_refuse(daemon, client, 2, "that is no name for a file", NULL);
    else if (house_find_in_view(daemon_house(daemon)->options, zone, 0, &index))
        reply_refuse(daemon, client, 6, "there is such a zone", "'onym zone set' changes it");
    else if (!write_text(request, zone, &text))
        reply_refuse(daemon, client, 2, "a record is a text of one line", NULL);
    else if (!judge(path, zone, &text, &report))
        refuse_report(daemon, client, &report);
    else if ((error = write_file(path, &text)) < 0)
        reply_refuse(daemon, client, 1, strerror(-error), NULL);
    else
        client->waits_for = rebuild_ask(daemon);
    report_free(&report);
    buffer_free(&text);
    free(path);
}

// Before the file goes: a zone of this name that is made later has nothing to do with this one.
static bool forget(struct daemon *daemon, struct name zone)
{
    struct history *history = changing_history(daemon->changing);
    if (!history)
        return true;
    if (history_begin(history) != HISTORY_DONE)
        return false;
    if (history_forget(history, (struct history_zone){"", zone}) == HISTORY_DONE)
        return history_commit(history) == HISTORY_DONE;
    history_cancel(history);
    return false;
}

void command_run_discard(struct daemon *daemon, struct control_client *client, json_t *request)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name zone;
    size_t index;
    if (!take_zone(daemon, client, request, wire, &zone))
        return;
    char *path = path_of(daemon, zone);
    if (!house_find_in_view(daemon_house(daemon)->options, zone, 0, &index))
        commands_refuse_zone(daemon, client);
    else if (!path || strcmp(path, daemon_house(daemon)->options->zones[index].file) != 0)
        reply_refuse(daemon, client, 6, "the zone stands in the configuration",
                     "take it out there, and 'onym ctl reload'");
    else if (!forget(daemon, zone))
        reply_refuse(daemon, client, 1, "its history cannot be forgotten; the zone stays", NULL);
    else if (unlink(path) < 0)
        reply_refuse(daemon, client, 1, strerror(errno), NULL);
    else
        client->waits_for = rebuild_ask(daemon);
    free(path);
}
