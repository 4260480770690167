// The part of the table of keys (schema.h) that is about zones: KEY_ZONES to the key before
// KEY_PLACES. For schema.c; others ask schema_row().
#pragma once

#include "conf/schema.h"

extern const struct schema_row schema_zone_rows[]; // [key - KEY_ZONES]
