// Cuts the text of a zone file into records, and each record into words (RFC 1035 5.1).
//
//   www  1h IN TXT ( "a b"   ; a comment
//                    c\;d )                     ->  www | 1h | IN | TXT | "a b" | c\;d
//
// A record ends with its line or, if a parenthesis is open there, with the line that closes it.
// Words are views into the text with their escapes still in them (struct token). Nothing here knows
// what a word means.
//
// A word ends at a blank, a comment, a parenthesis or a quote. Only `key="value with blanks"` is
// one word with its quotes inside (RFC 9460 appendix A); scan_split_values undoes that for types
// that have no such parameters.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/text.h"
#include "zone/scan_mask.h"

// What is wrong with the text of a record, and where: a parenthesis, a quote, an octet.
struct scan_problem {
    const char *message; // one sentence; NULL: no problem
    const char *hint;    // or NULL
    struct token token;  // what to point at
};

struct scan {
    const char *at;         // the next octet
    const char *end;        // NULs stand there
    const char *stop;       // no record that begins here or behind is read; `end` at first
    bool cautious;          // nor one that is not complete by then: `at` goes back to its start
    const char *line_start; // the line that `at` is in ...
    uint32_t line;          // ... and its number, from 1

    const char *record;   // where the current record began: the start of a line ...
    uint32_t record_line; // ... and that line's number
    bool indented;        // it began with a blank: its owner is the previous record's
    bool has_values;      // it has words like key="value"
    struct token *tokens; // its words; owned, used again for the next record
    size_t count;
    size_t room;
    struct scan_problem problem; // the first one in it

    unsigned depth;    // parentheses open at `at`
    struct token open; // the first of them
    unsigned rewinds;  // how often one was never closed and the text was read again after it

    scan_mask mask;    // the variant for this CPU
    const char *block; // the octets whose mask is `special`; NULL: none yet
    uint64_t special;
};

enum scan_result {
    SCAN_RECORD,  // its words are in `tokens`, at least one
    SCAN_PROBLEM, // what is in `problem`; the next call goes on behind it
    SCAN_END,
};

// Begins a text of `size` octets, behind which SCAN_PADDING NULs must stand: octets are looked at
// in blocks, and the last block begins before the text's end. A byte order mark is passed over.
// `size` is at most SCAN_OCTETS_MAX.
#define SCAN_OCTETS_MAX UINT32_MAX // lines, columns and sizes are counted in 32 bits
#define SCAN_PADDING    SCAN_BLOCK
void scan_begin(struct scan *scan, const char *octets, size_t size) __attribute__((nonnull));
// Takes another text into use and keeps the memory of the words.
void scan_again(struct scan *scan, const char *octets, size_t size) __attribute__((nonnull));
void scan_free(struct scan *scan) __attribute__((nonnull));

// True: the line at `line` looks like the first of a record: it begins with a plain word that is no
// directive. (Inside of parentheses it is something else.)
bool scan_begins_record(const char *line) __attribute__((nonnull));

// Goes to the next record. Its words are valid until the next call.
enum scan_result scan_next(struct scan *scan) __attribute__((nonnull, warn_unused_result));

// Cuts the words from index `from` on that have quotes inside in two: foo="a b" -> foo= | "a b", as
// other servers read them in TXT.
void scan_split_values(struct scan *scan, size_t from) __attribute__((nonnull));
