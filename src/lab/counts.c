// Printing what was counted (counts.h).
#include "lab/counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

void counts_add(struct counts *sum, const struct counts *more)
{
    sum->udp += more->udp;
    sum->tcp += more->tcp;
    sum->connections += more->connections;
    sum->replies += more->replies;
    sum->unsent += more->unsent;
    for (unsigned i = 0; i < FAULTS; i++)
        sum->faults[i] += more->faults[i];
}

static struct counts sum_up(const struct counted *lines, size_t count)
{
    struct counts sum = {0};
    for (size_t i = 0; i < count; i++)
        counts_add(&sum, lines[i].counts);
    return sum;
}

// --- for people ----------------------------------------------------------------------------------

static void put_row(struct buffer *to, size_t width, const char *address, const char *host,
                    const struct counts *counts)
{
    buffer_format(to, "%-*s %10" PRIu64 " %8" PRIu64 " %10" PRIu64 " %8" PRIu64, (int)width,
                  address, counts->udp, counts->tcp, counts->replies, counts->unsent);
    buffer_format(to, host[0] ? "  %s" : " %s", host);
    const char *before = " (";
    for (unsigned i = 0; i < FAULTS; i++) {
        if (counts->faults[i] == 0)
            continue;
        buffer_format(to, "%s%s %" PRIu64, before, fault_table()[i].word, counts->faults[i]);
        before = ", ";
    }
    buffer_add_text(to, *before == ' ' ? "\n" : ")\n");
}

void counts_print(const struct counted *lines, size_t count, struct buffer *to)
{
    char text[ADDRESS_TEXT_MAX];
    size_t width = strlen("server");
    for (size_t i = 0; i < count; i++) {
        address_print_host(lines[i].address, text);
        width = strlen(text) > width ? strlen(text) : width;
    }
    buffer_format(to, "%-*s %10s %8s %10s %8s  %s\n", (int)width, "server", "udp", "tcp", "replies",
                  "unsent", "name (faults)");
    for (size_t i = 0; i < count; i++) {
        if (lines[i].counts->udp + lines[i].counts->connections == 0)
            continue;
        address_print_host(lines[i].address, text);
        put_row(to, width, text, lines[i].host, lines[i].counts);
    }
    struct counts sum = sum_up(lines, count);
    put_row(to, width, "all", "", &sum);
}

// --- for machines --------------------------------------------------------------------------------

static void put_counts(struct json *json, const struct counts *counts)
{
    json_number(json, "udp", (int64_t)counts->udp);
    json_number(json, "tcp", (int64_t)counts->tcp);
    json_number(json, "connections", (int64_t)counts->connections);
    json_number(json, "replies", (int64_t)counts->replies);
    json_number(json, "unsent", (int64_t)counts->unsent);
    json_open_object(json, "faults");
    for (unsigned i = 0; i < FAULTS; i++)
        if (counts->faults[i])
            json_number(json, fault_table()[i].word, (int64_t)counts->faults[i]);
    json_close_object(json);
}

static void put_object(struct buffer *to, const char *event, const struct counted *line,
                       const struct counts *counts)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "event", event);
    if (line) {
        char text[ADDRESS_TEXT_MAX];
        address_print_host(line->address, text);
        json_text(&json, "address", text);
        json_text(&json, "name", line->host);
        json_number(&json, "zones", (int64_t)line->zones);
    }
    put_counts(&json, counts);
    json_close_object(&json);
    buffer_add_char(to, '\n');
}

void counts_print_json(const struct counted *lines, size_t count, struct buffer *to)
{
    for (size_t i = 0; i < count; i++)
        put_object(to, "server", &lines[i], lines[i].counts);
    struct counts sum = sum_up(lines, count);
    put_object(to, "total", NULL, &sum);
}
