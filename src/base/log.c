// The log of log.h.
//
// A line is built on the stack and leaves with one write(), no lock and no allocation: workers may
// log from anywhere. 4096 octets are PIPE_BUF, the most that a pipe takes in one piece.
//
// Parts of a message come from strangers (names, error texts of other servers). What could end the
// line, move a terminal's cursor or make the journal keep the line as a blob (octets that are not
// UTF-8) is written as \xNN, so that nobody forges a line.
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

#define LINE_MAX_OCTETS 4096
#define MESSAGE_OCTETS  3072

// What each line begins with.
enum form { FORM_PLAIN, FORM_JOURNAL, FORM_TIME };

static const struct {
    const char *word;
    int priority; // syslog's (RFC 5424 6.2.1)
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", 3},
    [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_INFO] = {"info", 6},
    [LOG_LEVEL_DEBUG] = {"debug", 7},
};

static atomic_int shown = LOG_LEVEL_INFO;
static atomic_int form = FORM_PLAIN;

// Is stderr the journal's? The variable is inherited by children whose stderr may be another one,
// so device and inode are compared (systemd.exec(5)).
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    if (!stream || fstat(STDERR_FILENO, &status) < 0)
        return false;
    char ours[64];
    snprintf(ours, sizeof ours, "%" PRIuMAX ":%" PRIuMAX, (uintmax_t)status.st_dev,
             (uintmax_t)status.st_ino);
    return strcmp(stream, ours) == 0;
}

void log_open(enum log_level level)
{
    atomic_store(&form, is_journal() ? FORM_JOURNAL : FORM_TIME);
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    assert(level <= LOG_LEVEL_DEBUG);
    atomic_store(&shown, (int)level);
}

bool log_shows(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&shown, memory_order_relaxed);
}

// RFC 3339 5.6 in UTC, milliseconds.
static size_t put_time(char *to, size_t room)
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t size = strftime(to, room, "%Y-%m-%dT%H:%M:%S", &parts);
    return size + (size_t)snprintf(to + size, room - size, ".%03ldZ ", now.tv_nsec / 1000000);
}

static size_t put_start(char *to, size_t room, enum log_level level)
{
    size_t size = 0;
    switch ((enum form)atomic_load_explicit(&form, memory_order_relaxed)) {
    case FORM_JOURNAL: return (size_t)snprintf(to, room, "<%d>", levels[level].priority);
    case FORM_TIME: size = put_time(to, room); break;
    case FORM_PLAIN: break;
    }
    return size + (size_t)snprintf(to + size, room - size, "%s: ", levels[level].word);
}

// Copies what is printable and escapes the rest. False: `room` did not suffice.
static bool put_escaped(char *to, size_t room, const char *message, size_t *put)
{
    size_t left = strlen(message);
    *put = 0;
    while (left) {
        uint32_t code;
        size_t count = utf8_get(message, left, &code);
        bool plain = count != 0 && utf8_printable(code);
        count = plain ? count : 1;
        if (*put + (plain ? count : 4) >= room)
            return false;
        if (plain)
            memcpy(to + *put, message, count);
        else
            snprintf(to + *put, 5, "\\x%02x", (uint8_t)*message);
        *put += plain ? count : 4;
        message += count;
        left -= count;
    }
    return true;
}

static void write_line(const char *line, size_t size)
{
    // A log that cannot be written has no place to complain to; and a full pipe must not stop us.
    ssize_t put;
    do
        put = write(STDERR_FILENO, line, size);
    while (put < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *format, ...)
{
    assert(level <= LOG_LEVEL_DEBUG);
    if (!log_shows(level))
        return;
    int errno_before = errno; // callers log first and return their errno then
    char message[MESSAGE_OCTETS];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    static const char cut[] = "...\n";
    char line[LINE_MAX_OCTETS];
    size_t size = put_start(line, sizeof line, level), put = 0;
    bool whole = put_escaped(line + size, sizeof line - size - sizeof cut, message, &put) &&
                 wanted < (int)sizeof message;
    size += put;
    const char *end = whole ? "\n" : cut;
    memcpy(line + size, end, strlen(end));
    write_line(line, size + strlen(end));
    errno = errno_before;
}
