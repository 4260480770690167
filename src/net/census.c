// The counters of census.h: a count-min sketch that also counts down.
#include "net/census.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "crypto/siphash.h"

static_assert(CENSUS_ROW == 1 << 16, "a row is picked by 16 bits");

struct census *census_make(uint32_t most)
{
    struct census *census = memory_get_zeroed(1, sizeof *census);
    random_fill(census->key, sizeof census->key);
    census->most = most;
    return census;
}

// The octets that stand for a client: 4 of IPv4, the first 8 of IPv6, and all 16 where the first 8
// are the same for everybody on the link.
static uint64_t hash(const struct census *census, const struct address *client)
{
    if (client->any.sa_family == AF_INET)
        return siphash24(census->key, (const uint8_t *)&client->v4.sin_addr, 4);
    const uint8_t *octets = client->v6.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&client->v6.sin6_addr))
        return siphash24(census->key, octets + 12, 4);
    return siphash24(census->key, octets, IN6_IS_ADDR_LINKLOCAL(&client->v6.sin6_addr) ? 16 : 8);
}

static _Atomic uint32_t *pick(struct census *census, unsigned row, uint64_t hash)
{
    return &census->rows[row][hash >> (16 * row) & (CENSUS_ROW - 1)];
}

bool census_enter(struct census *census, const struct address *client)
{
    uint64_t picked = hash(census, client);
    uint32_t before[2];
    for (unsigned row = 0; row < 2; row++)
        before[row] = atomic_fetch_add(pick(census, row, picked), 1);
    if (before[0] < census->most || before[1] < census->most)
        return true;
    census_leave(census, client);
    return false;
}

void census_leave(struct census *census, const struct address *client)
{
    uint64_t picked = hash(census, client);
    for (unsigned row = 0; row < 2; row++) {
        uint32_t before = atomic_fetch_sub(pick(census, row, picked), 1);
        assert(before > 0);
        (void)before;
    }
}
