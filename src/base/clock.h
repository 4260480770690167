// The two clocks. Expiry and time-outs run on CLOCK_BOOTTIME (it goes on while the machine sleeps
// and never jumps); dates that people and signatures use run on CLOCK_REALTIME. Both are read
// through libc, so that a test can shift them from outside.
#pragma once

#include <stdint.h>

uint64_t clock_now_ms(void); // CLOCK_BOOTTIME, milliseconds
uint64_t clock_now_us(void); // CLOCK_BOOTTIME, microseconds
uint64_t clock_date_s(void); // CLOCK_REALTIME, seconds since 1970
