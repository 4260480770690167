// `onym version`.
#pragma once

struct arguments;

int command_version(const struct arguments *arguments) __attribute__((nonnull));
