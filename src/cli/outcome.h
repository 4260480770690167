// What came of a question, in one word: for people, for JSON, and for the exit code.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct response;

// From good to bad: of several questions that failed in several ways the worst one counts.
enum outcome {
    OUTCOME_ANSWER,
    OUTCOME_NODATA,   // the name has no records of this type
    OUTCOME_REFERRAL, // the server names others to ask
    OUTCOME_NXDOMAIN,
    OUTCOME_REFUSED,
    OUTCOME_ERROR, // FORMERR, NOTIMP, BADVERS ...
    OUTCOME_SERVFAIL,
    OUTCOME_BOGUS, // SERVFAIL, and the resolver says that validation failed
    OUTCOME_BAD_REPLY,
    OUTCOME_TIMED_OUT,
    OUTCOME_NO_SERVER,
};
#define OUTCOMES (OUTCOME_NO_SERVER + 1)

// What a well-formed reply says to a question for `type`.
enum outcome outcome_judge(const struct response *response, uint16_t type) __attribute__((nonnull));
const char *outcome_word(enum outcome outcome);  // "nodata", for machines
const char *outcome_words(enum outcome outcome); // "no such type", for people
// The exit code of one question. Without `fail` every reply is a success.
int outcome_exit(enum outcome outcome, bool fail);
// The exit code of `count` questions (at least 1).
int outcome_exit_of_all(const enum outcome *outcomes, size_t count, bool fail)
    __attribute__((nonnull));
