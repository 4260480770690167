// Which variants of scan_mask.h run here: on x86_64, asked of the CPU.
#include <stdbool.h>

#include "zone/scan_mask.h"

const struct scan_variant *scan_variant_at(size_t index)
{
    static const struct scan_variant avx2 = {"avx2", scan_mask_avx2};
    static const struct scan_variant sse = {"sse4.2", scan_mask_sse};
    static const struct scan_variant portable = {"portable", scan_mask_portable};
    const struct scan_variant *const all[] = {&avx2, &sse, &portable};
    const bool runs[] = {__builtin_cpu_supports("avx2"), __builtin_cpu_supports("sse4.2"), true};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (runs[i] && index-- == 0)
            return all[i];
    return NULL;
}
