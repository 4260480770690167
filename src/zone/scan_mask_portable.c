// The mask of scan_mask.h in plain C: a table, octet by octet. For any CPU, and the one that the
// others are compared with.
#include "zone/scan_mask.h"

// 1: special.
static const uint8_t specials[256] = {
    [0x00 ... 0x20] = 1, ['"'] = 1, ['('] = 1, [')'] = 1, [';'] = 1, ['\\'] = 1, [0x7f] = 1,
};

uint64_t scan_mask_portable(const char block[static SCAN_BLOCK])
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < SCAN_BLOCK; i += 8) {
        unsigned bits = 0; // eight at a time: no long chain of 64-bit ors
        for (unsigned j = 0; j < 8; j++)
            bits |= (unsigned)specials[(uint8_t)block[i + j]] << j;
        mask |= (uint64_t)bits << i;
    }
    return mask;
}
