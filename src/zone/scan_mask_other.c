// Which variants of scan_mask.h run here: where no other was written, the portable one.
#include "zone/scan_mask.h"

const struct scan_variant *scan_variant_at(size_t index)
{
    static const struct scan_variant portable = {"portable", scan_mask_portable};
    return index == 0 ? &portable : NULL;
}
