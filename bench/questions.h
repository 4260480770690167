// The questions that a generator asks: read from a text file, built to wire before the run.
//
//   www.bench.test A NOERROR
//   nothing.bench.test TYPE65 NXDOMAIN      # the rcode may be a name, a number, or left out
//
// The order is the file's; whoever made the file has shuffled it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_SIZE  12
#define RCODE_ANY    (-1)
#define QUESTION_MAX (HEADER_SIZE + 255 + 4 + 11) // header, name, type and class, OPT

struct question {
    uint32_t at;    // where its message begins in `octets`
    uint32_t line;  // of the file, from 1
    uint16_t size;  // octets of the whole message
    uint16_t asked; // octets of the question section: name, type, class
    int16_t rcode;  // the expected one, or RCODE_ANY
};

struct questions {
    uint8_t *octets; // all messages, one after the other; their IDs are 0
    size_t size, octets_room;
    struct question *list;
    size_t count, list_room;
};

struct questions_style {
    bool edns;      // add an OPT record that announces 1232 octets
    bool dnssec_ok; // with DO set in it; implies `edns`
    bool recurse;   // set RD
    bool any_rcode; // pass over the expected rcodes
};

// Prints the place and the reason and exits (status 2) at the first line that is not a question, or
// if there is none at all.
void questions_read(struct questions *questions, const char *path, struct questions_style style);
void questions_free(struct questions *questions);
