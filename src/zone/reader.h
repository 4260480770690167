// One text being read (a zone file, or what a $GENERATE makes), and the state that goes on from
// text to text. The inside of the parser: parse.c has the files and directives, reader.c the
// records.
//
// What lives how long: `struct parser` one run over all files (owner and TTLs go on from file to
// file); `struct reader` one file (its origin ends with it: RFC 1035 5.1); the text of every file
// until the records are freed, so that problems can show their line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/report.h"
#include "zone/parse.h"
#include "zone/scan.h"

// The owner that a line without one repeats.
struct owner {
    enum { OWNER_NONE, OWNER_REFUSED, OWNER_GOOD } state;
    uint8_t size, labels;
    const uint8_t *stored;             // its copy in the arena, once a record has it
    uint8_t wire[NAME_OCTETS_MAX + 1]; // whole words of 8
};

struct parser {
    struct records *records;
    struct report *report;
    const struct parse_options *options;
    size_t errors;   // told so far
    size_t includes; // $INCLUDE lines followed so far

    struct owner owner;
    const char *owner_text; // the word that it was read from, or NULL: do not compare with it
    uint32_t owner_text_size;

    bool has_ttl_default; // from $TTL (RFC 2308 4) or a SOA without TTL
    bool has_ttl_last;    // of the last record that had one (RFC 1035 5.1)
    uint32_t ttl_default, ttl_last;

    uint16_t type;      // of the record before: the next one mostly has the same
    uint64_t type_word; // its word of up to 8 octets; 0: none

    char zone_text[NAME_TEXT_MAX]; // the zone's name without the last dot
    size_t zone_text_size;

    bool guesses; // reads a part of a file without knowing what stands above (parse_parts.h)
    bool lost;    // and needs to know it: what it read is worth nothing

    uint64_t octets_read, octets_total;
    uint8_t rdata[RDATA_MAX + 1]; // whole words of 8
};

struct reader {
    struct parser *parser;
    struct reader *outer; // the file whose $INCLUDE we read, or NULL
    uint16_t source;
    struct scan scan;
    const char *told; // up to where progress was told
    struct name origin;
    bool origin_in_zone;
    uint8_t origin_wire[NAME_OCTETS_MAX];

    // While records of a $GENERATE are read: where it stands, and the text it made.
    const struct token *template;
    const char *generated;
    bool generated_warned;
};

#define READER_SHOWN_MAX 60 // octets of a word that a message repeats
// How much of a word a message repeats, for "%.*s".
int reader_shown(const struct token *token) __attribute__((nonnull));

// Adds a problem at a word. Words that $GENERATE made stand nowhere: for them the template is
// shown.
void reader_complain(struct reader *reader, enum severity severity, const struct token *token,
                     const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6), nonnull(1, 3, 5)));
// Just behind the last word of a record, where one more should stand.
struct token reader_end(const struct scan *scan) __attribute__((nonnull));

// Reads a name that an owner, $ORIGIN or $INCLUDE gives. False: told.
bool reader_read_name(struct reader *reader, const struct token *token,
                      uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
    __attribute__((nonnull, warn_unused_result));
void reader_set_origin(struct reader *reader, struct name name) __attribute__((nonnull));

// Makes the word the owner of this record and those below that have none.
void reader_read_owner(struct reader *reader, const struct token *token) __attribute__((nonnull));
// Reads the record whose words are in `scan` (the reader's own, or that of a $GENERATE) and adds
// it, or tells all that is wrong with it.
void reader_read_record(struct reader *reader, struct scan *scan) __attribute__((nonnull));

// Reads on up to scan.stop, directives too (parse.c). Returns early when the parser is lost.
void reader_read_part(struct reader *reader) __attribute__((nonnull));
// Tells how far the reading is, at every megabyte or so, or at once.
void reader_tell_progress(struct reader *reader, bool at_once) __attribute__((nonnull));
