// A zone from text, made where conf's own types are not known: two rooms have a struct source.
#pragma once

#include "zone/zone.h"

struct zone *fitted_zone(const char *origin, const char *text);
const struct hash_key *fitted_secret(void);
