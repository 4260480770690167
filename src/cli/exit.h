// Exit codes: one table, which help and the manual print.
#pragma once

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3,
    EXIT_PERMISSION = 4,
    EXIT_NOT_FOUND = 5,
    EXIT_CONFLICT = 6,
    EXIT_PARTLY = 7,
    EXIT_NO_REPLY = 9, // as dig
    // With `query --fail` and `--all`: what the server said, told apart.
    EXIT_NXDOMAIN = 10,
    EXIT_SERVFAIL = 11,
    EXIT_REFUSED = 12,
    EXIT_BOGUS = 13,
    EXIT_NODATA = 14,
    EXIT_ERROR = 15,
};

struct exit_row {
    enum exit_code code;
    const char *words; // NULL marks the end of the table
};
const struct exit_row *exit_table(void);
