// The log: one line for each event, to stderr, in words for the operator.
//
// Under a journal ($JOURNAL_STREAM names our stderr) each line begins with <priority> and has no
// time; elsewhere it begins with an RFC 3339 time and the level. A line is written with one
// write(), so lines of several threads never mix. The logger knows text and numbers only.
#pragma once

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

// Opens the log; before it lines go to stderr at level info without a time.
void log_open(enum log_level level);
void log_set_level(enum log_level level);
bool log_shows(enum log_level level);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
