// `onym key`: secrets that sign requests and replies (TSIG, RFC 8945), made and looked up. No
// server is asked: what is said comes from the configuration's files.
#pragma once

struct arguments;

// Makes a key and prints how to tell onym and other programs of it. The configuration is not
// changed, unless `--write FILE` names a new file for the key.
int command_key_add(const struct arguments *arguments) __attribute__((nonnull));
int command_key_list(const struct arguments *arguments) __attribute__((nonnull));
int command_key_show(const struct arguments *arguments) __attribute__((nonnull));
