// `onym zone add|remove|set|del|log|diff|undo|export`: zones of a running server.
#pragma once

#include <jansson.h>

struct arguments;
struct buffer;
struct json;

int command_zone_add(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_remove(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_set(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_del(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_log(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_diff(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_undo(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_export(const struct arguments *arguments) __attribute__((nonnull));

// For other commands about zones. Begins the request's object with what each has.
void zone_begin_request(struct json *json, const struct arguments *arguments, const char *command)
    __attribute__((nonnull));
// The reply, printed with --json, as an object that the caller gives back; NULL: told, and *code is
// what to end with.
json_t *zone_ask(const struct arguments *arguments, const struct buffer *request, int *code)
    __attribute__((nonnull));
json_t *zone_ask_quietly(const struct arguments *arguments, const struct buffer *request, int *code)
    __attribute__((nonnull));
// A request "change": what `write` puts into it is shown, asked for and done. Returns an exit code.
typedef void zone_writer(const struct arguments *arguments, struct json *json);
int zone_change(const struct arguments *arguments, zone_writer *write) __attribute__((nonnull));
// Asks, unless --yes or --json is there. EXIT_OK: go on.
int zone_confirm(const struct arguments *arguments) __attribute__((nonnull));
