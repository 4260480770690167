// Dates of signatures: YYYYMMDDHHmmSS in UTC (RFC 4034 3.2), seconds since 1970 on the wire.
//
// The 32 bits are serial numbers (RFC 1982) and wrap in 2106; until then they are read as they
// stand.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_TEXT_SIZE 14

// False: not fourteen digits that make a date between 1970 and 2106-02-07.
bool date_parse(const char *text, size_t size, uint32_t *seconds)
    __attribute__((nonnull, warn_unused_result));
void date_print(uint32_t seconds, char text[static DATE_TEXT_SIZE + 1]) __attribute__((nonnull));
