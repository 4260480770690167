// `onym config`: what the configuration says, what its keys mean, and its JSON Schema.
#pragma once

struct arguments;

int command_config_show(const struct arguments *arguments) __attribute__((nonnull));
int command_config_explain(const struct arguments *arguments) __attribute__((nonnull));
int command_config_schema(const struct arguments *arguments) __attribute__((nonnull));

#define CONFIG_PATH "/etc/onym/onym.yaml"

// Which configuration a command with the flag --config means: that file; else CONFIG_PATH if there
// is such a file; else NULL: all defaults.
const char *config_path(const struct arguments *arguments) __attribute__((nonnull));
