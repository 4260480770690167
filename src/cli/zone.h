// `onym zone`: what can be done with a zone file and no server.
#pragma once

struct arguments;

int command_zone_check(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_print(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_stat(const struct arguments *arguments) __attribute__((nonnull));
