// `onym zone set` and its neighbours (zone_change.h). The server does the work; what it is asked
// and replies is told in daemon/commands_change.h.
//
// A change is shown before it is made: the server is asked what it would come to, the difference is
// printed, and after a yes it is asked to do it to the very version that was looked at.
#include "cli/zone_change.h"

#include <inttypes.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/ctl.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"

// --- what is printed -----------------------------------------------------------------------------

static void put_lines(struct buffer *to, const json_t *lines, char sign, const char *colour)
{
    const json_t *line;
    size_t index;
    json_array_foreach(lines, index, line)
    {
        struct buffer text = {0};
        buffer_add_char(&text, sign);
        buffer_add_char(&text, ' ');
        output_clean(&text, json_string_value(line), json_string_length(line));
        output_paint(to, colour, buffer_text(&text));
        buffer_add_char(to, '\n');
        buffer_free(&text);
    }
}

static void put_difference(struct buffer *to, const json_t *reply)
{
    put_lines(to, json_object_get(reply, "removed"), '-', "31");
    put_lines(to, json_object_get(reply, "added"), '+', "32");
}

// "uid 0, ..." is told by the user's name, if there is one.
static void put_who(struct buffer *to, const char *who)
{
    unsigned uid;
    int end = 0;
    const struct passwd *user =
        sscanf(who, "uid %u%n", &uid, &end) == 1 ? getpwuid(uid) : NULL; // NOLINT: one thread
    buffer_add_text(to, "  ");
    if (user)
        buffer_format(to, "user %s", user->pw_name);
    who += user ? end : 0;
    output_clean(to, who, strlen(who));
}

static void put_change(struct buffer *to, const json_t *change)
{
    buffer_format(to, "%6.0f  %s  %10.0f -> %-10.0f  -%.0f +%.0f  %s", number_of(change, "number"),
                  text_of(change, "at"), number_of(change, "serial_from"),
                  number_of(change, "serial_to"), number_of(change, "removed"),
                  number_of(change, "added"), text_of(change, "kind"));
    if (*text_of(change, "who"))
        put_who(to, text_of(change, "who"));
    buffer_add_char(to, '\n');
}

// --- asking --------------------------------------------------------------------------------------

void zone_begin_request(struct json *json, const struct arguments *arguments, const char *command)
{
    const char *view = arguments_value(arguments, "--view");
    json_open_object(json, NULL);
    json_number(json, "v", 1);
    json_text(json, "command", command);
    json_text(json, "zone", arguments_word(arguments, 0));
    if (view)
        json_text(json, "view", view);
}

json_t *zone_ask_quietly(const struct arguments *arguments, const struct buffer *request, int *code)
{
    struct buffer text = {0};
    *code = ctl_ask(arguments, buffer_text(request), &text);
    json_t *reply = *code == EXIT_OK ? json_loadb(buffer_text(&text), text.size, 0, NULL) : NULL;
    buffer_free(&text);
    if (*code == EXIT_OK && !reply) {
        output_complain(NULL, "the server's reply is no JSON object");
        *code = EXIT_FAILED;
    }
    return reply;
}

json_t *zone_ask(const struct arguments *arguments, const struct buffer *request, int *code)
{
    json_t *reply = zone_ask_quietly(arguments, request, code);
    char *text = reply && arguments->json ? json_dumps(reply, JSON_COMPACT) : NULL;
    if (text) {
        struct buffer line = {0};
        buffer_format(&line, "%s\n", text);
        output_put(&line);
        buffer_free(&line);
    }
    free(text);
    return reply;
}

// `seen`: what was shown, whose version of the zone it is to be; a writer that has said which
// itself has said the same.
static json_t *ask_change(const struct arguments *arguments, zone_writer *write, bool dry,
                          const json_t *seen, int *code)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    zone_begin_request(&json, arguments, "change");
    write(arguments, &json);
    json_bool(&json, "dry", dry);
    if (seen)
        json_number(&json, "serial", (int64_t)number_of(seen, "serial_from"));
    json_close_object(&json);
    json_t *reply = zone_ask(arguments, &request, code);
    buffer_free(&request);
    return reply;
}

static bool is_yes(void)
{
    char answer[16] = "";
    fprintf(stderr, "Apply? [y/N] ");
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

int zone_confirm(const struct arguments *arguments)
{
    if (arguments_has(arguments, "--yes") || arguments->json)
        return EXIT_OK;
    if (!isatty(STDIN_FILENO)) {
        output_complain("--yes does it, --dry-run only shows it", "nobody is there to be asked");
        return EXIT_USAGE;
    }
    if (is_yes())
        return EXIT_OK;
    output_say("nothing was changed");
    return EXIT_CONFLICT;
}

static bool changes_anything(const json_t *reply)
{
    return json_array_size(json_object_get(reply, "removed")) +
               json_array_size(json_object_get(reply, "added")) >
           0;
}

static void print_difference(const struct arguments *arguments, const json_t *reply)
{
    struct buffer text = {0};
    if (!arguments->json)
        put_difference(&text, reply);
    output_put(&text);
    buffer_free(&text);
    if (!changes_anything(reply))
        output_say("it is so already: nothing is changed");
}

// Shows what the change comes to, asks, and has it done.
int zone_change(const struct arguments *arguments, zone_writer *write)
{
    int code;
    bool dry = arguments_has(arguments, "--dry-run");
    if (arguments->json && !dry) { // for a machine: one question, one object
        json_decref(ask_change(arguments, write, false, NULL, &code));
        return code;
    }
    json_t *seen = ask_change(arguments, write, true, NULL, &code);
    if (!seen)
        return code;
    print_difference(arguments, seen);
    if (!dry && changes_anything(seen)) {
        code = zone_confirm(arguments);
        json_t *done = code == EXIT_OK ? ask_change(arguments, write, false, seen, &code) : NULL;
        if (done)
            output_say("serial %.0f", number_of(done, "serial_to"));
        json_decref(done);
    }
    json_decref(seen);
    return code;
}

// --- set, del ------------------------------------------------------------------------------------

static void write_edit(const struct arguments *arguments, struct json *json, const char *verb)
{
    uint32_t ttl = 3600;
    json_open_array(json, "edits");
    json_open_object(json, NULL);
    json_text(json, "do", verb);
    json_text(json, "name", arguments_word(arguments, 1));
    if (arguments_word(arguments, 2))
        json_text(json, "type", arguments_word(arguments, 2));
    if (strcmp(verb, "remove") != 0) {
        (void)!arguments_number(arguments, "--ttl", 0, INT32_MAX, &ttl); // read before
        json_number(json, "ttl", ttl);
    }
    json_open_array(json, "data");
    for (size_t i = 3; arguments_word(arguments, i); i++)
        json_text(json, NULL, arguments_word(arguments, i));
    json_close_array(json);
    json_close_object(json);
    json_close_array(json);
}

static void write_set(const struct arguments *arguments, struct json *json)
{
    write_edit(arguments, json, arguments_has(arguments, "--add") ? "add" : "set");
}

static void write_del(const struct arguments *arguments, struct json *json)
{
    write_edit(arguments, json, "remove");
}

int command_zone_set(const struct arguments *arguments)
{
    uint32_t ttl;
    if (!arguments_number(arguments, "--ttl", 0, INT32_MAX, &ttl))
        return EXIT_USAGE;
    return zone_change(arguments, write_set);
}

int command_zone_del(const struct arguments *arguments)
{
    return zone_change(arguments, write_del);
}

// --- history -------------------------------------------------------------------------------------

// The number of a change as the second word says it; 0: none does. False after a complaint.
static bool read_number(const struct arguments *arguments, int64_t *number)
{
    const char *word = arguments_word(arguments, 1);
    char *end = NULL;
    *number = word ? strtoll(word, &end, 10) : 0;
    if (!word || (*word && !*end && *number > 0))
        return true;
    output_complain("'onym zone log ZONE' lists them", "'%s' is no number of a change", word);
    return false;
}

static void write_undo(const struct arguments *arguments, struct json *json)
{
    int64_t number;
    (void)!read_number(arguments, &number); // it was good before
    json_number(json, "undo", number);
}

int command_zone_undo(const struct arguments *arguments)
{
    int64_t number;
    return read_number(arguments, &number) ? zone_change(arguments, write_undo) : EXIT_USAGE;
}

static json_t *ask_history(const struct arguments *arguments, const char *key, int64_t value,
                           int *code)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    zone_begin_request(&json, arguments, "history");
    json_number(&json, key, value);
    json_close_object(&json);
    json_t *reply = zone_ask(arguments, &request, code);
    buffer_free(&request);
    return reply;
}

int command_zone_log(const struct arguments *arguments)
{
    uint32_t count = 20;
    int code;
    if (!arguments_number(arguments, "--count", 1, INT32_MAX, &count))
        return EXIT_USAGE;
    json_t *reply = ask_history(arguments, "count", count, &code);
    const json_t *changes = json_object_get(reply, "changes"), *one;
    struct buffer text = {0};
    size_t index;
    if (reply && !arguments->json)
        json_array_foreach(changes, index, one) put_change(&text, one);
    output_put(&text);
    if (reply && json_array_size(changes) == 0)
        output_say("nobody has changed it yet");
    buffer_free(&text);
    json_decref(reply);
    return code;
}

int command_zone_diff(const struct arguments *arguments)
{
    int64_t number;
    int code = EXIT_USAGE;
    if (!read_number(arguments, &number))
        return code;
    json_t *reply = ask_history(arguments, "number", number, &code);
    if (reply)
        print_difference(arguments, reply);
    json_decref(reply);
    return code;
}

int command_zone_export(const struct arguments *arguments)
{
    struct buffer request = {0}, text = {0};
    struct json json = json_begin(&request);
    uint32_t serial = 0;
    int code;
    if (!arguments_number(arguments, "--serial", 0, UINT32_MAX, &serial))
        return EXIT_USAGE;
    zone_begin_request(&json, arguments, "export");
    if (arguments_has(arguments, "--serial"))
        json_number(&json, "serial", serial);
    json_close_object(&json);
    json_t *reply = zone_ask(arguments, &request, &code);
    if (reply && !arguments->json)
        buffer_add_text(&text, text_of(reply, "text"));
    output_put(&text);
    buffer_free(&text);
    buffer_free(&request);
    json_decref(reply);
    return code;
}

// --- zones ---------------------------------------------------------------------------------------

// "www=192.0.2.2", "@=MX:10 mail" as the line of a zone file. False after a complaint.
static bool put_record(const char *word, struct json *json)
{
    const char *equals = strchr(word, '='), *data = equals ? equals + 1 : "",
               *colon = strchr(data, ':');
    char type[16] = "";
    struct buffer line = {0};
    bool typed = colon && (size_t)(colon - data) < sizeof type && colon > data &&
                 strspn(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == (size_t)(colon - data) &&
                 strspn(data, "ABCDEF0123456789") < (size_t)(colon - data);
    if (!equals || equals == word || !*data) {
        output_complain("like www=192.0.2.2, or \"@=MX:10 mail\"", "'%s' is no name and address",
                        word);
        return false;
    }
    if (typed)
        snprintf(type, sizeof type, "%.*s", (int)(colon - data), data);
    else
        strcpy(type, strchr(data, ':') ? "AAAA" : "A");
    buffer_format(&line, "%.*s %s %s", (int)(equals - word), word, type, typed ? colon + 1 : data);
    json_text(json, NULL, buffer_text(&line));
    buffer_free(&line);
    return true;
}

int command_zone_add(const struct arguments *arguments)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    bool good = true;
    int code = EXIT_USAGE;
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "command", "create");
    json_text(&json, "zone", arguments_word(arguments, 0));
    json_open_array(&json, "records");
    for (size_t i = 1; arguments_word(arguments, i) && good; i++)
        good = put_record(arguments_word(arguments, i), &json);
    json_close_array(&json);
    json_close_object(&json);
    json_t *reply = good ? zone_ask(arguments, &request, &code) : NULL;
    if (reply && !arguments->json)
        output_say("created; 'onym zone set %s NAME TYPE DATA' puts more into it",
                   arguments_word(arguments, 0));
    json_decref(reply);
    buffer_free(&request);
    return code;
}

int command_zone_remove(const struct arguments *arguments)
{
    struct buffer request = {0};
    struct json json = json_begin(&request);
    int code = zone_confirm(arguments);
    if (code != EXIT_OK)
        return code;
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "command", "discard");
    json_text(&json, "zone", arguments_word(arguments, 0));
    json_close_object(&json);
    json_decref(zone_ask(arguments, &request, &code));
    buffer_free(&request);
    return code;
}
