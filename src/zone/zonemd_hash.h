// Hash algorithms of ZONEMD by their numbers (RFC 8976 5.3), for who only names one.
#pragma once

enum zonemd_hash { ZONEMD_HASH_NONE, ZONEMD_HASH_SHA384, ZONEMD_HASH_SHA512 };
// "none", "sha384", "sha512", NULL. (zonemd.c)
extern const char *const zonemd_hash_words[];
