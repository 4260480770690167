// The mask of scan_mask.h, 16 octets at a time (SSSE3's shuffle, with SSE4.2 as the flag).
//
// Two tables of 16, one asked with the low and one with the high half of an octet; the octet is
// special if they share a bit. The shuffle gives 0 for octets above 7f, which are never special.
//
//   bit   high half   low half
//    1    0, 1        any           control characters
//    2    2           0 2 8 9       blank " ( )
//    4    3           b             ;
//    8    5           c             backslash
//   10    7           f             DEL
#include "zone/scan_mask.h"

#include <immintrin.h>

static inline uint32_t mask_of_16(const char *octets)
{
    const __m128i low_table = _mm_setr_epi8(3, 1, 3, 1, 1, 1, 1, 1, 3, 3, 1, 5, 9, 1, 1, 0x11);
    const __m128i high_table = _mm_setr_epi8(1, 1, 2, 4, 0, 8, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0);
    __m128i text = _mm_loadu_si128((const __m128i *)octets);
    __m128i half = _mm_and_si128(_mm_srli_epi16(text, 4), _mm_set1_epi8(0x0f));
    __m128i low = _mm_shuffle_epi8(low_table, text);
    __m128i high = _mm_shuffle_epi8(high_table, half);
    __m128i plain = _mm_cmpeq_epi8(_mm_and_si128(low, high), _mm_setzero_si128());
    return ~(uint32_t)_mm_movemask_epi8(plain) & 0xffff;
}

uint64_t scan_mask_sse(const char block[static SCAN_BLOCK])
{
    uint32_t low = mask_of_16(block) | mask_of_16(block + 16) << 16;
    uint32_t high = mask_of_16(block + 32) | mask_of_16(block + 48) << 16;
    return low | (uint64_t)high << 32;
}
