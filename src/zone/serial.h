// Serials of zones: which is newer (RFC 1982), and which comes next.
//
//     2^32 numbers in a circle. Half of them are newer than one, half are older; of the one on the
//     other side neither can be said.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum serial_order { SERIAL_SAME, SERIAL_OLDER, SERIAL_NEWER, SERIAL_UNDEFINED };

// What `a` is, seen from `b` (RFC 1982 3.2). UNDEFINED: half the circle is between them.
enum serial_order serial_compare(uint32_t a, uint32_t b);
// NEWER and nothing else.
bool serial_is_newer(uint32_t a, uint32_t b);

// What the serial of a zone becomes when the zone changes.
enum serial_policy {
    SERIAL_KEEP,      // whoever changes the zone sees to it
    SERIAL_INCREMENT, // one more
    SERIAL_UNIXTIME,  // seconds since 1970
    SERIAL_DATE,      // YYYYMMDDnn in UTC, nn from 01
};
// Their words in the order of the enum, and a NULL: "keep", "increment", "unixtime", "date".
extern const char *const serial_policy_words[];

// The serial behind this one at `now_s` (seconds since 1970). It is newer than `serial` whatever
// the clock says: where the time gives nothing newer, it is one more. Never 0, which some servers
// take for a zone that they do not have yet. KEEP gives `serial` itself.
uint32_t serial_next(enum serial_policy policy, uint32_t serial, uint64_t now_s);
