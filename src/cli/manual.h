// `onym man`: the manual pages in man(7), printed from the table of commands and from the
// configuration's schema.
#pragma once

struct arguments;
struct buffer;

int command_man(const struct arguments *arguments) __attribute__((nonnull));

void manual_print_onym(struct buffer *to) __attribute__((nonnull));      // onym(1)
void manual_print_onym_yaml(struct buffer *to) __attribute__((nonnull)); // onym.yaml(5)
