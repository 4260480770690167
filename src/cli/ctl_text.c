// The replies of a server as text (ctl_text.h).
#include "cli/ctl_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/members.h"
#include "cli/output.h"

#define ZONES_SHOWN 20 // more are only counted, but for those in trouble and with -v

static int64_t count_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void add_period(struct buffer *to, int64_t seconds)
{
    int64_t days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    if (days > 0)
        buffer_format(to, "%" PRId64 " d %" PRId64 " h", days, hours);
    else if (hours > 0)
        buffer_format(to, "%" PRId64 " h %" PRId64 " min", hours, minutes);
    else if (minutes > 0)
        buffer_format(to, "%" PRId64 " min %" PRId64 " s", minutes, seconds % 60);
    else
        buffer_format(to, "%" PRId64 " s", seconds);
}

static void add_row(struct buffer *to, const char *label, const char *text)
{
    if (*text)
        buffer_format(to, "  %-9s %s\n", label, text);
}

// --- status --------------------------------------------------------------------------------------

static void add_listeners(struct buffer *to, const json_t *reply)
{
    struct buffer line = {0};
    const json_t *listener;
    size_t index;
    json_array_foreach(json_object_get(reply, "listen"), index, listener)
    {
        if (line.size)
            buffer_add_text(&line, ", ");
        buffer_format(&line, "%s %s%s", text_of(listener, "transport"),
                      text_of(listener, "address"),
                      json_is_true(json_object_get(listener, "inherited")) ? " (inherited)" : "");
    }
    add_row(to, "listen", buffer_text(&line));
    buffer_free(&line);
}

static void add_counts(struct buffer *to, const json_t *reply)
{
    static const char *const states[] = {"served", "broken", "loading"};
    const json_t *counts = json_object_get(reply, "counts");
    if (!counts)
        return;
    struct buffer line = {0};
    buffer_format(&line, "%" PRId64, count_of(counts, "zones"));
    const char *before = ": ";
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (count_of(counts, states[i]) == 0)
            continue;
        buffer_format(&line, "%s%" PRId64 " %s", before, count_of(counts, states[i]), states[i]);
        before = ", ";
    }
    buffer_format(&line, ", %" PRId64 " records", count_of(counts, "records"));
    add_row(to, "zones", buffer_text(&line));
    buffer_free(&line);
}

static void add_last_reload(struct buffer *to, const json_t *reply)
{
    const json_t *reload = json_object_get(reply, "reload");
    if (!json_is_object(reload))
        return;
    struct buffer line = {0};
    buffer_format(&line, "%s: %s", text_of(reload, "at"), text_of(reload, "message"));
    add_row(to, "reload", buffer_text(&line));
    buffer_free(&line);
}

// From whom, since when and until when.
static void add_transfer(struct buffer *to, const json_t *transfer)
{
    buffer_format(to, "    from %s", text_of(transfer, "primary"));
    if (json_object_get(transfer, "confirmed_s")) {
        buffer_add_text(to, ", confirmed ");
        add_period(to, count_of(transfer, "confirmed_s"));
        buffer_add_text(to, " ago");
    }
    if (json_is_true(json_object_get(transfer, "under_way"))) {
        buffer_add_text(to, ", being asked now");
    } else if (json_object_get(transfer, "next_s")) {
        buffer_add_text(to, ", asked again in ");
        add_period(to, count_of(transfer, "next_s"));
    }
    if (json_object_get(transfer, "expires_s")) {
        buffer_add_text(to, ", good for ");
        add_period(to, count_of(transfer, "expires_s"));
    }
    buffer_add_char(to, '\n');
    if (*text_of(transfer, "problem"))
        buffer_format(to, "    %" PRId64 " failure%s: %s\n", count_of(transfer, "failures"),
                      count_of(transfer, "failures") == 1 ? "" : "s", text_of(transfer, "problem"));
}

static void add_zone(struct buffer *to, const json_t *zone)
{
    const char *state = text_of(zone, "state");
    bool served = strcmp(state, "served") == 0;
    buffer_format(to, "  %-32s ", text_of(zone, "name"));
    if (*text_of(zone, "view"))
        buffer_format(to, "in %s ", text_of(zone, "view"));
    output_paint(to, served ? "32" : strcmp(state, "loading") == 0 ? "33" : "1;31", state);
    if (served)
        buffer_format(to, " serial %" PRId64 ", %" PRId64 " records", count_of(zone, "serial"),
                      count_of(zone, "records"));
    if (*text_of(zone, "problem"))
        buffer_format(to, ": %s", text_of(zone, "problem"));
    if (*text_of(zone, "catalog"))
        buffer_format(to, ", of catalog %s", text_of(zone, "catalog"));
    if (json_object_get(zone, "members"))
        buffer_format(to, ", a catalog of %" PRId64 " zones", count_of(zone, "members"));
    buffer_add_char(to, '\n');
    if (*text_of(zone, "catalog_problem"))
        buffer_format(to, "    its newest version is broken: %s\n",
                      text_of(zone, "catalog_problem"));
    if (json_object_get(zone, "transfer"))
        add_transfer(to, json_object_get(zone, "transfer"));
}

static void add_zones(struct buffer *to, const json_t *reply)
{
    const json_t *zones = json_object_get(reply, "zones"), *zone;
    bool all = json_array_size(zones) <= ZONES_SHOWN || output_is_verbose();
    size_t index;
    json_array_foreach(zones, index, zone)
    {
        bool fine = strcmp(text_of(zone, "state"), "served") == 0 && !*text_of(zone, "problem");
        if (all || !fine)
            add_zone(to, zone);
    }
    if (count_of(reply, "more") && output_is_verbose())
        buffer_format(to, "  and %" PRId64 " more\n", count_of(reply, "more"));
}

static void add_resolving(struct buffer *to, const json_t *resolve)
{
    const json_t *copy = json_object_get(resolve, "root_copy");
    struct buffer line = {0};
    if (copy)
        buffer_format(&line, "%s, serial %" PRId64 ", expires %s", text_of(copy, "file"),
                      count_of(copy, "serial"), text_of(copy, "expires"));
    add_row(to, "root copy", buffer_text(&line));
    add_row(to, "hints", text_of(resolve, "hints"));
    buffer_free(&line);
}

static void add_health(struct buffer *to, const json_t *reply)
{
    const json_t *health = json_object_get(reply, "health");
    struct buffer line = {0};
    if (!health)
        return;
    buffer_format(&line, "%" PRId64 " addresses up, %" PRId64 " down", count_of(health, "up"),
                  count_of(health, "down"));
    if (count_of(health, "unknown"))
        buffer_format(&line, ", %" PRId64 " not checked yet", count_of(health, "unknown"));
    add_row(to, "health", buffer_text(&line));
    buffer_free(&line);
}

void ctl_text_status(const json_t *reply, struct buffer *to)
{
    output_paint(to, "1", "onym ");
    output_paint(to, "1", text_of(reply, "version"));
    buffer_format(to, " runs: pid %" PRId64 ", for ", count_of(reply, "pid"));
    add_period(to, count_of(reply, "uptime_s"));
    int64_t workers = count_of(reply, "workers");
    buffer_format(to, ", %" PRId64 " worker%s", workers, workers == 1 ? "" : "s");
    if (*text_of(reply, "user"))
        buffer_format(to, ", as %s", text_of(reply, "user"));
    buffer_add_char(to, '\n');
    add_row(to, "config", text_of(reply, "config"));
    add_row(to, "control", text_of(reply, "control"));
    add_listeners(to, reply);
    add_resolving(to, json_object_get(reply, "resolve"));
    add_last_reload(to, reply);
    add_counts(to, reply);
    add_health(to, reply);
    add_zones(to, reply);
}

// --- the others ----------------------------------------------------------------------------------

void ctl_text_reload(const json_t *reply, struct buffer *to)
{
    const char *message = text_of(reply, "message");
    buffer_format(to, "%s\n", *message ? message : "reloaded");
    const json_t *zone = json_object_get(reply, "zone");
    if (zone)
        add_zone(to, zone);
}

// Each target of a reply as `add` writes it; without any, why there are none.
static void add_targets(struct buffer *to, const json_t *reply,
                        void (*add)(struct buffer *to, const json_t *target), const char *none)
{
    const json_t *targets = json_object_get(reply, "targets"), *target;
    size_t index;
    json_array_foreach(targets, index, target) add(to, target);
    if (json_array_size(targets) == 0)
        buffer_add_text(to, none);
}

static void add_target(struct buffer *to, const json_t *target)
{
    const char *state = text_of(target, "state");
    const char *colour = strcmp(state, "up") == 0     ? "32"
                         : strcmp(state, "down") == 0 ? "1;31"
                                                      : "33";
    buffer_format(to, "%-16s %-24s ", text_of(target, "check"), text_of(target, "address"));
    output_paint(to, colour, state);
    if (json_object_get(target, "since_s")) {
        buffer_add_text(to, " for ");
        add_period(to, count_of(target, "since_s"));
    }
    if (*text_of(target, "words"))
        buffer_format(to, ": %s", text_of(target, "words"));
    int64_t bad = count_of(target, "bad"), good = count_of(target, "good");
    if (bad > 1 || (bad && strcmp(state, "up") == 0))
        buffer_format(to, " (%" PRId64 " in a row)", bad);
    else if (good && strcmp(state, "down") == 0)
        buffer_format(to, " (%" PRId64 " good in a row)", good);
    buffer_add_char(to, '\n');
}

void ctl_text_health(const json_t *reply, struct buffer *to)
{
    add_targets(to, reply, add_target, "no address is checked: no rule of a route has a 'check'\n");
}

static void add_secondary(struct buffer *to, const json_t *target)
{
    int64_t waiting = count_of(target, "waiting") + count_of(target, "flying");
    int64_t zones = count_of(target, "zones");
    bool silent = json_is_true(json_object_get(target, "silent"));
    buffer_format(to, "%-32s ", text_of(target, "address"));
    output_paint(to,
                 silent    ? "1;31"
                 : waiting ? "33"
                           : "32",
                 silent    ? "does not answer"
                 : waiting ? "being told"
                           : "told");
    if (waiting)
        buffer_format(to, ", %" PRId64 " of %" PRId64 " zone%s to go", waiting, zones,
                      zones == 1 ? "" : "s");
    else
        buffer_format(to, " of %" PRId64 " zone%s", zones, zones == 1 ? "" : "s");
    if (*text_of(target, "key"))
        buffer_format(to, ", signed by %s", text_of(target, "key"));
    buffer_add_char(to, '\n');
}

void ctl_text_notify(const json_t *reply, struct buffer *to)
{
    add_targets(to, reply, add_secondary,
                "no zone has secondaries that are told: none has a 'notify'\n");
}

static void add_alias(struct buffer *to, const json_t *target)
{
    const char *state = text_of(target, "state");
    const json_t *addresses = json_object_get(target, "addresses"), *address;
    bool known = strcmp(state, "known") == 0;
    size_t index;
    buffer_format(to, "%-32s %-5s", text_of(target, "name"), text_of(target, "type"));
    output_paint(to, known ? "32" : "1;31", state);
    json_array_foreach(addresses, index, address)
        buffer_format(to, " %s", json_string_value(address));
    if (known)
        buffer_format(to, ", for ");
    if (known)
        add_period(to, count_of(target, "ttl"));
    if (*text_of(target, "words") && (!known || json_array_size(addresses) == 0))
        buffer_format(to, ": %s", text_of(target, "words"));
    buffer_add_char(to, '\n');
}

void ctl_text_aliases(const json_t *reply, struct buffer *to)
{
    add_targets(to, reply, add_alias, "no zone has an ALIAS record\n");
}

void ctl_text_stop(const json_t *reply, struct buffer *to)
{
    (void)reply; // it came before the end, which we have waited for
    buffer_add_text(to, "the server has stopped\n");
}

// Counters by name; those inside of others with both names. What is zero is left out without -v.
// The depth is that of the reply, and jansson limits that.
static void add_counters(struct buffer *to, const json_t *object, const char *before)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct buffer name = {0};
        buffer_format(&name, "%s%s%s", before, *before ? "." : "", key);
        if (json_is_object(value))
            add_counters(to, value, buffer_text(&name));
        else if (json_is_number(value) && (json_number_value(value) != 0 || output_is_verbose()))
            buffer_format(to, "%-44s %.0f\n", buffer_text(&name), json_number_value(value));
        buffer_free(&name);
    }
}

void ctl_text_stats(const json_t *reply, struct buffer *to)
{
    static const char *const envelope[] = {"v", "ok", "exit"};
    json_t *counters = json_copy((json_t *)(uintptr_t)reply);
    for (size_t i = 0; i < sizeof envelope / sizeof envelope[0]; i++)
        json_object_del(counters, envelope[i]);
    add_counters(to, counters, "");
    json_decref(counters);
}

void ctl_text_metrics(const json_t *reply, struct buffer *to)
{
    buffer_add_text(to, text_of(reply, "text"));
}
