// The choice of choose.h, in three looks at each server: the best rank, the fastest of that rank,
// and how many are near the fastest.
#include "resolve/choose.h"

#include <assert.h>

// Lower is better: a doubtful server is asked once after all others have had their tries.
static unsigned rank_of(const struct choose_server *server)
{
    return server->tries + (server->doubtful ? CHOOSE_TRIES_MAX : 0u);
}

static bool is_out(const struct choose_server *server)
{
    unsigned most = server->doubtful ? 1 : CHOOSE_TRIES_MAX;
    return server->excluded || server->waits || server->tries >= most;
}

static unsigned find_rank(const struct choose_server *servers, unsigned count)
{
    unsigned best = UINT32_MAX;
    for (unsigned i = 0; i < count; i++)
        if (!is_out(&servers[i]) && rank_of(&servers[i]) < best)
            best = rank_of(&servers[i]);
    return best;
}

// The slowest that is as good as the fastest: one and a half times its time and 20 ms.
static uint32_t find_band(const struct choose_server *servers, unsigned count, unsigned rank)
{
    uint32_t fastest = UINT32_MAX;
    for (unsigned i = 0; i < count; i++)
        if (!is_out(&servers[i]) && rank_of(&servers[i]) == rank && servers[i].wait_us &&
            servers[i].wait_us < fastest)
            fastest = servers[i].wait_us;
    return fastest < UINT32_MAX / 2 ? fastest + fastest / 2 + 20000 : UINT32_MAX;
}

int choose_server(const struct choose_server *servers, unsigned count, uint32_t luck)
{
    unsigned rank = find_rank(servers, count);
    if (rank == UINT32_MAX)
        return -1;
    bool explore = luck % CHOOSE_EXPLORE == 0;
    uint32_t band = explore ? UINT32_MAX : find_band(servers, count, rank);
    int near[256];
    unsigned found = 0;
    assert(count <= sizeof near / sizeof near[0]);
    for (unsigned i = 0; i < count; i++)
        if (!is_out(&servers[i]) && rank_of(&servers[i]) == rank && servers[i].wait_us <= band)
            near[found++] = (int)i;
    assert(found > 0);
    return near[luck / CHOOSE_EXPLORE % found];
}

void choose_again(struct choose_server *servers, unsigned count)
{
    uint8_t least = UINT8_MAX;
    for (unsigned i = 0; i < count; i++)
        if (!servers[i].excluded && servers[i].tries < least)
            least = servers[i].tries;
    for (unsigned i = 0; i < count; i++) {
        unsigned more = servers[i].tries - (servers[i].excluded ? 0u : least);
        servers[i].tries = (uint8_t)(more < CHOOSE_TRIES_MAX ? more : CHOOSE_TRIES_MAX - 1);
        servers[i].doubtful = false;
    }
}

uint32_t choose_patience(const struct choose_server *servers, unsigned count, unsigned chosen)
{
    assert(chosen < count);
    uint32_t best = UINT32_MAX;
    for (unsigned i = 0; i < count; i++)
        if (!is_out(&servers[i]) && !servers[i].doubtful && servers[i].wait_us &&
            servers[i].wait_us < best)
            best = servers[i].wait_us;
    uint32_t usual = servers[chosen].usual_us;
    return usual && usual < best ? usual : best;
}
