// A large zone file read by several threads at once.
//
// The text is cut at line ends into parts. What a line means depends on lines above it (the origin,
// the TTL, the owner, a parenthesis that is open), so a part is read on a guess and used only if
// the guess was right:
//
//   caller    | head, read in sequence: sets origin and $TTL |
//   threads                                                  | part 1 | part 2 | part 3 | ...
//   caller    takes the parts in their order:                  fits ->  its records go to the list
//                                              does not fit ->  the caller reads it in sequence
//
// The guess: origin and $TTL are what they were when the part was begun, the part starts with a new
// owner, outside of parentheses. A part is lost, and read in sequence, if it meets a directive, a
// line that repeats an owner from above, or a record whose TTL only a line above it tells. It fits
// if the reading up to it came to an end exactly where it begins, in the state that was guessed.
// A record that goes on behind the end of its part is left to the caller.
//
// So records, problems, their order and their lines are those of reading in sequence, whatever the
// text. Most large zones are one line for each record below one $TTL, and nothing is read twice.
#pragma once

#include <stdbool.h>

struct reader;

// Reads the reader's text from where it is to its end. False: nothing was done, since the text is
// too short, or the options have no threads.
bool parse_in_parts(struct reader *reader) __attribute__((nonnull, warn_unused_result));
