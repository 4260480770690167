// Members of what a server or a walk said in JSON: an absent one, or one of another type, is "" or
// 0, so that a reply of an older server prints with less in it and does not fail.
#pragma once

#include <jansson.h>

// Lives as long as the object.
static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static inline double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}
