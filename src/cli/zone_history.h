// `onym zone history`: how much a server keeps of changes, and less of it.
#pragma once

struct arguments;

int command_zone_history(const struct arguments *arguments) __attribute__((nonnull));
