// The mask of scan_mask.h, 32 octets at a time. The tables are those of scan_mask_sse.c, twice.
#include "zone/scan_mask.h"

#include <immintrin.h>

static inline uint32_t mask_of_32(const char *octets)
{
    const __m256i low_table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(3, 1, 3, 1, 1, 1, 1, 1, 3, 3, 1, 5, 9, 1, 1, 0x11));
    const __m256i high_table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 1, 2, 4, 0, 8, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0));
    __m256i text = _mm256_loadu_si256((const __m256i *)octets);
    __m256i half = _mm256_and_si256(_mm256_srli_epi16(text, 4), _mm256_set1_epi8(0x0f));
    __m256i low = _mm256_shuffle_epi8(low_table, text);
    __m256i high = _mm256_shuffle_epi8(high_table, half);
    __m256i plain = _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
    return ~(uint32_t)_mm256_movemask_epi8(plain);
}

uint64_t scan_mask_avx2(const char block[static SCAN_BLOCK])
{
    return mask_of_32(block) | (uint64_t)mask_of_32(block + 32) << 32;
}
