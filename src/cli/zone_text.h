// `onym zone import|edit|copy`: zones of a running server as texts.
#pragma once

struct arguments;

int command_zone_import(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_edit(const struct arguments *arguments) __attribute__((nonnull));
int command_zone_copy(const struct arguments *arguments) __attribute__((nonnull));
