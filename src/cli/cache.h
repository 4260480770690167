// `onym cache` and `onym why`: what a running server remembers, and what it could not find out.
#pragma once

struct arguments;

int command_cache_show(const struct arguments *arguments) __attribute__((nonnull));
int command_cache_dump(const struct arguments *arguments) __attribute__((nonnull));
int command_cache_top(const struct arguments *arguments) __attribute__((nonnull));
int command_cache_flush(const struct arguments *arguments) __attribute__((nonnull));
int command_cache_flush_tree(const struct arguments *arguments) __attribute__((nonnull));
int command_cache_stats(const struct arguments *arguments) __attribute__((nonnull));
int command_why(const struct arguments *arguments) __attribute__((nonnull));
