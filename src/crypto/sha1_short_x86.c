// Whether a variant of sha1_short.h runs here: on x86_64, asked of the CPU.
#include <cpuid.h>
#include <stdbool.h>

#include "crypto/sha1_short.h"

#define LEAF_EXTENDED 7 // its EBX tells of the SHA instructions

sha1_short sha1_short_here(void)
{
    unsigned eax, ebx, ecx, edx;
    bool sha = __get_cpuid_count(LEAF_EXTENDED, 0, &eax, &ebx, &ecx, &edx) && ebx & bit_SHA;
    return sha && __builtin_cpu_supports("sse4.1") ? sha1_short_ni : NULL;
}
