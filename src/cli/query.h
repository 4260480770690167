// `onym query`: ask a name server and show what it says.
#pragma once

struct arguments;

int command_query(const struct arguments *arguments) __attribute__((nonnull));
