// `onym ctl` (ctl.h). A request is one JSON object, so is the reply; what stands in them is told in
// daemon/commands.h. With --json the reply is printed as it came.
#include "cli/ctl.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/report.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/ctl_text.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "conf/options.h"
#include "daemon/client.h"

// The socket of --control, else that of the configuration. NULL after a complaint; the caller
// frees.
static char *find_socket(const struct arguments *arguments)
{
    const char *given = arguments_value(arguments, "--control");
    if (given)
        return memory_copy_text(given);
    struct report report = {0};
    struct options *options = options_read_without_zones(config_path(arguments), &report);
    char *path = options ? memory_copy_text(options->control) : NULL;
    if (!path) {
        problems_say(&report);
        output_complain("name the socket: --control PATH",
                        "the configuration does not say where the control socket is");
    }
    report_free(&report);
    options_free(options);
    return path;
}

static int complain(const char *path, int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
    case ENOTDIR:
        output_complain("does it run ('onym serve')? for another socket: --control PATH or -c FILE",
                        "no server at %s: %s", path, strerror(error));
        return EXIT_UNREACHABLE;
    case EACCES:
    case EPERM:
        output_complain("be root, the server's user or of the socket's group",
                        "you may not speak to the server at %s", path);
        return EXIT_PERMISSION;
    case ETIMEDOUT:
        output_complain(NULL, "the server at %s took the request and says nothing", path);
        return EXIT_NO_REPLY;
    case EPROTO:
        output_complain("its log may say why", "the server at %s hung up without a reply", path);
        return EXIT_FAILED;
    default:
        output_complain(NULL, "cannot speak to the server at %s: %s", path, strerror(error));
        return EXIT_UNREACHABLE;
    }
}

struct wish {
    const char *whole; // the request; NULL: made of what follows
    const char *command;
    bool anew;               // "whole": true
    const char *key, *value; // one more member, or NULL
    const char *verb, *type; // "do" and "type", or NULL
    void (*print)(const json_t *reply, struct buffer *to);
    struct buffer *keep; // the reply goes here instead of being printed, if it is a good one
};

static void write_request(const struct wish *wish, struct buffer *to)
{
    struct json json = json_begin(to);
    if (wish->whole) {
        buffer_add_text(to, wish->whole);
        return;
    }
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "command", wish->command);
    if (wish->anew)
        json_bool(&json, "whole", true);
    if (wish->key)
        json_text(&json, wish->key, wish->value);
    if (wish->verb)
        json_text(&json, "do", wish->verb);
    if (wish->type)
        json_text(&json, "type", wish->type);
    json_close_object(&json);
}

// The problems of a reload, as they would be printed by the server.
static void say_problems(const json_t *reply)
{
    struct report report = {0};
    const json_t *problem;
    size_t index;
    json_array_foreach(json_object_get(reply, "problems"), index, problem)
    {
        const char *severity = json_string_value(json_object_get(problem, "severity"));
        const char *message = json_string_value(json_object_get(problem, "message"));
        const char *source = json_string_value(json_object_get(problem, "source"));
        struct place place = {
            .file = json_string_value(json_object_get(problem, "file")),
            .line = (uint32_t)json_integer_value(json_object_get(problem, "line")),
            .source = source,
            .source_size = source ? (uint32_t)strlen(source) : 0,
        };
        report_add(&report,
                   severity && strcmp(severity, "warning") == 0 ? SEVERITY_WARNING : SEVERITY_ERROR,
                   &place, json_string_value(json_object_get(problem, "hint")), "%s",
                   message ? message : "unknown");
    }
    problems_say(&report);
    report_free(&report);
}

static int read_reply(const struct arguments *arguments, const struct wish *wish,
                      struct buffer *text)
{
    json_t *reply = json_loadb(buffer_text(text), text->size, 0, NULL);
    if (!json_is_object(reply)) {
        json_decref(reply);
        output_complain(NULL, "the server's reply is no JSON object");
        return EXIT_FAILED;
    }
    bool good = json_is_true(json_object_get(reply, "ok"));
    const json_t *exit = json_object_get(reply, "exit");
    int code = json_is_integer(exit) ? (int)json_integer_value(exit) : good ? EXIT_OK : EXIT_FAILED;
    const char *error = json_string_value(json_object_get(reply, "error"));
    if (wish->keep && good) {
        buffer_add(wish->keep, buffer_text(text), text->size);
        buffer_clear(text);
    } else if (arguments->json) {
        buffer_add_char(text, '\n');
    } else {
        buffer_clear(text);
        if (good && !arguments->quiet)
            wish->print(reply, text);
        say_problems(reply);
    }
    output_put(text);
    if (!good && !arguments->json)
        output_complain(json_string_value(json_object_get(reply, "hint")), "%s",
                        error ? error : "the server says no, and not why");
    json_decref(reply);
    return code;
}

static int ask(const struct arguments *arguments, const struct wish *wish)
{
    char *path = find_socket(arguments);
    if (!path)
        return EXIT_USAGE;
    struct buffer request = {0}, reply = {0};
    write_request(wish, &request);
    output_tell("asking the server at %s", path);
    int error = control_ask(path, buffer_text(&request), &reply);
    int code = error ? complain(path, -error) : read_reply(arguments, wish, &reply);
    buffer_free(&request);
    buffer_free(&reply);
    free(path);
    return code;
}

int ctl_request(const struct arguments *arguments, const struct ctl_request *request,
                struct buffer *reply)
{
    return ask(arguments, &(struct wish){.command = request->command,
                                         .key = request->name ? "name" : NULL,
                                         .value = request->name,
                                         .verb = request->verb,
                                         .type = request->type,
                                         .keep = reply});
}

int ctl_ask(const struct arguments *arguments, const char *request, struct buffer *reply)
{
    return ask(arguments, &(struct wish){.whole = request, .keep = reply});
}

int command_ctl_status(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "status", .print = ctl_text_status});
}

int command_ctl_reload(const struct arguments *arguments)
{
    const char *zone = arguments_word(arguments, 0);
    return ask(arguments, &(struct wish){.command = "reload",
                                         .key = zone ? "zone" : NULL,
                                         .value = zone,
                                         .print = ctl_text_reload});
}

int command_ctl_notify(const struct arguments *arguments)
{
    const char *zone = arguments_word(arguments, 0);
    return ask(arguments, &(struct wish){.command = "notify",
                                         .key = zone ? "zone" : NULL,
                                         .value = zone,
                                         .print = ctl_text_notify});
}

static void say_asked(const json_t *reply, struct buffer *to)
{
    (void)reply;
    buffer_add_text(to, "its primary is asked; 'onym ctl status' tells what came of it\n");
}

int command_ctl_refresh(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "refresh",
                                         .key = "zone",
                                         .value = arguments_word(arguments, 0),
                                         .print = say_asked});
}

int command_ctl_retransfer(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "refresh",
                                         .anew = true,
                                         .key = "zone",
                                         .value = arguments_word(arguments, 0),
                                         .print = say_asked});
}

int command_ctl_aliases(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "aliases", .print = ctl_text_aliases});
}

int command_ctl_health(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "health", .print = ctl_text_health});
}

int command_ctl_stop(const struct arguments *arguments)
{
    return ask(arguments, &(struct wish){.command = "stop", .print = ctl_text_stop});
}

int command_ctl_stats(const struct arguments *arguments)
{
    bool prometheus = arguments_has(arguments, "--prometheus");
    return ask(arguments, &(struct wish){.command = "stats",
                                         .key = prometheus ? "format" : NULL,
                                         .value = "prometheus",
                                         .print = prometheus ? ctl_text_metrics : ctl_text_stats});
}
