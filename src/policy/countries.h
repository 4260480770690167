// Countries (ISO 3166-1) and continents, as databases of places name them.
#pragma once

#include <stddef.h>

struct buffer;

struct country {
    char code[3];      // "SG"
    char continent[3]; // "AS"
    const char *name;  // in English, short
};

// All of them, in the order of their codes.
size_t countries_count(void);
const struct country *countries_at(size_t index) __attribute__((returns_nonnull));
// The country with this code, in capital letters; NULL: there is none.
const struct country *countries_find(const char *code) __attribute__((nonnull));
// What was probably meant by `text`: "did you mean 'GB' (United Kingdom)?"; nothing if that is not
// clear.
void countries_suggest(const char *text, struct buffer *to) __attribute__((nonnull));
// "AS": the same text, kept; NULL: no continent has this code.
const char *continents_find(const char *code) __attribute__((nonnull));
void continents_suggest(const char *text, struct buffer *to) __attribute__((nonnull));
