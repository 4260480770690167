// `onym zone add|remove|set|del|log|diff|undo|export`: zones of a running server.
#pragma once

struct arguments;

int command_zone_add(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_remove(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_set(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_del(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_log(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_diff(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_undo(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_export(const struct arguments *arguments) __attribute__((nonnull));
