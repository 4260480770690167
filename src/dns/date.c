// The dates of date.h, by arithmetic alone: libc's ways read time zones and take locks, and a
// signed zone has two dates in every signature.
#include "dns/date.h"

#include <assert.h>

#define DAY_SECONDS 86400
// Years are counted from March, so that the leap day is the last one: a year then has the same
// months every year, and 400 of them have 146097 days. 719468 days lie between 0000-03-01 and
// 1970-01-01.
#define ERA_DAYS  146097
#define EPOCH_DAY 719468

static uint32_t day_of(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t from_march = (month + 9) % 12;
    year -= month <= 2;
    uint32_t of_year = (153 * from_march + 2) / 5 + day - 1; // 153 days in five months from March
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year - EPOCH_DAY;
}

static uint32_t month_days(uint32_t year, uint32_t month)
{
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool date_parse(const char *text, size_t size, uint32_t *seconds)
{
    static const uint8_t widths[6] = {4, 2, 2, 2, 2, 2};
    uint32_t parts[6] = {0}; // year, month, day, hour, minute, second
    if (size != DATE_TEXT_SIZE)
        return false;
    for (unsigned part = 0; part < 6; part++) {
        for (unsigned i = 0; i < widths[part]; i++, text++) {
            uint32_t digit = (unsigned char)*text - (unsigned)'0';
            if (digit > 9)
                return false;
            parts[part] = parts[part] * 10 + digit;
        }
    }
    if (parts[0] < 1970 || parts[1] < 1 || parts[1] > 12 || parts[3] > 23)
        return false;
    if (parts[2] < 1 || parts[2] > month_days(parts[0], parts[1]) || parts[4] > 59 || parts[5] > 59)
        return false;
    uint64_t sum = (uint64_t)day_of(parts[0], parts[1], parts[2]) * DAY_SECONDS + parts[3] * 3600 +
                   parts[4] * 60 + parts[5];
    *seconds = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

static char *put_digits(char *to, uint32_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    assert(value == 0);
    return to + width;
}

void date_print(uint32_t seconds, char text[static DATE_TEXT_SIZE + 1])
{
    uint32_t day = seconds / DAY_SECONDS + EPOCH_DAY, clock = seconds % DAY_SECONDS;
    uint32_t era = day / ERA_DAYS, of_era = day % ERA_DAYS;
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t from_march = (5 * of_year + 2) / 153;
    uint32_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    char *to = put_digits(text, year + era * 400 + (month <= 2), 4);
    to = put_digits(to, month, 2);
    to = put_digits(to, of_year - (153 * from_march + 2) / 5 + 1, 2);
    to = put_digits(to, clock / 3600, 2);
    to = put_digits(to, clock / 60 % 60, 2);
    to = put_digits(to, clock % 60, 2);
    *to = 0;
}
