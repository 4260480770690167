// Serials of zones (serial.h).
//
// A hundredth change of one day counts on into the numbers of the next (date: 2026112699 is
// followed by 2026112700), which are then used up by the time that day begins: each change still
// gets a number of its own, and the date catches up on the first quiet day.
#include "zone/serial.h"

#include <stddef.h>
#include <time.h>

#define HALF (UINT32_C(1) << 31)

const char *const serial_policy_words[] = {
    [SERIAL_KEEP] = "keep", [SERIAL_INCREMENT] = "increment", [SERIAL_UNIXTIME] = "unixtime",
    [SERIAL_DATE] = "date", [SERIAL_DATE + 1] = NULL,
};

enum serial_order serial_compare(uint32_t a, uint32_t b)
{
    uint32_t ahead = a - b;
    if (ahead == 0)
        return SERIAL_SAME;
    if (ahead == HALF)
        return SERIAL_UNDEFINED;
    return ahead < HALF ? SERIAL_NEWER : SERIAL_OLDER;
}

bool serial_is_newer(uint32_t a, uint32_t b)
{
    return serial_compare(a, b) == SERIAL_NEWER;
}

// The first number of the day. A year that does not fit wraps as all serials do.
static uint32_t date_serial(uint64_t now_s)
{
    time_t seconds = (time_t)now_s;
    struct tm day;
    if (!gmtime_r(&seconds, &day)) // a clock past the end of years
        return 0;
    uint64_t date = ((uint64_t)day.tm_year + 1900) * 10000 + ((uint64_t)day.tm_mon + 1) * 100 +
                    (uint64_t)day.tm_mday;
    return (uint32_t)(date * 100 + 1);
}

static uint32_t increment(uint32_t serial)
{
    return serial == UINT32_MAX ? 1 : serial + 1;
}

static uint32_t whichever_is_newer(uint32_t wanted, uint32_t serial)
{
    return wanted && serial_is_newer(wanted, serial) ? wanted : increment(serial);
}

uint32_t serial_next(enum serial_policy policy, uint32_t serial, uint64_t now_s)
{
    switch (policy) {
    case SERIAL_KEEP: return serial;
    case SERIAL_INCREMENT: return increment(serial);
    case SERIAL_UNIXTIME: return whichever_is_newer((uint32_t)now_s, serial);
    case SERIAL_DATE: return whichever_is_newer(date_serial(now_s), serial);
    }
    return serial;
}
