// `onym lab`: a little internet in one process, to walk and to measure resolvers in.
#pragma once

struct arguments;

int command_lab(const struct arguments *arguments) __attribute__((nonnull));
