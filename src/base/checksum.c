// The checksum (checksum.h): the only file that knows libxxhash.
#include "base/checksum.h"

#include <xxhash.h>

struct checksum checksum_of(const void *octets, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(octets, size);
    return (struct checksum){.low = hash.low64, .high = hash.high64};
}
