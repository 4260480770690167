// `onym cache` and `onym why` (cache.h). What the server replies is told in
// daemon/commands_cache.h and commands.h; with --json it is printed as it came.
#include "cli/cache.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/arguments.h"
#include "cli/ctl.h"
#include "cli/exit.h"
#include "cli/idn.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/response.h"

static void put_clean(struct buffer *to, const char *text)
{
    output_clean(to, text, strlen(text));
}

// --- what is printed -----------------------------------------------------------------------------

// RRsets as lines of a zone file; what is known not to be there as comments.
static void put_entry(struct buffer *to, const json_t *entry)
{
    const json_t *data = json_object_get(entry, "data"), *item;
    size_t index;
    if (!json_is_array(data)) {
        buffer_add_text(to, "; ");
        put_clean(to, text_of(entry, "name"));
        buffer_format(to, " %.0f %s%s%s\n", number_of(entry, "ttl"), text_of(entry, "type"),
                      *text_of(entry, "type") ? " " : "", text_of(entry, "kind"));
        return;
    }
    json_array_foreach(data, index, item)
    {
        put_clean(to, text_of(entry, "name"));
        buffer_format(to, " %.0f IN %s ", number_of(entry, "ttl"), text_of(entry, "type"));
        put_clean(to, json_string_value(item));
        bool stale = json_is_true(json_object_get(entry, "stale"));
        buffer_format(to, "  ; %s, %s%s\n", text_of(entry, "rank"), text_of(entry, "security"),
                      stale ? ", stale" : "");
    }
}

static void print_entries(const json_t *reply, struct buffer *to)
{
    const json_t *entries = json_object_get(reply, "entries"), *entry;
    size_t index;
    json_array_foreach(entries, index, entry) put_entry(to, entry);
    if (number_of(reply, "more") > 0)
        output_say("and %.0f more that are not listed", number_of(reply, "more"));
    if (json_array_size(entries) == 0)
        output_say("nothing of it is in the cache");
}

static void print_names(const json_t *reply, struct buffer *to)
{
    const json_t *name;
    size_t index;
    buffer_add_text(to, "  entries     used  domain\n");
    json_array_foreach(json_object_get(reply, "names"), index, name)
    {
        buffer_format(to, "%9.0f %8.0f  ", number_of(name, "entries"), number_of(name, "used"));
        put_clean(to, text_of(name, "name"));
        buffer_add_char(to, '\n');
    }
}

static void print_flushed(const json_t *reply, struct buffer *to)
{
    buffer_format(to, "%.0f entries forgotten\n", number_of(reply, "flushed"));
}

static void print_stats(const json_t *reply, struct buffer *to)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(reply, "entries"), key, value)
        buffer_format(to, "%-12s %12.0f\n", key, json_number_value(value));
    static const char *const keys[] = {"octets", "octets_max", "stored", "evicted", "expired"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        buffer_format(to, "%-12s %12.0f\n", keys[i], number_of(reply, keys[i]));
}

static void print_failures(const json_t *reply, struct buffer *to)
{
    const json_t *failures = json_object_get(reply, "failures"), *failure;
    size_t index;
    json_array_foreach(failures, index, failure)
    {
        const char *words = response_ede_words((uint16_t)number_of(failure, "ede"));
        put_clean(to, text_of(failure, "name"));
        buffer_format(to, " %s  %.0f s ago  %s\n  ", text_of(failure, "type"),
                      number_of(failure, "ago_s"), words ? words : "");
        put_clean(to, text_of(failure, "text"));
        buffer_add_char(to, '\n');
    }
    if (json_array_size(failures) == 0)
        output_say("no failure of it is remembered: the last %d of each worker are", 64);
}

// --- commands ------------------------------------------------------------------------------------

typedef void print_reply(const json_t *reply, struct buffer *to);

static int request(const struct arguments *arguments, const struct ctl_request *wanted,
                   print_reply *print)
{
    struct buffer text = {0};
    int code = ctl_request(arguments, wanted, &text);
    if (code == EXIT_OK && !arguments->json) {
        json_t *reply = json_loadb(buffer_text(&text), text.size, 0, NULL);
        buffer_clear(&text);
        print(reply, &text);
        json_decref(reply);
    } else if (code == EXIT_OK) {
        buffer_add_char(&text, '\n');
    }
    output_put(&text);
    buffer_free(&text);
    return code;
}

// The same with the name among the words, if there is one.
static int request_name(const struct arguments *arguments, struct ctl_request wanted,
                        print_reply *print)
{
    const char *text = arguments_word(arguments, 0), *problem = NULL;
    char *name = text ? idn_to_ascii(text, &problem) : NULL;
    if (text && !name) {
        output_complain(NULL, "'%s' is not a name: %s", text, problem);
        return EXIT_USAGE;
    }
    wanted.name = name;
    wanted.type = arguments_word(arguments, 1);
    int code = request(arguments, &wanted, print);
    free(name);
    return code;
}

int command_cache_show(const struct arguments *arguments)
{
    return request_name(arguments, (struct ctl_request){.command = "cache", .verb = "show"},
                        print_entries);
}

int command_cache_dump(const struct arguments *arguments)
{
    return request(arguments, &(struct ctl_request){.command = "cache", .verb = "dump"},
                   print_entries);
}

int command_cache_top(const struct arguments *arguments)
{
    return request(arguments, &(struct ctl_request){.command = "cache", .verb = "top"},
                   print_names);
}

int command_cache_flush(const struct arguments *arguments)
{
    return request_name(arguments, (struct ctl_request){.command = "cache", .verb = "flush"},
                        print_flushed);
}

int command_cache_flush_tree(const struct arguments *arguments)
{
    return request_name(arguments, (struct ctl_request){.command = "cache", .verb = "flush-tree"},
                        print_flushed);
}

int command_cache_stats(const struct arguments *arguments)
{
    return request(arguments, &(struct ctl_request){.command = "cache", .verb = "stats"},
                   print_stats);
}

int command_why(const struct arguments *arguments)
{
    return request_name(arguments, (struct ctl_request){.command = "why"}, print_failures);
}
