// A JSON writer: commas, quotes and escapes are its business. (Reading is jansson's.)
//
//   struct json json = json_begin(&buffer);
//   json_open_object(&json, NULL);
//   json_number(&json, "v", 1);
//   json_open_array(&json, "zones"); json_text(&json, NULL, "example."); json_close_array(&json);
//   json_close_object(&json);
//
// (No name here may be one of jansson's: its json_real and json_null would become ours.)
//
// `key` is NULL inside an array and at the top. Nesting past 60 levels is a programmer's error.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct buffer;

struct json {
    struct buffer *to;
    uint64_t used; // bit n: something was written at depth n
    unsigned depth;
};

struct json json_begin(struct buffer *to);
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);
// Text is taken as UTF-8; octets that are not are written as \u00XX of their value.
void json_text(struct json *json, const char *key, const char *text);
void json_octets(struct json *json, const char *key, const char *text, size_t size);
void json_number(struct json *json, const char *key, int64_t number);
void json_double(struct json *json, const char *key, double number);
void json_bool(struct json *json, const char *key, bool value);
void json_none(struct json *json, const char *key); // null
// The members of an object, or the items of an array, that a writer of ours has written whole
// (`text`, `size`): they become members or items of what is open.
void json_merge(struct json *json, const char *text, size_t size);
