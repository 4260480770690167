// The variant of sha1_short.h for CPUs of x86_64 with SHA instructions.
//
// The 80 rounds are 20 groups of four. A group takes four words of the message schedule with e
// added to the first of them; e is the a of four rounds before, rotated, which SHA1NEXTE does.
// All four-word values stand with their first word in the highest lane.
//
//   words    0 to 3 are the block; each later one comes from the four before it:
//            W[t] = rotate(W[t-3] ^ W[t-8] ^ W[t-14] ^ W[t-16], 1)      SHA1MSG1, xor, SHA1MSG2
#include "crypto/sha1_short.h"

#include <immintrin.h>

#include "base/bytes.h"

#define GROUPS 20

// FIPS 180-4 4.1.1 and 4.2.1: each twenty rounds have their function and constant, which the
// instruction has as its operand.
static inline __m128i do_rounds(__m128i abcd, __m128i words, unsigned group)
{
    switch (group / 5) {
    case 0: return _mm_sha1rnds4_epu32(abcd, words, 0);
    case 1: return _mm_sha1rnds4_epu32(abcd, words, 1);
    case 2: return _mm_sha1rnds4_epu32(abcd, words, 2);
    default: return _mm_sha1rnds4_epu32(abcd, words, 3);
    }
}

void sha1_short_ni(const uint8_t block[static SHA1_BLOCK], uint8_t out[static SHA1_SIZE])
{
    // FIPS 180-4 5.3.1: the state that every message begins with.
    const __m128i first = _mm_set_epi32(0x67452301, (int)0xefcdab89, (int)0x98badcfe, 0x10325476);
    const __m128i first_e = _mm_set_epi32((int)0xc3d2e1f0, 0, 0, 0);
    const __m128i turned = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    __m128i words[GROUPS], abcd = first, before = first;
    for (unsigned i = 0; i < 4; i++)
        words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), turned);
#pragma GCC unroll 20
    for (unsigned group = 0; group < GROUPS; group++) {
        if (group >= 4) {
            __m128i mixed = _mm_sha1msg1_epu32(words[group - 4], words[group - 3]);
            mixed = _mm_xor_si128(mixed, words[group - 2]);
            words[group] = _mm_sha1msg2_epu32(mixed, words[group - 1]);
        }
        __m128i with_e = group == 0 ? _mm_add_epi32(words[0], first_e)
                                    : _mm_sha1nexte_epu32(before, words[group]);
        before = abcd;
        abcd = do_rounds(abcd, with_e, group);
    }
    __m128i e = _mm_sha1nexte_epu32(before, first_e);
    abcd = _mm_shuffle_epi8(_mm_add_epi32(abcd, first), turned);
    _mm_storeu_si128((__m128i *)out, abcd);
    bytes_put32(out + 16, (uint32_t)_mm_extract_epi32(e, 3));
}
