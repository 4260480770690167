// The description of the little internet that needs no file. The same text is in
// examples/lab/little.yaml, for people to copy; test/lab/little.c compares the two.
#pragma once

#define LITTLE_PATH "examples/lab/little.yaml" // what it is called in problems

const char *little_text(void);
