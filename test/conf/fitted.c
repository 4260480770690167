// Zones for fitting.c (fitted.h).
#include "fitted.h"

#include "../zone/from_text.h"

struct zone *fitted_zone(const char *origin, const char *text)
{
    char *whole = malloc(strlen(APEX) + strlen(text) + 1);
    assert_non_null(whole);
    strcpy(whole, APEX);
    strcat(whole, text);
    struct zone *zone = zone_from_text(origin, whole);
    free(whole);
    return zone;
}

const struct hash_key *fitted_secret(void)
{
    return &test_secret;
}
